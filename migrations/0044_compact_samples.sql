-- Samples of long ago, in little room: what a device sampled within an hour of its time, as package
-- telemetry/compact writes it.
CREATE TABLE compact_hour (
	kind text NOT NULL CHECK (kind IN ('position_sample', 'temperature_sample')),
	device_id text NOT NULL,
	hour timestamptz NOT NULL,
	taken int NOT NULL CHECK (taken > 0), -- samples that there were
	kept int NOT NULL CHECK (kept BETWEEN 1 AND taken),
	samples bytea NOT NULL,
	sha256 bytea NOT NULL CHECK (sha256 = sha256(samples)),
	PRIMARY KEY (kind, device_id, hour)
);
ALTER TABLE compact_hour ALTER COLUMN samples SET STORAGE EXTERNAL; -- it is compressed already

-- A day whose samples are compact.
CREATE TABLE compact_day (
	kind text NOT NULL,
	day date NOT NULL,
	at timestamptz NOT NULL, -- when it was made so
	taken bigint NOT NULL,
	kept bigint NOT NULL,
	sha256 bytea NOT NULL, -- of its hours' sums, by device and hour
	PRIMARY KEY (kind, day)
);

-- A day's samples give up their room: only when as many of them are in its compact hours. The server
-- owns nothing: it does so through this, which the owner runs.
CREATE FUNCTION drop_day(of_kind text, of_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	partition text := of_kind || to_char(of_day, '_YYYYMMDD');
	there bigint;
	compact bigint;
BEGIN
	IF of_kind NOT IN ('position_sample', 'temperature_sample') THEN
		RAISE EXCEPTION 'samples of % stay', of_kind;
	END IF;
	EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', partition);
	EXECUTE format('SELECT count(*) FROM %I', partition) INTO there;
	SELECT COALESCE(sum(taken), 0) INTO compact FROM compact_hour
	WHERE kind = of_kind AND hour >= of_day::timestamp AT TIME ZONE 'UTC' AND hour < (of_day + 1)::timestamp AT TIME ZONE 'UTC';
	IF there <> compact THEN
		RAISE EXCEPTION '% holds % samples, of which % are compact', partition, there, compact;
	END IF;
	EXECUTE format('DROP TABLE %I', partition);
END $$;
DO $$ BEGIN
	EXECUTE format('ALTER FUNCTION drop_day(text, date) SET search_path = %I, pg_temp', current_schema());
END $$;
REVOKE ALL ON FUNCTION drop_day(text, date) FROM PUBLIC;
