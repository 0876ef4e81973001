package route

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"hemolift/geo"
	"hemolift/geo/airspace"
)

// wall is one zone on the plane.
type wall struct {
	zone airspace.Zone
	poly orb.Polygon // metres
	box  orb.Bound
}

func newWall(plane geo.Plane, z airspace.Zone) wall {
	w := wall{zone: z}
	for _, ring := range z.Polygon {
		flat := make(orb.Ring, len(ring))
		for i, pt := range ring {
			flat[i] = plane.ToXY(pt)
		}
		w.poly = append(w.poly, flat)
	}
	w.box = w.poly.Bound()
	return w
}

// Conflicts returns the zones that the path enters, or comes nearer to than
// leastM metres, when flown as f says. It shares no code with the search and
// guards what is about to be flown, or is being flown when a zone appears.
func (c Chart) Conflicts(path []orb.Point, f Flight, leastM float64) []airspace.ZoneID {
	flat := make([]orb.Point, len(path))
	for i, pt := range path {
		flat[i] = c.plane.ToXY(pt)
	}
	var hit []airspace.ZoneID
	for _, w := range c.walls {
		if w.zone.ActiveBetween(f.Depart, f.Until) && w.zone.MeetsBand(0, f.HeightM+verticalMarginM, c.groundAltM) && w.nearPath(flat, leastM) {
			hit = append(hit, w.zone.ID)
		}
	}
	return hit
}

func (w *wall) nearPath(path []orb.Point, leastM float64) bool {
	for i := 1; i < len(path); i++ {
		if w.near(path[i-1], path[i], leastM) {
			return true
		}
	}
	return false
}

func (w *wall) near(a, b orb.Point, leastM float64) bool {
	if !w.box.Pad(leastM).Intersects(orb.MultiPoint{a, b}.Bound()) {
		return false
	}
	if planar.PolygonContains(w.poly, a) || planar.PolygonContains(w.poly, b) {
		return true
	}
	for _, ring := range w.poly {
		for i := 1; i < len(ring); i++ {
			if segmentDistance(a, b, ring[i-1], ring[i]) < leastM {
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
