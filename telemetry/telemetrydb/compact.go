package telemetrydb

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/telemetry"
	"hemolift/telemetry/compact"
)

// Compactor makes samples of long ago compact: each hour it looks for days that are due, and turns
// one after the other into compact hours, which take the place of the day's samples in one transaction.
// Readers of the store see no difference but thinner tracks.
type Compactor struct {
	Store   *Store
	After   time.Duration // since the end of a day; at least LeastAge
	WithinM float64       // of where drones said they were; see compact.Thin
	Now     func() time.Time
	Log     *slog.Logger
}

// LeastAge is how old samples must be to be made compact: no device sends any as old as that.
const LeastAge = 2 * telemetry.MaxAge

const (
	compactEvery = time.Hour
	lockWithin   = 2 * time.Second // a day's samples are read just then: the next time
)

// Run works until ctx ends. What fails is logged, and tried again.
func (c *Compactor) Run(ctx context.Context) error {
	tick := time.NewTicker(compactEvery)
	defer tick.Stop()
	for {
		if err := c.Once(ctx); err != nil && ctx.Err() == nil {
			c.Log.ErrorContext(ctx, "samples of long ago stay as they are for now", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Once makes all days compact that are due, of each kind the oldest first. One that cannot be holds
// no other up.
func (c *Compactor) Once(ctx context.Context) error {
	before := c.Now().Add(-max(c.After, LeastAge))
	var failed []error
	for _, k := range []kind{positionKind, temperatureKind} {
		days, err := daysBefore(ctx, c.Store.pool, k.table.name, before)
		if err != nil {
			return err
		}
		for _, day := range days {
			d := aDay{kind: k, day: day, sum: sha256.New(), withinM: c.WithinM}
			if err := pgx.BeginFunc(ctx, c.Store.pool, func(tx pgx.Tx) error { return d.compact(ctx, tx, c.Now()) }); err != nil {
				failed = append(failed, fmt.Errorf("%s of %s: %w", k.table.name, day.Format(time.DateOnly), err))
				if ctx.Err() != nil {
					break
				}
				continue
			}
			c.Log.InfoContext(ctx, "samples are compact", "kind", k.table.name, "day", day.Format(time.DateOnly), "taken", d.taken, "kept", d.kept)
		}
	}
	return errors.Join(failed...)
}

// daysBefore returns the days with a partition that ended before a time, the oldest first: not those
// that the newest is close to, whatever the time is said to be.
func daysBefore(ctx context.Context, q querier, table string, before time.Time) ([]time.Time, error) {
	rows, err := q.Query(ctx, `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = $1::text::regclass ORDER BY 1`, table)
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	var days []time.Time
	for _, name := range names {
		if day, err := time.Parse(partitionOfDay, strings.TrimPrefix(name, table)); err == nil {
			days = append(days, day)
		}
	}
	young := func(day time.Time) bool {
		return day.Add(24*time.Hour).After(before) || day.Add(LeastAge).After(days[len(days)-1])
	}
	if n := slices.IndexFunc(days, young); n >= 0 {
		days = days[:n]
	}
	return days, nil
}

// aDay is a day of one kind that is made compact.
type aDay struct {
	kind
	day         time.Time
	withinM     float64
	taken, kept int
	sum         hash.Hash // of the sums of its hours
}

// compact writes the day's hours, by device and hour, and drops its partition.
func (d *aDay) compact(ctx context.Context, tx pgx.Tx, now time.Time) error {
	if _, err := tx.Exec(ctx, fmt.Sprintf(`SET LOCAL lock_timeout = %d`, lockWithin.Milliseconds())); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT DISTINCT device_id FROM `+d.table.name+` WHERE at >= $1 AND at <= $2 ORDER BY 1`, d.day, d.end())
	if err != nil {
		return err
	}
	devices, err := pgx.CollectRows(rows, pgx.RowTo[telemetry.DeviceID])
	if err != nil {
		return err
	}
	for _, device := range devices {
		samples, err := d.read(ctx, tx, device, d.day, d.end())
		if err != nil {
			return err
		}
		for len(samples) > 0 {
			hour := samples[0].At.Truncate(time.Hour)
			n := slices.IndexFunc(samples, func(x telemetry.Sample) bool { return !x.At.Before(hour.Add(time.Hour)) })
			if n < 0 {
				n = len(samples)
			}
			if err := d.keep(ctx, tx, device, hour, samples[:n]); err != nil {
				return fmt.Errorf("%s at %s: %w", device, hour.Format(time.TimeOnly), err)
			}
			samples = samples[n:]
		}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO compact_day (kind, day, at, taken, kept, sha256) VALUES ($1, $2, $3, $4, $5, $6)`,
		d.table.name, d.day, now, d.taken, d.kept, d.sum.Sum(nil)); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `SELECT drop_day($1, $2)`, d.table.name, d.day)
	return err
}

// end is the day's last moment that a sample can have.
func (d *aDay) end() time.Time { return d.day.Add(24*time.Hour - time.Microsecond) }

// keep writes an hour of a device, once it has been read back as it was.
func (d *aDay) keep(ctx context.Context, tx pgx.Tx, device telemetry.DeviceID, hour time.Time, samples []telemetry.Sample) error {
	kept := samples
	if d.table.name == positions.name {
		kept = compact.Thin(samples, d.withinM)
	}
	b, err := compact.Pack(kept)
	if err != nil {
		return err
	}
	switch back, err := compact.Unpack(b); {
	case err != nil:
		return err
	case !slices.Equal(back, kept):
		return fmt.Errorf("%w: what is read back is not what was there", compact.ErrDamaged)
	}
	sum := sha256.Sum256(b)
	d.sum.Write(sum[:]) // it never fails
	d.taken, d.kept = d.taken+len(samples), d.kept+len(kept)
	_, err = tx.Exec(ctx, `INSERT INTO compact_hour (kind, device_id, hour, taken, kept, samples, sha256) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		d.table.name, device, hour, len(samples), len(kept), b, sum[:])
	return err
}

// compactBetween returns a device's compact samples in [from, to], in order.
func (s *Store) compactBetween(ctx context.Context, k kind, device telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error) {
	var all []telemetry.Sample
	err := s.unpack(ctx, func(samples []telemetry.Sample, err error) error {
		all = append(all, slices.DeleteFunc(samples, func(x telemetry.Sample) bool { return x.At.Before(from) || x.At.After(to) })...)
		return err
	}, `SELECT device_id, hour, samples, sha256 FROM compact_hour
		WHERE kind = $1 AND device_id = $2 AND hour >= $3 AND hour <= $4
		ORDER BY hour`, k.table.name, device, from.Truncate(time.Hour), to)
	return all, err
}

// compactNewest returns the newest compact sample of each device but those. A device whose hour is
// damaged has none, as the log says: nobody knows anything of it.
func (s *Store) compactNewest(ctx context.Context, k kind, but []telemetry.Sample) (newest []telemetry.Sample, err error) {
	known := make([]telemetry.DeviceID, len(but))
	for i, x := range but {
		known[i] = x.Device
	}
	err = s.unpack(ctx, func(samples []telemetry.Sample, err error) error {
		if err != nil {
			s.Log.ErrorContext(ctx, "the newest sample of a device is lost", "kind", k.table.name, "err", err)
			return nil
		}
		newest = append(newest, samples[len(samples)-1])
		return nil
	}, `SELECT c.* FROM device d CROSS JOIN LATERAL (
			SELECT device_id, hour, samples, sha256 FROM compact_hour WHERE kind = $1 AND device_id = d.id ORDER BY hour DESC LIMIT 1
		) c WHERE d.id <> ALL($2) ORDER BY d.id`, k.table.name, known)
	return newest, err
}

// unpack reads compact hours, one after the other. What is not as it was is an error, and no sample.
func (s *Store) unpack(ctx context.Context, take func([]telemetry.Sample, error) error, q string, args ...any) error {
	rows, err := s.pool.Query(ctx, q, args...)
	if err != nil {
		return err
	}
	var (
		device     telemetry.DeviceID
		hour       time.Time
		bytes, sum []byte
	)
	_, err = pgx.ForEachRow(rows, []any{&device, &hour, &bytes, &sum}, func() error {
		samples, err := compact.Unpack(bytes)
		if got := sha256.Sum256(bytes); !slices.Equal(got[:], sum) || err == nil && len(samples) == 0 {
			err = fmt.Errorf("%w (SHA-256)", compact.ErrDamaged)
		}
		if err != nil {
			samples, err = nil, fmt.Errorf("%s at %s: %w", device, hour.UTC().Format(time.RFC3339), err)
		}
		return take(samples, err)
	})
	return err
}
