-- The claims that are settled on the evening of a day, and since when.
SELECT claim_id, MAX(happened_on) AS settled_on
FROM claim_events
WHERE happened_on <= :day
GROUP BY claim_id
HAVING SUM(CASE event WHEN 'settled' THEN 1 ELSE -1 END) >= 0
