SELECT feeder_id, from_at, until_at
FROM switching
WHERE from_at < :known_until
UNION ALL
SELECT feeder_id, from_at, until_at
FROM relief
WHERE answer = 'done' AND from_at < :known_until
