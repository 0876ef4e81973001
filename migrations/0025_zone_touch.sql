-- Which missions a zone touched when a person drew it, and what became of them then.
CREATE TABLE zone_touch (
	zone_id text NOT NULL REFERENCES zone,
	mission_id text NOT NULL REFERENCES mission,
	outcome text NOT NULL,
	longer_m double precision NOT NULL,
	escape_m double precision NOT NULL,
	reason text NOT NULL,
	PRIMARY KEY (zone_id, mission_id)
);
