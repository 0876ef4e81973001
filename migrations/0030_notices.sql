-- How people of a hospital are told who do not look at a page. The key pair is the server's
-- own, for push services (VAPID, RFC 8292).
CREATE TABLE push_key (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	public_key text NOT NULL,
	private_key text NOT NULL
);

-- Of which urgencies an account wishes to be told; without a row, of STAT.
CREATE TABLE notice_wish (
	login text PRIMARY KEY REFERENCES account,
	urgencies text[] NOT NULL
);

CREATE TABLE notice_device (
	endpoint text PRIMARY KEY, -- a browser is told for one person
	id text NOT NULL UNIQUE,
	login text NOT NULL REFERENCES account,
	session text NOT NULL DEFAULT '',
	p256dh text NOT NULL,
	auth text NOT NULL,
	lang text NOT NULL CHECK (lang IN ('zh', 'en')),
	made_at timestamptz NOT NULL,
	sent_at timestamptz,
	failures int NOT NULL DEFAULT 0
);
CREATE INDEX ON notice_device (login);

CREATE TABLE notice_webhook (
	site_id text PRIMARY KEY REFERENCES site,
	url text NOT NULL,
	secret text NOT NULL,
	set_by text NOT NULL REFERENCES account,
	set_at timestamptz NOT NULL,
	sent_at timestamptz,
	failures int NOT NULL DEFAULT 0
);
