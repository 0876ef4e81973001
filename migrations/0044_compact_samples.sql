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

-- A day's samples give up their room: only when the compact hours hold as many of each device's hour, and
-- when samples of two weeks later are there. The server owns nothing: it does so through this, which the owner runs.
CREATE FUNCTION drop_day(of_kind text, of_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	partition text := of_kind || to_char(of_day, '_YYYYMMDD');
	newest text;
	differ boolean;
BEGIN
	IF of_kind NOT IN ('position_sample', 'temperature_sample') THEN
		RAISE EXCEPTION 'samples of % stay', of_kind;
	END IF;
	SELECT max(c.relname) INTO newest FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = of_kind::regclass;
	IF newest < of_kind || to_char(of_day + 14, '_YYYYMMDD') THEN
		RAISE EXCEPTION 'samples of % are younger than two weeks', of_day;
	END IF;
	EXECUTE format('LOCK TABLE %I IN SHARE MODE', partition); -- nothing is added; readers go on, who take the locks of the whole table first
	EXECUTE format($q$
		WITH there AS (SELECT device_id, date_trunc('hour', at, 'UTC') AS hour, count(*) AS n FROM %I GROUP BY 1, 2),
			compact AS (SELECT device_id, hour, taken::bigint AS n FROM compact_hour WHERE kind = $1 AND hour >= $2 AND hour < $2 + interval '24 hours')
		SELECT EXISTS (TABLE there EXCEPT TABLE compact) OR EXISTS (TABLE compact EXCEPT TABLE there)$q$, partition)
		INTO differ USING of_kind, of_day::timestamp AT TIME ZONE 'UTC';
	IF differ THEN
		RAISE EXCEPTION 'the compact hours of % do not hold what is there', partition;
	END IF;
	EXECUTE format('DROP TABLE %I', partition);
END $$;
DO $$ BEGIN
	EXECUTE format('ALTER FUNCTION drop_day(text, date) SET search_path = %I, pg_temp', current_schema());
END $$;
REVOKE ALL ON FUNCTION drop_day(text, date) FROM PUBLIC;
