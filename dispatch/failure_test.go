package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/recovery"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

// later moves the clock and lets every device report but the one that is silent.
func (d *desk) later(by time.Duration, silent telemetry.DeviceID) {
	d.Tick(by)
	d.Cools()
	for _, x := range d.Network().Drones {
		if state, ok := d.Tracker.Drone(x.ID); ok && x.ID != silent {
			d.Observes(x.ID, state.Position)
		}
	}
	d.Tracker.Tick(d.Now())
}

// plans renews what is proposed.
func (d *desk) plans() {
	d.T.Helper()
	if err := d.PlanOnce(context.Background(), d.Now()); err != nil {
		d.T.Fatal(err)
	}
}

func (d *desk) recovery(id delivery.ID) recovery.Recovery {
	d.T.Helper()
	d.plans()
	return d.Recoveries()[id]
}

func (d *desk) request(id delivery.RequestID) delivery.Request {
	d.T.Helper()
	r, err := d.DB.Boards.Request(context.Background(), id)
	if err != nil {
		d.T.Fatal(err)
	}
	return r
}

func (d *desk) delivery(id delivery.ID) delivery.Delivery {
	d.T.Helper()
	rec, err := d.DB.Books.Delivery(context.Background(), id)
	if err != nil {
		d.T.Fatal(err)
	}
	return rec.Delivery
}

// receives has the ward compare the seal and take the unit of a delivery.
func (d *desk) receives(del delivery.Delivery) {
	d.T.Helper()
	for _, err := range []error{d.Does(ward, del.ID, delivery.StepCompare, delivery.Scan{Seal: "SL-KEY-00001"}), d.Does(ward, del.ID, delivery.StepReceive, delivery.Scan{Unit: del.Units[0].Unit.Key, Note: "needed, checked by hand"})} {
		if err != nil {
			d.T.Fatal(err)
		}
	}
}

func (d *desk) close(site network.SiteID, pad network.PadID) network.Closure {
	d.T.Helper()
	c, err := d.Close(context.Background(), anna, network.Closure{Site: site, Pad: pad, Reason: "flooded", Until: d.Now().Add(5 * time.Hour)})
	if err != nil {
		d.T.Fatal(err)
	}
	return c
}

func ways(r recovery.Recovery) (out []recovery.Way) {
	for _, o := range r.Options {
		out = append(out, o.Way)
	}
	return out
}

func TestADroneLostInTheAirIsReplaced(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 2)
	del, _ := d.airborne("KEY-00001")
	d.later(time.Minute, del.Drone)
	if r := d.recovery(del.ID); r.Failure != "" {
		t.Fatalf("after a minute: got %+v", r)
	}
	d.later(2*time.Minute, del.Drone)
	r := d.recovery(del.ID)
	if got := ways(
		r,
	); r.Failure != situation.DroneLost || len(got) != 3 || got[0] != recovery.Replace || got[1] != recovery.Courier ||
		got[2] != recovery.GoOn {
		t.Fatalf("got %s %v", r.Failure, got)
	}
	if r.Options[0].Proposal.Drone == del.Drone || !r.Options[2].Doubtful {
		t.Errorf("got %+v", r.Options)
	}
	if _, err := d.Recover(ctx, ward, del.ID, recovery.Replace); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("the ward recovers: got %v", err)
	}
	id, err := d.Recover(ctx, anna, del.ID, recovery.Replace)
	if err != nil {
		t.Fatal(err)
	}
	_, deliveries, err := d.Active()
	if err != nil || len(deliveries) != 2 || deliveries[0].Drone == deliveries[1].Drone ||
		deliveries[0].Units[0].Unit.Key == deliveries[1].Units[0].Unit.Key {
		t.Fatalf("got %+v, %v", deliveries, err)
	}
	if got := d.request(id).Status; got != delivery.Allocated {
		t.Errorf("the request is %s", got)
	}
	if err := d.Does(anna, del.ID, delivery.StepKeep, delivery.Scan{}); err == nil {
		t.Error("a delivery that was replaced is kept after all")
	}
	// The lost drone lands after all: its units serve nobody twice.
	d.report(del, telemetry.Landed, 0)
	d.FliesOnce()
	if err := d.Does(ward, del.ID, delivery.StepCompare, delivery.Scan{Seal: "SL-KEY-00001"}); err != nil {
		t.Fatal(err)
	}
	if err := d.Does(ward,
		del.ID,
		delivery.StepReject,
		delivery.Scan{Unit: del.Units[0].Unit.Key, Note: "another is on its way"},
	); err != nil {
		t.Fatal(err)
	}
	if got := d.request(id).Status; got != delivery.Allocated {
		t.Errorf("quarantining the given-up unit made the request %s", got)
	}
}

func TestAGivenUpDeliveryIsKeptWhileItsRequestWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	del, _ := d.airborne("KEY-00001")
	if err := d.Does(anna, del.ID, delivery.StepGiveUp, delivery.Scan{}); err == nil {
		t.Error("given up without a reason")
	}
	if err := d.Does(anna, del.ID, delivery.StepGiveUp, delivery.Scan{Note: "silent"}); err != nil {
		t.Fatal(err)
	}
	if got := d.request(del.Request).Status; got != delivery.Open {
		t.Fatalf("the request is %s", got)
	}
	if err := d.Does(bert, del.ID, delivery.StepKeep, delivery.Scan{}); err != nil {
		t.Fatal(err)
	}
	if got := d.request(del.Request).Status; got != delivery.Allocated || d.delivery(del.ID).GivenUp() {
		t.Fatalf("the request is %s", got)
	}
	// Given up again, it lands, and its unit fulfils the request that still waits.
	if err := d.Does(anna, del.ID, delivery.StepGiveUp, delivery.Scan{Note: "silent"}); err != nil {
		t.Fatal(err)
	}
	d.report(del, telemetry.Landed, 0)
	d.FliesOnce()
	d.receives(del)
	if got := d.request(del.Request).Status; got != delivery.Fulfilled {
		t.Errorf("the request is %s", got)
	}
}

func TestAClosedPadIsNotFlownTo(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 2)
	del, _ := d.airborne("KEY-00001")
	if _, err := d.Close(
		ctx,
		other,
		network.Closure{Site: "SY06", Pad: "SY06-P1", Reason: "no", Until: d.Now().Add(time.Hour)},
	); !errors.Is(
		err,
		refusal.ErrForbidden,
	) {
		t.Errorf("another hospital closes it: got %v", err)
	}
	c := d.close("SY06", "SY06-P1")
	r := d.recovery(del.ID)
	if r.Failure != situation.PadRefused {
		t.Fatalf("got %+v", r)
	}
	alarms := func() (standing int) {
		board, err := d.DB.Boards.Board(ctx, "", d.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range board.Alarms {
			if a.Kind == delivery.OutOfService && a.ClearedAt.IsZero() {
				standing++
			}
		}
		return standing
	}
	if alarms() != 1 {
		t.Error("nobody is told that the pad is closed")
	}
	pads := 0
	for _, p := range d.Network().Pads {
		if p.Site == "SY06" {
			pads++
		}
	}
	if got := ways(r); pads > 1 && got[0] != recovery.OtherPad || pads == 1 && got[0] != recovery.Courier {
		t.Errorf("%d pads: got %v", pads, got)
	}
	if pads > 1 {
		if _, err := d.Recover(ctx, anna, del.ID, recovery.OtherPad); err != nil {
			t.Fatal(err)
		}
		if m := d.Mission(del.Mission); m.Pad == "SY06-P1" || d.recovery(del.ID).Failure != "" {
			t.Errorf("it still flies to %s", m.Pad)
		}
	} else if err := d.Reopen(ctx, anna, c.ID); err != nil || d.recovery(del.ID).Failure != "" {
		t.Errorf("opened again, it fails still: %v", err)
	} else {
		c = d.close("CMU1", "CMU1-P1")
	}
	if alarms() != 0 {
		t.Error("the alarm stands though the pad is another or open")
	}
	// Nothing new is planned to it either, until it is open again.
	whole := d.close("SY06", "")
	r2 := d.Submits(order(1), "key-00002")
	d.plans()
	proposals, _ := d.Proposals()
	if p, ok := proposals[r2.ID]; ok && p.ArriveAt.Before(whole.Until) {
		t.Errorf("proposed to arrive %s, closed until %s", p.ArriveAt, whole.Until)
	}
	for _, id := range []int64{c.ID, whole.ID} {
		if err := d.Reopen(ctx, anna, id); err != nil {
			t.Fatal(err)
		}
		if err := d.Reopen(ctx, anna, id); !errors.Is(err, refusal.ErrNotFound) {
			t.Errorf("opened twice: got %v", err)
		}
	}
	d.Accepts(r2)
}

func TestAClosedCentreSendsNothingAndTheOthersDo(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del := d.load("KEY-00001")
	d.close("SYBC", "")
	r := d.recovery(del.ID)
	if r.Failure != situation.CentreClosed {
		t.Fatalf("got %+v", r)
	}
	id, err := d.Recover(ctx, anna, del.ID, recovery.Courier)
	if err != nil {
		t.Fatal(err)
	}
	got := d.request(id)
	if got.Status != delivery.ByRoad || got.RoadAt.Before(d.Now()) || d.delivery(del.ID).Status != delivery.DCancelled {
		t.Fatalf("got %+v", got)
	}
	if _, err := d.Road(ctx, other, id, delivery.RoadArrived); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("another hospital has it: got %v", err)
	}
	if _, err := d.Road(ctx, anna, id, delivery.RoadRecall); err != nil || d.request(id).Status != delivery.Open {
		t.Fatalf("recalled: %v", err)
	}
	if _, err := d.Road(ctx, anna, id, delivery.RoadSend); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Road(ctx, ward, id, delivery.RoadArrived); err != nil || d.request(id).Status != delivery.Fulfilled {
		t.Errorf("arrived: %v", err)
	}
}

func TestABrokenUnitIsSetAsideAndTheRequestPlannedAnew(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 3)
	del := d.Accepts(d.Submits(order(2), "key-00001"))
	broken := del.Units[1].Unit.Key
	if err := d.Does(anna,
		del.ID,
		delivery.StepBreak,
		delivery.Scan{Unit: blood.UnitKey{DIN: "A999926000999", ProductCode: "E0336V00"}, Note: "leaks"},
	); err == nil {
		t.Error("a unit of nobody was broken")
	}
	if err := d.Does(anna, del.ID, delivery.StepBreak, delivery.Scan{Unit: broken, Note: "leaks"}); err != nil {
		t.Fatal(err)
	}
	var quarantined, inStock int
	const q = `SELECT count(*) FILTER (WHERE status = 'quarantined'), count(*) FILTER (WHERE status = 'in_stock') FROM unit`
	if err := d.Pool.QueryRow(context.Background(), q).Scan(&quarantined, &inStock); err != nil || quarantined != 1 || inStock != 2 {
		t.Fatalf("got %d quarantined and %d in stock, %v", quarantined, inStock, err)
	}
	for _, u := range d.Accepts(d.request(del.Request)).Units {
		if u.Unit.Key == broken {
			t.Error("the broken unit was allocated again")
		}
	}
}

func TestAWarmBoxIsReplacedAndCalledHome(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 2)
	del, _ := d.airborne("KEY-00001")
	d.Tick(5 * time.Second)
	d.Observes(del.Boxes[0].Box, telemetry.Temperature{TempMC: 14_000, AmbientMC: 20_000})
	r := d.recovery(del.ID)
	if r.Failure != situation.BoxWarm || r.Options[0].Way != recovery.Replace {
		t.Fatalf("got %s %v", r.Failure, ways(r))
	}
	if _, err := d.Recover(ctx, anna, del.ID, recovery.Replace); err != nil {
		t.Fatal(err)
	}
	d.Sent = nil
	d.FliesOnce()
	called := false
	for _, c := range d.Sent {
		called = called || c.Kind == telemetry.Return && c.Device == del.Drone
	}
	if !called || !d.delivery(del.ID).GivenUp() {
		t.Errorf("not called home: %+v", d.Sent)
	}
}
