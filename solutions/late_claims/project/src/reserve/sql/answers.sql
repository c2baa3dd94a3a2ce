-- What the desk got to see between two days.
SELECT a.claim_id, a.night, a.model, a.reserve, a.status, c.peril, c.region
FROM answers AS a
JOIN claims AS c ON c.claim_id = a.claim_id
WHERE a.night BETWEEN :first AND :last
ORDER BY a.night, a.claim_id
