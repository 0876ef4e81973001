-- Roles and components are named in one place of the program each: the schema takes any
-- name that they have, and keeps what must hold whatever they are called.
ALTER TABLE account
	DROP CONSTRAINT account_role_check,
	DROP CONSTRAINT account_check;
ALTER TABLE unit DROP CONSTRAINT unit_component_check;
ALTER TABLE request DROP CONSTRAINT request_component_check;
