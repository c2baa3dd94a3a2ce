-- Lines of terms, each with the file that brought it.
CREATE TABLE loads (
    load_no INTEGER PRIMARY KEY,
    file TEXT NOT NULL,
    taken_on TEXT NOT NULL
);

CREATE TABLE policy_terms (
    policy_id TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    no_claims_years INTEGER,
    excess REAL,
    written_on TEXT,
    load_no INTEGER REFERENCES loads (load_no)
);
CREATE INDEX terms_by_policy ON policy_terms (policy_id, valid_from);
