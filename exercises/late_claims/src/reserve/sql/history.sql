-- Notifications by customer number, for counting earlier claims.
SELECT customer_no, claim_id, notified_on
FROM claims
WHERE notified_on BETWEEN :first AND :last
ORDER BY notified_on, claim_id
