-- What devices sent and can never be stored, newest hundred of each device: a slot is
-- written over by the hundredth letter after it.
CREATE TABLE dead_letter (
	device_id text NOT NULL REFERENCES device (id),
	slot int NOT NULL CHECK (slot BETWEEN 0 AND 99),
	number bigint NOT NULL,
	at timestamptz NOT NULL,
	topic text NOT NULL,
	place int,
	reason text NOT NULL,
	payload bytea NOT NULL CHECK (length(payload) <= 1024),
	PRIMARY KEY (device_id, slot)
);
