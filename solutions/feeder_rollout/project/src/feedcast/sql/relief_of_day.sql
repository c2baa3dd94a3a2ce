SELECT relief_no, feeder_id, from_at, until_at, answer
FROM relief
WHERE from_at >= :first AND from_at < :until
ORDER BY relief_no
