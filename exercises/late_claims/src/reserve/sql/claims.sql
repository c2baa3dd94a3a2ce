-- Claims by day of notification, each with its vehicle where the authority knows it.
SELECT
    c.claim_id,
    c.policy_id,
    c.customer_no,
    c.notified_on,
    c.peril,
    c.region,
    v.built_on,
    v.power_kw
FROM claims AS c
LEFT JOIN vehicles AS v
    ON v.plate = UPPER(REPLACE(REPLACE(REPLACE(c.plate, ' ', ''), '-', ''), '.', ''))
WHERE c.notified_on BETWEEN :first AND :last
ORDER BY c.notified_on, c.claim_id
