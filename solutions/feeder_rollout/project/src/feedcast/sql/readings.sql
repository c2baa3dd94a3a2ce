SELECT d.delivery_id, d.header, r.meter_id, r.stamp, r.value
FROM deliveries AS d
JOIN readings AS r USING (delivery_id)
WHERE d.received_at < :known_until
    AND NOT EXISTS (
        SELECT 1
        FROM deliveries AS l
        WHERE l.head_end = d.head_end
            AND JSON_EXTRACT(l.header, '$.seq') = JSON_EXTRACT(d.header, '$.seq')
            AND l.received_at > d.received_at
            AND l.received_at < :known_until
    )
ORDER BY d.received_at, d.delivery_id, r.rowid
