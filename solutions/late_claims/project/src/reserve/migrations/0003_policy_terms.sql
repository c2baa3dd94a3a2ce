CREATE TABLE policy_terms (
    policy_id TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    no_claims_years INTEGER,
    excess REAL
);
CREATE INDEX terms_by_policy ON policy_terms (policy_id, valid_from);
