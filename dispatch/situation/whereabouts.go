package situation

import (
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/geo"
	"hemolift/telemetry"
)

const (
	// AstrayM is how far a drone is from its route, or from a place, that is not there.
	AstrayM = 300
	// LostAfter is how long a drone may be silent before another one is proposed.
	LostAfter = 2 * time.Minute
	// downAfter is how long after a drone was heard in the air people may say that it is
	// down.
	downAfter = 15 * time.Minute
	// strandedAfter is how long after its landing a drone is not counted on any more.
	strandedAfter = 20 * time.Minute
)

// Live returns a drone's state, and false when its link is stale or it never reported.
func (s *Situation) Live(id telemetry.DeviceID) (telemetry.DroneState, bool) {
	state, ok := s.Drone(id)
	return state, ok && state.Located && state.Link != telemetry.LinkStale
}

// SilentFor is how long a drone that was heard once has been silent, since this program
// listens; zero while its link is not stale.
func (s *Situation) SilentFor(id telemetry.DeviceID) time.Duration {
	state, known := s.Drone(id)
	if !known || state.Link != telemetry.LinkStale {
		return 0
	}
	since := s.At.Sub(s.Since)
	if state.At.After(s.At) { // of a record from before the clock was set back
		return since
	}
	return min(s.At.Sub(state.At), since)
}

// Aloft reports whether a drone is heard in the air.
func (s *Situation) Aloft(id telemetry.DeviceID) bool {
	state, heard := s.Live(id)
	return heard && state.Status.Phase.InAir()
}

// MayFly reports whether a drone may be in the air by what it said last.
func (s *Situation) MayFly(id telemetry.DeviceID) bool {
	state, known := s.Drone(id)
	return known && state.Status.Phase.InAir() && s.SilentFor(id) < downAfter
}

// Away reports whether a drone is heard, and not at a place.
func (s *Situation) Away(id telemetry.DeviceID, place orb.Point) bool {
	state, heard := s.Live(id)
	return heard && geo.Distance(state.Position.Point, place) > AstrayM
}

// Elsewhere reports whether a mission's drone is heard, and not where its way out ends.
func (s *Situation) Elsewhere(m delivery.Mission) bool {
	return s.Away(m.Drone, m.Out[len(m.Out)-1].Point)
}

// Came reports whether a delivery's drone, which is down, is where the delivery is due: by
// where it is heard, or else by where its mission flew.
func Came(s *Situation, m delivery.Mission, d delivery.Delivery) bool {
	if _, heard := s.Live(m.Drone); !heard {
		return d.Hospital == m.Hospital
	}
	due, _ := s.Network.Site(d.Hospital)
	return !s.Away(m.Drone, due.Point)
}

// DownOnItsWayHome reports whether a mission's drone says that it stands, and not at its
// centre, though it was to fly home.
func DownOnItsWayHome(s *Situation, m delivery.Mission) bool {
	state, heard := s.Live(m.Drone)
	home, _ := s.Network.Site(m.Centre)
	return m.Status == delivery.MInbound && heard && state.Status.Phase == telemetry.Landed && state.Status.Mission == string(m.ID) &&
		s.Away(m.Drone, home.Point)
}

// standsOnPad reports whether a mission's drone stands on the mission's pad.
func standsOnPad(s *Situation, m delivery.Mission) bool {
	if m.Status == delivery.MAtPad {
		return !s.Elsewhere(m)
	}
	site, _ := s.Network.Site(m.Hospital)
	return DownOnItsWayHome(s, m) && !s.Away(m.Drone, site.Point)
}

// GroundedAt is when a drone was last heard while it stood at home; zero when it was not,
// or is silent.
func (s *Situation) GroundedAt(id telemetry.DeviceID) time.Time {
	state, heard := s.Live(id)
	if !heard || state.Status.Phase != telemetry.Parked {
		return time.Time{}
	}
	return state.At
}

// BroughtHome reports whether a drone that had delivered is heard at its centre and not
// in the air, whatever it says of its mission: people carried it, or it began anew there.
func (s *Situation) BroughtHome(m delivery.Mission, payload []delivery.Delivery) bool {
	_, heard := s.Live(m.Drone)
	home, _ := s.Network.Site(m.Centre)
	return m.Status.In(delivery.MAtPad, delivery.MInbound) && delivery.AllEnded(payload) && heard && !s.Aloft(m.Drone) &&
		!s.Away(m.Drone, home.Point) && s.Away(m.Drone, m.Back[0].Point)
}

// Stranded reports whether a mission's drone has stood on its pad for too long.
func (s *Situation) Stranded(m delivery.Mission) bool {
	return m.Status == delivery.MAtPad && s.At.Sub(m.ArriveAt) > strandedAfter
}

// Expected is how long a delivery has to fly yet, and when it would land.
func (s *Situation) Expected(m delivery.Mission, status delivery.Status) (flight time.Duration, arrive time.Time) {
	if status != delivery.DAirborne {
		flight = m.Out[len(m.Out)-1].At.Sub(m.Out[0].At)
		if arrive = s.At.Add(flight); arrive.Before(m.ArriveAt) {
			arrive = m.ArriveAt
		}
		return flight, arrive
	}
	arrive = m.ArriveAt
	if state, known := s.Drone(m.Drone); known && !state.ETA.IsZero() {
		arrive = state.ETA
	}
	return max(0, arrive.Sub(s.At)), arrive
}

// EmptyKg is the mass of boxes without units.
func EmptyKg(n *network.Network, boxes ...telemetry.DeviceID) float64 {
	var sum float64
	for _, id := range boxes {
		b, _ := n.Box(id)
		bt, _ := n.BoxType(b.Type)
		sum += bt.EmptyKg
	}
	return sum
}

// HomeKg is what a mission's drone has on board on its way home: the empty boxes.
func (s *Situation) HomeKg(payload []delivery.Delivery) float64 {
	var sum float64
	for _, d := range payload {
		for _, b := range d.Boxes {
			sum += EmptyKg(s.Network, b.Box)
		}
	}
	return sum
}

// PayloadKg is what a mission's drone has on board: the load until it is handed over,
// then the boxes.
func (s *Situation) PayloadKg(m delivery.Mission, payload []delivery.Delivery) float64 {
	if m.Status.In(delivery.MAtPad, delivery.MInbound) {
		return s.HomeKg(payload)
	}
	return m.LoadKg
}
