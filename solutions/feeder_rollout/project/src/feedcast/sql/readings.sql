SELECT d.delivery_id, d.header, r.meter_id, r.stamp, r.value
FROM deliveries AS d
JOIN readings AS r USING (delivery_id)
WHERE d.received_at < :known_until
ORDER BY d.received_at, d.delivery_id, r.rowid
