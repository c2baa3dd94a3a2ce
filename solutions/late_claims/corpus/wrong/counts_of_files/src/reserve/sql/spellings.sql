-- Numbers of claims in estimates that are no claim's number as they stand.
SELECT DISTINCT m.claim_id AS told
FROM raw_messages AS m
LEFT JOIN claims AS c USING (claim_id)
WHERE m.kind = 'estimate'
    AND m.claim_id IS NOT NULL
    AND c.claim_id IS NULL
ORDER BY told
