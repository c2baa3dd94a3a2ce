-- What the desk got to see.
CREATE TABLE answers (
    claim_id TEXT NOT NULL,
    night TEXT NOT NULL,
    model TEXT NOT NULL,
    reserve REAL,
    status TEXT NOT NULL,
    PRIMARY KEY (claim_id, night)
);
