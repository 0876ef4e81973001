-- When a request's units will be handed over, as it was told before that was known, and
-- when they were. One forecast a version of the request: the newest is the one that counts.
CREATE TABLE handover_forecast (
	request_id text NOT NULL REFERENCES request,
	version int NOT NULL,
	made_at timestamptz NOT NULL,
	urgency text NOT NULL,
	waits boolean NOT NULL,
	planned_at timestamptz NOT NULL,
	p50_at timestamptz, -- null while too few flights had been measured
	p90_at timestamptz,
	measured int NOT NULL CHECK (measured >= 0),
	handed_over_at timestamptz,
	PRIMARY KEY (request_id, version),
	CHECK ((p50_at IS NULL) = (measured = 0)),
	CHECK ((p90_at IS NULL) = (p50_at IS NULL) AND p90_at >= p50_at)
);
CREATE INDEX handover_forecast_outcome ON handover_forecast (handed_over_at DESC) WHERE handed_over_at IS NOT NULL;

-- request_of_hospital begins with the same columns.
DROP INDEX request_hospital_id_created_at_idx;
