-- What one shift of flight control leaves to the next stands in the log, and is read by itself.
CREATE INDEX event_log_note ON event_log (seq) WHERE kind = 'note';
