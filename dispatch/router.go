package dispatch

import (
	"errors"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/network"
	"hemolift/geo"
	"hemolift/geo/airspace"
	"hemolift/geo/route"
)

// marginM keeps planned routes this far from every zone; a flight's own
// conformance is judged against the zone itself.
const marginM = 50

// tightMarginM is the margin when a drone is nearer to a zone already. A drone that
// was pushed off its route must not be refused its way home.
const tightMarginM = 5

// longestFlight bounds the time for which a zone's window counts while planning.
const longestFlight = 3 * time.Hour

// router plans routes around zones that may come and go. It is safe for concurrent
// use.
type router struct {
	planner *route.Planner
	tight   *route.Planner // for a way home that begins within the margin
}

func newRouter(n *network.Network, zones []airspace.Zone) (*router, error) {
	plane := geo.NewPlane(n.Centre())
	planner, err := route.NewPlanner(plane, zones, marginM, n.GroundAltM())
	if err != nil {
		return nil, err
	}
	tight, err := route.NewPlanner(plane, zones, tightMarginM, n.GroundAltM())
	return &router{planner: planner, tight: tight}, err
}

// add makes a zone count for every route planned from now on.
func (r *router) add(z airspace.Zone) error {
	if err := r.planner.Add(z); err != nil {
		return err
	}
	if err := r.tight.Add(z); err != nil {
		r.planner.Remove(z.ID)
		return err
	}
	return nil
}

// remove ends a zone.
func (r *router) remove(id airspace.ZoneID) {
	r.planner.Remove(id)
	r.tight.Remove(id)
}

// home plans from where a drone is, with less margin if it has lost the full one.
func (r *router) home(q route.Flight) (route.Route, error) {
	way, err := r.planner.Plan(q)
	if errors.Is(err, route.ErrStartInside) {
		return r.tight.Plan(q)
	}
	return way, err
}

// frugal is home at the airspeed that takes the least energy.
func (r *router) frugal(f route.Flight, c route.Class, heightM, loadKg float64) (route.Frugal, error) {
	way, err := r.planner.PlanFrugal(f, c, heightM, loadKg)
	if errors.Is(err, route.ErrStartInside) {
		return r.tight.PlanFrugal(f, c, heightM, loadKg)
	}
	return way, err
}

func flight(from, to orb.Point, heightM float64, depart time.Time) route.Flight {
	return route.Flight{From: from, To: to, HeightM: heightM, Depart: depart, Until: depart.Add(longestFlight)}
}

// route plans the fastest way of a class of aircraft in the wind.
func (r *router) route(from, to orb.Point, c route.Class, wind route.Wind, depart time.Time) (route.Route, error) {
	f := flight(from, to, c.HeightM, depart)
	f.CruiseMPS, f.Wind = c.CruiseMPS, wind
	return r.planner.Plan(f)
}

// enters reports whether the rest of a flight comes nearer to a zone than leastM
// metres before it has landed.
func (r *router) enters(path []orb.Point, heightM float64, now, until time.Time, leastM float64) bool {
	if len(path) == 0 {
		return false
	}
	f := flight(path[0], path[len(path)-1], heightM, now)
	f.Until = until
	return r.planner.Conflicts(path, f, leastM) != nil
}

// conflicts is the last look before a path is flown.
func (r *router) conflicts(path []orb.Point, heightM float64, depart time.Time) []airspace.ZoneID {
	if len(path) == 0 {
		return nil
	}
	return r.planner.Conflicts(path, flight(path[0], path[len(path)-1], heightM, depart), marginM/2)
}
