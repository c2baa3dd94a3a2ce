-- What has been paid for each claim by a day; recoveries are negative.
SELECT claim_id, SUM(amount) AS paid, COUNT(*) AS bookings
FROM payments
WHERE booked_on <= :day
GROUP BY claim_id
