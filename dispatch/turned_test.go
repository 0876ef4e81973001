package dispatch_test

import (
	"context"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/recovery"
	"hemolift/dispatch/situation"
	"hemolift/geo"
	"hemolift/telemetry"
)

// turned brings a delivery into the air and diverts it to a STAT request at CMU1; the
// drone has not been told yet.
func turned(t *testing.T) (*desk, delivery.Delivery) {
	t.Helper()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	del, _ := d.airborneFor(urgentToSY06(), "KEY-00001")
	r := statToCMU1(d, "A+")
	d.plans()
	turned, err := d.Divert(context.Background(), anna, r.ID, del.ID)
	if err != nil {
		t.Fatal(err)
	}
	return d, turned
}

// flies has the drone of a delivery say that it is in the air where it was last heard.
func (d *desk) flies(del delivery.Delivery, at telemetry.Position) {
	d.Tick(time.Second)
	for _, r := range []telemetry.Reading{telemetry.Status{Phase: telemetry.Airborne, Mission: string(del.Mission)}, at} {
		d.Observes(del.Drone, r)
	}
}

func TestADiversionOutlivesARestart(t *testing.T) {
	t.Parallel()
	for _, told := range []bool{false, true} {
		d, del := turned(t)
		state, _ := d.Tracker.Drone(del.Drone)
		if told {
			d.Answers(telemetry.Reroute)
		}
		d.Sent = nil
		d.Restarts()
		d.flies(del, state.Position)
		if !told {
			d.Answers(telemetry.Reroute)
		}
		d.FliesOnce()
		for _, c := range d.Sent {
			if told && c.Kind == telemetry.Reroute {
				t.Error("told once more")
			}
		}
		d.landsAt(del)
	}
}

func TestADivertedDroneIsLedAroundAZone(t *testing.T) {
	t.Parallel()
	d, del := turned(t)
	d.Answers(telemetry.Reroute)
	m := d.Mission(del.Mission)
	middle, goal := halfway(m.Out), m.Out[len(m.Out)-1].Point
	_, touched, err := d.AddZone(context.Background(), anna, around(middle, 400))
	if err != nil || len(touched) != 1 || touched[0].Outcome != situation.Rerouted {
		t.Fatalf("got %+v, %v", touched, err)
	}
	m = d.Mission(del.Mission)
	if clearance(m.Out, middle) < 340 || geo.Distance(m.Out[len(m.Out)-1].Point, goal) > 1 {
		t.Errorf(
			"the new way passes %v m from the zone's middle and ends %v m from its goal",
			clearance(m.Out, middle),
			geo.Distance(m.Out[len(m.Out)-1].Point, goal),
		)
	}
	d.Answers(telemetry.Reroute)
	d.landsAt(del)
}

func TestADivertedDronesPadCloses(t *testing.T) {
	t.Parallel()
	d, del := turned(t)
	d.close("CMU1", "")
	r := d.recovery(del.ID)
	if r.Failure != situation.PadRefused {
		t.Fatalf("got %+v", r)
	}
	if _, err := d.Recover(context.Background(), anna, del.ID, recovery.Courier); err != nil {
		t.Fatal(err)
	}
	if got := d.request(del.Request).Status; got != delivery.ByRoad || !d.delivery(del.ID).GivenUp() {
		t.Errorf("the STAT request is %s", got)
	}
	d.Answers(telemetry.Return) // called home with its units
	d.report(del, telemetry.Returning, 0)
	d.FliesOnce()
	d.standsAtHome(del, telemetry.Status{Phase: telemetry.Parked})
	d.report(del, telemetry.Parked, 0)
	d.FliesOnce()
	if got := d.delivery(del.ID).Status; got != delivery.DReturned || d.missionStatus(del.Mission) != "done" {
		t.Errorf("home again: %s, its mission %s", got, d.missionStatus(del.Mission))
	}
}
