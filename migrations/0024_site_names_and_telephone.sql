-- What a site is called where there is little room, as on a map, and its telephone.
ALTER TABLE site
	ADD COLUMN short_zh text NOT NULL DEFAULT '',
	ADD COLUMN short_en text NOT NULL DEFAULT '',
	ADD COLUMN phone text NOT NULL DEFAULT '';
UPDATE site SET short_zh = name_zh, short_en = name_en;
