-- How far an aircraft of a class may fly from its plan: aside of its path and off its height in
-- metres, behind its planned landing in minutes; 0 where the program's own limits hold.
ALTER TABLE aircraft_class
	ADD COLUMN lateral_m double precision NOT NULL DEFAULT 0 CHECK (lateral_m >= 0),
	ADD COLUMN vertical_m double precision NOT NULL DEFAULT 0 CHECK (vertical_m >= 0),
	ADD COLUMN delay_min double precision NOT NULL DEFAULT 0 CHECK (delay_min >= 0);
