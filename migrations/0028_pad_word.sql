-- Until when a ward must have said that its pad is clear, by the policy; its word; and since
-- when a drone holds before a pad for which nobody has spoken.
ALTER TABLE delivery
	ADD COLUMN pad_rule text NOT NULL DEFAULT '' CHECK (pad_rule IN ('', 'release', 'descent')),
	ADD COLUMN pad_word_by text NOT NULL DEFAULT '',
	ADD COLUMN pad_word_at timestamptz,
	ADD COLUMN pad_word_pad text NOT NULL DEFAULT '',
	ADD COLUMN pad_word_taken boolean NOT NULL DEFAULT false,
	ADD CHECK ((pad_word_at IS NULL) = (pad_word_by = ''));
ALTER TABLE mission ADD COLUMN held_for_pad_at timestamptz;
