-- People close airspace for a while and open it again. What they drew stays on
-- record. A drone on its way can be told another way to the same goal.
ALTER TABLE zone
	ADD COLUMN drawn_by text REFERENCES account,
	ADD COLUMN drawn_at timestamptz,
	ADD COLUMN ended_by text REFERENCES account,
	ADD COLUMN ended_at timestamptz,
	ADD CHECK ((drawn_by IS NULL) = (drawn_at IS NULL)),
	ADD CHECK (ended_at IS NULL OR drawn_at IS NOT NULL);

ALTER TABLE command
	DROP CONSTRAINT command_kind_check,
	ADD CONSTRAINT command_kind_check CHECK (kind IN ('mission', 'release', 'hold', 'resume', 'return', 'reroute'));
