-- Claims that can be learnt from on a day.
SELECT c.claim_id, c.notified_on, c.customer_no
FROM claims AS c
WHERE c.notified_on BETWEEN :first AND :mature
ORDER BY c.notified_on, c.claim_id
