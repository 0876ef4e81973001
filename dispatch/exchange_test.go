package dispatch_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/recovery"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/migrations/pgtest"
	"hemolift/telemetry"
)

// A drone that fails on the ground costs no unit: box and seal go with another one.
func TestAnotherDroneTakesTheSameBox(t *testing.T) {
	t.Parallel()
	for _, loaded := range []bool{false, true} {
		d, ctx := newDesk(t), context.Background()
		d.Stocks("A+", blood.RedCells, 1)
		var del delivery.Delivery
		if loaded {
			del = d.load("KEY-00001")
			d.Answers(telemetry.LoadMission)
		} else {
			del = d.Accepts(d.Submits(order(1), "KEY-00001"))
		}
		before := d.delivery(del.ID)
		d.grounds(del.Drone)
		if _, err := d.Recover(ctx, ward, del.ID, recovery.OtherDrone); !errors.Is(err, refusal.ErrForbidden) {
			t.Errorf("the ward exchanges: %v", err)
		}
		if got := ways(d.recovery(del.ID)); got[0] != recovery.OtherDrone {
			t.Fatalf("loaded %v: got %v", loaded, got)
		}
		if _, err := d.Recover(ctx, anna, del.ID, recovery.OtherDrone); err != nil {
			t.Fatal(err)
		}
		now := d.delivery(del.ID)
		if now.Drone == del.Drone || now.Mission == del.Mission || now.Seal != before.Seal || now.CheckedBy != before.CheckedBy ||
			now.Boxes[0] != before.Boxes[0] ||
			now.Units[0].Unit.Key != before.Units[0].Unit.Key {
			t.Errorf("loaded %v: before %+v, now %+v", loaded, before, now)
		}
		if got := d.missionStatus(del.Mission); got != "aborted" || d.request(del.Request).Status != delivery.Allocated {
			t.Errorf("loaded %v: the first mission is %s, the request %s", loaded, got, d.request(del.Request).Status)
		}
		if rec := d.recovery(del.ID); rec.Failure != "" || len(d.standing(delivery.OutOfService)) != 0 {
			t.Errorf("loaded %v: it still fails: %+v, %+v", loaded, rec, d.standing(delivery.OutOfService))
		}
		if !loaded {
			d.Loads(now, "KEY-00001")
		} else if err := d.Does(anna, del.ID, delivery.StepLoad, delivery.Scan{Box: now.Boxes[0].Box}); now.Status != delivery.DSealed || err != nil {
			t.Fatalf("%s, to be loaded again: %v", now.Status, err)
		}
		d.Cools()
		d.TakesOff(now)
		d.report(now, telemetry.Landed, 0)
		d.FliesOnce()
		d.receives(now)
		if got := d.request(del.Request).Status; got != delivery.Fulfilled {
			t.Errorf("loaded %v: the request is %s", loaded, got)
		}
	}
}

func TestNoBoxIsTakenFromADroneThatMayBeGone(t *testing.T) {
	t.Parallel()
	d, del := loadedDesk(t, 2)
	ctx := context.Background()
	rec, err := d.DB.Books.Delivery(ctx, del.ID)
	if err != nil {
		t.Fatal(err)
	}
	d.FliesOnce() // its release is sent
	d.passes(4, del.Drone)
	if got := ways(d.recovery(del.ID)); slices.Contains(got, recovery.OtherDrone) {
		t.Errorf("offered though it may be in the air: %v", got)
	}
	if _, err := d.Recover(ctx, anna, del.ID, recovery.OtherDrone); err == nil {
		t.Error("its box was given to another drone")
	}
	m := rec.Mission
	m.Drone = "HL-11"
	x := recovery.Exchange{Failing: situation.Failing{Delivery: rec.Delivery}, Mission: m, Actor: anna}
	_, err = d.DB.Books.Change(ctx, x.Keys(), func(b *delivery.Book) error { return x.Write(b, time.Time{}, d.Now()) })
	if !errors.Is(err, refusal.ErrReleased) || d.delivery(del.ID).Drone != del.Drone {
		t.Errorf("the store exchanges it: %v", err)
	}
}

// exchangesWhile gives a delivery another drone, and has somebody else act on the delivery
// while that is being written.
func (d *desk) exchangesWhile(del delivery.Delivery, act func() error) (err error) {
	d.T.Helper()
	ctx := context.Background()
	rec, err := d.DB.Books.Delivery(ctx, del.ID)
	if err != nil {
		d.T.Fatal(err)
	}
	m := rec.Mission
	m.Status = delivery.MPlanned
	for _, x := range d.Network().Drones {
		if x.ID != del.Drone {
			m.Drone = x.ID
		}
	}
	acted := make(chan error, 1)
	x := recovery.Exchange{Failing: situation.Failing{Delivery: rec.Delivery}, Mission: m, Actor: anna}
	_, err = d.DB.Books.Change(ctx, x.Keys(), func(b *delivery.Book) error {
		go func() { acted <- act() }()
		for waiting, end := 0, time.Now().Add(10*time.Second); waiting == 0; {
			if err := d.Pool.QueryRow(
				ctx,
				`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
			).Scan(&waiting); err != nil ||
				time.Now().After(end) {
				return errors.Join(errors.New("nobody waits for the delivery"), err)
			}
		}
		return x.Write(b, d.Now(), d.Now())
	})
	if err != nil {
		d.T.Fatal(err)
	}
	return <-acted
}

func TestAnExchangeHidesNoDelivery(t *testing.T) {
	t.Parallel()
	t.Run("from a step", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		d.Stocks("A+", blood.RedCells, 1)
		del := d.Accepts(d.Submits(order(1), "KEY-00001"))
		if err := d.exchangesWhile(del, func() error { return d.Does(bert, del.ID, delivery.StepCheck, delivery.Scan{}) }); err != nil {
			t.Error(err)
		}
		if got := d.delivery(del.ID).Status; got != delivery.DChecked {
			t.Errorf("the delivery is %s", got)
		}
	})
	for name, act := range map[string]func(*desk, delivery.RequestID) error{
		"from a cancel": func(d *desk, id delivery.RequestID) error {
			_, err := d.Cancel(context.Background(), ward, id, "not needed")
			return err
		},
		"from an amendment": func(d *desk, id delivery.RequestID) error {
			o := order(1)
			o.Group = "B-"
			_, err := d.Amend(context.Background(), ward, id, o, 0)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.Stocks("A+", blood.RedCells, 1)
			del := d.load("KEY-00001")
			if err := d.exchangesWhile(del, func() error { return act(d, del.Request) }); err == nil {
				t.Error("a sealed box was not seen")
			}
			if r := d.request(del.Request); r.Status != delivery.Allocated || r.Version != 1 || d.delivery(del.ID).Status != delivery.DSealed {
				t.Errorf("the request is %s in version %d, the delivery %s", r.Status, r.Version, d.delivery(del.ID).Status)
			}
		})
	}
}

func TestOneExchangeAtATime(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del := d.Accepts(d.Submits(order(1), "KEY-00001"))
	d.grounds(del.Drone)
	done := make(chan error, 4)
	for range cap(done) {
		go func() {
			_, err := d.Recover(ctx, anna, del.ID, recovery.OtherDrone)
			done <- err
		}()
	}
	good := 0
	for range cap(done) {
		if <-done == nil {
			good++
		}
	}
	if good != 1 {
		t.Errorf("%d of %d exchanges took place", good, cap(done))
	}
}

// What cannot all go is not exchanged: the box has all of it on board.
func TestAnExchangeTakesEveryUnit(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	units := d.Stocks("A+", blood.RedCells, 2)
	del := d.Accepts(d.Submits(order(2), "KEY-00001"))
	if _, err := pgtest.Owner(t, d.Pool).Exec(
		context.Background(),
		`UPDATE unit SET expires_at = $2 WHERE din = $1`,
		units[0].Key.DIN,
		d.Now().Add(5*time.Minute),
	); err != nil {
		t.Fatal(err)
	}
	d.grounds(del.Drone)
	if got := ways(d.recovery(del.ID)); slices.Contains(got, recovery.OtherDrone) {
		t.Errorf("one of two units expires on the way: %v", got)
	}
}

// A release that another command took the place of, or that was answered late, may have
// been obeyed.
func TestAReleaseThatWasClosedMayHaveBeenTaken(t *testing.T) {
	t.Parallel()
	d, del := loadedDesk(t, 2)
	ctx := context.Background()
	if !d.released(del) {
		t.Fatal("not released")
	}
	release := d.Sent[0]
	for _, c := range d.Sent {
		if c.Kind == telemetry.Release {
			release = c
		}
	}
	for _, reason := range []string{"replaced", "given up", "not acknowledged in time"} {
		if _, err := d.Pool.Exec(
			ctx,
			`UPDATE command SET acked_at = $2, ok = false, reason = $3 WHERE id = $1`,
			release.ID,
			d.Now(),
			reason,
		); err != nil {
			t.Fatal(err)
		}
		if gone := delivery.MayBeGone(d.delivery(del.ID).Releases, time.Time{}); !gone {
			t.Errorf("%s: it is taken for standing", reason)
		}
		at := d.Now().Add(2 * time.Minute) // after the release ran out
		if gone := delivery.MayBeGone(d.delivery(del.ID).Releases, at); gone {
			t.Errorf("%s: heard on the ground later, and taken for gone", reason)
		}
		if err := d.Acknowledge(ctx, telemetry.Ack{Command: release.ID, Device: del.Drone, OK: true, At: d.Now().Add(time.Minute)}); err != nil {
			t.Fatal(err)
		}
		if gone := delivery.MayBeGone(d.delivery(del.ID).Releases, at); !gone {
			t.Errorf("%s: it said yes a minute ago, and is taken for standing", reason)
		}
	}
}
