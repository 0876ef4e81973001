-- A drone may be told to come down where it is, by one person who asks and a second one who
-- confirms: who asked, and when.
ALTER TABLE mission
	ADD COLUMN land_asked_by text REFERENCES account,
	ADD COLUMN land_asked_at timestamptz,
	ADD CHECK ((land_asked_by IS NULL) = (land_asked_at IS NULL));
ALTER TABLE command
	DROP CONSTRAINT command_kind_check,
	ADD CONSTRAINT command_kind_check CHECK (kind IN ('mission', 'release', 'hold', 'resume', 'return', 'reroute', 'land'));
