package dispatch_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/flight"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/geo"
	"hemolift/geo/airspace"
	"hemolift/telemetry"
)

// around is a zone of six corners about a point.
func around(p orb.Point, radiusM float64) airspace.Zone {
	var ring orb.Ring
	for k := range 7 {
		ring = append(ring, geo.Direct(p, float64(k%6)*60, radiusM))
	}
	return airspace.Zone{
		NameZH:    "演练",
		NameEN:    "Exercise",
		Kind:      airspace.Prohibited,
		Reference: airspace.AGL,
		UpperM:    300,
		Until:     t0.Add(2 * time.Hour),
		Polygon:   orb.Polygon{ring},
	}
}

// clearance is the least distance in metres of a track from a zone's middle.
func clearance(track []geo.Fix4D, middle orb.Point) float64 {
	least := math.Inf(1)
	for i := 1; i < len(track); i++ {
		for f := 0.0; f <= 1; f += 0.01 {
			a, b := track[i-1].Point, track[i].Point
			least = min(least, geo.Distance(orb.Point{a[0] + f*(b[0]-a[0]), a[1] + f*(b[1]-a[1])}, middle))
		}
	}
	return least
}

// halfway is amid the last segment of a track.
func halfway(track []geo.Fix4D) orb.Point {
	a, b := track[len(track)-2].Point, track[len(track)-1].Point
	return orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}
}

func TestANewZoneReplansWhatIsOnTheGround(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del := d.load("KEY-00001")
	d.Answers("mission")
	before := d.Mission(del.Mission)
	middle := halfway(before.Out)
	z, touched, err := d.AddZone(ctx, tower, around(middle, 400))
	if err != nil || len(touched) != 1 || touched[0].Outcome != situation.Replanned || touched[0].LongerM <= 0 {
		t.Fatalf("got %+v, %v", touched, err)
	}
	after := d.Mission(del.Mission)
	if after.Status != delivery.MPlanned || after.PlanHash == before.PlanHash || clearance(after.Out, middle) < 340 ||
		clearance(after.Back, middle) < 340 {
		t.Errorf("got %s, %v and %v m from the middle", after.Status, clearance(after.Out, middle), clearance(after.Back, middle))
	}
	if d.Answers("mission"); d.Mission(del.Mission).Status != delivery.MUploaded {
		t.Errorf("after the new plan's upload: got %s", d.Mission(del.Mission).Status)
	}
	if kept, err := d.DB.Zones.Touched(ctx); err != nil || !slices.Equal(kept[z.ID], touched) || !slices.Equal(d.TouchedBy(z.ID), touched) {
		t.Errorf("kept of what it touched: %+v, %v", kept, err)
	}
	again, err := d.DB.Networks.Network(ctx)
	if err != nil || len(again.Zones) != len(d.Network().Zones)+1 {
		t.Errorf("after a restart: %d zones, %v", len(again.Zones), err)
	}
	if err := d.EndZone(ctx, tower, z.ID); err != nil {
		t.Fatal(err)
	}
	if err := d.EndZone(ctx, anna, z.ID); !errors.Is(err, refusal.ErrNotFound) {
		t.Errorf("ended twice: got %v", err)
	}
	if again, err = d.DB.Networks.Network(ctx); err != nil || len(again.Zones) != len(d.Network().Zones) {
		t.Errorf("ended, after a restart: %d zones, %v", len(again.Zones), err)
	}
}

// airborne brings a delivery into the air, its drone a third of the way out.
func (d *desk) airborne(key string) (delivery.Delivery, orb.Point) {
	return d.airborneFor(order(1), key)
}

func (d *desk) airborneFor(o delivery.Asked, key string) (delivery.Delivery, orb.Point) {
	d.T.Helper()
	del := d.loadFor(o, key)
	return del, d.TakesOff(del)
}

func TestANewZoneLeadsADroneInTheAirAround(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del, at := d.airborne("KEY-00001")
	middle := halfway(d.Mission(del.Mission).Out)
	_, touched, err := d.AddZone(ctx, anna, around(middle, 400))
	if err != nil || len(touched) != 1 || touched[0].Outcome != situation.Rerouted {
		t.Fatalf("got %+v, %v", touched, err)
	}
	m := d.Mission(del.Mission)
	if clearance(m.Out, middle) < 340 || geo.Distance(m.Out[0].Point, at) > 1 {
		t.Errorf(
			"the new way begins %v m from the drone and passes %v m from the middle",
			geo.Distance(m.Out[0].Point, at),
			clearance(m.Out, middle),
		)
	}
	d.FliesOnce()
	c := d.Sent[len(d.Sent)-1]
	if c.Kind != telemetry.Reroute || c.Device != del.Drone || len(c.Plan.Legs) != 1 || len(c.Plan.Legs[0]) != len(m.Out) {
		t.Errorf("got %+v", c)
	}
	if _, touched, err = d.AddZone(
		ctx,
		anna,
		around(d.Mission(del.Mission).Out[0].Point, 200),
	); err != nil || len(touched) != 1 || touched[0].Outcome != situation.Inside || touched[0].EscapeM < 100 ||
		touched[0].EscapeM > 220 {
		t.Errorf("a zone about the drone: got %+v, %v", touched, err)
	}
}

func TestANewZoneAboutTheGoalHoldsTheDrone(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del, _ := d.airborne("KEY-00001")
	out := d.Mission(del.Mission).Out
	_, touched, err := d.AddZone(ctx, anna, around(out[len(out)-1].Point, 300))
	if err != nil || len(touched) != 1 || touched[0].Outcome != situation.Held || touched[0].Reason == "" {
		t.Fatalf("got %+v, %v", touched, err)
	}
	d.FliesOnce()
	if c := d.Sent[len(d.Sent)-1]; c.Kind != telemetry.Hold || c.Device != del.Drone {
		t.Errorf("got %+v", c)
	}
}

func TestARefusedZoneChangesNothing(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	z := around(orb.Point{123.43, 41.8}, 1000)
	if _, _, err := d.AddZone(ctx, ward, z); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("a ward: got %v", err)
	}
	z.NameZH = ""
	var f refusal.Field
	if _, _, err := d.AddZone(ctx, anna, z); !errors.As(err, &f) || f.Field != "name" {
		t.Errorf("without a name: got %v", err)
	}
	if got := len(d.Zones()); got != len(d.Network().Zones) {
		t.Errorf("%d zones after refusals", got)
	}
	var state refusal.State
	if err := d.EndZone(ctx, anna, d.Network().Zones[0].ID); !errors.As(err, &state) {
		t.Errorf("ending an authority's zone: got %v", err)
	}
}

// A release that waits for its ack is void when a zone changes its plan, and one
// that is sent names the plan.
func TestAPendingReleaseDoesNotOutliveItsPlan(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del := d.load("KEY-00001")
	d.Answers("mission")
	d.Sent = nil
	for range 3 {
		d.FliesOnce()
	}
	before := d.Mission(del.Mission)
	if c := d.Sent[len(d.Sent)-1]; c.Kind != telemetry.Release || c.PlanHash != before.PlanHash {
		t.Fatalf("got %+v", c)
	}
	if _, touched, err := d.AddZone(ctx, anna, around(halfway(before.Out), 400)); err != nil || touched[0].Outcome != situation.Replanned {
		t.Fatalf("got %+v, %v", touched, err)
	}
	d.Sent = nil
	d.FliesOnce()
	d.FliesOnce()
	for _, c := range d.Sent {
		if c.Kind == telemetry.Release {
			t.Errorf("the old plan's release was sent: %+v", c)
		}
	}
	// The drone had heard it all the same: its mission follows, and it is led around.
	d.report(del, telemetry.Airborne, 0)
	for range 3 {
		d.FliesOnce()
	}
	if got := d.missionStatus(del.Mission); got != "outbound" {
		t.Errorf("got %s, want outbound", got)
	}
}

// A drone that hovers before a zone is not resumed into it, and an alarm stands
// until its way is open.
func TestNobodyResumesIntoAZone(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del, _ := d.airborne("KEY-00001")
	out := d.Mission(del.Mission).Out
	z, _, err := d.AddZone(ctx, anna, around(out[len(out)-1].Point, 300))
	if err != nil {
		t.Fatal(err)
	}
	d.Answers("hold")
	d.report(del, telemetry.Holding, 0)
	d.Observes(del.Drone, telemetry.Position{Point: out[0].Point, AltM: 165, BatteryPct: 95, WindMPS: -1})
	var state refusal.State
	if err := d.Command(ctx, tower, del.Mission, flight.Order{Kind: telemetry.Resume}); !errors.As(err, &state) {
		t.Errorf("resumed into a zone: %v", err)
	}
	open := func() (n int) {
		alarms, err := d.alarmsShown(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range alarms {
			if a.Kind == delivery.NoWay && a.ClearedAt.IsZero() {
				n++
			}
		}
		return n
	}
	if open() != 1 {
		t.Errorf("%d alarms stand", open())
	}
	if err := d.EndZone(ctx, anna, z.ID); err != nil {
		t.Fatal(err)
	}
	d.FliesOnce()
	if open() != 0 {
		t.Error("the alarm stands though the way is open")
	}
	if err := d.Command(ctx, tower, del.Mission, flight.Order{Kind: telemetry.Resume}); err != nil {
		t.Errorf("not resumed: %v", err)
	}
}

// A zone that has run out is gone from everywhere, after a restart too.
func TestAZoneThatHasRunOutIsGone(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	z := around(orb.Point{123.43, 41.8}, 1000)
	z.Until = d.Now().Add(time.Hour)
	z, _, err := d.AddZone(ctx, anna, z)
	if err != nil {
		t.Fatal(err)
	}
	stands := func() bool { return slices.ContainsFunc(d.Zones(), func(x airspace.Zone) bool { return x.ID == z.ID }) }
	d.Tick(59 * time.Minute)
	d.plans()
	if !stands() {
		t.Error("gone before its time")
	}
	d.Tick(time.Minute)
	d.plans()
	if stands() {
		t.Error("it is there after its time")
	}
	if err := d.EndZone(ctx, anna, z.ID); !errors.Is(err, refusal.ErrNotFound) {
		t.Errorf("ended after its time: %v", err)
	}
	d.Restarts()
	if stands() {
		t.Error("it is there again after a restart")
	}
}
