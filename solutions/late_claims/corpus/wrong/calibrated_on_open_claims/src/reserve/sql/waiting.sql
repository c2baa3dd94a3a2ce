-- Claims of which a file is still open on the evening of a day: more was opened than closed.
SELECT claim_id
FROM claim_events
WHERE happened_on <= :day
GROUP BY claim_id
HAVING SUM(event IN ('opened', 'reopened')) > SUM(event = 'settled')
