package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/recovery"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/geo"
	"hemolift/telemetry"
)

// urgentToSY06 is an order that STAT ones of other hospitals may take from.
func urgentToSY06() delivery.Asked {
	o := order(1)
	o.Urgency, o.NeededBy = delivery.Urgent, t0.Add(2*time.Hour)
	return o
}

func statToCMU1(d *desk, group blood.Group) delivery.Request {
	d.T.Helper()
	o := delivery.Asked{
		Hospital:  "CMU1",
		Pad:       "CMU1-P1",
		Component: blood.RedCells,
		Group:     group,
		Units:     1,
		Urgency:   delivery.STAT,
		NeededBy:  d.Now().Add(40 * time.Minute),
	}
	r, err := d.Submit(context.Background(), other, o, "key-stat-"+string(group), []byte(group))
	if err != nil {
		d.T.Fatal(err)
	}
	return r
}

func TestADroneInTheAirTurnsToALifeThreateningRequest(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del, at := d.airborneFor(urgentToSY06(), "KEY-00001")
	r := statToCMU1(d, "A+")
	d.plans()
	turn, ok := d.Diversions()[r.ID]
	if !ok || turn.Delivery != del.ID || turn.Displaced != del.Request || turn.Hospital != "SY06" || !turn.Without.IsZero() ||
		!turn.Instead.IsZero() {
		t.Fatalf("got %+v, %v", turn, ok)
	}
	if turn.Before[0] != 1 || turn.After[0] != 0 || turn.After[2] != 1 {
		t.Errorf("scores: before %v, after %v", turn.Before, turn.After)
	}
	if _, err := d.Divert(ctx, ward, r.ID, del.ID); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("the ward diverts: got %v", err)
	}
	turned, err := d.Divert(ctx, anna, r.ID, del.ID)
	if err != nil {
		t.Fatal(err)
	}
	if turned.Status != delivery.DAirborne || turned.DivertedFrom != del.ID || turned.Hospital != "CMU1" || turned.Seal != "SL-KEY-00001" ||
		turned.CheckedBy != bert.Login ||
		len(turned.Units) != 1 ||
		turned.Units[0].Unit.Key != del.Units[0].Unit.Key ||
		turned.Units[0].PackedAt.IsZero() ||
		turned.Boxes[0].PackedAt.IsZero() {
		t.Errorf("got %+v", turned)
	}
	if old := d.delivery(del.ID); old.Status != delivery.DDiverted || old.Hospital != "SY06" {
		t.Errorf("the old delivery: %+v", old)
	}
	if a, b := d.request(del.Request).Status, d.request(r.ID).Status; a != delivery.Open || b != delivery.Allocated {
		t.Errorf("requests: %s and %s", a, b)
	}
	m := d.Mission(del.Mission)
	goal, _ := d.Network().Site("CMU1")
	if m.Pad != "CMU1-P1" || geo.Distance(m.Out[0].Point, at) > 1 || geo.Distance(m.Out[len(m.Out)-1].Point, goal.Point) > 1 ||
		geo.Distance(m.Back[0].Point, goal.Point) > 1 {
		t.Errorf("mission: %+v", m)
	}
	board, err := d.DB.Boards.Board(ctx, "SY06", d.Now())
	if err != nil || len(board.Alarms) != 1 || board.Alarms[0].Kind != delivery.Diverted || board.Alarms[0].Detail != "none" {
		t.Errorf("the displaced hospital sees %+v, %v", board.Alarms, err)
	}
	d.landsDiverted(turned)
	// A unit comes in: the displaced request is served, and its hospital's alarm is over.
	d.Hear()
	d.Stocks("A+", blood.RedCells, 1)
	d.Accepts(d.request(del.Request))
	if board, err = d.DB.Boards.Board(ctx, "SY06", d.Now()); err != nil || len(board.Alarms) != 1 || board.Alarms[0].ClearedAt.IsZero() {
		t.Errorf("once served again: %+v, %v", board.Alarms, err)
	}
}

// landsDiverted plays a drone that was turned, from the reroute on.
func (d *desk) landsDiverted(del delivery.Delivery) {
	d.T.Helper()
	d.Answers(telemetry.Reroute)
	d.landsAt(del)
}

// landsAt plays landing, receipt, the plan for home, and the way back.
func (d *desk) landsAt(del delivery.Delivery) {
	d.T.Helper()
	d.report(del, telemetry.Landed, 0)
	d.FliesOnce()
	if err := d.Does(other, del.ID, delivery.StepCompare, delivery.Scan{Seal: del.Seal}); err != nil {
		d.T.Fatal(err)
	}
	if err := d.Does(other, del.ID, delivery.StepReceive, delivery.Scan{Unit: del.Units[0].Unit.Key, Note: "checked"}); err != nil {
		d.T.Fatal(err)
	}
	if got := d.request(del.Request).Status; got != delivery.Fulfilled {
		d.T.Errorf("the STAT request is %s", got)
	}
	d.report(del, telemetry.Landed, 0)
	d.Answers(telemetry.LoadMission) // it must have the way home from there before it leaves
	d.report(del, telemetry.Landed, 0)
	d.Obeys(telemetry.Release)
	d.report(del, telemetry.Airborne, 1)
	d.FliesOnce()
	d.report(del, telemetry.Parked, 1)
	d.FliesOnce()
	if got := d.missionStatus(del.Mission); got != "done" {
		d.T.Errorf("the mission is %s", got)
	}
}

func TestNoDroneTurnsWithoutNeed(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*testing.T, *desk) delivery.Request{
		"another drone serves it in time": func(t *testing.T, d *desk) delivery.Request {
			d.Stocks("A+", blood.RedCells, 2)
			d.airborneFor(urgentToSY06(), "KEY-00001")
			return statToCMU1(d, "A+")
		},
		"what flies is STAT too": func(t *testing.T, d *desk) delivery.Request {
			d.Stocks("A+", blood.RedCells, 1)
			d.airborneFor(order(1), "KEY-00001")
			return statToCMU1(d, "A+")
		},
		"what flies is not compatible": func(t *testing.T, d *desk) delivery.Request {
			d.Stocks("A+", blood.RedCells, 1)
			d.airborneFor(urgentToSY06(), "KEY-00001")
			return statToCMU1(d, "B-")
		},
		"the box is warm": func(t *testing.T, d *desk) delivery.Request {
			d.Stocks("A+", blood.RedCells, 1)
			del, _ := d.airborneFor(urgentToSY06(), "KEY-00001")
			d.Tick(5 * time.Second)
			d.Observes(del.Boxes[0].Box, telemetry.Temperature{TempMC: 14_000, AmbientMC: 20_000})
			return statToCMU1(d, "A+")
		},
		"the box is silent": func(t *testing.T, d *desk) delivery.Request {
			d.Stocks("A+", blood.RedCells, 1)
			d.airborneFor(urgentToSY06(), "KEY-00001")
			d.Tick(8 * time.Minute)
			for _, x := range d.Network().Drones {
				state, _ := d.Tracker.Drone(x.ID)
				d.Observes(x.ID, state.Position)
			}
			d.Tracker.Tick(d.Now())
			return statToCMU1(d, "A+")
		},
		"the drone is silent": func(t *testing.T, d *desk) delivery.Request {
			d.Stocks("A+", blood.RedCells, 1)
			del, _ := d.airborneFor(urgentToSY06(), "KEY-00001")
			d.later(time.Minute, del.Drone)
			return statToCMU1(d, "A+")
		},
	}
	for name, setUp := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			r := setUp(t, d)
			d.plans()
			if got := d.Diversions(); len(got) > 0 {
				t.Errorf("got %+v", got)
			}
			if _, err := d.Divert(context.Background(), anna, r.ID, "D-1122-0001"); err == nil {
				t.Error("diverted all the same")
			}
		})
	}
}

// A drone that never heard of its new goal lands at the old one.
func TestADroneThatLandsElsewhereHasDeliveredNothing(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 2)
	del, _ := d.airborneFor(urgentToSY06(), "KEY-00001")
	if err := d.Does(anna, d.Accepts(d.Submits(order(1), "KEY-00002")).ID, delivery.StepCheck, delivery.Scan{}); err == nil {
		t.Fatal("one person checks") // the other unit is taken
	}
	r := statToCMU1(d, "A+")
	d.plans()
	turned, err := d.Divert(ctx, anna, r.ID, del.ID)
	if err != nil {
		t.Fatal(err)
	}
	d.Tick(8 * time.Minute)
	d.Hear()
	d.Tick(time.Second)
	old, _ := d.Network().Site("SY06")
	for _, reading := range []telemetry.Reading{telemetry.Position{Point: old.Point, AltM: 45, BatteryPct: 85, WindMPS: -1}, telemetry.Status{Phase: telemetry.Landed, Mission: string(del.Mission)}} {
		d.Observes(del.Drone, reading)
	}
	d.FliesOnce()
	if got := d.delivery(turned.ID).Status; got != delivery.DAirborne {
		t.Errorf("the delivery is %s at a hospital that it has not reached", got)
	}
	rec := d.recovery(turned.ID)
	if rec.Failure != situation.DownElsewhere {
		t.Fatalf("got %+v", rec)
	}
	if _, err := d.Recover(ctx, anna, turned.ID, recovery.Courier); err != nil {
		t.Fatal(err)
	}
	if d.released(turned) {
		t.Error("let go from a place that its way home does not begin at")
	}
}

func TestAlarmsOfADivertedDroneAreThoseOfItsNewDelivery(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 2)
	r := statToCMU1(d, "A+")
	first := d.Accepts(r)
	d.Answers("mission")
	del, _ := d.airborneFor(urgentToSY06(), "KEY-00001")
	if err := d.Does(anna, first.ID, delivery.StepBreak, delivery.Scan{Unit: first.Units[0].Unit.Key, Note: "leaks"}); err != nil {
		t.Fatal(err)
	}
	d.plans()
	turned, err := d.Divert(ctx, anna, r.ID, del.ID)
	if err != nil {
		t.Fatal(err)
	}
	d.reading(del.Boxes[0].Box, 14_000)
	if a := d.standing(delivery.TempExcursion); len(a) != 1 || a[0].Delivery != turned.ID || a[0].Site != "CMU1" {
		t.Errorf("got %+v, want one of %s to CMU1", a, turned.ID)
	}
	d.Tick(50 * time.Minute)
	d.Hear()
	d.FliesOnce()
	if a := d.standing(delivery.Overdue); len(a) != 1 || a[0].Delivery != turned.ID {
		t.Errorf("got %+v, want %s overdue", a, turned.ID)
	}
	d.report(turned, telemetry.Landed, 0)
	d.FliesOnce()
	if a := d.standing(delivery.Overdue); d.delivery(turned.ID).Status != delivery.DLanded || len(a) != 0 {
		t.Errorf("%s, and overdue still: %+v", d.delivery(turned.ID).Status, a)
	}
}

func TestTheDisplacedIsToldUntilItIsServed(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del, _ := d.airborneFor(urgentToSY06(), "KEY-00001")
	r := statToCMU1(d, "A+")
	d.plans()
	if _, err := d.Divert(ctx, anna, r.ID, del.ID); err != nil {
		t.Fatal(err)
	}
	if a := d.standing(delivery.Diverted); len(a) != 1 || a[0].Site != "SY06" {
		t.Fatalf("got %+v", a)
	}
	if _, err := d.Road(ctx, anna, del.Request, delivery.RoadSend); err != nil {
		t.Fatal(err)
	}
	if a := d.standing(delivery.Diverted); len(a) != 0 {
		t.Errorf("the courier has it, and %+v stands", a)
	}
}

func TestTheSecondPersonOfADiversionIsAPerson(t *testing.T) {
	t.Parallel()
	prepare := func(d *desk, a network.Actor, del delivery.Delivery) {
		d.T.Helper()
		for _, s := range []struct {
			step delivery.Step
			scan delivery.Scan
		}{{delivery.StepCheck, delivery.Scan{}}, {delivery.StepPack, delivery.Scan{Unit: del.Units[0].Unit.Key}}, {delivery.StepSeal, delivery.Scan{Seal: "SL-0001"}}, {delivery.StepLoad, delivery.Scan{Box: del.Boxes[0].Box}}} {
			if err := d.Does(a, del.ID, s.step, s.scan); err != nil {
				d.T.Fatal(err)
			}
		}
		d.Cools()
		d.TakesOff(del)
	}
	for name, policy := range map[string]func(*propose.Policy){
		"allocated by the program":                                func(p *propose.Policy) { p.AutoAccept[delivery.Urgent] = true },
		"allocated and checked by one, for a less urgent request": func(p *propose.Policy) { p.TwoPersons[delivery.Urgent] = false },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, ctx := newDeskBy(t, policy), context.Background()
			d.Stocks("A+", blood.RedCells, 1)
			r := d.Submits(urgentToSY06(), "KEY-00001")
			d.plans()
			_, made, err := d.Active()
			if err != nil {
				t.Fatal(err)
			}
			if len(made) == 0 {
				made = append(made, d.Accepts(r))
			}
			prepare(d, anna, made[0])
			stat := statToCMU1(d, "A+")
			d.plans()
			if _, err := d.Divert(ctx, anna, stat.ID, made[0].ID); !errors.Is(err, refusal.ErrSamePerson) {
				t.Errorf("anna, who checked them, diverts: got %v", err)
			}
			turned, err := d.Divert(ctx, bert, stat.ID, made[0].ID)
			if err != nil || turned.CheckedBy != anna.Login || turned.AllocatedBy != bert.Login || !turned.TwoPersons {
				t.Errorf("bert diverts: %v, %+v", err, turned)
			}
		})
	}
}

// One drone is offered to one request, and the work of looking is bounded.
func TestManyRequestsAreNotOfferedOneDrone(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	d.airborneFor(urgentToSY06(), "KEY-00001")
	for i := range 6 {
		o := delivery.Asked{
			Hospital:  "CMU1",
			Pad:       "CMU1-P1",
			Component: blood.RedCells,
			Group:     "A+",
			Units:     1,
			Urgency:   delivery.STAT,
			NeededBy:  d.Now().Add(time.Duration(40+i) * time.Minute),
		}
		if _, err := d.Submit(ctx, other, o, fmt.Sprint("key-stat-", i), []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	d.plans()
	if got := d.Diversions(); len(got) != 1 {
		t.Errorf("got %d diversions of one drone", len(got))
	}
}
