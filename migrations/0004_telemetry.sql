-- Samples as devices sent them, partitioned by day of device time. Partitions are
-- made by the recorder when a day's first sample arrives.
CREATE TABLE position_sample (
	device_id text NOT NULL,
	at timestamptz NOT NULL,
	seq bigint NOT NULL,
	received_at timestamptz NOT NULL,
	lon double precision NOT NULL,
	lat double precision NOT NULL,
	alt_m real NOT NULL,
	speed_mps real NOT NULL,
	track_deg real NOT NULL,
	climb_mps real NOT NULL,
	battery_pct real NOT NULL,
	link_dbm real NOT NULL,
	wind_mps real NOT NULL,
	wind_from_deg real NOT NULL,
	PRIMARY KEY (device_id, at, seq)
) PARTITION BY RANGE (at);

CREATE TABLE temperature_sample (
	device_id text NOT NULL,
	at timestamptz NOT NULL,
	seq bigint NOT NULL,
	received_at timestamptz NOT NULL,
	temp_mc int NOT NULL,
	ambient_mc int NOT NULL,
	lid_open boolean NOT NULL,
	fault boolean NOT NULL,
	PRIMARY KEY (device_id, at, seq)
) PARTITION BY RANGE (at);

CREATE TABLE status_sample (
	device_id text NOT NULL,
	at timestamptz NOT NULL,
	seq bigint NOT NULL,
	received_at timestamptz NOT NULL,
	phase text NOT NULL,
	mission_id text NOT NULL,
	leg int NOT NULL,
	PRIMARY KEY (device_id, at, seq)
) PARTITION BY RANGE (at);
