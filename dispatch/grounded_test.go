package dispatch_test

import (
	"context"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/recovery"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

// grounds takes a drone or box out of service.
func (d *desk) grounds(id telemetry.DeviceID) network.Closure {
	d.T.Helper()
	c, err := d.Close(context.Background(), anna, network.Closure{Device: id, Reason: "rotor cracked", Until: d.Now().Add(5 * time.Hour)})
	if err != nil {
		d.T.Fatal(err)
	}
	return c
}

// devicesOf are what of a delivery may be out of service.
var devicesOf = map[string]func(delivery.Delivery) telemetry.DeviceID{
	"drone": func(del delivery.Delivery) telemetry.DeviceID { return del.Drone },
	"box":   func(del delivery.Delivery) telemetry.DeviceID { return del.Boxes[0].Box },
}

func TestWhatIsOutOfServiceIsNotPlannedWith(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	r := d.Submits(order(1), "KEY-00001")
	d.plans()
	first, _ := d.Proposals()
	drone, box := first[r.ID].Drone, first[r.ID].Box[0].ID
	closures := []network.Closure{d.grounds(drone), d.grounds(box)}
	d.plans()
	then, _ := d.Proposals()
	if p := then[r.ID]; p.Drone == drone || p.Drone == "" || p.Box[0].ID == box {
		t.Errorf("planned with %s and %s though they are out of service", p.Drone, p.Box[0].ID)
	}
	if _, err := d.Accept(context.Background(), anna, r.ID, drone, nil); err == nil {
		t.Error("accepted with a drone that is out of service")
	}
	for _, c := range closures {
		if err := d.Reopen(context.Background(), anna, c.ID); err != nil {
			t.Fatal(err)
		}
	}
	d.plans()
	again, _ := d.Proposals()
	if p := again[r.ID]; p.Drone != drone || p.Box[0].ID != box {
		t.Errorf("back in service: planned with %s and %s, before with %s and %s", p.Drone, p.Box[0].ID, drone, box)
	}
}

func TestNothingLeavesWithWhatIsOutOfService(t *testing.T) {
	t.Parallel()
	for name, what := range devicesOf {
		d, del := loadedDesk(t, 2)
		d.grounds(what(del))
		if d.released(del) {
			t.Errorf("%s: released", name)
		}
		r := d.recovery(del.ID)
		if got := ways(r); r.Failure != situation.DeviceClosed || got[len(got)-2] != recovery.Replace ||
			(got[0] == recovery.OtherDrone) != (name == "drone") {
			t.Fatalf("%s: got %s %v", name, r.Failure, got)
		}
		if len(d.standing(delivery.OutOfService)) != 1 {
			t.Errorf("%s: no alarm", name)
		}
		if _, err := d.Recover(context.Background(), anna, del.ID, recovery.Replace); err != nil {
			t.Fatal(err)
		}
		_, deliveries, err := d.Active()
		if err != nil || len(deliveries) != 1 || what(deliveries[0]) == what(del) {
			t.Errorf("%s: replaced by %+v, %v", name, deliveries, err)
		}
		d.plans()
		if len(d.standing(delivery.OutOfService)) != 0 {
			t.Errorf("%s: the alarm stands though the delivery has ended", name)
		}
	}
}

func TestADroneSilentOnTheGroundIsReplaced(t *testing.T) {
	t.Parallel()
	d, del := loadedDesk(t, 2)
	d.later(time.Minute, del.Drone)
	if r := d.recovery(del.ID); r.Failure != "" {
		t.Fatalf("after a minute: got %s", r.Failure)
	}
	d.later(time.Minute, del.Drone)
	r := d.recovery(del.ID)
	if got := ways(
		r,
	); r.Failure != situation.DroneSilent || len(got) != 4 || got[0] != recovery.OtherDrone || got[1] != recovery.Replace ||
		r.Options[1].Proposal.Drone == del.Drone {
		t.Fatalf("got %s %v", r.Failure, got)
	}
	d.later(time.Second, "")
	if r := d.recovery(del.ID); r.Failure != "" {
		t.Errorf("heard again: got %s", r.Failure)
	}
}

// battery has a drone report how full its battery is.
func (d *desk) battery(id telemetry.DeviceID, pct float64) {
	d.Tick(time.Second)
	state, _ := d.Tracker.Drone(id)
	state.Position.BatteryPct = pct
	d.Observes(id, state.Position)
}

func TestALoadedDroneThatMayNotLeaveIsReplaced(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 2)
	del := d.Accepts(d.Submits(order(1), "KEY-00001"))
	d.passes(10, "") // people are late
	d.battery(del.Drone, 5)
	d.Loads(del, "KEY-00001")
	d.Answers("mission")
	d.passes(4, "")
	if r := d.recovery(del.ID); r.Failure != "" {
		t.Fatalf("after four minutes: got %s", r.Failure)
	}
	d.passes(2, "")
	rec := d.recovery(del.ID)
	if got := ways(
		rec,
	); rec.Failure != situation.NotLeaving || rec.Waits != situation.CheckBattery || len(got) != 4 || got[0] != recovery.OtherDrone || got[1] != recovery.Replace ||
		rec.Options[1].Proposal.Drone == del.Drone {
		t.Fatalf("got %s by %q, %v", rec.Failure, rec.Waits, got)
	}
	pad := d.close("SY06", "")
	if rec := d.recovery(del.ID); rec.Failure != situation.PadRefused {
		t.Errorf("its pad closed: got %s", rec.Failure)
	}
	if err := d.Reopen(context.Background(), anna, pad.ID); err != nil {
		t.Fatal(err)
	}
	if rec := d.recovery(del.ID); rec.Failure != "" {
		t.Errorf("its pad is open this instant, and it fails: %+v", rec)
	}
	d.passes(6, "")
	if _, err := d.Recover(context.Background(), anna, del.ID, recovery.Replace); err != nil {
		t.Fatal(err)
	}
	_, deliveries, err := d.Active()
	if err != nil || len(deliveries) != 1 || deliveries[0].Drone == del.Drone {
		t.Errorf("replaced by %+v, %v", deliveries, err)
	}
}
