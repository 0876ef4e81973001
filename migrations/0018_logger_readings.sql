-- How each logger's file was read, or why it could not be: sentences of then, as the
-- printed record shows them.
CREATE TABLE logger_reading (
	number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	delivery_id text NOT NULL,
	sha256 bytea NOT NULL,
	read_by text NOT NULL REFERENCES account,
	read_at timestamptz NOT NULL,
	said text[] NOT NULL,
	FOREIGN KEY (delivery_id, sha256) REFERENCES logger_file
);
CREATE INDEX logger_reading_of ON logger_reading (delivery_id, number);
CREATE TRIGGER logger_reading_append_only BEFORE UPDATE OR DELETE ON logger_reading FOR EACH ROW EXECUTE FUNCTION refuse_change();
