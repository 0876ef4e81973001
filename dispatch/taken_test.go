package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

// landedDesk has a stock of so many A+ units, one of them on a hospital's pad.
func landedDesk(t *testing.T, stock int) (*desk, delivery.Delivery) {
	t.Helper()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, stock)
	del, _ := d.airborne("KEY-00001")
	d.report(del, telemetry.Landed, 0)
	d.FliesOnce()
	return d, del
}

func TestAPadOnWhichADroneOutOfServiceStandsIsClosed(t *testing.T) {
	t.Parallel()
	d, del := landedDesk(t, 3)
	ctx := context.Background()
	d.receives(del)
	d.grounds(del.Drone)
	d.passes(10, "")
	o := order(1)
	o.NeededBy = d.Now().Add(time.Hour)
	r := d.Submits(o, "KEY-00002")
	d.plans()
	proposals, _ := d.Proposals()
	if p := proposals[r.ID]; !p.Waiting {
		t.Fatalf("the only pad of its hospital is taken, and the proposal is %+v", p)
	}
	if err := d.TakenAway(ctx, ward, del.Mission); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("the ward ends a mission: %v", err)
	}
	if err := d.TakenAway(ctx, anna, del.Mission); err != nil {
		t.Fatal(err)
	}
	if got := d.missionStatus(del.Mission); got != "done" {
		t.Errorf("taken away, and its mission is %s", got)
	}
	d.plans()
	proposals, _ = d.Proposals()
	if p := proposals[r.ID]; p.Waiting || p.Drone == "" || p.Drone == del.Drone {
		t.Errorf("the pad is free, and the proposal is %+v", p)
	}
	if len(d.standing(delivery.OutOfService)) != 0 {
		t.Error("an alarm stands of a drone without a mission")
	}
}

func TestOnlyADroneThatIsDoneIsTakenAway(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del, _ := d.airborne("KEY-00001")
	var state refusal.State
	if err := d.TakenAway(ctx, anna, del.Mission); !errors.As(err, &state) {
		t.Errorf("in the air: %v", err)
	}
	d.report(del, telemetry.Landed, 0)
	d.FliesOnce()
	if err := d.TakenAway(ctx, anna, del.Mission); !errors.As(err, &state) {
		t.Errorf("with its box on board: %v", err)
	}
}

func TestADroneTakenAwayIsNotToldToFly(t *testing.T) {
	t.Parallel()
	d, del := landedDesk(t, 1)
	ctx := context.Background()
	d.receives(del)
	d.report(del, telemetry.Landed, 0)
	if !d.released(del) {
		t.Fatal("not told to fly home")
	}
	if err := d.TakenAway(ctx, anna, del.Mission); err != nil {
		t.Fatal(err)
	}
	if given, err := d.pending(ctx); err != nil || len(given) != 0 {
		t.Errorf("still to be told: %+v, %v", given, err)
	}
	d.Sent = nil
	d.passes(1, "")
	if len(d.Sent) != 0 {
		t.Errorf("told in people's hands: %+v", d.Sent)
	}
}

func TestAFlightHomeIsNotEndedWhileItMayFly(t *testing.T) {
	t.Parallel()
	d, del := landedDesk(t, 1)
	ctx := context.Background()
	d.receives(del)
	d.report(del, telemetry.Airborne, 1)
	d.FliesOnce()
	d.later(time.Minute, del.Drone)
	var state refusal.State
	if err := d.TakenAway(ctx, anna, del.Mission); !errors.As(err, &state) {
		t.Errorf("silent for a minute on its way home: %v", err)
	}
	d.later(time.Hour, del.Drone)
	if err := d.TakenAway(ctx, anna, del.Mission); err != nil {
		t.Errorf("silent for an hour: %v", err)
	}
}

// standsAtHome has a drone report from its centre, motors off, what it says of its mission.
func (d *desk) standsAtHome(del delivery.Delivery, says telemetry.Status) {
	home, _ := d.Network().Site(del.Centre)
	d.Tick(time.Second)
	for _, r := range []telemetry.Reading{telemetry.Position{Point: home.Point, AltM: 45, BatteryPct: 80, WindMPS: -1}, says} {
		d.Observes(del.Drone, r)
	}
}

func TestADroneThatIsCarriedHomeIsFreeAgain(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]func(delivery.Delivery) telemetry.Status{
		"begun anew": func(delivery.Delivery) telemetry.Status { return telemetry.Status{Phase: telemetry.Parked} },
		"switched on": func(del delivery.Delivery) telemetry.Status {
			return telemetry.Status{Phase: telemetry.Landed, Mission: string(del.Mission)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, del := landedDesk(t, 1)
			d.standsAtHome(del, status(del))
			d.FliesOnce()
			d.FliesOnce()
			if got := d.missionStatus(del.Mission); got != "at_pad" {
				t.Fatalf("its delivery is not received: got %s", got)
			}
			d.report(del, telemetry.Landed, 0)
			d.receives(del)
			d.grounds(del.Drone)
			for range 3 {
				d.FliesOnce()
			}
			if given, err := d.pending(context.Background()); err != nil || len(given) != 0 {
				t.Errorf("let go from its pad though it is out of service: %+v, %v", given, err)
			}
			d.standsAtHome(del, status(del))
			for range 3 {
				d.FliesOnce()
			}
			if got := d.missionStatus(del.Mission); got != "done" {
				t.Errorf("payload home: got %s", got)
			}
		})
	}
}

// A drone that cannot fly home is told, and neither it nor its pad is counted on.
func TestAStrandedDroneIsNotCountedOn(t *testing.T) {
	t.Parallel()
	d, del := landedDesk(t, 3)
	d.receives(del)
	d.report(del, telemetry.Landed, 0)
	d.battery(del.Drone, 8)
	for _, x := range d.Network().Drones {
		if x.ID != del.Drone {
			d.grounds(x.ID)
		}
	}
	o := order(1)
	o.NeededBy = d.Now().Add(2 * time.Hour)
	r := d.Submits(o, "KEY-00002")
	d.passes(10, "")
	if p, _ := d.Proposals(); p[r.ID].Drone != del.Drone || len(d.standing(delivery.Stranded)) != 0 {
		t.Fatalf("ten minutes on its pad: proposal by %q, alarms %+v", p[r.ID].Drone, d.standing(delivery.Stranded))
	}
	d.passes(15, "")
	a := d.standing(delivery.Stranded)
	if p, _ := d.Proposals(); p[r.ID].Drone != "" || len(a) != 1 || a[0].Detail != string(situation.CheckBattery) {
		t.Errorf("promised by %q, which cannot fly; alarms %+v", p[r.ID].Drone, a)
	}
	d.standsAtHome(del, telemetry.Status{Phase: telemetry.Parked})
	d.battery(del.Drone, 100)
	for range 3 {
		d.FliesOnce()
	}
	d.plans()
	if p, _ := d.Proposals(); p[r.ID].Drone != del.Drone || len(d.standing(delivery.Stranded)) != 0 {
		t.Errorf("home and charged: proposal by %q, alarms %+v", p[r.ID].Drone, d.standing(delivery.Stranded))
	}
}
