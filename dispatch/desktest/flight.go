package desktest

import (
	"context"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/telemetry"
)

// FliesOnce runs the dispatcher's flight loop once.
func (d *Desk) FliesOnce() {
	d.T.Helper()
	d.must(d.FlyOnce(context.Background(), d.Now()))
}

// Flies plays a loaded delivery's drone from upload to landing on the pad.
func (d *Desk) Flies(del delivery.Delivery) {
	d.T.Helper()
	d.Answers("mission")
	d.Answers("release")
	for _, phase := range []telemetry.Phase{telemetry.Airborne, telemetry.Landed} {
		if phase == telemetry.Landed {
			d.Reaches(del)
		}
		d.OnTelemetry(
			context.Background(),
			[]telemetry.Event{
				{
					Kind: telemetry.PhaseChanged, Device: del.Drone, At: d.Now(), StatedAt: d.Now(),
					Status: telemetry.Status{Phase: phase, Mission: string(del.Mission)},
				},
			},
		)
	}
}

// TakesOff brings a loaded drone a third of the way out.
func (d *Desk) TakesOff(del delivery.Delivery) orb.Point {
	d.T.Helper()
	d.Answers("mission")
	d.Answers("release")
	m := d.Mission(del.Mission)
	a, b := m.Out[0].Point, m.Out[1].Point
	at := orb.Point{a[0] + (b[0]-a[0])/3, a[1] + (b[1]-a[1])/3}
	d.Tick(time.Second)
	d.Observes(del.Drone, telemetry.Status{Phase: telemetry.Airborne, Mission: string(del.Mission)})
	d.Observes(del.Drone, telemetry.Position{Point: at, AltM: 165, BatteryPct: 95, WindMPS: -1})
	d.FliesOnce()
	if got := d.Mission(del.Mission).Status; got != delivery.MOutbound {
		d.T.Fatalf("got %s, want outbound", got)
	}
	return at
}

// Reaches has a drone report from where its way out ends.
func (d *Desk) Reaches(del delivery.Delivery) {
	d.Tick(time.Second)
	out := d.Mission(del.Mission).Out
	d.Observes(del.Drone, telemetry.Position{Point: out[len(out)-1].Point, AltM: 45, BatteryPct: 80, WindMPS: -1})
}

// Answers runs the dispatcher's flight loop until a command of this kind is sent, and
// acknowledges it as a drone would.
func (d *Desk) Answers(kind telemetry.CommandKind) {
	d.T.Helper()
	d.Until(kind, func(c telemetry.Command) bool { return c.Kind == kind })
}

// Obeys acknowledges whatever is sent until a command of this kind has been.
func (d *Desk) Obeys(kind telemetry.CommandKind) {
	d.T.Helper()
	d.Until(kind, func(telemetry.Command) bool { return true })
}

// Until runs the dispatcher's flight loop and acknowledges the commands that acks picks,
// until it has acknowledged one of this kind.
func (d *Desk) Until(kind telemetry.CommandKind, acks func(telemetry.Command) bool) {
	d.T.Helper()
	d.Cools()
	for range 10 {
		d.Sent = nil
		d.FliesOnce()
		for _, c := range d.Sent {
			if !acks(c) {
				continue
			}
			a := telemetry.Ack{Command: c.ID, Device: c.Device, OK: true, At: d.Now()}
			if c.Plan != nil {
				a.Hash = c.Plan.Hash()
			}
			d.must(d.Acknowledge(context.Background(), a))
			if c.Kind == kind {
				return
			}
		}
	}
	d.T.Fatalf("no command %s was sent", kind)
}
