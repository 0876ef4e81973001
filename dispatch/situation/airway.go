package situation

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/network"
	"hemolift/geo"
	"hemolift/geo/airspace"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// Margins from zones in metres. A flight's own conformance is judged against the zone
// itself. The tight one is for a drone that is nearer to a zone already: one that was
// pushed off its route must not be refused its way home.
const (
	marginM      = 50
	tightMarginM = 5
	// leastAloftM is how far from every zone a route in the air must stay at least: less
	// than the tight margin that routes from within the full one are planned with.
	leastAloftM = tightMarginM - 1
)

// LongestFlight bounds the time for which a zone's window counts while planning.
const LongestFlight = 3 * time.Hour

// Airspace is the zones that may come and go. It is safe for concurrent use.
type Airspace struct {
	full  *route.Planner
	tight *route.Planner // for a way that begins within the margin
}

// NewAirspace prepares zones; an error names one that cannot be planned around.
func NewAirspace(n *network.Network, zones []airspace.Zone) (*Airspace, error) {
	plane := geo.NewPlane(n.Centre())
	full, err := route.NewPlanner(plane, zones, marginM, n.GroundAltM())
	if err != nil {
		return nil, err
	}
	tight, err := route.NewPlanner(plane, zones, tightMarginM, n.GroundAltM())
	return &Airspace{full: full, tight: tight}, err
}

// Add makes a zone count for every airway from now on.
func (a *Airspace) Add(z airspace.Zone) error {
	if err := a.full.Add(z); err != nil {
		return err
	}
	if err := a.tight.Add(z); err != nil {
		a.full.Remove(z.ID)
		return err
	}
	return nil
}

// Remove ends a zone.
func (a *Airspace) Remove(id airspace.ZoneID) {
	a.full.Remove(id)
	a.tight.Remove(id)
}

// Airway is the airspace as it is now.
func (a *Airspace) Airway() Airway { return Airway{full: a.full.Chart(), tight: a.tight.Chart()} }

// Airway plans routes around the zones of one moment.
type Airway struct{ full, tight route.Chart }

// Flight asks for a route at a height above ground; zones count for LongestFlight.
func Flight(from, to orb.Point, heightM float64, depart time.Time) route.Flight {
	return route.Flight{From: from, To: to, HeightM: heightM, Depart: depart, Until: depart.Add(LongestFlight)}
}

// Route plans the fastest way of a class of aircraft in the wind, from pad to pad.
func (a Airway) Route(from, to orb.Point, c route.Class, wind route.Wind, depart time.Time) (route.Route, error) {
	f := Flight(from, to, c.HeightM, depart)
	f.CruiseMPS, f.Wind = c.CruiseMPS, wind
	return a.full.Plan(f)
}

// Onward plans from where a drone is, with less margin if it has lost the full one.
func (a Airway) Onward(f route.Flight) (route.Route, error) {
	way, err := a.full.Plan(f)
	if errors.Is(err, route.ErrStartInside) {
		return a.tight.Plan(f)
	}
	return way, err
}

// Frugal is Onward at the airspeed that takes the least energy.
func (a Airway) Frugal(f route.Flight, c route.Class, heightM, loadKg float64) (route.Frugal, error) {
	way, err := a.full.PlanFrugal(f, c, heightM, loadKg)
	if errors.Is(err, route.ErrStartInside) {
		return a.tight.PlanFrugal(f, c, heightM, loadKg)
	}
	return way, err
}

// Escape is the shortest way out of a zone for a drone within it.
func (a Airway) Escape(f route.Flight) (route.Route, error) { return a.tight.Escape(f) }

// ClosedAhead reports whether the rest of a flight leads through a zone before it has
// landed, at until.
func (a Airway) ClosedAhead(path []orb.Point, heightM float64, now, until time.Time) bool {
	if len(path) == 0 {
		return false
	}
	f := Flight(path[0], path[len(path)-1], heightM, now)
	f.Until = until
	return a.full.Conflicts(path, f, leastAloftM) != nil
}

// Conflicts is the last look before a path is flown from the ground: the zones that it
// enters or comes too near to.
func (a Airway) Conflicts(path []orb.Point, heightM float64, depart time.Time) []airspace.ZoneID {
	if len(path) == 0 {
		return nil
	}
	return a.full.Conflicts(path, Flight(path[0], path[len(path)-1], heightM, depart), marginM/2)
}

// FlightPlan is what a drone of a class is given to fly.
func FlightPlan(c route.Class, legs ...[]orb.Point) telemetry.FlightPlan {
	return telemetry.FlightPlan{Legs: legs, HeightM: c.HeightM, CruiseMPS: c.CruiseMPS}
}

// Points are the places of a track.
func Points(track []geo.Fix4D) []orb.Point {
	pts := make([]orb.Point, len(track))
	for i, f := range track {
		pts[i] = f.Point
	}
	return pts
}

// Timed spreads the times over a path by distance, at altM above mean sea level.
func Timed(path []orb.Point, altM float64, from, to time.Time) []geo.Fix4D {
	total, gone := geo.PathLength(path), 0.0
	track := make([]geo.Fix4D, len(path))
	for i, pt := range path {
		if i > 0 {
			gone += geo.Distance(path[i-1], pt)
		}
		share := 1.0
		if total > 0 {
			share = gone / total
		}
		track[i] = geo.Fix4D{Point: pt, AltM: altM, At: from.Add(time.Duration(share * float64(to.Sub(from)))).Truncate(time.Millisecond).UTC()}
	}
	return track
}

// CruiseAltM is the altitude at which a class cruises, above mean sea level.
func (s *Situation) CruiseAltM(c route.Class) float64 { return s.Network.GroundAltM() + c.HeightM }

// windMaxAge is how old a drone's estimate of the wind may be.
const windMaxAge = 5 * time.Minute

// meanWind averages, as vectors, what drones have estimated lately. Without any
// estimate it is calm and known is false.
func meanWind(drones []telemetry.DroneState, now time.Time) (w route.Wind, known bool) {
	var lately []telemetry.Position
	for _, d := range drones {
		if d.Located && now.Sub(d.At).Abs() <= windMaxAge {
			lately = append(lately, d.Position)
		}
	}
	return MeanWind(lately)
}

// MeanWind averages, as vectors, what drones estimated at some positions; those without
// an estimate are left out, and known is false without any.
func MeanWind(estimates []telemetry.Position) (w route.Wind, known bool) {
	estimates = slices.DeleteFunc(slices.Clone(estimates), func(p telemetry.Position) bool { return p.WindMPS < 0 })
	if len(estimates) == 0 {
		return route.Wind{}, false
	}
	var east, north float64
	for _, p := range estimates {
		sin, cos := math.Sincos(p.WindFromDeg * math.Pi / 180)
		east, north = east+sin*p.WindMPS, north+cos*p.WindMPS
	}
	fromDeg := math.Mod(math.Atan2(east, north)*180/math.Pi+360, 360)
	return route.Wind{SpeedMPS: math.Hypot(east, north) / float64(len(estimates)), FromDeg: fromDeg}, true
}
