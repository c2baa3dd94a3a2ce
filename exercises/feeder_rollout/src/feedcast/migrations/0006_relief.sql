CREATE TABLE relief (
    relief_no INTEGER PRIMARY KEY,
    feeder_id TEXT NOT NULL,
    from_at TEXT NOT NULL,
    until_at TEXT NOT NULL,
    advised_at TEXT NOT NULL,
    answer TEXT
);
