package telemetrydb

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/telemetry"
)

// rows are samples of one table as COPY reads them in its binary format: a signature, the rows, each
// its number of fields and then each field's length and bytes in network order, and an end.
// See "Binary Format" under COPY in the manual of PostgreSQL.
type rows struct {
	table table
	bytes []byte
}

const (
	copySignature = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" // no flags, no extension
	copyEnd       = "\xff\xff"
)

// epoch is from where Postgres counts microseconds.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// add appends a sample of the table.
func (r *rows) add(x telemetry.Sample) {
	if len(r.bytes) == 0 {
		r.bytes = append(r.bytes, copySignature...)
	}
	r.bytes = binary.BigEndian.AppendUint16(r.bytes, uint16(len(r.table.columns)))
	r.text(string(x.Device))
	r.time(x.At)
	r.int64(int64(x.Seq))
	r.time(x.ReceivedAt)
	r.table.put(r, x.Reading)
}

// reader reads the rows and their end.
func (r *rows) reader() *bytes.Reader {
	return bytes.NewReader(append(r.bytes[:len(r.bytes):len(r.bytes)], copyEnd...))
}

func (r *rows) length(n int) { r.bytes = binary.BigEndian.AppendUint32(r.bytes, uint32(n)) }

func (r *rows) text(s string) {
	r.length(len(s))
	r.bytes = append(r.bytes, s...)
}

func (r *rows) int64(v int64) {
	r.length(8)
	r.bytes = binary.BigEndian.AppendUint64(r.bytes, uint64(v))
}

func (r *rows) int32(v int32) {
	r.length(4)
	r.bytes = binary.BigEndian.AppendUint32(r.bytes, uint32(v))
}

func (r *rows) float64(v float64) { r.int64(int64(math.Float64bits(v))) }
func (r *rows) float32(v float64) { r.int32(int32(math.Float32bits(float32(v)))) }
func (r *rows) time(t time.Time)  { r.int64(t.UnixMicro() - epoch.UnixMicro()) }
func (r *rows) null()             { r.length(-1) }

func (r *rows) bool(v bool) {
	r.length(1)
	if v {
		r.bytes = append(r.bytes, 1)
		return
	}
	r.bytes = append(r.bytes, 0)
}

// putPosition appends what a position has beside the key; so do the others.
func putPosition(r *rows, reading telemetry.Reading) {
	p, _ := reading.(telemetry.Position)
	r.float64(p.Point.Lon())
	r.float64(p.Point.Lat())
	for _, v := range [...]float64{p.AltM, p.SpeedMPS, p.TrackDeg, p.ClimbMPS, p.BatteryPct, p.LinkDBm, p.WindMPS, p.WindFromDeg} {
		r.float32(v)
	}
}

func putTemperature(r *rows, reading telemetry.Reading) {
	t, _ := reading.(telemetry.Temperature)
	r.int32(t.TempMC)
	r.int32(t.AmbientMC)
	r.bool(t.LidOpen)
	r.bool(t.Fault)
	if t.HasSecond {
		r.int32(t.SecondMC)
	} else {
		r.null()
	}
}

func putStatus(r *rows, reading telemetry.Reading) {
	s, _ := reading.(telemetry.Status)
	r.text(s.Phase.String())
	r.text(s.Mission)
	r.int32(int32(s.Leg))
}

// copyAll fills every table in one transaction.
func (s *Store) copyAll(ctx context.Context, all []*rows, fill func(context.Context, pgx.Tx, *rows) error) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		for _, r := range all {
			if len(r.bytes) == 0 {
				continue
			}
			if err := fill(ctx, tx, r); err != nil {
				return fmt.Errorf("%s: %w", r.table.name, err)
			}
		}
		return nil
	})
}

func copyPlain(ctx context.Context, tx pgx.Tx, r *rows) error {
	return copyInto(ctx, tx, r, r.table.name)
}

func copyInto(ctx context.Context, tx pgx.Tx, r *rows, table string) error {
	q := `COPY ` + table + ` (` + strings.Join(r.table.columns, `, `) + `) FROM STDIN WITH (FORMAT binary)`
	_, err := tx.Conn().PgConn().CopyFrom(ctx, r.reader(), q)
	if err == nil {
		return nil
	}
	if watch, ok := tx.Conn().Config().Tracer.(pgx.CopyFromTracer); ok { // whoever watches what fails
		watch.TraceCopyFromEnd(ctx, tx.Conn(), pgx.TraceCopyFromEndData{Err: err})
	}
	return err
}

// copyNew passes the rows through a staging table and keeps those that are new.
func copyNew(ctx context.Context, tx pgx.Tx, r *rows) error {
	stage := "stage_" + r.table.name
	if _, err := tx.Exec(ctx, `CREATE TEMP TABLE `+stage+` (LIKE `+r.table.name+`) ON COMMIT DROP`); err != nil {
		return err
	}
	if err := copyInto(ctx, tx, r, stage); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO `+r.table.name+` SELECT * FROM `+stage+` ON CONFLICT DO NOTHING`)
	return err
}
