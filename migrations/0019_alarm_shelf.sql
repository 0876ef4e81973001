-- What was measured at worst while an alarm stood, and the wish that it be silent for a
-- while: whose, why, until when, and who confirmed it.
ALTER TABLE alarm
	ADD COLUMN worst double precision,
	ADD COLUMN shelf_by text REFERENCES account,
	ADD COLUMN shelf_why text,
	ADD COLUMN shelf_until timestamptz,
	ADD COLUMN shelf_second text REFERENCES account,
	ADD CHECK (num_nulls(shelf_by, shelf_why, shelf_until) IN (0, 3)),
	ADD CHECK (shelf_second IS NULL OR shelf_by IS NOT NULL);
CREATE INDEX alarm_unseen ON alarm (kind, device_id) WHERE acked_at IS NULL;
CREATE INDEX alarm_cleared ON alarm (cleared_at);
