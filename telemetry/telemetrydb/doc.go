// Package telemetrydb keeps samples in Postgres: one table a kind, partitioned by
// day of device time, filled by COPY. A batch with a sample that is stored already,
// as after a redelivery, goes through a staging table instead, so that storing
// again changes nothing and never fails. Days of long ago are compact hours instead (Compactor), which
// readers of the Store do not notice but by thinner tracks.
package telemetrydb
