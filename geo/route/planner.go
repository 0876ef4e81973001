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

// Chart returns the zones as they are now.
func (p *Planner) Chart() Chart {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return Chart{plane: p.plane, groundAltM: p.groundAltM, space: p.space.Snapshot(), walls: p.walls}
}

// Plan is Chart.Plan with the zones of now.
func (p *Planner) Plan(f Flight) (Route, error) { return p.Chart().Plan(f) }

// flatten brings a zone onto the lattice, its heights above ground. Points of a
// ring that fall together become one.
func (p *Planner) flatten(z airspace.Zone) (Zone, error) {
	flat := Zone{ID: string(z.ID), From: z.From, Until: z.Until}
	flat.LowerM, flat.UpperM = z.AboveGround(p.groundAltM)
	for i, ring := range z.Polygon {
		var out []mesh.Point
		for _, pt := range ring {
			at, err := lattice(p.plane, pt)
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
