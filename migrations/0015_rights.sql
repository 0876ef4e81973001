-- The server owns nothing: it makes a day's partitions through this, which the owner runs.
CREATE FUNCTION make_day(kind text, day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	IF kind NOT IN ('position_sample', 'temperature_sample', 'status_sample') THEN
		RAISE EXCEPTION 'no samples are kept in %', kind;
	END IF;
	IF day NOT BETWEEN '2000-01-01' AND '2099-12-31' THEN
		RAISE EXCEPTION '% is no day of a sample', day;
	END IF;
	EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
		kind || to_char(day, '_YYYYMMDD'), kind, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
END $$;
DO $$ BEGIN
	EXECUTE format('ALTER FUNCTION make_day(text, date) SET search_path = %I, pg_temp', current_schema());
END $$;
REVOKE ALL ON FUNCTION make_day(text, date) FROM PUBLIC;
