-- Estimates with a claim's number that is not written as we write it.
SELECT claim_id, message_id, source, received_at, body
FROM raw_messages
WHERE kind = 'estimate'
    AND claim_id NOT GLOB 'C[0-9][0-9]-[0-9][0-9][0-9][0-9][0-9][0-9]'
