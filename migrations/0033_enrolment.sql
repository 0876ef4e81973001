-- A device is given its secret for a code that is read out or scanned once. Times are wall time.
CREATE TABLE enrolment (
	code_hash bytea PRIMARY KEY CHECK (length(code_hash) = 32),
	device_id text NOT NULL REFERENCES device,
	made_by text NOT NULL REFERENCES account,
	made_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL CHECK (expires_at > made_at),
	ended_at timestamptz -- used, or replaced
);
CREATE UNIQUE INDEX enrolment_one ON enrolment (device_id) WHERE ended_at IS NULL;

ALTER TABLE device ADD COLUMN secret_at timestamptz; -- of the secret; null: none, or from before this was kept
