-- A program's token may be good for some operations alone; an empty list is all that its account may.
ALTER TABLE session ADD COLUMN only_ops text[] NOT NULL DEFAULT '{}';
