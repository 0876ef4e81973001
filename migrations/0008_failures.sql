-- Failure is a plan. A delivery may be given up while its drone is in the air, and its
-- request has another one then; what was on its way to one hospital may be diverted to
-- a more urgent request of another; sites and pads go out of service for a while; and a
-- road courier takes over what no drone can serve.
ALTER TABLE delivery
	ADD COLUMN given_up_at timestamptz,
	ADD COLUMN diverted_from text REFERENCES delivery,
	DROP CONSTRAINT delivery_status_check,
	ADD CONSTRAINT delivery_status_check CHECK (status IN ('allocated', 'checked', 'packed', 'sealed', 'loaded', 'airborne', 'landed', 'opened', 'closed', 'returned', 'cancelled', 'rejected', 'diverted', 'lost'));

DROP INDEX delivery_one_per_request;
CREATE UNIQUE INDEX delivery_one_per_request ON delivery (request_id) WHERE status NOT IN ('returned', 'cancelled', 'rejected', 'diverted', 'lost') AND given_up_at IS NULL;

-- The seal travels on with the box.
DROP INDEX delivery_seal_once;
CREATE UNIQUE INDEX delivery_seal_once ON delivery (seal) WHERE seal IS NOT NULL AND status <> 'diverted';

ALTER TABLE request
	ADD COLUMN by_road_until timestamptz, -- when the courier is expected
	DROP CONSTRAINT request_status_check,
	ADD CONSTRAINT request_status_check CHECK (status IN ('open', 'allocated', 'by_road', 'fulfilled', 'cancelled')),
	ADD CONSTRAINT request_by_road CHECK (status <> 'by_road' OR by_road_until IS NOT NULL);

-- A site or one of its pads out of service, half-open in time.
CREATE TABLE closure (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	site_id text NOT NULL REFERENCES site,
	pad_id text REFERENCES pad, -- without one it is the whole site
	reason text NOT NULL CHECK (reason <> ''),
	closed_by text NOT NULL REFERENCES account,
	from_at timestamptz NOT NULL,
	until_at timestamptz NOT NULL CHECK (until_at > from_at),
	ended_by text REFERENCES account,
	ended_at timestamptz,
	CHECK ((ended_by IS NULL) = (ended_at IS NULL))
);
CREATE INDEX ON closure (until_at) WHERE ended_at IS NULL;
