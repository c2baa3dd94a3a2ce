-- The terms of each policy on the day of the notification, as they were known then.
SELECT claim_id, no_claims_years, excess
FROM (
    SELECT
        c.claim_id,
        t.no_claims_years,
        t.excess,
        ROW_NUMBER() OVER (
            PARTITION BY c.claim_id
            ORDER BY t.valid_from DESC, t.written_on DESC, t.rowid DESC
        ) AS place
    FROM claims AS c
    JOIN policy_terms AS t ON t.policy_id = c.policy_id
    WHERE c.notified_on BETWEEN :first AND :last
        AND t.valid_from <= c.notified_on
        AND t.written_on <= c.notified_on
)
WHERE place = 1
