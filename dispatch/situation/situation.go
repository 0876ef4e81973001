package situation

import (
	"maps"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// Situation is the world at one instant. What it holds must not be changed; a decider
// that asks "what if" copies it with other slices in place of these.
type Situation struct {
	At    time.Time
	Since time.Time // since when this program listens

	Network      *network.Network // its classes limited by the policy
	Profiles     map[coldchain.ProfileID]coldchain.Profile
	Airway       Airway
	Calibrations map[telemetry.DeviceID]route.Calibration
	telemetry.Picture
	Wind      route.Wind // the mean of what drones estimated lately
	WindKnown bool       // false: calm is a guess

	Flights
	Demand
	Noted
	// Spoiled are deliveries of which no unit may be used any more, as when the box
	// froze on the ground and is in range again.
	Spoiled map[delivery.ID]bool
	// Withheld are drones on which no plan may count.
	Withheld map[telemetry.DeviceID]bool
}

// Flights is what the record says is under way.
type Flights struct {
	Seq        uint64 // the last event of the log that it includes
	Missions   []delivery.Mission
	Deliveries []delivery.Delivery // of those missions, and others that have not ended
	Slots      []delivery.Slot     // that end after At
	Closures   []network.Closure   // that end after At
	Alarms     []delivery.Alarm    // that stand
	Commands   []telemetry.Command // that wait for their answers
}

// Demand is what waits to be served, and with what. It is empty where only what flies is
// looked at.
type Demand struct {
	Requests []delivery.Request // open
	Served   []delivery.Request // that the deliveries are for
	Seen     []delivery.Request // asked for within SeenFor before At, whatever became of them
	Stock    []blood.Unit       // in stock and not expired
	Boxes    []network.Box      // free, each at its site
}

// SeenFor is how far back requests count for the forecast of what comes.
const SeenFor = 24 * time.Hour

// Noted is what the desk remembers from one look to the next.
type Noted struct {
	RetryAt map[delivery.MissionID]time.Time // no command before, after a refusal
	Stays   map[delivery.MissionID]Stay      // loaded, and not left
}

// Observed completes a situation with what follows from its parts: the wind, and the
// boxes that are in service.
func Observed(s Situation) *Situation {
	s.Wind, s.WindKnown = meanWind(s.Drones(), s.At)
	free := make([]network.Box, 0, len(s.Boxes))
	for _, b := range s.Boxes {
		if _, closed := network.DeviceClosed(s.Closures, b.ID, s.At); !closed {
			free = append(free, b)
		}
	}
	s.Boxes = free
	return &s
}

// But is the situation in which no plan may count on some more drones.
func (s *Situation) But(drones ...telemetry.DeviceID) *Situation {
	other := *s
	other.Withheld = map[telemetry.DeviceID]bool{}
	maps.Copy(other.Withheld, s.Withheld)
	for _, id := range drones {
		other.Withheld[id] = true
	}
	return &other
}

// ClassOf is a drone's class with its own calibration.
func (s *Situation) ClassOf(id telemetry.DeviceID) route.Class {
	class, _ := s.Network.ClassOf(id)
	return class.Calibrated(s.Calibrations[id])
}

// Mission returns an active mission by id.
func (s *Situation) Mission(id delivery.MissionID) (delivery.Mission, bool) {
	for _, m := range s.Missions {
		if m.ID == id {
			return m, true
		}
	}
	return delivery.Mission{}, false
}

// Payload are the deliveries of a mission.
func (s *Situation) Payload(id delivery.MissionID) []delivery.Delivery {
	return delivery.Of(id, s.Deliveries)
}

// RequestOf is the request that a delivery is for; false where demand was not looked at.
func (s *Situation) RequestOf(d delivery.Delivery) (delivery.Request, bool) {
	for _, r := range s.Served {
		if r.ID == d.Request {
			return r, true
		}
	}
	return delivery.Request{}, false
}
