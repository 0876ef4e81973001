package dispatch

import (
	"context"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/geo"
	"hemolift/telemetry"
)

// Failure is why a delivery under way will not serve its request as planned.
type Failure string

const (
	DroneLost     Failure = "drone_lost"     // silent in the air for lostAfter
	TurnedBack    Failure = "turned_back"    // on its way home with the units
	DownElsewhere Failure = "down_elsewhere" // landed, but not at its goal
	NoWayOn       Failure = "no_way_on"      // zones leave it no way
	BoxWarm       Failure = "box_warm"       // beyond its limits, or before it is handed over
	PadRefused    Failure = "pad_refused"    // out of service when it would land
	CentreClosed  Failure = "centre_closed"  // before it has left
	DeviceClosed  Failure = "device_closed"  // its drone or a box, before it has left
	DroneSilent   Failure = "drone_silent"   // on the ground, for lostAfter
	NotLeaving    Failure = "not_leaving"    // loaded, and not released or not gone for LeaveWithin
)

// lostAfter is how long a drone may be silent before another one is proposed, LeaveWithin
// how long a loaded one may stand before, and after it took its release.
const (
	lostAfter   = 2 * time.Minute
	LeaveWithin = 5 * time.Minute
)

// failure is what is wrong with a delivery; empty when nothing is, or when the hospital
// has it.
func (d *Dispatcher) failure(ctx context.Context, m delivery.Mission, del delivery.Delivery, list []network.Closure, now time.Time) Failure {
	if del.Status.Ended() || del.GivenUp() || del.Status.In(delivery.DLanded, delivery.DOpened) {
		return ""
	}
	flying := del.Status == delivery.DAirborne
	if why := d.failingAloft(m, now); flying && why != "" {
		return why
	}
	if d.hasNoWay(m.Drone) {
		return NoWayOn
	}
	flight, arrive := d.expected(m, del, now)
	if margin, out := d.coldOutlook(ctx, m, []delivery.Delivery{del}, flight, now); out || margin < 0 {
		return BoxWarm
	}
	pad, _ := d.Network.Pad(m.Pad)
	if _, closed := network.PadClosed(list, pad, arrive, arrive.Add(unloadTime)); closed {
		return PadRefused
	}
	if flying {
		return ""
	}
	return d.failingAground(m, del, list, now)
}

func (d *Dispatcher) failingAloft(m delivery.Mission, now time.Time) Failure {
	switch {
	case d.silentFor(m.Drone, now) >= lostAfter:
		return DroneLost
	case m.Status == delivery.MInbound:
		return TurnedBack
	case m.Status == delivery.MAtPad:
		return DownElsewhere
	}
	return ""
}

func (d *Dispatcher) failingAground(m delivery.Mission, del delivery.Delivery, list []network.Closure, now time.Time) Failure {
	if _, closed := network.SiteClosed(list, m.Centre, now); closed {
		return CentreClosed
	}
	for _, id := range devicesOf(m, []delivery.Delivery{del}) {
		if _, closed := network.DeviceClosed(list, id, now); closed {
			return DeviceClosed
		}
	}
	switch {
	case d.silentFor(m.Drone, now) >= lostAfter:
		return DroneSilent
	case del.Status == delivery.DLoaded:
		return NotLeaving // once it has been so for LeaveWithin
	}
	return ""
}

// silentFor is how long a drone that was heard once has been silent, since this program
// listens; zero while its link is not stale.
func (d *Dispatcher) silentFor(id telemetry.DeviceID, now time.Time) time.Duration {
	state, heard := d.Tracker.Drone(id)
	if !heard || state.Link != telemetry.LinkStale {
		return 0
	}
	return min(now.Sub(state.At), now.Sub(d.since))
}

// elsewhere reports whether a drone that is heard is not where its way out ends.
func (d *Dispatcher) elsewhere(m delivery.Mission) bool { return d.away(m, m.Out[len(m.Out)-1].Point) }

// away reports whether a mission's drone is heard, and not at a place.
func (d *Dispatcher) away(m delivery.Mission, place orb.Point) bool {
	state, ok := d.Tracker.Drone(m.Drone)
	return ok && state.Heard && state.Link != telemetry.LinkStale && geo.Distance(state.Position.Point, place) > astrayM
}

// aloft reports whether a drone is heard in the air.
func (d *Dispatcher) aloft(id telemetry.DeviceID) bool {
	state, ok := d.Tracker.Drone(id)
	return ok && state.Heard && state.Link != telemetry.LinkStale && state.Status.Phase.InAir()
}

// expected is how long a delivery has to fly yet, and when it would land.
func (d *Dispatcher) expected(m delivery.Mission, del delivery.Delivery, now time.Time) (flight time.Duration, arrive time.Time) {
	if del.Status != delivery.DAirborne {
		flight = m.Out[len(m.Out)-1].At.Sub(m.Out[0].At)
		if arrive = now.Add(flight); arrive.Before(m.ArriveAt) {
			arrive = m.ArriveAt
		}
		return flight, arrive
	}
	arrive = m.ArriveAt
	if state, ok := d.Tracker.Drone(m.Drone); ok && !state.ETA.IsZero() {
		arrive = state.ETA
	}
	return max(0, arrive.Sub(now)), arrive
}

func (d *Dispatcher) hasNoWay(drone telemetry.DeviceID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.noWay[drone]
}
