-- Whoever has an invitation's token chooses the password of an account, once. Times are wall
-- time, as those of sessions.
CREATE TABLE invitation (
	token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
	login text NOT NULL REFERENCES account,
	made_by text NOT NULL REFERENCES account,
	made_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL CHECK (expires_at > made_at),
	ended_at timestamptz -- used, or withdrawn
);
CREATE UNIQUE INDEX invitation_one ON invitation (login) WHERE ended_at IS NULL;

-- When a session's person last showed the password in it.
ALTER TABLE session ADD COLUMN confirmed_at timestamptz;
UPDATE session SET confirmed_at = created_at;
ALTER TABLE session ALTER COLUMN confirmed_at SET NOT NULL;
