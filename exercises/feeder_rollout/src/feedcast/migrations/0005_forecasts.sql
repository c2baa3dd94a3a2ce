CREATE TABLE forecasts (
    feeder_id TEXT NOT NULL,
    hour TEXT NOT NULL,
    version TEXT NOT NULL,
    load REAL,
    PRIMARY KEY (feeder_id, hour)
);
