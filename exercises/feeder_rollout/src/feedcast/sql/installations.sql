SELECT meter_id, feeder_id, factor, from_at, until_at
FROM installations
ORDER BY meter_id, from_at
