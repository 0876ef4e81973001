-- Requests, units, deliveries and missions. The promises stand here as well as in
-- the code: a unit is in one delivery, a pad slot in one mission, a red cell unit
-- with a recipient only along an allowed row, and the checker is another person.

-- Allowed pairs only: what is not listed cannot be issued. A recipient class is a
-- group like 'O-', or 'O-/rhd_pos' when the request's patient fields permit RhD
-- positive units.
CREATE TABLE compatibility (
	component text NOT NULL,
	recipient text NOT NULL,
	donor text NOT NULL,
	rank int NOT NULL CHECK (rank > 0),
	PRIMARY KEY (component, recipient, donor)
);

CREATE TABLE unit (
	din text NOT NULL CHECK (din ~ '^[A-NP-Z1-9][A-NP-Z0-9]{4}[0-9]{8}$'),
	product_code text NOT NULL CHECK (product_code ~ '^[A-Z0-9a-z]{8}$'),
	division text NOT NULL DEFAULT '' CHECK (division ~ '^[A-Z0-9]{0,6}$'),
	component text NOT NULL CHECK (component IN ('red_cells', 'platelets', 'plasma', 'cryoprecipitate')),
	blood_group text NOT NULL CHECK (blood_group IN ('O-', 'O+', 'A-', 'A+', 'B-', 'B+', 'AB-', 'AB+')),
	mass_g int NOT NULL CHECK (mass_g > 0),
	expires_at timestamptz NOT NULL,
	site_id text NOT NULL REFERENCES site,
	status text NOT NULL CHECK (status IN ('in_stock', 'reserved', 'issued', 'received', 'quarantined', 'discarded')),
	PRIMARY KEY (din, product_code, division),
	UNIQUE (din, product_code, division, component, blood_group)
);
CREATE INDEX ON unit (component, site_id, expires_at) WHERE status = 'in_stock';

CREATE SEQUENCE request_number;

CREATE TABLE request (
	id text PRIMARY KEY,
	login text NOT NULL REFERENCES account,
	idempotency_key text NOT NULL CHECK (length(idempotency_key) BETWEEN 8 AND 80),
	body_hash bytea NOT NULL,
	hospital_id text NOT NULL REFERENCES site,
	pad_id text NOT NULL REFERENCES pad,
	component text NOT NULL CHECK (component IN ('red_cells', 'platelets', 'plasma', 'cryoprecipitate')),
	blood_group text NOT NULL CHECK (blood_group IN ('O-', 'O+', 'A-', 'A+', 'B-', 'B+', 'AB-', 'AB+', 'UNKNOWN')),
	recipient text NOT NULL, -- the class for compatibility
	units int NOT NULL CHECK (units BETWEEN 1 AND 20),
	urgency text NOT NULL CHECK (urgency IN ('stat', 'urgent', 'routine')),
	needed_by timestamptz NOT NULL,
	patient_sex text CHECK (patient_sex IN ('female', 'male')),
	patient_age text CHECK (patient_age IN ('child', 'adult', 'over_50')),
	patient_anti_d boolean,
	status text NOT NULL CHECK (status IN ('open', 'allocated', 'fulfilled', 'cancelled')),
	created_at timestamptz NOT NULL,
	version int NOT NULL DEFAULT 1,
	UNIQUE (login, idempotency_key),
	-- RhD positive units for a recipient who is not known to be RhD positive:
	-- adult male or female over 50, and anti-D known to be absent.
	CHECK (recipient IN (blood_group, blood_group || '/rhd_pos')),
	CHECK (recipient = blood_group OR (patient_anti_d IS FALSE
		AND (patient_sex = 'male' AND patient_age IN ('adult', 'over_50') OR patient_sex = 'female' AND patient_age = 'over_50')) IS TRUE)
);
CREATE INDEX ON request (status) WHERE status IN ('open', 'allocated');
CREATE INDEX ON request (hospital_id, created_at);

-- What each version of a request may be given. A delivery is bound to one version.
CREATE TABLE request_terms (
	request_id text NOT NULL REFERENCES request,
	version int NOT NULL,
	component text NOT NULL,
	recipient text NOT NULL,
	PRIMARY KEY (request_id, version),
	UNIQUE (request_id, version, component, recipient)
);

CREATE TABLE mission (
	id text PRIMARY KEY,
	drone_id text NOT NULL REFERENCES drone,
	centre_id text NOT NULL REFERENCES site,
	hospital_id text NOT NULL REFERENCES site,
	pad_id text NOT NULL REFERENCES pad,
	status text NOT NULL CHECK (status IN ('planned', 'uploaded', 'outbound', 'at_pad', 'inbound', 'done', 'aborted')),
	route_out bytea NOT NULL, -- EWKB LineStringZM: planned positions, AMSL, times
	route_back bytea NOT NULL,
	plan_hash text NOT NULL,
	load_kg double precision NOT NULL,
	energy_j double precision NOT NULL CHECK (energy_j > 0), -- out and back
	battery_j double precision NOT NULL,
	reserve_j double precision NOT NULL,
	depart_at timestamptz NOT NULL, -- planned, then flown
	arrive_at timestamptz NOT NULL,
	home_at timestamptz,
	created_at timestamptz NOT NULL,
	CHECK (energy_j + reserve_j <= battery_j)
);
CREATE UNIQUE INDEX mission_one_per_drone ON mission (drone_id) WHERE status NOT IN ('done', 'aborted');

-- Half-open slots on a pad. Two missions never hold one pad at one time.
CREATE TABLE pad_slot (
	mission_id text PRIMARY KEY REFERENCES mission,
	pad_id text NOT NULL REFERENCES pad,
	slot tstzrange NOT NULL CHECK (NOT isempty(slot)),
	CONSTRAINT pad_slot_free EXCLUDE USING gist (pad_id WITH =, slot WITH &&)
);

CREATE TABLE delivery (
	id text PRIMARY KEY,
	request_id text NOT NULL,
	request_version int NOT NULL,
	component text NOT NULL,
	recipient text NOT NULL,
	mission_id text NOT NULL REFERENCES mission,
	leg int NOT NULL DEFAULT 0,
	status text NOT NULL CHECK (status IN ('allocated', 'checked', 'packed', 'sealed', 'loaded', 'airborne', 'landed', 'opened', 'closed', 'returned', 'cancelled', 'rejected')),
	seal text,
	allocated_by text NOT NULL REFERENCES account,
	checked_by text REFERENCES account,
	reasons jsonb NOT NULL, -- why this choice, as it was shown
	created_at timestamptz NOT NULL,
	FOREIGN KEY (request_id, request_version, component, recipient) REFERENCES request_terms (request_id, version, component, recipient),
	UNIQUE (id, component, recipient),
	CONSTRAINT delivery_second_person CHECK (checked_by <> allocated_by)
);
CREATE UNIQUE INDEX delivery_one_per_request ON delivery (request_id) WHERE status NOT IN ('returned', 'cancelled', 'rejected');
CREATE UNIQUE INDEX delivery_seal_once ON delivery (seal) WHERE seal IS NOT NULL;
CREATE INDEX ON delivery (mission_id);

CREATE TABLE delivery_box (
	delivery_id text NOT NULL REFERENCES delivery,
	box_id text NOT NULL REFERENCES box,
	profile_id text NOT NULL,
	packed_at timestamptz,
	released boolean NOT NULL DEFAULT false, -- free for another delivery
	PRIMARY KEY (delivery_id, box_id)
);
CREATE UNIQUE INDEX delivery_box_once ON delivery_box (box_id) WHERE NOT released;

CREATE TABLE delivery_unit (
	delivery_id text NOT NULL,
	din text NOT NULL,
	product_code text NOT NULL,
	division text NOT NULL,
	component text NOT NULL,
	recipient text NOT NULL,
	donor text NOT NULL,
	box_id text,
	packed_at timestamptz,
	outcome text CHECK (outcome IN ('received', 'quarantined')),
	released boolean NOT NULL DEFAULT false, -- back in stock, before it was sealed
	PRIMARY KEY (delivery_id, din, product_code, division),
	FOREIGN KEY (delivery_id, component, recipient) REFERENCES delivery (id, component, recipient),
	FOREIGN KEY (din, product_code, division, component, donor) REFERENCES unit (din, product_code, division, component, blood_group),
	FOREIGN KEY (component, recipient, donor) REFERENCES compatibility (component, recipient, donor),
	FOREIGN KEY (delivery_id, box_id) REFERENCES delivery_box (delivery_id, box_id)
);
CREATE UNIQUE INDEX delivery_unit_once ON delivery_unit (din, product_code, division) WHERE NOT released;

CREATE TABLE custody_event (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	delivery_id text NOT NULL REFERENCES delivery,
	step text NOT NULL,
	actor text NOT NULL, -- a login, or the device that reported it
	at timestamptz NOT NULL,
	scan text NOT NULL DEFAULT '',
	detail text NOT NULL DEFAULT ''
);
CREATE INDEX ON custody_event (delivery_id, id);

CREATE TABLE command (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	device_id text NOT NULL REFERENCES device,
	mission_id text NOT NULL REFERENCES mission,
	kind text NOT NULL CHECK (kind IN ('mission', 'release', 'hold', 'resume', 'return')),
	leg int NOT NULL,
	plan jsonb, -- what to fly, for mission and return
	actor text NOT NULL,
	created_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL,
	acked_at timestamptz,
	ok boolean,
	reason text NOT NULL DEFAULT '',
	hash text NOT NULL DEFAULT ''
);
CREATE INDEX ON command (device_id) WHERE acked_at IS NULL;

CREATE TABLE alarm (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text NOT NULL,
	priority text NOT NULL CHECK (priority IN ('critical', 'caution', 'advisory')),
	device_id text NOT NULL,
	delivery_id text REFERENCES delivery,
	site_id text, -- the hospital concerned
	value double precision,
	limit_value double precision,
	detail text NOT NULL DEFAULT '',
	raised_at timestamptz NOT NULL,
	cleared_at timestamptz,
	acked_at timestamptz,
	acked_by text REFERENCES account
);
CREATE UNIQUE INDEX alarm_open_once ON alarm (kind, device_id, COALESCE(delivery_id, '')) WHERE cleared_at IS NULL;
CREATE INDEX ON alarm (raised_at);

-- What was decided, shown and done. Only ever appended to.
CREATE TABLE event_log (
	seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at timestamptz NOT NULL,
	kind text NOT NULL,
	actor text NOT NULL DEFAULT '',
	site_id text NOT NULL DEFAULT '', -- the hospital that may see it; '' = centres only
	subject text NOT NULL DEFAULT '',
	detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ON event_log (subject, seq);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER event_log_append_only BEFORE UPDATE OR DELETE ON event_log FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER custody_event_append_only BEFORE UPDATE OR DELETE ON custody_event FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Where server time stood, for a server whose clock runs at its own rate.
CREATE TABLE clock (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	at timestamptz NOT NULL
);
