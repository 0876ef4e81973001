package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hemolift/dispatch"
	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/dispatchdb"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

func (d *desk) exec(q string, args ...any) {
	d.T.Helper()
	if _, err := d.Pool.Exec(context.Background(), q, args...); err != nil {
		d.T.Fatal(err)
	}
}

// flaky fails to read when probes are to be calibrated, some times.
type flaky struct {
	*dispatchdb.Cold
	fails int
}

func (c *flaky) CalibrationDue(ctx context.Context, box telemetry.DeviceID) (time.Time, error) {
	if c.fails > 0 {
		c.fails--
		return time.Time{}, errors.New("connection lost")
	}
	return c.Cold.CalibrationDue(ctx, box)
}

// A box that was beyond its limit for a moment and could not be judged is judged again.
func TestWhatCouldNotBeJudgedIsJudgedAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	cold := &flaky{Cold: d.DB.Cold}
	d.With(func(p *dispatch.Parts) { p.Cold = cold })
	d.Stocks("A+", blood.RedCells, 1)
	del := d.load("KEY-00001")
	d.Answers("mission")
	box, start := del.Boxes[0].Box, d.Now()
	temps := func(min float64) int32 {
		if min > 2 && min < 4.5 {
			return 10_500
		}
		return 5000
	}
	d.Logs(box, temps, 8)
	for s := 15; s <= 8*60; s += 15 {
		at := start.Add(time.Duration(s) * time.Second)
		d.SetNow(at)
		reading := telemetry.Temperature{TempMC: temps(float64(s) / 60), AmbientMC: 20_000}
		d.Tracker.Observe(at, telemetry.Sample{Device: box, Seq: d.Serial(), At: at, Reading: reading})
	}
	d.later(0, "")
	if b, _ := d.Tracker.Box(d.Now(), box); !b.Breached {
		t.Fatal("the box was not beyond its limit")
	}
	cold.fails = 1
	d.FliesOnce()
	if cold.fails != 0 || len(d.standing(delivery.ColdMargin)) != 1 {
		t.Fatalf("what could not be judged left: %d to fail, %v", cold.fails, d.standing(delivery.ColdMargin))
	}
	d.Tick(250 * time.Millisecond)
	d.FliesOnce()
	if a := d.standing(delivery.ColdMargin); len(a) != 0 {
		t.Errorf("taken for spoiled for good: %+v", a)
	}
}

// between runs something after the world was read whole.
type between struct {
	inner *dispatchdb.World
	then  func()
}

func (b *between) Flights(ctx context.Context, now time.Time) (situation.Flights, error) {
	return b.inner.Flights(ctx, now)
}

func (b *between) Day(ctx context.Context, from, to time.Time) ([]delivery.Request, []blood.Unit, error) {
	return b.inner.Day(ctx, from, to)
}

func (b *between) World(ctx context.Context, now time.Time) (situation.Flights, situation.Demand, error) {
	f, w, err := b.inner.World(ctx, now)
	if then := b.then; then != nil {
		b.then = nil
		then()
	}
	return f, w, err
}

// A plan that takes long does not end what was raised meanwhile.
func TestAnOlderLookTellsNothing(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	world := &between{inner: d.DB.World}
	d.With(func(p *dispatch.Parts) { p.World = world })
	d.Stocks("A+", blood.RedCells, 3)
	d.airborne("KEY-00001")
	d.later(time.Hour-d.Now().Sub(t0)-100*time.Millisecond, "")
	d.FliesOnce()
	d.exec(`INSERT INTO alarm (kind, priority, device_id, raised_at) VALUES ('stranded', 'caution', 'HL-12', $1)`, d.Now())
	before := d.Now()
	world.then = func() {
		d.Tick(250 * time.Millisecond)
		d.FliesOnce()
	}
	if err := d.PlanOnce(ctx, before); err != nil {
		t.Fatal(err)
	}
	if a := d.standing(delivery.Overdue); len(a) != 1 {
		t.Errorf("an older look left %v", a)
	}
}

// The alarm of a late delivery is another one than that of the delivery it was diverted to.
func TestALateDiversionIsAnotherAlarm(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del, _ := d.airborneFor(urgentToSY06(), "KEY-00001")
	r := statToCMU1(d, "A+")
	d.exec(`UPDATE request SET needed_by = $1`, d.Now().Add(-time.Minute))
	d.FliesOnce()
	if a := d.standing(delivery.Overdue); len(a) != 1 || a[0].Delivery != del.ID {
		t.Fatalf("got %+v", a)
	}
	if _, err := d.Divert(ctx, anna, r.ID, del.ID); err != nil {
		t.Fatal(err)
	}
	d.Tick(time.Second)
	d.FliesOnce()
	if a := d.standing(delivery.Overdue); len(a) != 1 || a[0].Delivery == del.ID || a[0].Site != "CMU1" {
		t.Errorf("got %+v", a)
	}
}

// What people are shown of a box is in the log, from when it is packed and after a restart.
func TestTheStateOfABoxIsLoggedFromTheStart(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.load("KEY-00001")
	logged := func() (n int) {
		if err := d.Pool.QueryRow(context.Background(), `SELECT count(*) FROM event_log WHERE kind = 'box'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	packed := logged()
	d.Logs(del.Boxes[0].Box, func(float64) int32 { return 4000 }, 5)
	d.Restarts()
	if now := logged(); packed != 1 || now != 2 {
		t.Errorf("%d entries after it was packed, %d after a restart", packed, now)
	}
}

// The pad of a drone that overstays is held again when the slot of the one that waits for
// it has passed.
func TestAnOverstayedPadIsHeldAgain(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 3)
	first, _ := d.airborne("KEY-00001")
	o := order(1)
	o.NeededBy = d.Now().Add(3 * time.Hour)
	d.Accepts(d.Submits(o, "KEY-00002"))
	d.report(first, telemetry.Landed, 0)
	d.FliesOnce()
	for range 30 {
		d.passes(1, "")
	}
	flights, err := d.DB.World.Flights(ctx, d.Now())
	if err != nil {
		t.Fatal(err)
	}
	held := false
	for _, s := range flights.Slots {
		held = held || s.Mission == first.Mission && s.To.After(d.Now())
	}
	if a := d.standing(delivery.PadTaken); !held || len(a) != 1 {
		t.Errorf("held %v, %+v", held, a)
	}
}

// forgetful is a log that cannot be written, some times.
type forgetful struct {
	*dispatchdb.Log
	fails int
}

func (l *forgetful) Append(ctx context.Context, events ...delivery.Event) error {
	if l.fails > 0 {
		l.fails--
		return errors.New("no room")
	}
	return l.Log.Append(ctx, events...)
}

// What dispatchers are shown and could not be logged is logged at the next look, once.
func TestWhatCouldNotBeLoggedIsLoggedAtTheNextLook(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	log := &forgetful{Log: d.DB.Log}
	d.With(func(p *dispatch.Parts) { p.Log = log })
	d.Stocks("A+", blood.RedCells, 1)
	r := d.Submits(order(1), "KEY-00001")
	log.fails = 1
	for i := range 3 {
		if err := d.PlanOnce(t.Context(), d.Now()); (err != nil) != (i == 0) {
			t.Fatalf("look %d: %v", i, err)
		}
	}
	var told int
	const q = `SELECT count(*) FROM event_log WHERE kind = 'proposal' AND subject = $1`
	if err := d.Pool.QueryRow(t.Context(), q, r.ID).Scan(&told); err != nil || told != 1 {
		t.Errorf("logged %d times, %v", told, err)
	}
}
