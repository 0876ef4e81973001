package telemetrydb

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"

	"hemolift/geo"
	"hemolift/migrations/pgtest"
	"hemolift/telemetry"
	"hemolift/telemetry/compact"
)

// old is a store with three days of a drone, a box and a box that was silent since the first.
type old struct {
	*Store
	*Compactor
	pool *pgxpool.Pool
	now  time.Time
}

var firstDay = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newOld(t *testing.T) *old {
	t.Helper()
	o := &old{pool: pgtest.New(t), now: firstDay.Add(3*24*time.Hour + LeastAge)}
	o.Store = New(o.pool)
	o.Compactor = &Compactor{Store: o.Store, WithinM: 5, Now: func() time.Time { return o.now }, Log: slog.New(slog.DiscardHandler)}
	if _, err := o.pool.Exec(t.Context(), `INSERT INTO device (id, kind) VALUES ('HL-01', 'drone'), ('BX-1', 'box'), ('BX-2', 'box')`); err != nil {
		t.Fatal(err)
	}
	var samples []telemetry.Sample
	for i := range 3 * 24 * 6 { // each ten minutes, and seconds of it
		at := firstDay.Add(time.Duration(i) * 10 * time.Minute)
		for sec := range 12 {
			at := at.Add(time.Duration(sec) * time.Second)
			seq := uint64(i*12 + sec)
			p := telemetry.Position{Point: geo.Direct(orb.Point{123.4, 41.8}, 40, 18*float64(sec)), AltM: 120, BatteryPct: 77.125, WindMPS: -1}
			samples = append(samples, temp(seq, at, int32(4000+sec)),
				telemetry.Sample{Device: "HL-01", Seq: seq, At: at, ReceivedAt: at.Add(123456 * time.Microsecond), Reading: p})
		}
	}
	today := firstDay.Add(3*24*time.Hour + LeastAge)
	samples = append(samples, temp(9_000, today, 4000), telemetry.Sample{
		Device: "HL-01", Seq: 9_000, At: today, ReceivedAt: today, Reading: telemetry.Position{Point: orb.Point{123.4, 41.8}, WindMPS: -1},
	})
	silent := temp(7, firstDay.Add(time.Hour), 3900)
	silent.Device = "BX-2"
	samples = append(samples, silent,
		telemetry.Sample{Device: "HL-01", Seq: 1, At: firstDay, ReceivedAt: firstDay, Reading: telemetry.Status{Phase: telemetry.Parked}})
	if err := o.StoreSamples(t.Context(), samples); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *old) count(t *testing.T, q string) (n int) {
	t.Helper()
	if err := o.pool.QueryRow(t.Context(), q).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// all is what readers see.
func (o *old) all(t *testing.T) (temperatures, positions, newest []telemetry.Sample) {
	t.Helper()
	ctx := t.Context()
	temperatures, err1 := o.Temperatures(ctx, "BX-1", firstDay, firstDay.Add(60*24*time.Hour))
	positions, err2 := o.Positions(ctx, "HL-01", firstDay, firstDay.Add(60*24*time.Hour))
	newest, err3 := o.Newest(ctx)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(newest, func(a, b telemetry.Sample) int { return int(a.Seq) - int(b.Seq) })
	return temperatures, positions, newest
}

func TestReadersSeeWhatIsCompact(t *testing.T) {
	t.Parallel()
	o := newOld(t)
	temperatures, positions, newest := o.all(t)
	for _, due := range []time.Duration{-25 * time.Hour, -time.Microsecond, 0} { // one day, two, all three
		o.now = firstDay.Add(3*24*time.Hour + LeastAge + due)
		if err := o.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		nowTemperatures, nowPositions, nowNewest := o.all(t)
		if !slices.Equal(nowTemperatures, temperatures) {
			t.Errorf("%d of %d temperatures", len(nowTemperatures), len(temperatures))
		}
		if !slices.Equal(nowNewest, newest) {
			t.Errorf("the newest are %+v, were %+v", nowNewest, newest)
		}
		if len(nowPositions) > len(positions)*5/6 || len(nowPositions) < len(positions)/12 {
			t.Errorf("%d of %d positions", len(nowPositions), len(positions))
		}
		for _, x := range nowPositions {
			if !slices.Contains(positions, x) {
				t.Fatalf("nobody said %+v", x)
			}
		}
	}
	if n := o.count(t, `SELECT count(*) FROM temperature_sample`) + o.count(t, `SELECT count(*) FROM position_sample`); n != 2 {
		t.Errorf("%d samples are there twice", n)
	}
	if n := o.count(t, `SELECT count(*) FROM status_sample`); n != 1 {
		t.Errorf("%d phases", n)
	}
	if n := o.count(t, `SELECT sum(taken) FROM compact_day WHERE kind = 'temperature_sample'`); n != len(temperatures) { // and one of the silent box, without today's
		t.Errorf("%d temperatures were taken", n)
	}
	from := firstDay.Add(24*time.Hour - 10*time.Minute + 5*time.Second) // in the middle of an hour, across midnight
	some, err := o.Temperatures(t.Context(), "BX-1", from, from.Add(10*time.Minute))
	if err != nil || len(some) != 13 || !some[0].At.Equal(from) || !some[12].At.Equal(from.Add(10*time.Minute)) {
		t.Errorf("from %v: %d, %v", from, len(some), err)
	}
}

func TestYoungSamplesStay(t *testing.T) {
	t.Parallel()
	o := newOld(t)
	o.now = firstDay.Add(24*time.Hour + LeastAge - time.Microsecond)
	if err := o.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := o.count(t, `SELECT count(*) FROM compact_hour`); n != 0 {
		t.Errorf("%d hours", n)
	}
}

// What was damaged is an error that says where, and never a reading.
func TestDamagedHoursAreNoReadings(t *testing.T) {
	t.Parallel()
	o := newOld(t)
	if err := o.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	owner := pgtest.Owner(t, o.pool)
	for _, q := range []string{
		`ALTER TABLE compact_hour DROP CONSTRAINT compact_hour_check1`,
		`UPDATE compact_hour SET samples = set_byte(samples, 20, (get_byte(samples, 20) + 1) % 256)
			WHERE device_id = 'BX-1' AND hour = '2026-01-02T03:00Z'`,
	} {
		if _, err := owner.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.Temperatures(t.Context(), "BX-1", firstDay, o.now); !errors.Is(err, compact.ErrDamaged) {
		t.Errorf("got %v", err)
	}
	if got, err := o.Temperatures(t.Context(), "BX-1", firstDay, firstDay.Add(24*time.Hour)); err != nil || len(got) == 0 {
		t.Errorf("the day before: %d, %v", len(got), err)
	}
}

// What nobody can read any more of a device that was silent since keeps nothing else from starting.
func TestADamagedHourOfASilentDevice(t *testing.T) {
	t.Parallel()
	o := newOld(t)
	if err := o.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	owner := pgtest.Owner(t, o.pool)
	for _, q := range []string{
		`ALTER TABLE compact_hour DROP CONSTRAINT compact_hour_check1`,
		`UPDATE compact_hour SET samples = '' WHERE device_id = 'BX-2'`,
	} {
		if _, err := owner.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	newest, err := o.Newest(t.Context())
	if err != nil || len(newest) != 3 || slices.ContainsFunc(newest, func(x telemetry.Sample) bool { return x.Device == "BX-2" }) {
		t.Errorf("got %+v, %v", newest, err)
	}
}

// A clock that is wrong ahead makes no day compact that is close to the newest sample.
func TestAClockAheadLeavesTheNewestDays(t *testing.T) {
	t.Parallel()
	o := newOld(t)
	o.now = o.now.Add(10 * 365 * 24 * time.Hour)
	if err := o.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := o.count(t, `SELECT count(*) FROM temperature_sample`); n != 1 {
		t.Errorf("%d temperatures are left, want today's", n)
	}
	for _, q := range []string{
		`INSERT INTO compact_hour (kind, device_id, hour, taken, kept, samples, sha256)
			SELECT 'temperature_sample', device_id, date_trunc('hour', at, 'UTC'), 1, 1, '', sha256('') FROM temperature_sample`,
		`SELECT drop_day('temperature_sample', max(at AT TIME ZONE 'UTC')::date) FROM temperature_sample`,
	} {
		if _, err := o.pool.Exec(t.Context(), q); (err != nil) != strings.HasPrefix(q, "SELECT") {
			t.Errorf("%s: %v", q, err)
		}
	}
}

// A day whose hours do not hold all of its samples stays, and so does the rest of the record.
func TestADayIsDroppedOnlyWhole(t *testing.T) {
	t.Parallel()
	o := newOld(t)
	ctx := t.Context()
	for _, q := range []string{
		`SELECT drop_day('temperature_sample', '2026-01-01')`,
		`SELECT drop_day('status_sample', '2026-01-01')`,
		`SELECT drop_day('event_log', '2026-01-01')`,
	} {
		if _, err := o.pool.Exec(ctx, q); err == nil {
			t.Errorf("%s: done", q)
		}
	}
	if _, err := o.pool.Exec(ctx, `INSERT INTO compact_hour (kind, device_id, hour, taken, kept, samples, sha256)
		VALUES ('temperature_sample', 'BX-9', '2026-01-02T03:00Z', 1, 1, '', sha256(''))`); err != nil {
		t.Fatal(err)
	}
	if err := o.Once(ctx); err == nil {
		t.Error("a day of which more is compact than there was is dropped")
	}
	if n := o.count(t, `SELECT count(*) FROM temperature_sample`); n != 24*6*12+1 {
		t.Errorf("%d temperatures are left, want those of one day and of today", n)
	}
	if n := o.count(t, `SELECT count(*) FROM position_sample`); n != 1 {
		t.Errorf("%d positions are held up by it", n)
	}
}

// While a day is read it stays: nobody who stores samples waits for long.
func TestADayThatIsReadStays(t *testing.T) {
	t.Parallel()
	o := newOld(t)
	ctx := t.Context()
	if err := o.StoreSamples(ctx, []telemetry.Sample{temp(1, o.now, 4000)}); err != nil {
		t.Fatal(err)
	}
	tx, err := o.pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if _, err := tx.Exec(ctx, `SELECT count(*) FROM temperature_sample`); err != nil {
		t.Fatal(err)
	}
	stored := make(chan error, 1)
	go func() { stored <- o.StoreSamples(ctx, []telemetry.Sample{temp(2, o.now.Add(time.Second), 4000)}) }()
	if err := o.Once(ctx); err == nil {
		t.Error("it was dropped under a reader")
	}
	if err := <-stored; err != nil {
		t.Error(err)
	}
	if err := tx.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if err := o.Once(ctx); err != nil {
		t.Fatal(err)
	}
	if n := o.count(t, `SELECT count(*) FROM temperature_sample`); n != 3 {
		t.Errorf("%d temperatures", n)
	}
}
