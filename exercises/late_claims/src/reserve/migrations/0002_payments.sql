-- What the ledger has booked for claims.
CREATE TABLE payments (
    payment_no INTEGER PRIMARY KEY,
    claim_id TEXT NOT NULL REFERENCES claims (claim_id),
    booked_on TEXT NOT NULL,
    amount REAL NOT NULL
);
CREATE INDEX payments_by_claim ON payments (claim_id);
