-- Claims that can be learnt from on a day.
SELECT c.claim_id, c.notified_on, c.customer_no
FROM claims AS c
JOIN claim_events AS e ON e.claim_id = c.claim_id
WHERE c.notified_on BETWEEN :first AND :mature
    AND e.event = 'settled'
    AND e.event_no = (
        SELECT l.event_no
        FROM claim_events AS l
        WHERE l.claim_id = c.claim_id AND l.happened_on <= :day
        ORDER BY l.happened_on DESC, l.event_no DESC
        LIMIT 1
    )
ORDER BY c.notified_on, c.claim_id
