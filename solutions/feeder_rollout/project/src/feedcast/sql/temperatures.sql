SELECT f.feeder_id, w.hour, w.temperature
FROM weather AS w
JOIN feeders AS f USING (substation)
WHERE w.hour < :until
    AND w.rowid = (
        SELECT l.rowid
        FROM weather AS l
        WHERE l.substation = w.substation
            AND l.hour = w.hour
            AND l.issued_at < SUBSTR(w.hour, 1, 10)
            AND l.issued_at < :known_until
        ORDER BY l.issued_at DESC, l.rowid
        LIMIT 1
    )
