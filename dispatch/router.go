package dispatch

import (
	"errors"
	"sync"
	"time"

	"github.com/paulmach/orb"

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

// router plans routes and remembers them while the zones stay as they are. It is
// safe for concurrent use.
type router struct {
	planner *route.Planner
	tight   *route.Planner // for a way home that begins within the margin
	timed   bool           // some zone has a window, so that an answer holds for one departure only

	mu    sync.Mutex
	known map[routeKey]routeAnswer
}

type routeKey struct {
	from, to orb.Point
	heightM  float64
}

type routeAnswer struct {
	route route.Route
	err   error
}

func newRouter(n *Network, zones []airspace.Zone) (*router, error) {
	plane := geo.NewPlane(n.Centre())
	r := &router{known: map[routeKey]routeAnswer{}}
	var err error
	if r.planner, err = route.NewPlanner(plane, zones, marginM, n.GroundAltM()); err != nil {
		return nil, err
	}
	if r.tight, err = route.NewPlanner(plane, zones, tightMarginM, n.GroundAltM()); err != nil {
		return nil, err
	}
	for _, z := range zones {
		r.timed = r.timed || !z.From.IsZero() || !z.Until.IsZero()
	}
	return r, nil
}

// home plans from where a drone is, with less margin if it has lost the full one.
func (r *router) home(q route.Flight) (route.Route, error) {
	way, err := r.planner.Plan(q)
	if errors.Is(err, route.ErrStartInside) {
		return r.tight.Plan(q)
	}
	return way, err
}

func flight(from, to orb.Point, heightM float64, depart time.Time) route.Flight {
	return route.Flight{From: from, To: to, HeightM: heightM, Depart: depart, Until: depart.Add(longestFlight)}
}

func (r *router) route(from, to orb.Point, heightM float64, depart time.Time) (route.Route, error) {
	key := routeKey{from, to, heightM}
	r.mu.Lock()
	a, ok := r.known[key]
	r.mu.Unlock()
	if ok && !r.timed {
		return a.route, a.err
	}
	a.route, a.err = r.planner.Plan(flight(from, to, heightM, depart))
	r.mu.Lock()
	r.known[key] = a
	r.mu.Unlock()
	return a.route, a.err
}

// conflicts is the last look before a path is flown.
func (r *router) conflicts(path []orb.Point, heightM float64, depart time.Time) []airspace.ZoneID {
	if len(path) == 0 {
		return nil
	}
	return r.planner.Conflicts(path, flight(path[0], path[len(path)-1], heightM, depart), marginM/2)
}
