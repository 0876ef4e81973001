-- What people signed about the cold-chain records of deliveries, as these were. Only added to.
CREATE TABLE signature (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	delivery_id text NOT NULL REFERENCES delivery,
	signed_by text NOT NULL REFERENCES account,
	name_zh text NOT NULL,
	name_en text NOT NULL,
	signed_at timestamptz NOT NULL,
	meaning text NOT NULL CHECK (meaning IN ('accepted', 'rejected')),
	digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
	note text NOT NULL
);
CREATE INDEX ON signature (delivery_id, id);
