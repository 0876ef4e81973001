package dispatch_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/refusal"
	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/telemetry/telemetrydb"
)

// A leg that took a fifth more than its class says is measured at landing, kept
// once, and remembered over a restart.
func TestALegThatEndsCalibratesItsDrone(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del := d.load("KEY-00001")
	d.Answers("mission")
	d.Answers("release")
	phase := func(p telemetry.Phase) telemetry.Event {
		return telemetry.Event{
			Kind:   telemetry.PhaseChanged,
			Device: del.Drone,
			At:     d.Now(), StatedAt: d.Now(),
			Status: telemetry.Status{Phase: p, Mission: string(del.Mission)},
		}
	}
	d.OnTelemetry(ctx, []telemetry.Event{phase(telemetry.Airborne)})
	m := d.Mission(del.Mission)
	class, _ := d.Network().ClassOf(del.Drone)
	var path []orb.Point
	for _, f := range m.Out {
		path = append(path, f.Point)
	}
	wind := route.Wind{SpeedMPS: 5, FromDeg: 30}
	want, err := class.Fly(path, m.LoadKg, wind)
	if err != nil {
		t.Fatal(err)
	}
	took := 1.2 * 100 * want.EnergyJ / class.BatteryJ
	var samples []telemetry.Sample
	for i, battery := range []float64{98, 98, 98 - took/2, 98 - took} { // at rest, climbing, on the way, landed
		samples = append(samples, telemetry.Sample{
			Device: del.Drone, Seq: d.Serial(), At: d.Now().Add(want.Duration * time.Duration(i) / 3), ReceivedAt: d.Now(),
			Reading: telemetry.Position{Point: path[0], AltM: 100, BatteryPct: battery, ClimbMPS: float64(i % 2), WindMPS: 5, WindFromDeg: 30},
		})
	}
	if err := telemetrydb.New(d.Pool).StoreSamples(ctx, samples); err != nil {
		t.Fatal(err)
	}
	d.Tick(want.Duration)
	d.Reaches(del)
	for range 2 { // told twice
		d.OnTelemetry(ctx, []telemetry.Event{phase(telemetry.Landed)})
	}
	k, err := d.Calibration(anna, del.Drone)
	if err != nil || k.Legs != 1 || math.Abs(k.Factor-1.2) > 1e-4 || k.Known() {
		t.Errorf("got %+v, %v, want one leg of 1.2", k, err)
	}
	if err := d.Restore(ctx); err != nil {
		t.Fatal(err)
	}
	if again, _ := d.Calibration(tower, del.Drone); again != k {
		t.Errorf("after a restart: %+v, before: %+v", again, k)
	}
	if _, err := d.Calibration(ward, del.Drone); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("a hospital got %v", err)
	}
	if _, err := d.Calibration(anna, "NONE"); !errors.Is(err, refusal.ErrNotFound) {
		t.Errorf("an unknown drone: %v", err)
	}
}
