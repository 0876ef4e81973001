package dispatch

import (
	"math"
	"time"

	"hemolift/geo/route"
	"hemolift/telemetry"
)

// Snapshot is the world as the planner sees it.
type Snapshot struct {
	At       time.Time
	Requests []Request // open
	Stock    []Unit    // in stock and not expired
	Boxes    []Box     // free, each at its site
	Missions []Mission // active
	Slots    []Slot    // that end after At

	// From telemetry:
	Drones map[telemetry.DeviceID]telemetry.DroneState
	Wind   route.Wind
}

// Slot is a pad held for a mission, half-open.
type Slot struct {
	Pad      PadID
	Mission  MissionID
	From, To time.Time
}

// windMaxAge is how old a drone's estimate of the wind may be.
const windMaxAge = 5 * time.Minute

// meanWind averages, as vectors, what drones have estimated lately. Without any
// estimate it is calm and known is false.
func meanWind(drones []telemetry.DroneState, now time.Time) (w route.Wind, known bool) {
	var east, north, n float64
	for _, d := range drones {
		if !d.Heard || d.Position.WindMPS < 0 || now.Sub(d.At) > windMaxAge {
			continue
		}
		sin, cos := math.Sincos(d.Position.WindFromDeg * math.Pi / 180)
		east, north, n = east+sin*d.Position.WindMPS, north+cos*d.Position.WindMPS, n+1
	}
	if n == 0 {
		return route.Wind{}, false
	}
	deg := math.Atan2(east, north) * 180 / math.Pi
	if deg < 0 {
		deg += 360
	}
	return route.Wind{SpeedMPS: math.Hypot(east, north) / n, FromDeg: deg}, true
}
