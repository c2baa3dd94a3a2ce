-- The claims that are settled on the evening of a day, and since when.
SELECT claim_id, happened_on AS settled_on
FROM (
    SELECT
        claim_id,
        event,
        happened_on,
        ROW_NUMBER() OVER (PARTITION BY claim_id ORDER BY happened_on DESC, event_no DESC) AS place
    FROM claim_events
    WHERE happened_on <= :day
)
WHERE place = 1
    AND event = 'settled'
