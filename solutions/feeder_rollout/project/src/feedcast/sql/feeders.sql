SELECT feeder_id, substation, kind, limit_kw
FROM feeders
ORDER BY feeder_id
