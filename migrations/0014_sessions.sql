-- A session knows where it was opened and when it was last used, and the log from which
-- session and address something was done.
ALTER TABLE session
	ADD COLUMN address text NOT NULL DEFAULT '',
	ADD COLUMN agent text NOT NULL DEFAULT '',
	ADD COLUMN used_at timestamptz;
UPDATE session SET used_at = created_at;
ALTER TABLE session ALTER COLUMN used_at SET NOT NULL;
CREATE INDEX ON session (login, created_at);

ALTER TABLE event_log
	ADD COLUMN session text NOT NULL DEFAULT '',
	ADD COLUMN address text NOT NULL DEFAULT '';

CREATE INDEX ON logger_file (uploaded_by, uploaded_at); -- a person's files of a day are bounded
