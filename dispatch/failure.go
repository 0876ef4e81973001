package dispatch

import (
	"context"
	"time"

	"github.com/paulmach/orb"

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
)

// lostAfter is how long a drone in the air may be silent before another one is proposed.
const lostAfter = 2 * time.Minute

// failure is what is wrong with a delivery; empty when nothing is, or when the hospital
// has it.
func (d *Dispatcher) failure(ctx context.Context, m Mission, del Delivery, list []Closure, now time.Time) Failure {
	if del.Status.Ended() || del.GivenUp() || oneOf(del.Status, DLanded, DOpened) {
		return ""
	}
	state, heard := d.Tracker.Drone(m.Drone)
	flying := del.Status == DAirborne
	switch {
	case flying && heard && state.Link == telemetry.LinkStale && now.Sub(state.At) >= lostAfter:
		return DroneLost
	case flying && m.Status == MInbound:
		return TurnedBack
	case flying && m.Status == MAtPad:
		return DownElsewhere
	case d.hasNoWay(m.Drone):
		return NoWayOn
	}
	flight, arrive := d.expected(m, del, now)
	if margin, out := d.coldOutlook(ctx, m, []Delivery{del}, flight, now); out || margin < 0 {
		return BoxWarm
	}
	pad, _ := d.Network.Pad(m.Pad)
	if _, closed := padClosed(list, pad, arrive, arrive.Add(unloadTime)); closed {
		return PadRefused
	}
	if _, closed := siteClosed(list, m.Centre, now); closed && !flying {
		return CentreClosed
	}
	return ""
}

// elsewhere reports whether a drone that is heard is not where its way out ends.
func (d *Dispatcher) elsewhere(m Mission) bool { return d.away(m, m.Out[len(m.Out)-1].Point) }

// away reports whether a mission's drone is heard, and not at a place.
func (d *Dispatcher) away(m Mission, place orb.Point) bool {
	state, ok := d.Tracker.Drone(m.Drone)
	return ok && state.Heard && state.Link != telemetry.LinkStale && geo.Distance(state.Position.Point, place) > astrayM
}

// aloft reports whether a drone is heard in the air.
func (d *Dispatcher) aloft(id telemetry.DeviceID) bool {
	state, ok := d.Tracker.Drone(id)
	return ok && state.Heard && state.Link != telemetry.LinkStale && state.Status.Phase.InAir()
}

// expected is how long a delivery has to fly yet, and when it would land.
func (d *Dispatcher) expected(m Mission, del Delivery, now time.Time) (flight time.Duration, arrive time.Time) {
	if del.Status != DAirborne {
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
