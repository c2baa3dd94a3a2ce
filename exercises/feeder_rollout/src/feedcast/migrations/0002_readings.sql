CREATE TABLE deliveries (
    delivery_id INTEGER PRIMARY KEY,
    head_end TEXT NOT NULL,
    received_at TEXT NOT NULL,
    header TEXT NOT NULL
);
CREATE TABLE readings (
    delivery_id INTEGER NOT NULL,
    meter_id INTEGER NOT NULL,
    stamp TEXT NOT NULL,
    value REAL NOT NULL
);
