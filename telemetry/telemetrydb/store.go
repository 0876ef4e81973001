package telemetrydb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"hemolift/telemetry"
)

// Store implements the recorder's store and the history that restores a tracker.
type Store struct {
	Log  *slog.Logger // of what is damaged
	pool *pgxpool.Pool

	mu   sync.Mutex
	days map[string]bool // partitions known to exist
}

// New returns a store on a migrated database.
func New(pool *pgxpool.Pool) *Store {
	return &Store{Log: slog.Default(), pool: pool, days: map[string]bool{}}
}

// partitionOfDay is how a day's partition is named, after its table.
const partitionOfDay = "_20060102"

// table is where samples of one kind go.
type table struct {
	name    string
	columns []string
	put     func(*rows, telemetry.Reading)
}

var key = []string{"device_id", "at", "seq", "received_at"}

var (
	positions = table{"position_sample", slices.Concat(key, []string{
		"lon", "lat", "alt_m", "speed_mps", "track_deg", "climb_mps", "battery_pct", "link_dbm", "wind_mps", "wind_from_deg",
	}), putPosition}
	temperatures = table{"temperature_sample", slices.Concat(key, []string{
		"temp_mc", "ambient_mc", "lid_open", "fault", "temp2_mc",
	}), putTemperature}
	statuses = table{"status_sample", slices.Concat(key, []string{"phase", "mission_id", "leg"}), putStatus}
)

// StoreSamples commits all samples in one transaction.
func (s *Store) StoreSamples(ctx context.Context, samples []telemetry.Sample) error {
	p, t, st := rows{table: positions}, rows{table: temperatures}, rows{table: statuses}
	all := []*rows{&p, &t, &st}
	var made [2]time.Time // the days of positions and temperatures
	for _, x := range samples {
		var err error
		switch x.Reading.(type) {
		case telemetry.Position:
			p.add(x)
			err = s.ensureDay(ctx, &made[0], positions, x.At)
		case telemetry.Temperature:
			t.add(x)
			err = s.ensureDay(ctx, &made[1], temperatures, x.At)
		case telemetry.Status:
			st.add(x)
		default:
			err = fmt.Errorf("telemetrydb: reading %T", x.Reading)
		}
		if err != nil {
			return err
		}
	}
	err := s.copyAll(ctx, all, copyPlain)
	if code(err) == "23505" {
		err = s.copyAll(ctx, all, copyNew)
	}
	return never(err)
}

// never marks a refusal that will be the same the next time: of data that cannot be, or
// that break a rule of the schema (SQLSTATE classes 22 and 23).
func never(err error) error {
	if c := code(err); strings.HasPrefix(c, "22") || strings.HasPrefix(c, "23") {
		return fmt.Errorf("%w: %w", telemetry.ErrNever, err)
	}
	return err
}

func code(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// ensureDay makes the partition of a sample's day unless it is the one that was made last. Device
// times are bounded before, so there are few.
func (s *Store) ensureDay(ctx context.Context, made *time.Time, t table, at time.Time) error {
	from := dayOf(at)
	if from.Equal(*made) {
		return nil
	}
	*made = from
	return s.makeDay(ctx, t, from)
}

func dayOf(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }

func (s *Store) makeDay(ctx context.Context, t table, from time.Time) error {
	name := t.name + from.Format(partitionOfDay)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.days[name] {
		return nil
	}
	if _, err := s.pool.Exec(ctx, `SELECT make_day($1, $2)`, t.name, from); err != nil {
		return fmt.Errorf("partition %s: %w", name, err)
	}
	s.days[name] = true
	return nil
}

// aheadEvery is how often Ahead looks, in wall time.
const aheadEvery = time.Minute

// Ahead makes each day's partitions on the day before, until ctx ends: no sample waits for them.
func (s *Store) Ahead(ctx context.Context, now func() time.Time) error {
	tick := time.NewTicker(aheadEvery)
	defer tick.Stop()
	for {
		for _, t := range []table{positions, temperatures} {
			for _, at := range []time.Time{now(), now().Add(24 * time.Hour)} {
				if err := s.makeDay(ctx, t, dayOf(at)); err != nil && ctx.Err() == nil {
					s.Log.ErrorContext(ctx, "a partition is made when its first sample comes", "err", err)
				}
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Newest returns the newest sample of each kind of every device.
func (s *Store) Newest(ctx context.Context) ([]telemetry.Sample, error) {
	var all []telemetry.Sample
	for _, k := range []kind{positionKind, temperatureKind, statusKind} {
		rows, err := s.pool.Query(ctx, `SELECT x.* FROM device d
			CROSS JOIN LATERAL (`+k.table.selects()+` WHERE device_id = d.id ORDER BY at DESC, seq DESC LIMIT 1) x`)
		if err != nil {
			return nil, err
		}
		live, err := pgx.CollectRows(rows, k.scan)
		if err != nil {
			return nil, err
		}
		old, err := s.compactNewest(ctx, k, live)
		if err != nil {
			return nil, err
		}
		all = append(append(all, live...), old...)
	}
	return all, nil
}

// Temperatures returns a box's readings in [from, to], in order.
func (s *Store) Temperatures(ctx context.Context, box telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error) {
	return s.between(ctx, temperatureKind, box, from, to)
}

// Positions returns a drone's positions in [from, to], in order; of days that are compact those that
// Thin kept.
func (s *Store) Positions(ctx context.Context, drone telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error) {
	return s.between(ctx, positionKind, drone, from, to)
}

// between reads the table first: a day that becomes compact meanwhile is read twice, not never.
func (s *Store) between(ctx context.Context, k kind, device telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error) {
	live, err := k.read(ctx, s.pool, device, from, to)
	if err != nil {
		return nil, err
	}
	old, err := s.compactBetween(ctx, k, device, from, to)
	if err != nil || len(old) == 0 {
		return live, err
	}
	all := append(old, live...)
	slices.SortStableFunc(all, func(a, b telemetry.Sample) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Seq, b.Seq)) })
	return slices.CompactFunc(all, func(a, b telemetry.Sample) bool { return a.At.Equal(b.At) && a.Seq == b.Seq }), nil
}

// kind is one kind of samples, and how they are read from their table.
type kind struct {
	table table
	scan  pgx.RowToFunc[telemetry.Sample]
}

var (
	positionKind    = kind{positions, scanPosition}
	temperatureKind = kind{temperatures, scanTemperature}
	statusKind      = kind{statuses, scanStatus}
)

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// read returns a device's samples that are in the table, in [from, to] and in order.
func (k kind) read(ctx context.Context, q querier, device telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error) {
	rows, err := q.Query(ctx, k.table.selects()+` WHERE device_id = $1 AND at >= $2 AND at <= $3 ORDER BY at, seq`, device, from, to)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, k.scan)
}

func (t table) selects() string { return `SELECT ` + strings.Join(t.columns, ", ") + ` FROM ` + t.name }

func scanPosition(row pgx.CollectableRow) (x telemetry.Sample, err error) {
	var p telemetry.Position
	err = row.Scan(
		&x.Device,
		&x.At,
		&x.Seq,
		&x.ReceivedAt,
		&p.Point[0],
		&p.Point[1],
		&p.AltM,
		&p.SpeedMPS,
		&p.TrackDeg,
		&p.ClimbMPS,
		&p.BatteryPct,
		&p.LinkDBm,
		&p.WindMPS,
		&p.WindFromDeg,
	)
	return utc(x, p), err
}

func scanTemperature(row pgx.CollectableRow) (x telemetry.Sample, err error) {
	var t telemetry.Temperature
	var second *int32
	err = row.Scan(&x.Device, &x.At, &x.Seq, &x.ReceivedAt, &t.TempMC, &t.AmbientMC, &t.LidOpen, &t.Fault, &second)
	if second != nil {
		t.SecondMC, t.HasSecond = *second, true
	}
	return utc(x, t), err
}

func scanStatus(row pgx.CollectableRow) (x telemetry.Sample, err error) {
	var st telemetry.Status
	var phase string
	if err = row.Scan(&x.Device, &x.At, &x.Seq, &x.ReceivedAt, &phase, &st.Mission, &st.Leg); err != nil {
		return x, err
	}
	st.Phase, err = telemetry.ParsePhase(phase)
	return utc(x, st), err
}

func utc(x telemetry.Sample, r telemetry.Reading) telemetry.Sample {
	x.At, x.ReceivedAt, x.Reading = x.At.UTC(), x.ReceivedAt.UTC(), r
	return x
}
