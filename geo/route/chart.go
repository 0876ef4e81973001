package route

import (
	"fmt"
	"math"
	"time"

	"github.com/paulmach/orb"

	"hemolift/geo"
	"hemolift/geo/mesh"
)

// Chart is the airspace of a Planner at one moment: what is planned on it stays the same
// while zones come and go. It is free to be read from any number of goroutines.
type Chart struct {
	plane      geo.Plane
	groundAltM float64
	space      *Snapshot
	walls      []wall
}

// Plan returns the shortest or fastest route on the plane, or one of the sentinel
// errors.
func (c Chart) Plan(f Flight) (Route, error) {
	q, err := c.query(f)
	if err != nil {
		return Route{}, err
	}
	path, err := c.space.Plan(q)
	if err != nil {
		return Route{}, err
	}
	return c.route(f, path), nil
}

// Escape returns the shortest way out for a flight that begins inside an active
// zone or its margin: to where it is free, not to the goal, and through the zone.
// A person decides whether to fly it.
func (c Chart) Escape(f Flight) (Route, error) {
	q, err := c.query(f)
	if err != nil {
		return Route{}, err
	}
	path, err := c.space.Escape(q)
	if err != nil {
		return Route{}, err
	}
	f.To = c.lonLat(path.Points[1])
	return c.route(f, path), nil
}

func (c Chart) query(f Flight) (Query, error) {
	q := Query{HeightM: f.HeightM + verticalMarginM, Depart: f.Depart, Until: f.Until}
	if f.CruiseMPS > 0 {
		sin, cos := math.Sincos(f.Wind.FromDeg * math.Pi / 180)
		q.Air = Air{Speed: f.CruiseMPS * StepsPerM, East: -f.Wind.SpeedMPS * sin * StepsPerM, North: -f.Wind.SpeedMPS * cos * StepsPerM}
		q.Until = latest(f.Depart, f.Until)
	}
	var err error
	if q.From, err = lattice(c.plane, f.From); err != nil {
		return q, fmt.Errorf("from: %w", err)
	}
	if q.To, err = lattice(c.plane, f.To); err != nil {
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

func (c Chart) route(f Flight, path Path) Route {
	points := make([]orb.Point, len(path.Points))
	for i, at := range path.Points {
		points[i] = c.lonLat(at)
	}
	points[0], points[len(points)-1] = f.From, f.To
	return Route{Points: points, LengthM: geo.PathLength(points)}
}

func (c Chart) lonLat(at mesh.Point) orb.Point {
	return c.plane.ToLonLat(orb.Point{float64(at.X) / StepsPerM, float64(at.Y) / StepsPerM})
}

func lattice(plane geo.Plane, pt orb.Point) (mesh.Point, error) {
	if err := geo.CheckPoint(pt); err != nil {
		return mesh.Point{}, err
	}
	xy := plane.ToXY(pt)
	return LatticePoint(int64(math.Round(xy[0]*StepsPerM)), int64(math.Round(xy[1]*StepsPerM)))
}
