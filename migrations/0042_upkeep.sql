-- Work done on drones and boxes. An entry is never changed: a wrong one is struck.
CREATE TABLE maintenance (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	device_id text NOT NULL REFERENCES device,
	kind text NOT NULL CHECK (kind IN ('inspection', 'repair', 'part', 'firmware', 'validation')),
	done_on date NOT NULL,
	what text NOT NULL,
	reference text NOT NULL,
	due_on date CHECK (due_on > done_on),
	due_hours double precision CHECK (due_hours > 0), -- of the drone's flight
	made_by text NOT NULL REFERENCES account,
	made_at timestamptz NOT NULL,
	struck_by text REFERENCES account,
	struck_why text,
	struck_at timestamptz,
	CHECK (num_nulls(struck_by, struck_why, struck_at) IN (0, 3))
);
CREATE INDEX ON maintenance (device_id, kind, done_on DESC, id DESC);

-- Flights, from a take-off to the landing after it, as drones reported them.
CREATE TABLE flight_log (
	drone_id text NOT NULL REFERENCES device,
	took_off_at timestamptz NOT NULL,
	landed_at timestamptz NOT NULL,
	mission_id text NOT NULL, -- as the drone said; empty: of none
	PRIMARY KEY (drone_id, landed_at),
	CHECK (took_off_at < landed_at)
);

-- A flight is what a drone reported after it was on the ground, until it is there again. Looked at is
-- what was reported since the drone was last on the ground by after_at.
CREATE FUNCTION log_flights(drones text[], after_at timestamptz) RETURNS void LANGUAGE sql AS $$
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
$$;
SELECT log_flights(ARRAY(SELECT id FROM device WHERE kind = 'drone'), '-infinity');

CREATE INDEX ON delivery_box (box_id, packed_at DESC) WHERE packed_at IS NOT NULL;
CREATE INDEX ON closure (device_id, from_at DESC) WHERE device_id IS NOT NULL;
