-- What a past is made of; see past.go. Each request of a stretch of time is like the one before, at another
-- place and by another drone; one of so many was served.
CREATE TEMP TABLE place ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY p.id) - 1 AS n, p.id AS pad, s.id AS hospital
FROM pad p JOIN site s ON s.id = p.site_id
WHERE s.kind = 'hospital';
CREATE TEMP TABLE craft ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, home_id FROM drone;
CREATE TEMP TABLE cooler ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY id) - 1 AS n, id FROM box;
CREATE TEMP TABLE people ON COMMIT DROP AS
SELECT min(login) AS one, max(login) AS other FROM account WHERE login <> 'system';
CREATE TEMP TABLE judged_by ON COMMIT DROP AS
SELECT profile_id, version FROM profile_version ORDER BY profile_id LIMIT 1;

CREATE TEMP TABLE wish ON COMMIT DROP AS
SELECT i, at, to_char(at AT TIME ZONE 'Asia/Shanghai', '-MMDD-') || CASE WHEN i < 10000 THEN lpad(i::text, 4, '0') ELSE i::text END AS id,
	i % (requests / deliveries) = 0 AS served, pad, hospital
FROM past, generate_series(1, requests) i, LATERAL (SELECT from_at + (until_at - from_at) * (i::float8 / (requests + 1)) AS at) t, place
WHERE place.n = i % (SELECT count(*) FROM place);

INSERT INTO request (id, login, idempotency_key, body_hash, hospital_id, pad_id, component, blood_group, recipient, units, urgency,
	needed_by, status, created_at)
SELECT 'R' || id, one, 'past-' || lpad(i::text, 8, '0'), '', hospital, pad, 'red_cells', 'A+', 'A+', 1,
	(ARRAY['stat', 'urgent', 'routine'])[1 + i % 3], at + interval '40 minutes', CASE WHEN served THEN 'fulfilled' ELSE 'cancelled' END, at
FROM wish, people ORDER BY i;
SELECT setval('request_number', (SELECT requests FROM past));
INSERT INTO request_terms SELECT id, version, component, recipient FROM request;

CREATE TEMP TABLE flown ON COMMIT DROP AS
SELECT wish.i, wish.at, wish.id, pad, hospital, craft.id AS drone, home_id AS centre, cooler.id AS box,
	'A9999' || lpad(wish.i::text, 8, '0') AS din
FROM past, wish, craft, cooler
WHERE served AND craft.n = (wish.i / (requests / deliveries)) % (SELECT count(*) FROM craft)
	AND cooler.n = (wish.i / (requests / deliveries)) % (SELECT count(*) FROM cooler);

INSERT INTO handover_forecast (request_id, version, made_at, urgency, waits, planned_at, expected_at, p50_at, p90_at, measured, handed_over_at)
SELECT 'R' || id, 1, at, 'stat', false, at + interval '20 minutes', at + interval '20 minutes', at + interval '20 minutes',
	at + interval '30 minutes', 20, at + interval '21 minutes'
FROM flown ORDER BY i;

INSERT INTO mission (id, drone_id, centre_id, hospital_id, pad_id, status, route_out, route_back, plan_hash, load_kg, energy_j, battery_j,
	reserve_j, depart_at, arrive_at, home_at, created_at)
SELECT 'M' || id, drone, centre, hospital, pad, 'done', way, way, '', 2, 1e6, 3e6, 6e5, at + interval '5 minutes', at + interval '15 minutes',
	at + interval '30 minutes', at
FROM flown, past ORDER BY i;
INSERT INTO pad_slot (mission_id, pad_id, slot)
SELECT 'M' || id, pad, tstzrange(at + interval '14 minutes', at + interval '19 minutes') FROM flown ORDER BY i;

INSERT INTO delivery (id, request_id, request_version, component, recipient, mission_id, status, seal, allocated_by, checked_by, reasons, created_at)
SELECT 'D' || id, 'R' || id, 1, 'red_cells', 'A+', 'M' || id, 'closed', 'past-' || i, one, other, '[]', at FROM flown, people ORDER BY i;
INSERT INTO delivery_box (delivery_id, box_id, profile_id, packed_at, released)
SELECT 'D' || id, box, profile_id, at + interval '2 minutes', true FROM flown, judged_by ORDER BY i;
INSERT INTO unit (din, product_code, division, component, blood_group, mass_g, expires_at, site_id, status)
SELECT din, 'E0336V00', '', 'red_cells', 'A+', 340, at + interval '20 days', hospital, 'received' FROM flown ORDER BY i;
INSERT INTO unit (din, product_code, division, component, blood_group, mass_g, expires_at, site_id, status)
SELECT din, 'E0336V00', 'A0', 'red_cells', 'O+', 340, at + interval '30 days', centre, 'discarded' FROM flown ORDER BY i;
INSERT INTO delivery_unit (delivery_id, din, product_code, division, component, recipient, donor, box_id, packed_at, outcome)
SELECT 'D' || id, din, 'E0336V00', '', 'red_cells', 'A+', 'A+', box, at + interval '2 minutes', 'received' FROM flown ORDER BY i;
INSERT INTO unit_passage (delivery_id, din, product_code, division, box_id, profile_id, profile_version, from_at, to_at, out_high, out_low, gap,
	still, advice, within, final, findings, decided_by, decided_at, note)
SELECT 'D' || id, din, 'E0336V00', '', box, profile_id, version, at + interval '2 minutes', at + interval '20 minutes', '0', '0', '0', '0',
	'usable', '0', true, '[]', one, at + interval '20 minutes', ''
FROM flown, judged_by, people ORDER BY i;
INSERT INTO signature (delivery_id, signed_by, name_zh, name_en, signed_at, meaning, digest, note)
SELECT 'D' || id, one, one, one, at + interval '1 hour', 'accepted', repeat('0', 64), '' FROM flown, people ORDER BY i;

INSERT INTO custody_event (delivery_id, step, actor, at, scan)
SELECT 'D' || id, step, one, at + nth * interval '2 minutes', din
FROM flown, people, unnest(ARRAY['check', 'pack', 'seal', 'load', 'take_off', 'land', 'compare_seal', 'receive']) WITH ORDINALITY steps (step, nth)
ORDER BY i, nth;
INSERT INTO command (device_id, mission_id, kind, leg, actor, created_at, expires_at, acked_at, ok)
SELECT drone, 'M' || id, kind, 0, 'system', at + interval '4 minutes', at + interval '5 minutes', at + interval '4 minutes', true
FROM flown, unnest(ARRAY['mission', 'release', 'mission', 'release']) kind ORDER BY i;
INSERT INTO alarm (kind, priority, device_id, delivery_id, site_id, value, limit_value, raised_at, cleared_at, acked_at, acked_by)
SELECT 'near_limit', 'caution', box, 'D' || id, hospital, 9.5, 10, at + interval '10 minutes', at + interval '12 minutes',
	at + interval '11 minutes', one
FROM flown, people ORDER BY i;
INSERT INTO flown_leg (mission_id, leg, drone_id, landed_at, load_kg, reckoned_j, measured_j, reckoned, measured)
SELECT 'M' || id, leg, drone, at + interval '15 minutes' * (leg + 1), 2, 5e5, 5e5, '10 minutes', '10 minutes'
FROM flown, generate_series(0, 1) leg ORDER BY i, leg;
INSERT INTO flight_log (drone_id, took_off_at, landed_at, mission_id)
SELECT drone, at + interval '15 minutes' * leg + interval '5 minutes', at + interval '15 minutes' * (leg + 1), 'M' || id
FROM flown, generate_series(0, 1) leg ORDER BY i, leg;
INSERT INTO drone_hours SELECT drone_id, count(*), sum(landed_at - took_off_at) FROM flight_log GROUP BY drone_id;

INSERT INTO zone (id, name_zh, name_en, kind, rings, ring_ends, lower_m, upper_m, reference, from_at, until_at, drawn_by, drawn_at, ended_by, ended_at)
SELECT 'PAST-' || i, 'past', 'past', 'PROHIBITED', '{123.4,41.8,123.41,41.8,123.41,41.81,123.4,41.8}', '{4}', 0, 200, 'AGL', at, at + interval '1 hour',
	one, at, one, at + interval '30 minutes'
FROM flown, people WHERE i % 40 = 0;
INSERT INTO zone_touch (zone_id, mission_id, outcome, longer_m, escape_m, reason)
SELECT 'PAST-' || i, 'M' || id, 'rerouted', 100, 0, '' FROM flown WHERE i % 40 = 0;

INSERT INTO event_log (at, kind, actor, site_id, subject, detail)
SELECT wish.at, kind, one, CASE kind WHEN 'request' THEN hospital ELSE '' END, letter || id, jsonb_build_object('what', what)
FROM past, people, wish, LATERAL (
	SELECT * FROM (VALUES
		(1, 'request', 'R', 'submitted'), (2, 'proposal', 'R', 'shown'), (3, 'impossible', 'R', 'shown'), (4, 'delivery', 'D', 'allocated'),
		(5, 'delivery', 'D', 'check'), (6, 'delivery', 'D', 'pack'), (7, 'delivery', 'D', 'seal'), (8, 'delivery', 'D', 'load'),
		(9, 'command', 'M', 'mission'), (10, 'command', 'M', 'release'), (11, 'mission', 'M', 'outbound'), (12, 'alarm', 'D', 'raised'),
		(13, 'alarm', 'D', 'cleared'), (14, 'mission', 'M', 'inbound'), (15, 'delivery', 'D', 'compare_seal'), (16, 'signature', 'D', 'accepted'),
		(17, 'mission', 'M', 'done')
	) told (nth, kind, letter, what)
	WHERE nth <= 3 OR served
) told
ORDER BY wish.i, nth
LIMIT (SELECT events FROM past);
INSERT INTO event_log (at, kind, actor, detail)
SELECT until_at, 'account', one, '{"what": "signed_in"}'
FROM past, people, generate_series(1, events - (SELECT count(*) FROM event_log));

INSERT INTO status_sample (device_id, at, seq, received_at, phase, mission_id, leg)
SELECT drone, at + nth * interval '5 minutes', nth, at + nth * interval '5 minutes', phase, 'M' || id, nth / 4
FROM flown, unnest(ARRAY['parked', 'airborne', 'landed', 'airborne', 'landed', 'parked']) WITH ORDINALITY phases (phase, nth)
ORDER BY i, nth;
INSERT INTO compact_hour (kind, device_id, hour, taken, kept, samples, sha256)
SELECT 'position_sample', drone, date_trunc('hour', at, 'UTC'), 600, 120, hour, sha256(hour)
FROM flown, past WHERE at < until_at - (live + 1) * interval '24 hours'
ON CONFLICT DO NOTHING;
INSERT INTO compact_hour (kind, device_id, hour, taken, kept, samples, sha256)
SELECT 'temperature_sample', box, date_trunc('hour', at, 'UTC'), 120, 120, hour, sha256(hour)
FROM flown, past WHERE at < until_at - (live + 1) * interval '24 hours'
ON CONFLICT DO NOTHING;
SELECT make_day(kind, ((until_at - n * interval '24 hours') AT TIME ZONE 'UTC')::date)
FROM past, generate_series(0, live) n, (VALUES ('position_sample'), ('temperature_sample')) kinds (kind);
INSERT INTO position_sample (device_id, at, seq, received_at, lon, lat, alt_m, speed_mps, track_deg, climb_mps, battery_pct, link_dbm, wind_mps, wind_from_deg)
SELECT id, at, i, at, 123.4, 41.8, 160, 20, 90, 0, 80, -60, 3, 200
FROM past, generate_series(1, samples * 2 / 3) i,
	LATERAL (SELECT until_at - live * interval '24 hours' * (i::float8 / (samples * 2 / 3 + 1)) AS at) t, craft
WHERE craft.n = i % (SELECT count(*) FROM craft);
INSERT INTO temperature_sample (device_id, at, seq, received_at, temp_mc, ambient_mc, lid_open, fault)
SELECT id, at, i, at, 4000, 20000, false, false
FROM past, generate_series(1, samples / 3) i, LATERAL (SELECT until_at - live * interval '24 hours' * (i::float8 / (samples / 3 + 1)) AS at) t, cooler
WHERE cooler.n = i % (SELECT count(*) FROM cooler);
ANALYZE;
