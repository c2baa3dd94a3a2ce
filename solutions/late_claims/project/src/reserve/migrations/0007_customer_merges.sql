-- Customers who turned out to be one person.
CREATE TABLE customer_merges (
    old_no TEXT PRIMARY KEY,
    new_no TEXT NOT NULL,
    merged_on TEXT NOT NULL
);
