-- The day on which each claim was last settled, as far as it is known on a day.
SELECT claim_id, MAX(happened_on) AS settled_on
FROM claim_events
WHERE event = 'settled' AND happened_on <= :day
GROUP BY claim_id
