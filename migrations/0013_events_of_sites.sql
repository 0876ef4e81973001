-- A hospital pages through its own events.
CREATE INDEX event_log_of_site ON event_log (site_id, seq);
