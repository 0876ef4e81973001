-- The network: where blood, pads, aircraft and boxes are, and what must not be
-- flown through. Loaded by one importer; ids are the operator's own.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE site (
	id text PRIMARY KEY CHECK (id ~ '^[A-Z0-9-]{2,16}$'),
	kind text NOT NULL CHECK (kind IN ('blood_centre', 'hospital', 'donation_house')),
	name_zh text NOT NULL,
	name_en text NOT NULL,
	lon double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
	lat double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
	elevation_m double precision NOT NULL
);

CREATE TABLE pad (
	id text PRIMARY KEY,
	site_id text NOT NULL REFERENCES site,
	label text NOT NULL
);
CREATE INDEX ON pad (site_id);

CREATE TABLE aircraft_class (
	id text PRIMARY KEY,
	kind text NOT NULL,
	empty_kg double precision NOT NULL CHECK (empty_kg > 0),
	payload_kg double precision NOT NULL CHECK (payload_kg > 0),
	bays int NOT NULL CHECK (bays > 0),
	cruise_mps double precision NOT NULL CHECK (cruise_mps > 0),
	climb_mps double precision NOT NULL CHECK (climb_mps > 0),
	descent_mps double precision NOT NULL CHECK (descent_mps > 0),
	battery_j double precision NOT NULL CHECK (battery_j > 0),
	reserve_pct double precision NOT NULL CHECK (reserve_pct BETWEEN 0 AND 90),
	charge_w double precision NOT NULL CHECK (charge_w > 0),
	hover_w double precision NOT NULL,
	hover_w_per_kg double precision NOT NULL,
	cruise_w double precision NOT NULL,
	cruise_w_per_kg double precision NOT NULL,
	wind_max_mps double precision NOT NULL,
	height_m double precision NOT NULL CHECK (height_m > 0)
);

CREATE TABLE box_type (
	id text PRIMARY KEY,
	holds text[] NOT NULL,
	profile_id text NOT NULL,
	empty_kg double precision NOT NULL CHECK (empty_kg > 0),
	units int NOT NULL CHECK (units > 0),
	model text NOT NULL CHECK (model IN ('newton1', 'pcm1', 'pcm2')),
	ua_w_per_k double precision NOT NULL CHECK (ua_w_per_k > 0),
	pcm_j double precision NOT NULL,
	pcm_c double precision NOT NULL,
	cp_j_per_k double precision NOT NULL CHECK (cp_j_per_k > 0),
	hold_s double precision NOT NULL CHECK (hold_s > 0)
);

-- A box is a device of its own, with its own credential.
CREATE TABLE device (
	id text PRIMARY KEY CHECK (id ~ '^[A-Z0-9-]{2,24}$'),
	kind text NOT NULL CHECK (kind IN ('drone', 'box')),
	secret_hash bytea, -- SHA-256 of a random secret; NULL = may not connect
	UNIQUE (id, kind)
);

CREATE TABLE drone (
	id text PRIMARY KEY,
	kind text NOT NULL DEFAULT 'drone' CHECK (kind = 'drone'),
	class_id text NOT NULL REFERENCES aircraft_class,
	home_id text NOT NULL REFERENCES site,
	FOREIGN KEY (id, kind) REFERENCES device (id, kind)
);

CREATE TABLE box (
	id text PRIMARY KEY,
	kind text NOT NULL DEFAULT 'box' CHECK (kind = 'box'),
	type_id text NOT NULL REFERENCES box_type,
	site_id text NOT NULL REFERENCES site, -- where it stands when not under way
	FOREIGN KEY (id, kind) REFERENCES device (id, kind)
);

CREATE TABLE zone (
	id text PRIMARY KEY,
	name_zh text NOT NULL,
	name_en text NOT NULL,
	kind text NOT NULL CHECK (kind IN ('PROHIBITED', 'REQ_AUTHORIZATION', 'CONDITIONAL')),
	rings double precision[] NOT NULL, -- lon, lat, ... of all rings in turn
	ring_ends int[] NOT NULL,          -- for each ring, the count of points up to its end
	lower_m double precision NOT NULL,
	upper_m double precision NOT NULL,
	reference text NOT NULL CHECK (reference IN ('AGL', 'AMSL')),
	from_at timestamptz,
	until_at timestamptz,
	CHECK (lower_m < upper_m),
	CHECK (from_at < until_at)
);
