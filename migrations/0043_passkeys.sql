-- Keys by which people show who they are instead of a password: the public halves. Times are wall time.
CREATE TABLE passkey (
	id bytea PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 1023),
	login text NOT NULL REFERENCES account,
	handle bytea NOT NULL CHECK (octet_length(handle) BETWEEN 1 AND 64), -- names the account to authenticators
	kept bytea NOT NULL CHECK (octet_length(kept) <= 16384),
	name text NOT NULL,
	made_at timestamptz NOT NULL,
	used_at timestamptz
);
CREATE INDEX ON passkey (login, made_at);
