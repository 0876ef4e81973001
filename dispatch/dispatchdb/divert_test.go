package dispatchdb_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hemolift/dispatch"
	"hemolift/geo"
	"hemolift/telemetry"
)

// urgentToSY06 is an order that STAT ones of other hospitals may take from.
func urgentToSY06() dispatch.Order {
	o := order(1)
	o.Urgency, o.NeededBy = dispatch.Urgent, t0.Add(2*time.Hour)
	return o
}

func statToCMU1(d *desk, group dispatch.BloodGroup) dispatch.Request {
	d.t.Helper()
	o := dispatch.Order{Hospital: "CMU1", Pad: "CMU1-P1", Component: dispatch.RedCells, Group: group, Units: 1, Urgency: dispatch.STAT, NeededBy: d.Now().Add(40 * time.Minute)}
	r, err := d.Submit(context.Background(), other, o, "key-stat-"+string(group), []byte(group))
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

func TestADroneInTheAirTurnsToALifeThreateningRequest(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.stock("A+", dispatch.RedCells, 1)
	del, at := d.airborneFor(urgentToSY06(), "KEY-00001")
	r := statToCMU1(d, "A+")
	d.plans()
	turn, ok := d.Diversions()[r.ID]
	if !ok || turn.Delivery != del.ID || turn.Displaced != del.Request || turn.Hospital != "SY06" || !turn.Without.IsZero() || !turn.Instead.IsZero() {
		t.Fatalf("got %+v, %v", turn, ok)
	}
	if turn.Before[0] != 1 || turn.After[0] != 0 || turn.After[2] != 1 {
		t.Errorf("scores: before %v, after %v", turn.Before, turn.After)
	}
	if _, err := d.Divert(ctx, ward, r.ID, del.ID); !errors.Is(err, dispatch.ErrForbidden) {
		t.Errorf("the ward diverts: got %v", err)
	}
	turned, err := d.Divert(ctx, anna, r.ID, del.ID)
	if err != nil {
		t.Fatal(err)
	}
	if turned.Status != dispatch.DAirborne || turned.DivertedFrom != del.ID || turned.Hospital != "CMU1" || turned.Seal != "SL-KEY-00001" || turned.CheckedBy != bert.Login ||
		len(turned.Units) != 1 || turned.Units[0].Unit.Key != del.Units[0].Unit.Key || turned.Units[0].PackedAt.IsZero() || turned.Boxes[0].PackedAt.IsZero() {
		t.Errorf("got %+v", turned)
	}
	if old := d.delivery(del.ID); old.Status != dispatch.DDiverted || old.Hospital != "SY06" {
		t.Errorf("the old delivery: %+v", old)
	}
	if a, b := d.request(del.Request).Status, d.request(r.ID).Status; a != dispatch.Open || b != dispatch.Allocated {
		t.Errorf("requests: %s and %s", a, b)
	}
	m := d.mission(del.Mission)
	goal, _ := d.Network.Site("CMU1")
	if m.Pad != "CMU1-P1" || geo.Distance(m.Out[0].Point, at) > 1 || geo.Distance(m.Out[len(m.Out)-1].Point, goal.Point) > 1 || geo.Distance(m.Back[0].Point, goal.Point) > 1 {
		t.Errorf("mission: %+v", m)
	}
	board, err := d.store.Board(ctx, "SY06", d.Now())
	if err != nil || len(board.Alarms) != 1 || board.Alarms[0].Kind != dispatch.Diverted || board.Alarms[0].Detail != "none" {
		t.Errorf("the displaced hospital sees %+v, %v", board.Alarms, err)
	}
	d.landsDiverted(turned)
	// A unit comes in: the displaced request is served, and its hospital's alarm is over.
	d.hear()
	d.stock("A+", dispatch.RedCells, 1)
	d.accept(d.request(del.Request))
	if board, err = d.store.Board(ctx, "SY06", d.Now()); err != nil || len(board.Alarms) != 1 || board.Alarms[0].ClearedAt.IsZero() {
		t.Errorf("once served again: %+v, %v", board.Alarms, err)
	}
}

// landsDiverted plays a drone that was turned: reroute, landing, receipt, the plan for
// home, and the way back.
func (d *desk) landsDiverted(del dispatch.Delivery) {
	d.t.Helper()
	d.answer(telemetry.Reroute)
	d.report(del, telemetry.Landed, 0)
	d.fly1()
	if err := do2(d, other, del.ID, dispatch.StepCompare, dispatch.Scan{Seal: del.Seal}); err != nil {
		d.t.Fatal(err)
	}
	if err := do2(d, other, del.ID, dispatch.StepReceive, dispatch.Scan{Unit: del.Units[0].Unit.Key, Note: "checked"}); err != nil {
		d.t.Fatal(err)
	}
	if got := d.request(del.Request).Status; got != dispatch.Fulfilled {
		d.t.Errorf("the STAT request is %s", got)
	}
	d.report(del, telemetry.Landed, 0)
	d.answer(telemetry.LoadMission) // it must have the way home from there before it leaves
	d.report(del, telemetry.Landed, 0)
	d.answer(telemetry.Release)
	d.report(del, telemetry.Airborne, 1)
	d.fly1()
	d.report(del, telemetry.Parked, 1)
	d.fly1()
	if got := d.missionStatus(del.Mission); got != "done" {
		d.t.Errorf("the mission is %s", got)
	}
}

func TestNoDroneTurnsWithoutNeed(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*testing.T, *desk) dispatch.Request{
		"another drone serves it in time": func(t *testing.T, d *desk) dispatch.Request {
			d.stock("A+", dispatch.RedCells, 2)
			d.airborneFor(urgentToSY06(), "KEY-00001")
			return statToCMU1(d, "A+")
		},
		"what flies is STAT too": func(t *testing.T, d *desk) dispatch.Request {
			d.stock("A+", dispatch.RedCells, 1)
			d.airborneFor(order(1), "KEY-00001")
			return statToCMU1(d, "A+")
		},
		"what flies is not compatible": func(t *testing.T, d *desk) dispatch.Request {
			d.stock("A+", dispatch.RedCells, 1)
			d.airborneFor(urgentToSY06(), "KEY-00001")
			return statToCMU1(d, "B-")
		},
		"the box is warm": func(t *testing.T, d *desk) dispatch.Request {
			d.stock("A+", dispatch.RedCells, 1)
			del, _ := d.airborneFor(urgentToSY06(), "KEY-00001")
			d.mu.Lock()
			d.now = d.now.Add(5 * time.Second)
			d.mu.Unlock()
			d.seq++
			d.tracker.Observe(d.Now(), telemetry.Sample{Device: del.Boxes[0].Box, Seq: d.seq, At: d.Now(), Reading: telemetry.Temperature{TempMC: 14_000, AmbientMC: 20_000}})
			return statToCMU1(d, "A+")
		},
		"the drone is silent": func(t *testing.T, d *desk) dispatch.Request {
			d.stock("A+", dispatch.RedCells, 1)
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
