-- Who an account is at an identity provider: the issuer and the subject, never a name. Of a
-- managed account the provider says the roles; another one was joined by its person.
CREATE TABLE identity (
	issuer text NOT NULL CHECK (issuer <> '' AND length(issuer) <= 500),
	subject text NOT NULL CHECK (subject <> '' AND length(subject) <= 255),
	login text NOT NULL REFERENCES account,
	managed boolean NOT NULL,
	made_at timestamptz NOT NULL,
	PRIMARY KEY (issuer, subject),
	UNIQUE (issuer, login)
);
