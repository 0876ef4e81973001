package dispatchdb_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"hemolift/dispatch"
	"hemolift/telemetry"
)

// A drone that fails on the ground costs no unit: box and seal go with another one.
func TestAnotherDroneTakesTheSameBox(t *testing.T) {
	t.Parallel()
	for _, loaded := range []bool{false, true} {
		d, ctx := newDesk(t), context.Background()
		d.stock("A+", dispatch.RedCells, 1)
		var del dispatch.Delivery
		if loaded {
			del = d.load("KEY-00001")
			d.answer(telemetry.LoadMission)
		} else {
			del = d.accept(d.submit(order(1), "KEY-00001"))
		}
		before := d.delivery(del.ID)
		d.grounds(del.Drone)
		if _, err := d.Recover(ctx, ward, del.ID, dispatch.OtherDrone); !errors.Is(err, dispatch.ErrForbidden) {
			t.Errorf("the ward exchanges: %v", err)
		}
		if got := ways(d.recovery(del.ID)); got[0] != dispatch.OtherDrone {
			t.Fatalf("loaded %v: got %v", loaded, got)
		}
		if _, err := d.Recover(ctx, anna, del.ID, dispatch.OtherDrone); err != nil {
			t.Fatal(err)
		}
		now := d.delivery(del.ID)
		if now.Drone == del.Drone || now.Mission == del.Mission || now.Seal != before.Seal || now.CheckedBy != before.CheckedBy || now.Boxes[0] != before.Boxes[0] || now.Units[0].Unit.Key != before.Units[0].Unit.Key {
			t.Errorf("loaded %v: before %+v, now %+v", loaded, before, now)
		}
		if got := d.missionStatus(del.Mission); got != "aborted" || d.request(del.Request).Status != dispatch.Allocated {
			t.Errorf("loaded %v: the first mission is %s, the request %s", loaded, got, d.request(del.Request).Status)
		}
		if rec := d.recovery(del.ID); rec.Failure != "" || len(d.standing(dispatch.OutOfService)) != 0 {
			t.Errorf("loaded %v: it still fails: %+v, %+v", loaded, rec, d.standing(dispatch.OutOfService))
		}
		if !loaded {
			d.loads(now, "KEY-00001")
		} else if err := do2(d, anna, del.ID, dispatch.StepLoad, dispatch.Scan{Box: now.Boxes[0].Box}); now.Status != dispatch.DSealed || err != nil {
			t.Fatalf("%s, to be loaded again: %v", now.Status, err)
		}
		d.cold()
		d.takesOff(now)
		d.report(now, telemetry.Landed, 0)
		d.fly1()
		d.receives(now)
		if got := d.request(del.Request).Status; got != dispatch.Fulfilled {
			t.Errorf("loaded %v: the request is %s", loaded, got)
		}
	}
}

func TestNoBoxIsTakenFromADroneThatMayBeGone(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.stock("A+", dispatch.RedCells, 2)
	del := d.load("KEY-00001")
	d.answer(telemetry.LoadMission)
	rec, err := d.store.Delivery(ctx, del.ID)
	if err != nil {
		t.Fatal(err)
	}
	d.fly1() // its release is sent
	d.passes(4, del.Drone)
	if got := ways(d.recovery(del.ID)); slices.Contains(got, dispatch.OtherDrone) {
		t.Errorf("offered though it may be in the air: %v", got)
	}
	if _, err := d.Recover(ctx, anna, del.ID, dispatch.OtherDrone); err == nil {
		t.Error("its box was given to another drone")
	}
	m := rec.Mission
	m.Drone = "HL-11"
	_, err = d.store.Exchange(ctx, dispatch.Exchange{Delivery: del.ID, Mission: m, Actor: anna, Now: d.Now()}, func(del dispatch.Delivery) (dispatch.Change, error) {
		return del.Apply(anna, dispatch.StepExchange, dispatch.Scan{Drone: m.Drone}, d.Now())
	})
	if !errors.Is(err, dispatch.ErrReleased) || d.delivery(del.ID).Drone != del.Drone {
		t.Errorf("the store exchanges it: %v", err)
	}
}
