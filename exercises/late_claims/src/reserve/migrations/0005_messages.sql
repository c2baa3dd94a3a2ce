-- All that garages and brokers send, as they sent it.
CREATE TABLE raw_messages (
    message_id TEXT PRIMARY KEY,
    received_at TEXT NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    claim_id TEXT,
    body TEXT NOT NULL
);
CREATE INDEX messages_by_claim ON raw_messages (claim_id, kind);
