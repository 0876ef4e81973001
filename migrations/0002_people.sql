-- People and how they are known. A session or token is kept as a hash only.
CREATE TABLE account (
	login text PRIMARY KEY CHECK (login ~ '^[a-z0-9._-]{2,32}$'),
	name_zh text NOT NULL,
	name_en text NOT NULL,
	role text NOT NULL CHECK (role IN ('dispatcher', 'hospital', 'controller', 'admin')),
	site_id text REFERENCES site,
	password_hash text NOT NULL, -- argon2id, PHC string
	automated boolean NOT NULL DEFAULT false, -- a program, not a person
	disabled boolean NOT NULL DEFAULT false,
	CHECK (role <> 'hospital' OR site_id IS NOT NULL)
);

CREATE TABLE session (
	token_hash bytea PRIMARY KEY,
	login text NOT NULL REFERENCES account,
	kind text NOT NULL CHECK (kind IN ('cookie', 'token')),
	created_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL CHECK (expires_at > created_at)
);
CREATE INDEX ON session (expires_at);
