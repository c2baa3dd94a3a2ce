-- The ledger's own name of a booking, and which attempt it was (ticket 88).
ALTER TABLE payments ADD COLUMN booking_ref TEXT;
ALTER TABLE payments ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
UPDATE payments SET booking_ref = 'B' || payment_no WHERE booking_ref IS NULL;
