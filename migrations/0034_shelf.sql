-- A unit may be under way to another centre by road, and the shelves of a centre are looked
-- through by what is on them.
ALTER TABLE unit DROP CONSTRAINT unit_status_check;
ALTER TABLE unit ADD CONSTRAINT unit_status_check
	CHECK (status IN ('in_stock', 'in_transit', 'reserved', 'issued', 'received', 'quarantined', 'discarded'));
CREATE INDEX unit_on_shelf ON unit (site_id, component, blood_group) WHERE status IN ('in_stock', 'reserved', 'quarantined', 'in_transit');
CREATE INDEX unit_expiry ON unit (expires_at, din, product_code, division);
CREATE INDEX delivery_created ON delivery (created_at);

-- The log is searched by who did it, and by what subjects begin with.
CREATE INDEX event_log_actor ON event_log (actor, seq);
CREATE INDEX event_log_subject_prefix ON event_log (subject text_pattern_ops, seq);
CREATE INDEX event_log_at ON event_log (at);
