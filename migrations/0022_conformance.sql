-- How far an aircraft of a class may fly from its plan: aside of its path and off its height in
-- metres, behind its planned landing in minutes; 0 where the program's own limits hold. And
-- what it does by itself so many seconds after it lost its link; empty where that is not known.
ALTER TABLE aircraft_class
	ADD COLUMN lateral_m double precision NOT NULL DEFAULT 0 CHECK (lateral_m >= 0),
	ADD COLUMN vertical_m double precision NOT NULL DEFAULT 0 CHECK (vertical_m >= 0),
	ADD COLUMN delay_min double precision NOT NULL DEFAULT 0 CHECK (delay_min >= 0),
	ADD COLUMN lost_link_s double precision NOT NULL DEFAULT 0 CHECK (lost_link_s >= 0),
	ADD COLUMN lost_link_does text NOT NULL DEFAULT '' CHECK (lost_link_does IN ('', 'return', 'land', 'hold', 'continue'));
