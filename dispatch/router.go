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

func newRouter(n *Network, zones []airspace.Zone) *router {
	plane := geo.NewPlane(n.Centre())
	r := &router{planner: route.NewPlanner(plane, zones, marginM, n.GroundAltM()), tight: route.NewPlanner(plane, zones, tightMarginM, n.GroundAltM()), known: map[routeKey]routeAnswer{}}
	for _, z := range zones {
		r.timed = r.timed || !z.From.IsZero() || !z.Until.IsZero()
	}
	return r
}

// home plans from where a drone is, with less margin if it has lost the full one.
func (r *router) home(q route.Query) (route.Route, error) {
	way, err := r.planner.Plan(q)
	if errors.Is(err, route.ErrStartInside) {
		return r.tight.Plan(q)
	}
	return way, err
}

func query(from, to orb.Point, heightM float64, depart time.Time) route.Query {
	return route.Query{From: from, To: to, HeightM: heightM, Depart: depart, Until: depart.Add(longestFlight)}
}

func (r *router) route(from, to orb.Point, heightM float64, depart time.Time) (route.Route, error) {
	key := routeKey{from, to, heightM}
	r.mu.Lock()
	a, ok := r.known[key]
	r.mu.Unlock()
	if ok && !r.timed {
		return a.route, a.err
	}
	a.route, a.err = r.planner.Plan(query(from, to, heightM, depart))
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
	return r.planner.Conflicts(path, query(path[0], path[len(path)-1], heightM, depart), marginM/2)
}
