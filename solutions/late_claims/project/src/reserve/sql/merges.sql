SELECT old_no, new_no, merged_on
FROM customer_merges
ORDER BY merged_on, old_no
