CREATE TABLE weather (
    substation TEXT NOT NULL,
    hour TEXT NOT NULL,
    issued_at TEXT NOT NULL,
    temperature REAL NOT NULL
);
CREATE INDEX weather_by_hour ON weather (substation, hour, issued_at);
