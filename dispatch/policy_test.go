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
	"hemolift/dispatch/plan"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/refusal"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// TestTheReserveIsKeptForSTAT: the last two O RhD-negative units are for STAT, a routine
// request is told that they are kept, and the delivery keeps the policy's version.
func TestTheReserveIsKeptForSTAT(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("O-", blood.RedCells, 2)
	ask := order(2)
	ask.Group, ask.Urgency = "O-", delivery.Routine
	e, err := d.Estimate(ctx, ward, ask)
	if no := e.Impossible; err != nil || e.Proposal != nil || no.Reserved != 2 || no.Policy != "2" || len(no.Changes) == 0 {
		t.Fatalf("routine: %v %+v", err, e)
	}
	ask.Urgency = delivery.STAT
	made := d.Accepts(d.Submits(ask, "key-reserve"))
	if len(made.Units) != 2 {
		t.Fatalf("STAT: %+v", made)
	}
	var version string
	if err := d.Pool.QueryRow(
		ctx,
		`SELECT reasons->>'policy' FROM delivery WHERE id = $1`,
		made.ID,
	).Scan(&version); err != nil ||
		version != "2" {
		t.Errorf("policy %q, %v", version, err)
	}
}

func TestAProposalInTimeIsAcceptedByPolicy(t *testing.T) {
	t.Parallel()
	d := newDeskBy(t, func(p *propose.Policy) { p.AutoAccept[delivery.STAT] = true })
	d.Stocks("A+", blood.RedCells, 3)
	urgent, stat, tooLate := d.Submits(urgentToSY06(), "key-urgent"), d.Submits(order(1), "key-stat"), order(1)
	tooLate.NeededBy = d.Now().Add(2 * time.Minute)
	late := d.Submits(tooLate, "key-late")
	d.plans()
	if a, b, c := d.request(urgent.ID).Status, d.request(stat.ID).Status, d.request(
		late.ID,
	).Status; a != delivery.Open || b != delivery.Allocated ||
		c != delivery.Open {
		t.Fatalf("urgent %s, STAT %s, too late %s", a, b, c)
	}
	_, deliveries, err := d.Active()
	if err != nil || len(deliveries) != 1 || deliveries[0].AllocatedBy != network.System.Login || !deliveries[0].TwoPersons {
		t.Fatalf("got %+v, %v", deliveries, err)
	}
	if err := d.Does(anna, deliveries[0].ID, delivery.StepCheck, delivery.Scan{}); err != nil {
		t.Errorf("a person checks what the program allocated: %v", err)
	}
}

func TestOnePersonMayCheckWherePolicyAllows(t *testing.T) {
	t.Parallel()
	d := newDeskBy(t, func(p *propose.Policy) { p.TwoPersons[delivery.STAT] = false })
	d.Stocks("A+", blood.RedCells, 2)
	alone, two := d.Accepts(d.Submits(order(1), "key-stat")), d.Accepts(d.Submits(urgentToSY06(), "key-urgent"))
	if err := d.Does(anna, alone.ID, delivery.StepCheck, delivery.Scan{}); err != nil {
		t.Errorf("STAT: %v", err)
	}
	if err := d.Does(anna, two.ID, delivery.StepCheck, delivery.Scan{}); !errors.Is(err, refusal.ErrSamePerson) {
		t.Errorf("urgent: got %v", err)
	}
}

func TestWhatThereIsGoesAndTheRestWaits(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("B+", blood.RedCells, 2)
	ask := order(3)
	ask.Group, ask.Urgency = "B+", delivery.Urgent
	if e, err := d.Estimate(ctx, ward, ask); err != nil || e.Proposal != nil {
		t.Fatalf("urgent in parts: %v %+v", err, e)
	}
	ask.Urgency = delivery.STAT
	r := d.Submits(ask, "key-parts")
	del := d.Accepts(r)
	if len(del.Units) != 2 {
		t.Fatalf("got %d units", len(del.Units))
	}
	if got := d.request(r.ID); got.Units != 2 || got.Status != delivery.Allocated || got.Version != 2 {
		t.Errorf("got %+v", got)
	}
	list, _, err := d.DB.Boards.Requests(ctx, delivery.RequestQuery{Hospital: "SY06", Limit: 10})
	if err != nil || len(list) != 2 {
		t.Fatalf("got %d requests, %v", len(list), err)
	}
	rest := list[0]
	if rest.ID == r.ID {
		rest = list[1]
	}
	if rest.RestOf != r.ID || rest.Units != 1 || rest.Status != delivery.Open || rest.NeededBy != ask.NeededBy || rest.Class != r.Class {
		t.Errorf("the rest: %+v", rest)
	}
	if again, err := d.Submit(ctx, ward, ask, "key-parts", []byte("key-parts")); err != nil || again.ID != r.ID {
		t.Errorf("the same key: %+v, %v", again, err)
	}
	d.Stocks("B+", blood.RedCells, 1)
	if got := d.Accepts(rest); len(got.Units) != 1 {
		t.Errorf("the rest: %+v", got)
	}
}

func TestTheWindLimitOfThePolicyIsSaid(t *testing.T) {
	t.Parallel()
	d := newDeskBy(t, func(p *propose.Policy) {
		for _, class := range []string{"MR-10", "MR-30", "VT-06"} {
			p.WindMaxMPS[class] = 5
		}
	})
	d.Stocks("A+", blood.RedCells, 1)
	d.Tick(time.Second)
	for _, x := range d.Network().Drones {
		home, _ := d.Network().Site(x.Home)
		d.Observes(x.ID, telemetry.Position{Point: home.Point, AltM: 45, BatteryPct: 100, WindMPS: 6, WindFromDeg: 90})
	}
	e, err := d.Estimate(context.Background(), ward, order(1))
	if err != nil || e.Impossible == nil || len(e.Impossible.Considered) == 0 {
		t.Fatalf("got %+v, %v", e, err)
	}
	for _, c := range e.Impossible.Considered {
		if c.Reason != propose.TooWindy || c.Have != 6 || c.Want != 5 {
			t.Errorf("%s: %s %d/%d", c.Drone, c.Reason, c.Have, c.Want)
		}
	}
}

func TestManyUnitsForAnUnknownGroupAreToBeReviewed(t *testing.T) {
	t.Parallel()
	d := newDeskBy(t, func(p *propose.Policy) { p.AutoAccept[delivery.STAT] = true })
	d.Stocks("O-", blood.RedCells, 12)
	for units, want := range map[int]bool{4: false, 5: true} {
		ask := order(units)
		ask.Group = blood.UnknownGroup
		if e, err := d.Estimate(context.Background(), ward, ask); err != nil || e.Proposal == nil || e.Proposal.Review != want {
			t.Errorf("%d units: %+v, %v", units, e, err)
		}
	}
}

// A day of the record is a stream that can be played again, and otherwise.
func TestADayIsPlayedAgainWithAnotherPolicy(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("O-", blood.RedCells, 2)
	d.Stocks("A+", blood.RedCells, 2)
	flown := d.Accepts(d.Submits(order(1), "key-flown"))
	ask := order(2)
	ask.Group, ask.Urgency = "O-", delivery.Routine
	d.Submits(ask, "key-waits")
	if _, err := d.Day(ctx, ward, t0, propose.DayVariant{}); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("the ward reads the day: %v", err)
	}
	was, err := d.Day(ctx, tower, t0, propose.DayVariant{})
	if err != nil || len(was.Requests) != 2 || was.Requests[0].ReleaseS != 14*3600 || len(was.Lots) != 4 {
		t.Fatalf("got %+v, %v", was, err)
	}
	used := false
	for _, l := range was.Lots {
		used = used || l.ID == flown.Units[0].Unit.Key.String() && l.Centre == "SYBC"
	}
	if !used {
		t.Error("the unit that left on that day is not in it")
	}
	none, _ := propose.BuiltinPolicy()
	none.ReserveUnits = 0
	is, err := d.Day(ctx, tower, t0, propose.DayVariant{Policy: &none, Wind: &route.Wind{SpeedMPS: 5, FromDeg: 270}})
	if err != nil || plan.SameRequests(was, is) != nil {
		t.Fatalf("got %v", err)
	}
	outcome := func(in *plan.Instance) plan.Outcome {
		day, err := plan.Play(in, 1, func() plan.Budget { return plan.Budget{Rounds: 50} })
		if err != nil {
			t.Fatal(err)
		}
		o, err := in.Outcome(day.Log)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	if c := plan.Compare(was, outcome(was), outcome(is)); c.Was.Served != 1 || c.Is.Served != 2 || len(c.Gained) != 1 {
		t.Errorf("got %+v", c)
	}
	if other, err := d.Day(ctx, tower, t0.AddDate(0, 0, -1), propose.DayVariant{}); err != nil || len(other.Requests) != 0 {
		t.Errorf("the day before: %+v, %v", other, err)
	}
}

// What may be needed for life-threatening requests is marked, and accepted by nobody but
// a person.
func TestScarceUnitsAreHeldBackForSTAT(t *testing.T) {
	t.Parallel()
	for units, held := range map[int]bool{60: false, 3: true} {
		d := newDeskBy(t, func(p *propose.Policy) { p.AutoAccept[delivery.Routine] = true })
		d.Stocks("A+", blood.RedCells, units)
		for i := range 20 {
			r := d.Submits(order(1), fmt.Sprintf("key-stat-%d", i))
			if _, err := d.Cancel(context.Background(), ward, r.ID, "not needed after all"); err != nil {
				t.Fatal(err)
			}
		}
		ask := order(2)
		ask.Urgency, ask.NeededBy = delivery.Routine, t0.Add(6*time.Hour)
		r := d.Submits(ask, "key-routine")
		d.plans()
		proposals, _ := d.Proposals()
		if p := proposals[r.ID]; p.Held != held || (d.request(r.ID).Status == delivery.Open) != held {
			t.Errorf("%d units: held %v, the request is %s", units, p.Held, d.request(r.ID).Status)
		}
		if held {
			d.Accepts(r) // a person may all the same
		}
	}
}
