package route

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/paulmach/orb"

	"hemolift/geo"
	"hemolift/geo/airspace"
	"hemolift/geo/mesh"
)

// StepsPerM is the lattice on which flights are planned: millimetres.
const StepsPerM = 1000

// Planner plans flights over the Earth, around zones that may come and go while
// any number of goroutines plan. It keeps a margin from every zone.
type Planner struct {
	plane      geo.Plane
	groundAltM float64
	space      *Space

	mu    sync.RWMutex
	walls []wall
}

// Flight asks for one route.
type Flight struct {
	From, To orb.Point // lon/lat, degrees
	// HeightM is the cruising height above ground; the drone climbs and
	// descends on the spot, so the whole band from the ground up counts.
	HeightM float64
	// Depart and Until bound the flight: a zone active at any time between
	// them is flown around.
	Depart, Until time.Time
	// CruiseMPS is the airspeed. With one the fastest route in the wind is
	// planned, which at a fixed airspeed is also the one of least energy;
	// without it the shortest.
	CruiseMPS float64
	Wind      Wind
}

// Route is a way that is clear of zones.
type Route struct {
	Points  []orb.Point // lon/lat, from start to goal, at least two
	LengthM float64     // over the ellipsoid
}

// NewPlanner prepares the zones. Routes keep marginM metres away from each. The
// plane's centre should be amid the network; ground is groundAltM AMSL. An error
// names the zone.
func NewPlanner(plane geo.Plane, zones []airspace.Zone, marginM, groundAltM float64) (*Planner, error) {
	p := &Planner{plane: plane, groundAltM: groundAltM}
	flat := make([]Zone, len(zones))
	for i, z := range zones {
		var err error
		if flat[i], err = p.flatten(z); err != nil {
			return nil, err
		}
		p.walls = append(p.walls, newWall(plane, z))
	}
	var err error
	p.space, err = NewSpace(flat, int32(math.Ceil(marginM*StepsPerM)))
	return p, err
}

// Add makes a zone count for every flight planned from now on. An error names it.
func (p *Planner) Add(z airspace.Zone) error {
	flat, err := p.flatten(z)
	if err != nil {
		return err
	}
	if err := p.space.Add(flat); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.walls = append(slices.Clip(p.walls), newWall(p.plane, z))
	return nil
}

// Remove ends a zone. It reports whether there was one.
func (p *Planner) Remove(id airspace.ZoneID) bool {
	p.mu.Lock()
	p.walls = slices.DeleteFunc(slices.Clone(p.walls), func(w wall) bool { return w.zone.ID == id })
	p.mu.Unlock()
	return p.space.Remove(string(id))
}

// Plan returns the shortest or fastest route on the plane, or one of the sentinel
// errors.
func (p *Planner) Plan(f Flight) (Route, error) {
	q, err := p.query(f)
	if err != nil {
		return Route{}, err
	}
	path, err := p.space.Snapshot().Plan(q)
	if err != nil {
		return Route{}, err
	}
	return p.route(f, path), nil
}

// Escape returns the shortest way out for a flight that begins inside an active
// zone or its margin: to where it is free, not to the goal, and through the zone.
// A person decides whether to fly it.
func (p *Planner) Escape(f Flight) (Route, error) {
	q, err := p.query(f)
	if err != nil {
		return Route{}, err
	}
	path, err := p.space.Snapshot().Escape(q)
	if err != nil {
		return Route{}, err
	}
	f.To = p.lonLat(path.Points[1])
	return p.route(f, path), nil
}

func (p *Planner) query(f Flight) (Query, error) {
	q := Query{HeightM: f.HeightM + verticalMarginM, Depart: f.Depart, Until: f.Until}
	if f.CruiseMPS > 0 {
		sin, cos := math.Sincos(f.Wind.FromDeg * math.Pi / 180)
		q.Air = Air{Speed: f.CruiseMPS * StepsPerM, East: -f.Wind.SpeedMPS * sin * StepsPerM, North: -f.Wind.SpeedMPS * cos * StepsPerM}
		q.Until = latest(f.Depart, f.Until)
	}
	var err error
	if q.From, err = p.lattice(f.From); err != nil {
		return q, fmt.Errorf("from: %w", err)
	}
	if q.To, err = p.lattice(f.To); err != nil {
		return q, fmt.Errorf("to: %w", err)
	}
	return q, nil
}

// latest keeps a flight's zones closed for all its time, also when it has no end.
func latest(depart, until time.Time) time.Time {
	if until.IsZero() {
		return depart
	}
	return until
}

// verticalMarginM keeps routes clear above a ceiling and below a floor.
const verticalMarginM = 10

func (p *Planner) route(f Flight, path Path) Route {
	points := make([]orb.Point, len(path.Points))
	for i, at := range path.Points {
		points[i] = p.lonLat(at)
	}
	points[0], points[len(points)-1] = f.From, f.To
	r := Route{Points: points}
	for i := 1; i < len(points); i++ {
		r.LengthM += geo.Distance(points[i-1], points[i])
	}
	return r
}

func (p *Planner) lonLat(at mesh.Point) orb.Point {
	return p.plane.ToLonLat(orb.Point{float64(at.X) / StepsPerM, float64(at.Y) / StepsPerM})
}

func (p *Planner) lattice(pt orb.Point) (mesh.Point, error) {
	if err := geo.CheckPoint(pt); err != nil {
		return mesh.Point{}, err
	}
	xy := p.plane.ToXY(pt)
	return LatticePoint(int64(math.Round(xy[0]*StepsPerM)), int64(math.Round(xy[1]*StepsPerM)))
}

// flatten brings a zone onto the lattice, its heights above ground. Points of a
// ring that fall together become one.
func (p *Planner) flatten(z airspace.Zone) (Zone, error) {
	flat := Zone{ID: string(z.ID), From: z.From, Until: z.Until}
	flat.LowerM, flat.UpperM = z.AboveGround(p.groundAltM)
	for i, ring := range z.Polygon {
		var out []mesh.Point
		for _, pt := range ring {
			at, err := p.lattice(pt)
			if err != nil {
				return flat, fmt.Errorf("zone %q: ring %d: %w", z.ID, i, err)
			}
			if len(out) == 0 || (at != out[len(out)-1] && at != out[0]) {
				out = append(out, at)
			}
		}
		flat.Rings = append(flat.Rings, out)
	}
	return flat, nil
}
