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
}

var (
	positions = table{
		"position_sample",
		[]string{
			"device_id",
			"at",
			"seq",
			"received_at",
			"lon",
			"lat",
			"alt_m",
			"speed_mps",
			"track_deg",
			"climb_mps",
			"battery_pct",
			"link_dbm",
			"wind_mps",
			"wind_from_deg",
		},
	}
	temperatures = table{
		"temperature_sample",
		[]string{"device_id", "at", "seq", "received_at", "temp_mc", "ambient_mc", "lid_open", "fault", "temp2_mc"},
	}
	statuses = table{"status_sample", []string{"device_id", "at", "seq", "received_at", "phase", "mission_id", "leg"}}
)

// StoreSamples commits all samples in one transaction.
func (s *Store) StoreSamples(ctx context.Context, samples []telemetry.Sample) error {
	rows := map[string][][]any{}
	for _, x := range samples {
		t, row := values(x)
		rows[t.name] = append(rows[t.name], row)
		if err := s.ensureDay(ctx, t, x.At); err != nil {
			return err
		}
	}
	err := s.copyAll(ctx, rows, copyPlain)
	if code(err) == "23505" {
		err = s.copyAll(ctx, rows, copyNew)
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

func values(x telemetry.Sample) (table, []any) {
	key := []any{string(x.Device), x.At, int64(x.Seq), x.ReceivedAt}
	switch r := x.Reading.(type) {
	case telemetry.Position:
		return positions, append(
			key,
			r.Point.Lon(),
			r.Point.Lat(),
			float32(r.AltM),
			float32(r.SpeedMPS),
			float32(r.TrackDeg),
			float32(r.ClimbMPS),
			float32(r.BatteryPct),
			float32(r.LinkDBm),
			float32(r.WindMPS),
			float32(r.WindFromDeg),
		)
	case telemetry.Temperature:
		var second *int32
		if r.HasSecond {
			second = &r.SecondMC
		}
		return temperatures, append(key, r.TempMC, r.AmbientMC, r.LidOpen, r.Fault, second)
	case telemetry.Status:
		return statuses, append(key, r.Phase.String(), r.Mission, int32(r.Leg))
	}
	panic(fmt.Sprintf("telemetrydb: reading %T", x.Reading))
}

// copyAll fills every table in one transaction.
func (s *Store) copyAll(ctx context.Context, rows map[string][][]any, fill func(context.Context, pgx.Tx, table, [][]any) error) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		for _, t := range []table{positions, temperatures, statuses} {
			if len(rows[t.name]) == 0 {
				continue
			}
			if err := fill(ctx, tx, t, rows[t.name]); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
		}
		return nil
	})
}

func copyPlain(ctx context.Context, tx pgx.Tx, t table, rows [][]any) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, pgx.CopyFromRows(rows))
	return err
}

// copyNew passes the rows through a staging table and keeps those that are new.
func copyNew(ctx context.Context, tx pgx.Tx, t table, rows [][]any) error {
	stage := "stage_" + t.name
	if _, err := tx.Exec(ctx, `CREATE TEMP TABLE `+stage+` (LIKE `+t.name+`) ON COMMIT DROP`); err != nil {
		return err
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{stage}, t.columns, pgx.CopyFromRows(rows)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO `+t.name+` SELECT * FROM `+stage+` ON CONFLICT DO NOTHING`)
	return err
}

// ensureDay makes the partition of a sample's day. Device times are bounded before,
// so there are few.
func (s *Store) ensureDay(ctx context.Context, t table, at time.Time) error {
	from := at.UTC().Truncate(24 * time.Hour)
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
