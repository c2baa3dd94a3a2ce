-- The audit asks when a line was written.
ALTER TABLE policy_terms ADD COLUMN written_on TEXT;
UPDATE policy_terms SET written_on = valid_from WHERE written_on IS NULL;
