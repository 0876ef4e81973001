package dispatch

import (
	"context"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/geo"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// Wait is what a loaded drone waits for; empty when nothing keeps it.
type Wait string

const (
	WaitPlan      Wait = "plan"       // the drone has not taken it
	WaitLink      Wait = "link"       // the drone is silent
	WaitService   Wait = "service"    // its centre, pad, box or itself is out of service
	WaitZone      Wait = "zone"       // on its way out or home
	WaitWind      Wait = "wind"       // beyond its class
	WaitBattery   Wait = "battery"    // under the energy of both ways and the reserve
	WaitPad       Wait = "pad"        // another drone stands there, or will
	WaitBoxSilent Wait = "box_silent" // nothing recent is known of a box
	WaitCold      Wait = "cold"       // a box would come to its limit on the way
	WaitElsewhere Wait = "elsewhere"  // it is not where its way home begins
	WaitReceipt   Wait = "receipt"    // its units are not received
)

// mayLeave looks at both ways of a loaded mission as they would be flown now, at energy,
// pad and the cold chain. It returns how long the way out takes, and what it waits for.
func (d *Dispatcher) mayLeave(ctx context.Context, m delivery.Mission, own []delivery.Delivery, missions []delivery.Mission, now time.Time) (flight time.Duration, why Wait) {
	if m.Status == delivery.MPlanned {
		return 0, WaitPlan
	}
	out, why := d.clear(m, m.Out, m.LoadKg, now)
	if why != "" {
		return 0, why
	}
	back, why := d.clear(m, m.Back, m.LoadKg, now)
	arrive := now.Add(out.Duration)
	switch {
	case why != "":
	case d.shut(m, own, arrive, now) != nil:
		why = WaitService
	case !d.charged(m, out.EnergyJ+back.EnergyJ):
		why = WaitBattery
	case d.padOccupied(m, missions, arrive, now):
		why = WaitPad
	default:
		why = d.cold(ctx, m, own, out.Duration, now)
	}
	return out.Duration, why
}

// stay is since when a loaded drone stands with nothing else wrong, and since when nothing
// keeps it; zero while something does.
type stay struct{ since, free time.Time }

// waits is what a loaded mission waits for, nothing while its drone was told to leave or is
// about to be; and whether it stands for longer than it should.
func (d *Dispatcher) waits(ctx context.Context, m delivery.Mission, own []delivery.Delivery, missions []delivery.Mission, now time.Time) (why Wait, stuck bool) {
	_, why = d.mayLeave(ctx, m, own, missions, now)
	d.mu.Lock()
	defer d.mu.Unlock()
	if why == "" && d.turnedDown[m.ID] {
		why = WaitPad
	}
	s, stands := d.stays[m.ID]
	if !stands {
		s.since = now
	}
	switch {
	case why != "":
		s.free = time.Time{}
	case s.free.IsZero():
		s.free = now
	}
	d.stays[m.ID] = s
	switch why {
	case "":
		return why, now.Sub(s.free) >= LeaveWithin
	case WaitLink:
		return why, false // its silence is a failure of its own soon
	}
	return why, now.Sub(s.since) >= LeaveWithin
}

// moved forgets how long a mission's drone has stood.
func (d *Dispatcher) moved(id delivery.MissionID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.stays, id)
}

// mayGoHome looks at the way home of a drone that has delivered.
func (d *Dispatcher) mayGoHome(m delivery.Mission, own []delivery.Delivery, now time.Time) Wait {
	back, why := d.clear(m, m.Back, d.emptyKg(own), now)
	_, grounded := network.DeviceClosed(d.Closures(), m.Drone, now)
	switch {
	case why != "":
		return why
	case grounded:
		return WaitService
	case d.away(m, m.Back[0].Point):
		return WaitElsewhere
	case !d.charged(m, back.EnergyJ):
		return WaitBattery
	}
	return ""
}

// clear looks at a leg as it would be flown now: in touch with its drone, outside
// zones and within the wind. What it takes is returned.
func (d *Dispatcher) clear(m delivery.Mission, track []geo.Fix4D, loadKg float64, now time.Time) (route.Leg, Wait) {
	class := d.classOf(m.Drone)
	state, ok := d.Tracker.Drone(m.Drone)
	if !ok || state.Link == telemetry.LinkStale {
		return route.Leg{}, WaitLink
	}
	if d.router.conflicts(points(track), class.HeightM, now) != nil {
		return route.Leg{}, WaitZone
	}
	wind, _ := d.Wind(now)
	leg, err := class.Fly(points(track), loadKg, wind)
	if err != nil {
		return route.Leg{}, WaitWind
	}
	return leg, ""
}

// charged reports whether the drone's battery covers the energy and the reserve.
func (d *Dispatcher) charged(m delivery.Mission, energyJ float64) bool {
	state, _ := d.Tracker.Drone(m.Drone)
	return energyJ+m.ReserveJ <= m.BatteryJ*state.Position.BatteryPct/100
}

// padOccupied reports whether another drone overstays on the pad, or would still be
// there. Slots keep plans apart; this keeps what happens apart.
func (d *Dispatcher) padOccupied(m delivery.Mission, missions []delivery.Mission, arrive, now time.Time) bool {
	for _, o := range missions {
		if o.ID == m.ID || o.Pad != m.Pad || o.Status == delivery.MAtPad && d.elsewhere(o) {
			continue
		}
		state, _ := d.Tracker.Drone(o.Drone)
		switch o.Status {
		case delivery.MAtPad:
			if now.After(o.ArriveAt.Add(unloadTime)) {
				return true
			}
		case delivery.MOutbound:
			if eta := state.ETA; eta.Before(arrive.Add(unloadTime)) && arrive.Before(eta.Add(unloadTime)) {
				return true
			}
		}
	}
	return false
}
