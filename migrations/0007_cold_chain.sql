-- The thermal design of a box type has its payload's coupling, and the wall of a box
-- with two nodes.
ALTER TABLE box_type
	ADD COLUMN inner_w_per_k double precision NOT NULL DEFAULT 0 CHECK (inner_w_per_k >= 0),
	ADD COLUMN wall_j_per_k double precision NOT NULL DEFAULT 0 CHECK (wall_j_per_k >= 0),
	DROP CONSTRAINT box_type_model_check,
	ADD CONSTRAINT box_type_model_check CHECK (model IN ('newton1', 'two_node', 'pcm1', 'pcm2'));
UPDATE box_type SET inner_w_per_k = 6 WHERE model = 'pcm2'; -- what all of them were reckoned with

-- A box may have two probes.
ALTER TABLE temperature_sample ADD COLUMN temp2_mc int;

-- The profiles that verdicts were made with, as they were. A version is a digest of
-- the values; a row is never changed.
CREATE TABLE profile_version (
	profile_id text NOT NULL,
	version text NOT NULL,
	body jsonb NOT NULL,
	seen_at timestamptz NOT NULL,
	PRIMARY KEY (profile_id, version)
);

-- One journey of a unit in a box, with what the rules said of it and who decided. The
-- sum of a unit's rows is the life that it had.
CREATE TABLE unit_passage (
	delivery_id text NOT NULL REFERENCES delivery,
	din text NOT NULL,
	product_code text NOT NULL,
	division text NOT NULL,
	box_id text NOT NULL REFERENCES box,
	profile_id text NOT NULL,
	profile_version text NOT NULL,
	from_at timestamptz NOT NULL,
	to_at timestamptz NOT NULL CHECK (to_at >= from_at),
	out_high interval NOT NULL,
	out_low interval NOT NULL,
	gap interval NOT NULL,
	still interval NOT NULL,
	advice text NOT NULL CHECK (advice IN ('usable', 'use_within', 'quarantine', 'discard_advised')),
	within interval NOT NULL, -- with use_within
	final boolean NOT NULL,
	findings jsonb NOT NULL,
	decided_by text NOT NULL,
	decided_at timestamptz NOT NULL,
	note text NOT NULL,
	PRIMARY KEY (delivery_id, din, product_code, division),
	FOREIGN KEY (din, product_code, division) REFERENCES unit,
	FOREIGN KEY (profile_id, profile_version) REFERENCES profile_version
);
CREATE INDEX ON unit_passage (din, product_code, division);

-- When a box's probe was calibrated, and until when that counts.
CREATE TABLE calibration (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	box_id text NOT NULL REFERENCES box,
	probe int NOT NULL CHECK (probe IN (1, 2)),
	certificate text NOT NULL CHECK (certificate <> ''),
	calibrated_on date NOT NULL,
	due_on date NOT NULL CHECK (due_on > calibrated_on),
	recorded_by text NOT NULL REFERENCES account,
	recorded_at timestamptz NOT NULL
);
CREATE INDEX ON calibration (box_id, probe, calibrated_on DESC);

-- Files of loggers, as they came. What was read of one can be read again.
CREATE TABLE logger_file (
	delivery_id text NOT NULL REFERENCES delivery,
	sha256 bytea NOT NULL CHECK (length(sha256) = 32),
	body bytea NOT NULL,
	uploaded_by text NOT NULL REFERENCES account,
	uploaded_at timestamptz NOT NULL,
	PRIMARY KEY (delivery_id, sha256)
);
