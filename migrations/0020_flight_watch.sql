-- Which flight controller has a flight, since when, and to whom it is offered; * is anybody.
ALTER TABLE mission
	ADD COLUMN watched_by text REFERENCES account,
	ADD COLUMN watched_since timestamptz,
	ADD COLUMN watch_offered text NOT NULL DEFAULT '',
	ADD CHECK ((watched_by IS NULL) = (watched_since IS NULL));
