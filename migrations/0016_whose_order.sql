-- Whose order a flight follows, and which centre sent a courier: nobody else undoes either.
ALTER TABLE mission ADD COLUMN ordered_by_role text NOT NULL DEFAULT '';

ALTER TABLE request ADD COLUMN road_from text REFERENCES site (id);

UPDATE request r
SET road_from = COALESCE(
	(SELECT a.site_id
		FROM event_log e
		JOIN account a ON a.login = e.actor
		WHERE e.subject = r.id AND e.detail ->> 'what' = 'road_send'
		ORDER BY e.seq DESC
		LIMIT 1),
	(SELECT m.centre_id
		FROM delivery d
		JOIN mission m ON m.id = d.mission_id
		WHERE d.request_id = r.id
		ORDER BY d.id DESC
		LIMIT 1))
WHERE r.status = 'by_road';
