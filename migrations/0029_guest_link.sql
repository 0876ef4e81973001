-- Who has a link's token sees one delivery, and nothing else. Times are the server's.
CREATE TABLE guest_link (
	token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
	delivery_id text NOT NULL REFERENCES delivery,
	made_for text NOT NULL,
	made_by text NOT NULL REFERENCES account,
	made_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL CHECK (expires_at > made_at),
	revoked_at timestamptz,
	opened_at timestamptz
);
CREATE INDEX ON guest_link (delivery_id, made_at);
