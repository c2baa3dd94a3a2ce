SELECT feeder_id, hour, version, load
FROM forecasts
WHERE hour >= :first AND hour < :until
ORDER BY feeder_id, hour
