SELECT feeder_id, from_at, until_at
FROM switching
WHERE from_at < :known_until
