-- The thermal design of a box type has its payload's coupling, and the wall of a box
-- with two nodes.
ALTER TABLE box_type
	ADD COLUMN inner_w_per_k double precision NOT NULL DEFAULT 0 CHECK (inner_w_per_k >= 0),
	ADD COLUMN wall_j_per_k double precision NOT NULL DEFAULT 0 CHECK (wall_j_per_k >= 0),
	DROP CONSTRAINT box_type_model_check,
	ADD CONSTRAINT box_type_model_check CHECK (model IN ('newton1', 'two_node', 'pcm1', 'pcm2'));
UPDATE box_type SET inner_w_per_k = 6 WHERE model = 'pcm2'; -- what all of them were reckoned with

-- A box may have two probes.
ALTER TABLE temperature_sample ADD COLUMN temp2_mc int;
