-- Claims that were notified long enough ago to be learnt from.
SELECT c.claim_id, c.notified_on, c.customer_no
FROM claims AS c
WHERE c.notified_on BETWEEN :first AND :mature
ORDER BY c.notified_on, c.claim_id
