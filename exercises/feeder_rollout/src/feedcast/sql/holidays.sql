SELECT day
FROM holidays
