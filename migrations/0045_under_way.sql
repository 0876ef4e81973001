-- What is under way is found without what has been: by indexes that hold nothing else, or that are
-- in the order in which it is asked for.
DROP INDEX request_status_idx;
CREATE INDEX request_waiting ON request (status, hospital_id) WHERE status IN ('open', 'allocated', 'by_road');
CREATE INDEX request_created ON request (created_at DESC, id DESC);
CREATE INDEX delivery_under_way ON delivery (created_at)
	WHERE status NOT IN ('closed', 'returned', 'cancelled', 'rejected', 'diverted', 'lost');
CREATE INDEX alarm_of_condition ON alarm (kind, device_id, COALESCE(delivery_id, ''), id DESC);
CREATE INDEX unit_in_stock ON unit (expires_at, din, product_code, division) WHERE status = 'in_stock';
CREATE INDEX unit_din ON unit (din text_pattern_ops);
CREATE INDEX delivery_unit_of ON delivery_unit (din, product_code, division);
CREATE INDEX zone_standing ON zone (id) WHERE ended_at IS NULL;
CREATE INDEX event_log_kind ON event_log (kind, seq);
DROP INDEX event_log_note;

-- A record that may be waiting for a signature: its units were judged, and nobody has signed it since.
ALTER TABLE delivery ADD COLUMN unsigned boolean NOT NULL DEFAULT false;
UPDATE delivery d
SET unsigned = true
WHERE EXISTS (SELECT FROM unit_passage p WHERE p.delivery_id = d.id)
	AND NOT EXISTS (SELECT FROM signature s WHERE s.delivery_id = d.id AND s.signed_at >= COALESCE(
		(SELECT max(read_at) FROM logger_reading l WHERE l.delivery_id = d.id), s.signed_at));
CREATE INDEX delivery_unsigned ON delivery (created_at) WHERE unsigned;
CREATE FUNCTION await_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	-- What is added to a record and what is signed of it come one after the other.
	PERFORM FROM delivery WHERE id = NEW.delivery_id FOR NO KEY UPDATE;
	IF TG_TABLE_NAME = 'signature' THEN
		UPDATE delivery
		SET unsigned = EXISTS (SELECT FROM logger_reading l WHERE l.delivery_id = NEW.delivery_id AND l.read_at > NEW.signed_at)
		WHERE id = NEW.delivery_id;
	ELSE
		UPDATE delivery SET unsigned = true WHERE id = NEW.delivery_id AND NOT unsigned;
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER unit_passage_awaits AFTER INSERT ON unit_passage FOR EACH ROW EXECUTE FUNCTION await_signature();
CREATE TRIGGER logger_reading_awaits AFTER INSERT ON logger_reading FOR EACH ROW EXECUTE FUNCTION await_signature();
CREATE TRIGGER signature_awaits AFTER INSERT ON signature FOR EACH ROW EXECUTE FUNCTION await_signature();

-- How often and how long each drone has flown, by its flights.
CREATE TABLE drone_hours (
	drone_id text PRIMARY KEY REFERENCES device,
	flights bigint NOT NULL CHECK (flights > 0),
	flown interval NOT NULL
);
INSERT INTO drone_hours
SELECT drone_id, count(*), sum(landed_at - took_off_at)
FROM flight_log
GROUP BY drone_id;

CREATE OR REPLACE FUNCTION log_flights(drones text[], after_at timestamptz) RETURNS void LANGUAGE sql AS $$
	WITH kept AS (
		INSERT INTO flight_log (drone_id, took_off_at, landed_at, mission_id)
		SELECT device_id, min(at) FILTER (WHERE NOT grounded), max(at), COALESCE(max(mission_id) FILTER (WHERE NOT grounded), '')
		FROM (
			SELECT device_id, at, mission_id, phase IN ('parked', 'landed') AS grounded,
				count(*) FILTER (WHERE phase IN ('parked', 'landed')) OVER (
					PARTITION BY device_id ORDER BY at, seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
				) AS landings
			FROM status_sample JOIN (
				SELECT drone, COALESCE(
					(SELECT max(at) FROM status_sample WHERE device_id = drone AND at <= after_at AND phase IN ('parked', 'landed')), after_at
				) AS begins
				FROM unnest(drones) drone
			) since ON device_id = drone AND at >= begins
		) said
		WHERE landings > 0
		GROUP BY device_id, landings
		HAVING bool_or(grounded) AND min(at) FILTER (WHERE NOT grounded) < max(at)
		ON CONFLICT DO NOTHING
		RETURNING drone_id, landed_at - took_off_at AS flown
	)
	INSERT INTO drone_hours
	SELECT drone_id, count(*), sum(flown)
	FROM kept
	GROUP BY drone_id
	ON CONFLICT (drone_id) DO UPDATE SET flights = drone_hours.flights + excluded.flights, flown = drone_hours.flown + excluded.flown
$$;

-- What a device does changes seldom, and is kept for good: it needs no partitions, which would be
-- thousands in ten years.
CREATE TABLE status_whole (LIKE status_sample INCLUDING ALL);
INSERT INTO status_whole SELECT * FROM status_sample;
DROP TABLE status_sample;
ALTER TABLE status_whole RENAME TO status_sample;
ALTER TABLE status_sample RENAME CONSTRAINT status_whole_pkey TO status_sample_pkey;

-- A day's partition is made beside the table and attached, which waits for no reader and lets none wait.
CREATE OR REPLACE FUNCTION make_day(kind text, day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	partition text := kind || to_char(day, '_YYYYMMDD');
BEGIN
	IF kind NOT IN ('position_sample', 'temperature_sample') THEN
		RAISE EXCEPTION 'no samples are kept by day in %', kind;
	END IF;
	IF day NOT BETWEEN '2000-01-01' AND '2099-12-31' THEN
		RAISE EXCEPTION '% is no day of a sample', day;
	END IF;
	PERFORM pg_advisory_xact_lock(hashtextextended(partition, 0));
	IF to_regclass(format('%I', partition)) IS NOT NULL THEN
		RETURN;
	END IF;
	EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', partition, kind);
	EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
		kind, partition, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
END $$;
DO $$ BEGIN
	EXECUTE format('ALTER FUNCTION make_day(text, date) SET search_path = %I, pg_temp', current_schema());
END $$;
