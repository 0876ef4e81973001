package route

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"hemolift/geo"
	"hemolift/geo/airspace"
)

// Why there is no route.
var (
	ErrStartInside = errors.New("the start lies inside an active zone or its margin")
	ErrGoalInside  = errors.New("the goal lies inside an active zone or its margin")
	ErrUnreachable = errors.New("active zones leave no way through")
)

// cornerSlack puts a turning point a little farther from its corner than the
// margin, so that the check of its own legs does not fail by rounding.
const cornerSlack = 1.02

// verticalMarginM keeps routes clear above a ceiling and below a floor.
const verticalMarginM = 10

// Query asks for one route.
type Query struct {
	From, To orb.Point // lon/lat, degrees
	// HeightM is the cruising height above ground; the drone climbs and
	// descends on the spot, so the whole band from the ground up counts.
	HeightM float64
	// Depart and Until bound the flight: a zone active at any time between
	// them is flown around.
	Depart, Until time.Time
}

// Route is a way that is clear of zones.
type Route struct {
	Points  []orb.Point // lon/lat, from start to goal, at least two
	LengthM float64     // over the ellipsoid
}

// Planner plans around one set of zones.
type Planner struct {
	plane      geo.Plane
	marginM    float64
	groundAltM float64
	walls      []wall
}

// wall is one zone on the plane.
type wall struct {
	zone    airspace.Zone
	poly    orb.Polygon // metres
	reach   orb.Bound   // its box, grown by the margin
	corners []orb.Point // turning points around it
}

// NewPlanner prepares the zones. Routes keep marginM metres away from each. The
// plane's centre should be amid the network; ground is groundAltM AMSL.
func NewPlanner(plane geo.Plane, zones []airspace.Zone, marginM, groundAltM float64) *Planner {
	p := &Planner{plane: plane, marginM: marginM, groundAltM: groundAltM}
	for _, z := range zones {
		w := wall{zone: z}
		for _, ring := range z.Polygon {
			flat := make(orb.Ring, len(ring))
			for i, pt := range ring {
				flat[i] = plane.ToXY(pt)
			}
			w.poly = append(w.poly, flat)
			w.corners = append(w.corners, turningPoints(flat, marginM*cornerSlack)...)
		}
		w.reach = w.poly.Bound().Pad(marginM)
		p.walls = append(p.walls, w)
	}
	return p
}

// Plan returns a short route, or one of the sentinel errors.
func (p *Planner) Plan(q Query) (Route, error) {
	for _, pt := range []orb.Point{q.From, q.To} {
		if err := geo.CheckPoint(pt); err != nil {
			return Route{}, fmt.Errorf("plan: %w", err)
		}
	}
	active := p.active(q)
	from, to := p.plane.ToXY(q.From), p.plane.ToXY(q.To)
	if blocked(active, p.marginM, from, from) {
		return Route{}, ErrStartInside
	}
	if blocked(active, p.marginM, to, to) {
		return Route{}, ErrGoalInside
	}
	path := search(active, p.marginM, from, to)
	if path == nil {
		return Route{}, ErrUnreachable
	}
	points := make([]orb.Point, len(path))
	for i, xy := range path {
		points[i] = p.plane.ToLonLat(xy)
	}
	points[0], points[len(points)-1] = q.From, q.To
	return Route{Points: points, LengthM: length(points)}, nil
}

// Conflicts returns the zones that the path enters, or comes nearer to than
// leastM metres, when flown as q says. It shares no code with the search but the
// distance of two segments, and guards what is about to be flown.
func (p *Planner) Conflicts(path []orb.Point, q Query, leastM float64) []airspace.ZoneID {
	var hit []airspace.ZoneID
	for _, w := range p.active(q) {
		for i := 1; i < len(path); i++ {
			if w.near(p.plane.ToXY(path[i-1]), p.plane.ToXY(path[i]), leastM) {
				hit = append(hit, w.zone.ID)
				break
			}
		}
	}
	return hit
}

func (p *Planner) active(q Query) []*wall {
	var active []*wall
	for i := range p.walls {
		w := &p.walls[i]
		if w.zone.ActiveBetween(q.Depart, q.Until) && w.zone.MeetsBand(0, q.HeightM+verticalMarginM, p.groundAltM) {
			active = append(active, w)
		}
	}
	return active
}

// blocked reports whether the segment comes nearer than marginM to any wall.
func blocked(walls []*wall, marginM float64, a, b orb.Point) bool {
	for _, w := range walls {
		if w.near(a, b, marginM) {
			return true
		}
	}
	return false
}

func (w *wall) near(a, b orb.Point, marginM float64) bool {
	if !w.reach.Intersects(orb.MultiPoint{a, b}.Bound()) {
		return false
	}
	if planar.PolygonContains(w.poly, a) || planar.PolygonContains(w.poly, b) {
		return true
	}
	for _, ring := range w.poly {
		for i := 1; i < len(ring); i++ {
			if segmentDistance(a, b, ring[i-1], ring[i]) < marginM {
				return true
			}
		}
	}
	return false
}

// segmentDistance is the least distance of the segments ab and cd, 0 if they meet.
func segmentDistance(a, b, c, d orb.Point) float64 {
	if side(a, b, c)*side(a, b, d) < 0 && side(c, d, a)*side(c, d, b) < 0 {
		return 0
	}
	return min(pointDistance(a, c, d), pointDistance(b, c, d), pointDistance(c, a, b), pointDistance(d, a, b))
}

func side(a, b, c orb.Point) float64 {
	return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
}

// pointDistance is the distance of p from the segment ab.
func pointDistance(p, a, b orb.Point) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	f := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		f = min(1, max(0, ((p[0]-a[0])*dx+(p[1]-a[1])*dy)/l))
	}
	return math.Hypot(p[0]-a[0]-f*dx, p[1]-a[1]-f*dy)
}

// turningPoints sets points off a ring's corners, on both sides of the ring, so
// that it need not be known which side is out. A sharp corner gets two.
func turningPoints(ring orb.Ring, offM float64) []orb.Point {
	var out []orb.Point
	n := len(ring) - 1
	for i := range n {
		prev, at, next := ring[(i+n-1)%n], ring[i], ring[(i+1)%n]
		in, okIn := unit(prev, at)
		away, okOut := unit(at, next)
		if !okIn || !okOut {
			continue
		}
		for _, s := range []float64{1, -1} {
			n1 := orb.Point{-in[1] * s, in[0] * s}
			n2 := orb.Point{-away[1] * s, away[0] * s}
			mx, my := n1[0]+n2[0], n1[1]+n2[1]
			l2 := mx*mx + my*my
			if l2 > 1 { // the corner turns by less than 120 degrees: one mitred point
				k := 2 * offM / l2
				out = append(out, orb.Point{at[0] + mx*k, at[1] + my*k})
				continue
			}
			for _, nn := range []orb.Point{n1, n2} { // square it off
				along := in
				if nn == n2 {
					along = orb.Point{-away[0], -away[1]}
				}
				out = append(out, orb.Point{at[0] + (nn[0]+along[0])*offM, at[1] + (nn[1]+along[1])*offM})
			}
		}
	}
	return out
}

func unit(a, b orb.Point) (orb.Point, bool) {
	dx, dy := b[0]-a[0], b[1]-a[1]
	l := math.Hypot(dx, dy)
	if l == 0 {
		return orb.Point{}, false
	}
	return orb.Point{dx / l, dy / l}, true
}

func length(points []orb.Point) float64 {
	var sum float64
	for i := 1; i < len(points); i++ {
		sum += geo.Distance(points[i-1], points[i])
	}
	return sum
}
