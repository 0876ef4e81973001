package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/flight"
	"hemolift/dispatch/network"
	"hemolift/dispatch/recovery"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/geo"
	"hemolift/telemetry"
)

// diverts sends a drone in the air to a pad in the tower's name.
func (d *desk) diverts(del delivery.Delivery, to network.PadID) error {
	d.T.Helper()
	return d.Command(context.Background(), tower, del.Mission, flight.Order{Kind: telemetry.Reroute, Pad: to})
}

// elsewhere is the first alternate of a delivery's drone with a free pad that is another
// hospital's.
func (d *desk) elsewhere(del delivery.Delivery) flight.Alternate {
	d.T.Helper()
	pads, err := d.Alternates(context.Background(), tower, del.Mission)
	if err != nil {
		d.T.Fatal(err)
	}
	for _, a := range pads {
		if a.Site != del.Centre && a.Pad != "" {
			return a
		}
	}
	d.T.Fatalf("no hospital among %+v", pads)
	return flight.Alternate{}
}

// sent is a delivery in the air that was diverted to the pad of another hospital, and took
// the order.
func sent(t *testing.T) (*desk, delivery.Delivery, flight.Alternate) {
	t.Helper()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 3)
	del, _ := d.airborne("KEY-00001")
	a := d.elsewhere(del)
	if err := d.diverts(del, a.Pad); err != nil {
		t.Fatal(err)
	}
	d.Answers(telemetry.Reroute)
	return d, del, a
}

// comesDown has a drone stand at a place.
func (d *desk) comesDown(del delivery.Delivery, at network.SiteID) {
	d.T.Helper()
	site, _ := d.Network().Site(at)
	d.Tick(time.Second)
	d.Observes(del.Drone, telemetry.Position{Point: site.Point, AltM: 45, BatteryPct: 40, WindMPS: -1})
	d.tells(del, telemetry.Landed)
	d.FliesOnce()
}

func TestADroneIsDivertedToAnAlternatePad(t *testing.T) {
	t.Parallel()
	d, del, a := sent(t)
	m := d.Mission(del.Mission)
	site, _ := d.Network().Site(a.Site)
	if end := m.Out[len(m.Out)-1].Point; m.Hospital != a.Site || m.Pad != a.Pad || geo.Distance(end, site.Point) > 1 {
		t.Fatalf("it flies to %s, %s, %v", m.Hospital, m.Pad, end)
	}
	if got := d.recovery(del.ID).Failure; got != situation.ToAlternate {
		t.Errorf("the desk is told %q", got)
	}
	d.plans()
	if got := d.Diversions(); len(got) != 0 {
		t.Errorf("it is offered to somebody else: %+v", got)
	}
	if rival, _ := d.Tracker.Drone(del.Drone); rival.OffM > 1 {
		t.Errorf("it is %v m off the way that it was told", rival.OffM)
	}
	d.comesDown(del, a.Site)
	if got := d.delivery(del.ID).Status; got != delivery.DAirborne {
		t.Errorf("at another hospital, and the delivery is %s", got)
	}
	down := d.standing(delivery.AstrayDown)
	if got := d.recovery(del.ID).Failure; got != situation.DownElsewhere || len(down) != 1 || down[0].Detail != string(del.Hospital) {
		t.Errorf("told %q, alarms %+v", got, down)
	}
	if d.released(del) {
		t.Error("let go with the blood that another hospital waits for")
	}
	if _, err := d.Recover(context.Background(), anna, del.ID, recovery.Courier); err != nil {
		t.Fatal(err)
	}
	d.Sent = nil
	d.FliesOnce()
	for _, c := range d.Sent {
		t.Errorf("given up where it stands, and told to %s", c.Kind)
	}
}

func TestADivertedDroneKeepsItsPadFromOthers(t *testing.T) {
	t.Parallel()
	d, del, a := sent(t)
	d.comesDown(del, a.Site)
	o := order(1)
	o.Hospital, o.Pad, o.NeededBy = a.Site, a.Pad, d.Now().Add(time.Hour)
	r, err := d.Submit(context.Background(), anna, o, "KEY-00002", []byte("2"))
	if err != nil {
		t.Fatal(err)
	}
	d.Tick(25 * time.Minute) // longer than anybody was to stand there
	d.Hear()
	d.comesDown(del, a.Site)
	d.plans()
	proposals, _ := d.Proposals()
	if p := proposals[r.ID]; p.Pad == a.Pad && !p.Waiting {
		t.Errorf("another drone is sent to the pad: %+v", p)
	}
}

func TestADroneThatNeverHeardOfItsAlternateDelivers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 3)
	del, _ := d.airborne("KEY-00001")
	if err := d.diverts(del, d.elsewhere(del).Pad); err != nil {
		t.Fatal(err)
	}
	d.comesDown(del, del.Hospital)
	if got := d.delivery(del.ID).Status; got != delivery.DLanded {
		t.Errorf("at its hospital, and the delivery is %s", got)
	}
}

func TestAnAlternatePadThatClosesIsTold(t *testing.T) {
	t.Parallel()
	d, del, a := sent(t)
	d.FliesOnce()
	if out := d.standing(delivery.OutOfService); len(out) != 0 {
		t.Fatalf("its pad is in service, and %+v", out)
	}
	d.close(a.Site, a.Pad)
	d.FliesOnce()
	if out := d.standing(delivery.OutOfService); len(out) != 1 || out[0].Device != del.Drone || out[0].Detail != string(a.Pad) {
		t.Errorf("its pad has closed, and %+v", out)
	}
}

func TestADivertedDroneMayBeSentBack(t *testing.T) {
	t.Parallel()
	d, del, _ := sent(t)
	d.Tick(time.Second)
	d.Hear()
	if err := d.diverts(del, "SY06-P1"); err != nil {
		t.Fatal(err)
	}
	if m := d.Mission(del.Mission); m.Hospital != del.Hospital || m.Pad != "SY06-P1" {
		t.Fatalf("it flies to %s, %s", m.Hospital, m.Pad)
	}
	d.Answers(telemetry.Reroute)
	d.comesDown(del, del.Hospital)
	if got := d.delivery(del.ID).Status; got != delivery.DLanded {
		t.Errorf("the delivery is %s", got)
	}
}

func TestWhereADroneIsNotDiverted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 3)
	del, _ := d.airborne("KEY-00001")
	far := d.elsewhere(del)
	d.close(far.Site, far.Pad)
	for pad, why := range map[network.PadID]string{
		"SY06-P1": "its goal", "NOWHERE-P1": "unknown", far.Pad: "closed",
	} {
		if err := d.diverts(del, pad); err == nil {
			t.Errorf("diverted to %s: %s", pad, why)
		}
	}
	if err := d.Command(context.Background(), ward, del.Mission, flight.Order{Kind: telemetry.Reroute, Pad: far.Pad}); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("the ward diverts: %v", err)
	}
	d.later(time.Minute, del.Drone)
	if err := d.diverts(del, "CMU1-P1"); err == nil {
		t.Error("a silent drone is diverted")
	}
}

func TestTwoPersonsHaveADroneLandWhereItIs(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 3)
	del, at := d.airborne("KEY-00001")
	land := func(by network.Actor, confirms string) error {
		return d.Command(ctx, by, del.Mission, flight.Order{Kind: telemetry.Land, Confirms: confirms})
	}
	asks := func(by network.Actor) {
		t.Helper()
		if err := land(by, ""); err != nil {
			t.Fatal(err)
		}
		d.Sent = nil
		d.FliesOnce()
		if a := d.standing(delivery.LandAsk); len(d.Sent) != 0 || len(a) != 1 || a[0].Detail != by.Login {
			t.Fatalf("asked by one: sent %+v, alarms %+v", d.Sent, a)
		}
	}
	asks(tower)
	if err := land(tower, tower.Login); !errors.Is(err, refusal.ErrSamePerson) {
		t.Errorf("the same person confirms: %v", err)
	}
	for confirms, why := range map[string]string{"": "asks at the same moment", bert.Login: "confirms what nobody asked"} {
		if err := land(anna, confirms); err == nil {
			t.Errorf("one who %s has it land", why)
		}
	}
	// Nobody confirms in time: the wish is void, and the second person only asks.
	d.Tick(3 * time.Minute)
	d.Hear()
	d.FliesOnce()
	if a := d.standing(delivery.LandAsk); len(a) != 0 {
		t.Errorf("void, and %+v stands", a)
	}
	if err := land(anna, tower.Login); err == nil {
		t.Error("a wish that is over is confirmed")
	}
	asks(anna)
	// An order to do something else is its end too.
	if err := d.Command(ctx, tower, del.Mission, flight.Order{Kind: telemetry.Hold}); err != nil {
		t.Fatal(err)
	}
	d.Answers(telemetry.Hold)
	asks(tower)
	if err := land(anna, tower.Login); err != nil { // though the hold was the tower's
		t.Fatal(err)
	}
	d.Answers(telemetry.Land)
	d.tells(del, telemetry.Landing)
	if state, _ := d.Tracker.Drone(del.Drone); state.Arrives() {
		t.Error("it comes down where it is, and has a time of arrival")
	}
	d.Observes(del.Drone, telemetry.Position{Point: at, AltM: 45, BatteryPct: 60, WindMPS: -1})
	d.tells(del, telemetry.Landed)
	d.FliesOnce()
	if got := d.recovery(del.ID).Failure; got != situation.DownElsewhere || d.delivery(del.ID).Status != delivery.DAirborne {
		t.Errorf("down in a field: %q, the delivery is %s", got, d.delivery(del.ID).Status)
	}
}

func TestADroneDownOnItsWayHomeIsTold(t *testing.T) {
	t.Parallel()
	d, del := landedDesk(t, 1)
	d.receives(del)
	d.Obeys(telemetry.Release)
	d.report(del, telemetry.Airborne, 1)
	d.FliesOnce()
	a := d.elsewhere(del)
	if err := d.diverts(del, a.Pad); err != nil {
		t.Fatal(err)
	}
	d.Answers(telemetry.Reroute)
	site, _ := d.Network().Site(a.Site)
	d.Tick(time.Second)
	d.Observes(del.Drone, telemetry.Position{Point: site.Point, AltM: 45, BatteryPct: 30, WindMPS: -1})
	d.report(del, telemetry.Landed, 1)
	d.FliesOnce()
	if down := d.standing(delivery.AstrayDown); len(down) != 1 || down[0].Detail != string(del.Centre) {
		t.Errorf("it stands at %s, alarms %+v", a.Site, down)
	}
	if got := d.missionStatus(del.Mission); got != "inbound" {
		t.Errorf("the mission is %s", got)
	}
	if err := d.TakenAway(context.Background(), anna, del.Mission); err != nil {
		t.Error(err)
	}
}
