-- What each leg was reckoned to take and what it took: an aircraft's calibration.
CREATE TABLE flown_leg (
	mission_id text NOT NULL REFERENCES mission,
	leg int NOT NULL CHECK (leg IN (0, 1)),
	drone_id text NOT NULL REFERENCES drone,
	landed_at timestamptz NOT NULL,
	load_kg double precision NOT NULL CHECK (load_kg >= 0),
	reckoned_j double precision NOT NULL,
	measured_j double precision NOT NULL,
	reckoned interval NOT NULL,
	measured interval NOT NULL,
	PRIMARY KEY (mission_id, leg)
);
CREATE INDEX ON flown_leg (drone_id, landed_at DESC);
