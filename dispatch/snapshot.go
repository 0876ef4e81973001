package dispatch

import (
	"math"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// Snapshot is the world as the planner sees it.
type Snapshot struct {
	At       time.Time
	Requests []delivery.Request   // open
	Stock    []blood.Unit         // in stock and not expired
	Boxes    []network.Box        // free and in service, each at its site
	Missions []delivery.Mission   // active
	GivenUp  []delivery.MissionID // of those, not left, their boxes on board
	Slots    []delivery.Slot      // that end after At
	Closures []network.Closure    // that end after At
	Seen     []delivery.Request   // asked for within seenFor before At, whatever became of them

	// From telemetry:
	Drones map[telemetry.DeviceID]telemetry.DroneState
	Wind   route.Wind
}

// seenFor is how far back requests count for the forecast of what comes.
const seenFor = 24 * time.Hour

// SeenSince is when the requests of a snapshot begin to count.
func SeenSince(at time.Time) time.Time { return at.Add(-seenFor) }

// windMaxAge is how old a drone's estimate of the wind may be.
const windMaxAge = 5 * time.Minute

// meanWind averages, as vectors, what drones have estimated lately. Without any
// estimate it is calm and known is false.
func meanWind(drones []telemetry.DroneState, now time.Time) (w route.Wind, known bool) {
	var sum windSum
	for _, d := range drones {
		if d.Heard && now.Sub(d.At) <= windMaxAge {
			sum.add(d.Position)
		}
	}
	return sum.mean()
}

// windSum gathers what drones estimated, as vectors.
type windSum struct{ east, north, n float64 }

// add leaves out a position without an estimate.
func (s *windSum) add(p telemetry.Position) {
	if p.WindMPS < 0 {
		return
	}
	sin, cos := math.Sincos(p.WindFromDeg * math.Pi / 180)
	s.east, s.north, s.n = s.east+sin*p.WindMPS, s.north+cos*p.WindMPS, s.n+1
}

// mean is false without any estimate.
func (s *windSum) mean() (w route.Wind, known bool) {
	if s.n == 0 {
		return route.Wind{}, false
	}
	deg := math.Atan2(s.east, s.north) * 180 / math.Pi
	if deg < 0 {
		deg += 360
	}
	return route.Wind{SpeedMPS: math.Hypot(s.east, s.north) / s.n, FromDeg: deg}, true
}
