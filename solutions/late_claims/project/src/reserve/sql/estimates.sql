-- All estimates that were here on the evening of the notification, oldest first.
SELECT c.claim_id, m.message_id, m.source, m.received_at, m.body
FROM (
    SELECT *, UPPER(REPLACE(REPLACE(REPLACE(TRIM(claim_id), ' ', ''), '/', ''), '-', '')) AS number
    FROM raw_messages
    WHERE kind = 'estimate'
) AS m
JOIN claims AS c
    ON c.claim_id = PRINTF('C%s-%06d', SUBSTR(m.number, 2, 2), SUBSTR(m.number, 4))
WHERE c.notified_on BETWEEN :first AND :last
    AND DATE(m.received_at) <= c.notified_on
ORDER BY c.claim_id, m.received_at, m.message_id
