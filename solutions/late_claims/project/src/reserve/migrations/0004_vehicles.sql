-- The registration authority's file, as it comes: capitals and digits.
CREATE TABLE vehicles (
    plate TEXT PRIMARY KEY,
    built_on TEXT,
    power_kw REAL
);
