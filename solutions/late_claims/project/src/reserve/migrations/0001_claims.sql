-- Claims and what happens to them.
CREATE TABLE claims (
    claim_id TEXT PRIMARY KEY,
    policy_id TEXT NOT NULL,
    customer_no TEXT NOT NULL,
    notified_on TEXT NOT NULL,
    plate TEXT,
    peril TEXT NOT NULL,
    region TEXT NOT NULL
);
CREATE INDEX claims_by_day ON claims (notified_on);

CREATE TABLE claim_events (
    event_no INTEGER PRIMARY KEY,
    claim_id TEXT NOT NULL REFERENCES claims (claim_id),
    happened_on TEXT NOT NULL,
    event TEXT NOT NULL CHECK (event IN ('opened', 'settled', 'reopened'))
);
CREATE INDEX events_by_claim ON claim_events (claim_id);
