-- A drone or a box out of service, wherever it stands; site_id is its centre.
ALTER TABLE closure
	ADD COLUMN device_id text REFERENCES device,
	ADD CONSTRAINT closure_one_thing CHECK (device_id IS NULL OR pad_id IS NULL);
