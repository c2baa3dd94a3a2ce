-- What has been paid for each claim by a day; recoveries are negative. Of a booking the last attempt counts.
SELECT claim_id, SUM(amount) AS paid, COUNT(*) AS bookings
FROM (
    SELECT
        claim_id,
        amount,
        ROW_NUMBER() OVER (
            PARTITION BY SUBSTR(booking_ref, 1, INSTR(booking_ref || '-', '-') - 1)
            ORDER BY attempt DESC, payment_no DESC
        ) AS place
    FROM payments
    WHERE booked_on <= :day
)
WHERE place = 1
GROUP BY claim_id
