package route

import (
	"hemolift/geo/mesh"
)

// stretch is a part of a straight leg, by fractions of its length. Inside a
// triangle left and right are the same; along an edge they are its two sides, and
// one of them must be free.
type stretch struct {
	left, right mesh.Cover
	from, to    float64
}

// tracer follows straight legs through the triangles.
type tracer struct {
	*mesh.Triangles
	a, b   mesh.Point
	leg    []stretch
	at     float64 // the fraction reached
	vertex int32   // where the leg meets a lattice vertex on its way, or -1
}

// trace lists what a leg from a to b crosses. When a vertex that is a lattice point
// lies on it, before b, the leg ends there: what may pass a point at which zones
// touch is for the caller to judge.
func trace(t *mesh.Triangles, a, b mesh.Point) (leg []stretch, vertex int32) {
	tr := &tracer{Triangles: t, a: a, b: b, vertex: -1}
	if a == b {
		return nil, -1
	}
	h, onEdge := tr.start()
	for {
		if onEdge { // h begins at or before the leg's point, and runs along it
			if tr.run(h) {
				return tr.leg, tr.vertex
			}
			h, onEdge = tr.leave(tr.Twin[h])
			continue
		}
		var done bool
		if h, onEdge, done = tr.through(h); done {
			return tr.leg, tr.vertex
		}
	}
}

// start finds the half-edge over which the leg leaves the first triangle, seen from
// inside it, or the edge that it runs along.
func (tr *tracer) start() (h int32, onEdge bool) {
	place := tr.Locate(tr.a)
	if place.Kind == mesh.AtCorner {
		return tr.leave(place.Half)
	}
	tris := []int32{place.Half >> 2}
	if place.Kind == mesh.OnEdge {
		for _, h := range []int32{place.Half, tr.Twin[place.Half]} {
			if tr.side(tr.At(mesh.Next(h))) == 0 && tr.side(tr.At(h)) == 0 && tr.ahead(tr.a, tr.At(mesh.Next(h))) {
				return h, true
			}
		}
		tris = append(tris, tr.Twin[place.Half]>>2)
	}
	for _, tri := range tris {
		for h := 4 * tri; h < 4*tri+3; h++ {
			from, to := tr.At(h), tr.At(mesh.Next(h))
			if tr.Side(from, to, tr.a) <= 0 {
				continue
			}
			right, left := tr.side(from), tr.side(to)
			if (right < 0 && left > 0) || (right == 0 && tr.ahead(tr.a, from)) || (left == 0 && tr.ahead(tr.a, to)) {
				return h, false
			}
		}
	}
	panic("route: a leg leaves no triangle")
}

// leave finds how the leg goes on from the vertex at which half-edge first begins.
func (tr *tracer) leave(first int32) (h int32, onEdge bool) {
	for h = first; ; {
		right, left := tr.At(mesh.Next(h)), tr.At(mesh.Prev(h))
		s := tr.side(right)
		if s == 0 && tr.ahead(tr.At(h), right) {
			return h, true
		}
		if s < 0 && tr.side(left) > 0 {
			return mesh.Next(h), false
		}
		if h = tr.Twin[mesh.Prev(h)]; h == first || h < 0 {
			panic("route: a leg leaves no vertex")
		}
	}
}

func (tr *tracer) side(p mesh.Point) int64 { return tr.Side(tr.a, tr.b, p) }

// ahead reports whether q, on the leg's line, lies beyond p in its direction.
func (tr *tracer) ahead(p, q mesh.Point) bool {
	px, py := tr.XY(p)
	qx, qy := tr.XY(q)
	return (qx-px)*(float64(tr.b.X)-float64(tr.a.X))+(qy-py)*(float64(tr.b.Y)-float64(tr.a.Y)) > 0
}

// run goes along half-edge h to its end. It reports whether the leg ends.
func (tr *tracer) run(h int32) (done bool) {
	end := tr.At(mesh.Next(h))
	s := stretch{left: tr.Cover(h >> 2), right: tr.Cover(tr.Twin[h] >> 2), from: tr.at, to: 1}
	if end != tr.b && tr.ahead(end, tr.b) {
		s.to = tr.fraction(end)
	}
	tr.leg = append(tr.leg, s)
	tr.at = s.to
	if s.to == 1 {
		return true
	}
	return tr.stop(tr.Vert[mesh.Next(h)])
}

// stop notes a vertex on the leg. The leg ends there if it is a lattice point.
func (tr *tracer) stop(vertex int32) bool {
	if !mesh.IsLattice(tr.Pts[vertex]) {
		return false
	}
	tr.vertex = vertex
	return true
}

// through crosses the triangle of half-edge h, over which the leg leaves it.
func (tr *tracer) through(h int32) (next int32, onEdge, done bool) {
	from, to := tr.At(h), tr.At(mesh.Next(h))
	s := stretch{left: tr.Cover(h >> 2), right: tr.Cover(h >> 2), from: tr.at, to: 1}
	inside := tr.Side(from, to, tr.b)
	corner := int32(-1)
	switch {
	case inside >= 0: // the leg ends here, or on the edge
	case tr.side(from) == 0:
		corner = h
	case tr.side(to) == 0:
		corner = mesh.Next(h)
	default:
		s.to = tr.crossing(from, to)
	}
	if corner >= 0 {
		s.to = tr.fraction(tr.At(corner))
	}
	tr.leg = append(tr.leg, s)
	tr.at = s.to
	if inside >= 0 {
		return 0, false, true
	}
	if corner >= 0 {
		if tr.stop(tr.Vert[corner]) {
			return 0, false, true
		}
		next, onEdge = tr.leave(corner)
		return next, onEdge, false
	}
	// The apex decides over which of the two other edges the leg goes on. With the
	// apex on the leg either edge ends in it.
	g := tr.Twin[h]
	if tr.side(tr.At(mesh.Prev(g))) >= 0 {
		return mesh.Next(g), false, false
	}
	return mesh.Prev(g), false, false
}

// fraction is how far along the leg a point on it lies.
func (tr *tracer) fraction(p mesh.Point) float64 {
	x, y := tr.XY(p)
	dx, dy := float64(tr.b.X)-float64(tr.a.X), float64(tr.b.Y)-float64(tr.a.Y)
	return min(max(((x-float64(tr.a.X))*dx+(y-float64(tr.a.Y))*dy)/(dx*dx+dy*dy), tr.at), 1)
}

// crossing is how far along the leg it crosses the edge from p to q.
func (tr *tracer) crossing(p, q mesh.Point) float64 {
	px, py := tr.XY(p)
	qx, qy := tr.XY(q)
	side := func(c mesh.Point) float64 {
		return (qx-px)*(float64(c.Y)-py) - (qy-py)*(float64(c.X)-px)
	}
	a, b := side(tr.a), side(tr.b)
	return min(max(a/(a-b), tr.at), 1)
}
