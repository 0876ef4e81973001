-- Versions of what a blood service decides for itself, what was decided about each, and when it
-- took effect. Only added to.
CREATE TABLE document (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text NOT NULL CHECK (kind IN ('policy', 'profiles')),
	body text NOT NULL CHECK (octet_length(body) <= 262144),
	origin text NOT NULL CHECK (origin IN ('shipped', 'file', 'person')),
	made_by text REFERENCES account,
	made_at timestamptz NOT NULL,
	reason text NOT NULL,
	CHECK ((origin = 'person') = (made_by IS NOT NULL))
);
CREATE TABLE document_decision (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	document_id bigint NOT NULL REFERENCES document,
	approved boolean NOT NULL,
	decided_by text NOT NULL REFERENCES account,
	name_zh text NOT NULL,
	name_en text NOT NULL,
	decided_at timestamptz NOT NULL,
	note text NOT NULL,
	counts_from timestamptz,
	CHECK (approved = (counts_from IS NOT NULL))
);
CREATE INDEX ON document_decision (document_id, id);
CREATE TABLE document_effect (
	document_id bigint PRIMARY KEY REFERENCES document,
	at timestamptz NOT NULL
);
