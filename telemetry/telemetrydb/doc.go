// Package telemetrydb keeps samples in Postgres: one table a kind, filled by COPY in its binary
// format (copy.go). Positions and temperatures are partitioned by day of device time; each day's
// partition is made on the day before (Ahead). A batch with a sample that is stored already,
// as after a redelivery, goes through a staging table instead, so that storing
// again changes nothing and never fails. Days of long ago are compact hours instead (Compactor), which
// readers of the Store do not notice but by thinner tracks.
package telemetrydb
