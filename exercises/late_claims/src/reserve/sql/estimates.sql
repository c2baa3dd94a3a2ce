-- All estimates that were here on the evening of the notification, oldest first.
SELECT c.claim_id, m.message_id, m.source, m.received_at, m.body
FROM raw_messages AS m
JOIN claims AS c ON c.claim_id = m.claim_id
WHERE m.kind = 'estimate'
    AND c.notified_on BETWEEN :first AND :last
    AND DATE(m.received_at) <= c.notified_on
ORDER BY c.claim_id, m.received_at, m.message_id
