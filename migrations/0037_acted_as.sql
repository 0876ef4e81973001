-- As which kind of account a person acted, who may have several roles: it decides who may undo it.
-- Empty: from before this was kept; then it is the account's first role's.
ALTER TABLE closure ADD COLUMN by_role text NOT NULL DEFAULT '';
ALTER TABLE zone ADD COLUMN drawn_role text NOT NULL DEFAULT '';
ALTER TABLE alarm ADD COLUMN shelf_role text NOT NULL DEFAULT '';
