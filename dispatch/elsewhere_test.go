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
	"hemolift/geo"
	"hemolift/telemetry"
)

// off has a drone report from so many metres east of its goal.
func (d *desk) off(del delivery.Delivery, metres float64) {
	d.Tick(time.Second)
	out := d.Mission(del.Mission).Out
	d.Observes(del.Drone, telemetry.Position{Point: geo.Direct(out[len(out)-1].Point, 90, metres), AltM: 45, BatteryPct: 80, WindMPS: -1})
}

// tells has a drone report a phase, and the dispatcher hear it.
func (d *desk) tells(del delivery.Delivery, phase telemetry.Phase) {
	d.Tick(time.Second)
	d.OnTelemetry(
		context.Background(),
		d.Tracker.Observe(
			d.Now(),
			telemetry.Sample{Device: del.Drone, Seq: d.Serial(), At: d.Now(), Reading: telemetry.Status{Phase: phase, Mission: string(del.Mission)}},
		),
	)
}

// downElsewhere brings a delivery into the air and down two kilometres from its pad.
func downElsewhere(t *testing.T) (*desk, delivery.Delivery) {
	t.Helper()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 3)
	del, _ := d.airborne("KEY-00001")
	d.off(del, 2000)
	d.tells(del, telemetry.Landed)
	d.FliesOnce()
	if r := d.recovery(del.ID); r.Failure != situation.DownElsewhere || len(d.standing(delivery.AstrayDown)) != 1 {
		t.Fatalf("got %+v, alarms %+v", r, d.standing(delivery.AstrayDown))
	}
	return d, del
}

func TestALandingIsMadeGoodByALaterPosition(t *testing.T) {
	t.Parallel()
	d, del := downElsewhere(t)
	d.off(del, 0)
	d.FliesOnce()
	d.plans()
	if got := d.delivery(del.ID).Status; got != delivery.DLanded || len(d.standing(delivery.AstrayDown)) != 0 {
		t.Errorf("on its pad, and %s; alarms %+v", got, d.standing(delivery.AstrayDown))
	}
}

func TestADroneDownElsewhereMayFlyOnOrBeBroughtHome(t *testing.T) {
	t.Parallel()
	t.Run("flies on", func(t *testing.T) {
		d, del := downElsewhere(t)
		d.tells(del, telemetry.Airborne)
		d.off(del, 0)
		d.tells(del, telemetry.Landed)
		d.FliesOnce()
		if got := d.delivery(del.ID).Status; got != delivery.DLanded {
			t.Errorf("the delivery is %s", got)
		}
	})
	t.Run("brought home", func(t *testing.T) {
		d, del := downElsewhere(t)
		d.Tick(time.Hour)
		d.Hear()
		d.tells(del, telemetry.Parked)
		d.FliesOnce()
		if got := d.missionStatus(del.Mission); got != "done" || d.delivery(del.ID).Status != delivery.DReturned {
			t.Errorf("the mission is %s, the delivery %s", got, d.delivery(del.ID).Status)
		}
	})
}

func TestAMissionThatIsDoneStaysDone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	del, _ := d.airborne("KEY-00001")
	d.report(del, telemetry.Landed, 0)
	d.FliesOnce()
	d.report(del, telemetry.Parked, 1) // home, and the ward has seen no box
	d.FliesOnce()
	d.FliesOnce()
	d.givesUp(del.ID)
	if err := d.Does(anna, del.ID, delivery.StepLose, delivery.Scan{Note: "searched for"}); err != nil {
		t.Fatal(err)
	}
	if got := d.missionStatus(del.Mission); got != "done" {
		t.Errorf("the mission is %s", got)
	}
}

func TestNoDroneIsLetGoFromAField(t *testing.T) {
	t.Parallel()
	d, del := downElsewhere(t)
	if err := d.Does(ward, del.ID, delivery.StepLand, delivery.Scan{}); err != nil {
		t.Fatal(err)
	}
	d.receives(del)
	d.off(del, 2000)
	if d.released(del) {
		t.Error("released two kilometres from where its way home begins")
	}
}

func TestADroneDownElsewhereHoldsNoPad(t *testing.T) {
	t.Parallel()
	d, del := downElsewhere(t)
	if _, err := d.Recover(context.Background(), anna, del.ID, recovery.Replace); err != nil {
		t.Fatal(err)
	}
	_, list, err := d.Active()
	if err != nil || len(list) != 2 {
		t.Fatalf("got %+v, %v", list, err)
	}
	two := list[0]
	if two.ID == del.ID {
		two = list[1]
	}
	for _, err := range []error{
		d.Does(bert, two.ID, delivery.StepCheck, delivery.Scan{}), d.Does(anna, two.ID, delivery.StepPack, delivery.Scan{Unit: two.Units[0].Unit.Key}),
		d.Does(anna, two.ID, delivery.StepSeal, delivery.Scan{Seal: "SL-TWO"}), d.Does(anna, two.ID, delivery.StepLoad, delivery.Scan{Box: two.Boxes[0].Box}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d.Cools()
	d.Answers(telemetry.LoadMission)
	for range 10 {
		d.later(30*time.Second, "")
	}
	if !d.released(two) {
		t.Error("the replacement waits for a pad that is empty")
	}
}

func TestWhatAnotherFailureHoldsReplacesNothing(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 6)
	one, _ := d.airborne("KEY-00001")
	two := d.Accepts(statToCMU1(d, "A+"))
	for _, err := range []error{d.Does(bert, two.ID, delivery.StepCheck, delivery.Scan{}), d.Does(anna, two.ID, delivery.StepPack, delivery.Scan{Unit: two.Units[0].Unit.Key})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 4 { // all drones but one fall silent
		d.Tick(time.Minute)
		state, _ := d.Tracker.Drone(two.Drone)
		d.Observes(two.Drone, state.Position)
		d.Tracker.Tick(d.Now())
		d.Cools()
	}
	d.reading(two.Boxes[0].Box, 14_000)
	d.plans()
	if _, err := d.Recover(ctx, anna, one.ID, recovery.Replace); err != nil && d.delivery(one.ID).GivenUp() {
		t.Errorf("%v, and given up all the same", err)
	}
}

func TestAClosureOfAnotherIsNotSwallowed(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	storm := d.close("SY06", "")
	if again := d.close("SY06", ""); again.ID != storm.ID {
		t.Errorf("said again: %+v", again)
	}
	flood, err := d.Close(ctx, ward, network.Closure{Site: "SY06", Reason: "pad under water", Until: d.Now().Add(4 * time.Hour)})
	if err != nil || flood.ID == storm.ID {
		t.Fatalf("got %+v, %v", flood, err)
	}
	if err := d.Reopen(ctx, anna, storm.ID); err != nil {
		t.Fatal(err)
	}
	d.plans()
	if list := d.closed(); len(list) != 1 || list[0].ID != flood.ID {
		t.Errorf("the storm is over, and there is left %+v", list)
	}
}
