// Package past fills a record with years of a busy line, for benchmarks and for tests of what a server
// costs when it has run for long: requests that were served and that were not, with all that hangs on
// them, the log of it, and samples. What it writes keeps every constraint of the schema; it decides
// nothing, and everything is over.
package past

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/geo"
	"hemolift/telemetry"
	"hemolift/telemetry/compact"
)

// Size is how much is on record.
type Size struct {
	Span       time.Duration // that it goes back
	Requests   int
	Deliveries int // divides Requests
	Events     int
	Samples    int // that are not compact: of the last Live days, two positions for a temperature
	Live       int
}

// TenYears of a line with seventy deliveries a day.
var TenYears = Size{
	Span: 10 * 365 * 24 * time.Hour, Requests: 1_000_000, Deliveries: 250_000, Events: 5_000_000, Samples: 10_000_000, Live: 90,
}

// Over is an nth of it, in as long a time.
func (s Size) Over(n int) Size {
	s.Requests, s.Deliveries, s.Events, s.Samples = s.Requests/n, s.Deliveries/n, s.Events/n, s.Samples/n
	return s
}

//go:embed past.sql
var statements string

// ErrNotEmpty refuses a record on which there is something already.
var ErrNotEmpty = errors.New("there are requests on this record")

// Fill writes a past that ends at a time, to a migrated record with a network, profiles and people and
// nothing else. conn is its owner's. quick leaves it to the statements that the constraints hold.
func Fill(ctx context.Context, conn *pgx.Conn, until time.Time, size Size, quick bool) error {
	var filled bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM request)`).Scan(&filled); err != nil {
		return fmt.Errorf("past: %w", err)
	}
	if filled {
		return fmt.Errorf("past: %w", ErrNotEmpty)
	}
	from := until.Add(-size.Span)
	way, err := geo.EncodeTrack([]geo.Fix4D{{AltM: 60, At: from}, {AltM: 160, At: from.Add(5 * time.Minute)}})
	if err != nil {
		return fmt.Errorf("past: %w", err)
	}
	hour, err := compact.Pack(anHour(from))
	if err != nil {
		return fmt.Errorf("past: %w", err)
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		const of = `CREATE TEMP TABLE past ON COMMIT DROP AS SELECT $1::timestamptz AS from_at, $2::timestamptz AS until_at,
			$3::int AS requests, $4::int AS deliveries, $5::int AS events, $6::int AS samples, $7::int AS live, $8::bytea AS way, $9::bytea AS hour`
		if quick {
			if _, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica`); err != nil {
				return fmt.Errorf("past: %w", err)
			}
		}
		if _, err := tx.Exec(ctx, of, from, until, size.Requests, size.Deliveries, size.Events, size.Samples, size.Live, way, hour); err != nil {
			return fmt.Errorf("past: %w", err)
		}
		if _, err := tx.Conn().PgConn().Exec(ctx, statements).ReadAll(); err != nil {
			return fmt.Errorf("past: %w", err)
		}
		return nil
	})
}

// anHour is what a drone sends in one flight.
func anHour(from time.Time) []telemetry.Sample {
	samples := make([]telemetry.Sample, 120)
	for i := range samples {
		at := from.Add(time.Duration(i) * 5 * time.Second)
		samples[i] = telemetry.Sample{Device: "HL-01", At: at, Seq: uint64(i), ReceivedAt: at, Reading: telemetry.Position{AltM: float64(60 + i)}}
	}
	return samples
}
