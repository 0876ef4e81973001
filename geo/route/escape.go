package route

import (
	"math"

	"hemolift/geo/mesh"
)

// Escape returns the shortest way from a start inside active zones to where it is
// free: start and end. The end is the lattice point on the free side nearest to
// the exact one. It is not a route: it crosses zones, and a person decides. The
// error is ErrUnreachable when no free point is within the lattice, and
// errNotInside when the start is free.
func (sn *Snapshot) Escape(q Query) (Path, error) {
	v := sn.view(q)
	e := escape{view: v, start: q.From, best: math.Inf(1), seen: map[int32]bool{}}
	place := v.Locate(q.From)
	if len(v.around(place, nil)) > 0 {
		return Path{}, errNotInside
	}
	e.flood(place.Half >> 2)
	if math.IsInf(e.best, 1) {
		return Path{}, ErrUnreachable
	}
	end, ok := e.snap()
	if !ok {
		return Path{}, ErrUnreachable
	}
	return Path{Points: []mesh.Point{q.From, end}, Cost: distance(q.From, end)}, nil
}

// escape looks for the wall nearest to a start inside.
type escape struct {
	*view
	start mesh.Point
	best  float64
	x, y  float64 // the nearest point on a wall
	seen  map[int32]bool
}

// flood visits blocked triangles outward from the start. It does not go on over an
// edge that is farther than the nearest wall found: the straight way to a nearer
// one crosses only nearer edges.
func (e *escape) flood(first int32) {
	pending := []int32{first}
	e.seen[first] = true
	for len(pending) > 0 {
		tri := pending[0]
		pending = pending[1:]
		for h := 4 * tri; h < 4*tri+3; h++ {
			g := e.Twin[h]
			if g < 0 || e.seen[g>>2] {
				continue
			}
			x, y, d := e.nearest(h)
			if d >= e.best {
				continue
			}
			if e.state[g>>2] != blocked {
				e.best, e.x, e.y = d, x, y
				continue
			}
			e.seen[g>>2] = true
			pending = append(pending, g>>2)
		}
	}
}

// nearest is the point of an edge nearest to the start, and its distance.
func (e *escape) nearest(h int32) (x, y, d float64) {
	sx, sy := float64(e.start.X), float64(e.start.Y)
	ax, ay := e.XY(e.At(h))
	bx, by := e.XY(e.At(mesh.Next(h)))
	ex, ey := bx-ax, by-ay
	u := min(max(((sx-ax)*ex+(sy-ay)*ey)/(ex*ex+ey*ey), 0), 1)
	x, y = ax+u*ex, ay+u*ey
	return x, y, math.Hypot(x-sx, y-sy)
}

// snap returns the free lattice point nearest to the wall's nearest point.
func (e *escape) snap() (best mesh.Point, ok bool) {
	least := math.Inf(1)
	for r := int32(0); r <= 64 && !ok; r = 2*r + 2 {
		for dx := -r; dx <= r; dx++ {
			for dy := -r; dy <= r; dy++ {
				p := mesh.Point{X: int32(math.Round(e.x)) + dx, Y: int32(math.Round(e.y)) + dy}
				if len(e.around(e.Locate(p), nil)) == 0 {
					continue
				}
				if d := math.Hypot(float64(p.X)-e.x, float64(p.Y)-e.y); d < least {
					best, least, ok = p, d, true
				}
			}
		}
	}
	return best, ok
}

func distance(a, b mesh.Point) float64 {
	return math.Hypot(float64(b.X)-float64(a.X), float64(b.Y)-float64(a.Y))
}
