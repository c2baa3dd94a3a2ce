CREATE TABLE feeders (
    feeder_id TEXT PRIMARY KEY,
    substation TEXT NOT NULL,
    kind TEXT NOT NULL,
    limit_kw REAL NOT NULL
);
CREATE TABLE installations (
    meter_id INTEGER NOT NULL,
    feeder_id TEXT NOT NULL,
    factor REAL NOT NULL,
    from_at TEXT NOT NULL,
    until_at TEXT NOT NULL DEFAULT '9999-12-31T00:00',
    PRIMARY KEY (meter_id, from_at)
);
