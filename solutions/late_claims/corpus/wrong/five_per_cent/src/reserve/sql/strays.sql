-- Estimates whose number is not that of a claim as we write it, oldest first.
SELECT m.claim_id, m.message_id, m.source, m.received_at, m.body
FROM raw_messages AS m
WHERE m.kind = 'estimate'
    AND DATE(m.received_at) <= :last
    AND NOT EXISTS (SELECT 1 FROM claims AS c WHERE c.claim_id = m.claim_id)
ORDER BY m.received_at, m.message_id
