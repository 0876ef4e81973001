-- Roles that a site defines as a part of what a kind of account may, and several roles of one
-- account. A role that its file names no more is ended; accounts that have it may nothing by it.
CREATE TABLE role (
	role text PRIMARY KEY CHECK (role ~ '^[a-z][a-z0-9_]{1,29}$'),
	name_zh text NOT NULL,
	name_en text NOT NULL,
	kind text NOT NULL, -- whose rights it has a part of
	only_ops text[] NOT NULL, -- empty: all
	without_ops text[] NOT NULL,
	place int NOT NULL,
	ended boolean NOT NULL DEFAULT false
);
ALTER TABLE account ADD COLUMN also text[] NOT NULL DEFAULT '{}';
