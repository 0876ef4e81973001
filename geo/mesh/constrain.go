package mesh

import "slices"

// constrain makes the segment between two vertices a chain of edges. Where it
// crosses a boundary that is there already, both get a vertex.
func (m *Mesh) constrain(from, to int32) {
	s := segment{m.Pts[from], m.Pts[to]}
	m.segs = append(m.segs, s)
	number := int32(len(m.segs) - 1)
	for v := from; v != to; {
		h, onEdge := m.along(v, s)
		if !onEdge {
			m.clear(v, h, s)
			h, _ = m.along(v, s)
		}
		g := m.Twin[h]
		m.seg[h], m.seg[g] = number, number
		v = m.Vert[g]
		m.pass(v, s)
	}
}

// pass notes that s goes through the vertex v, if that is a crossing of others.
func (m *Mesh) pass(v int32, s segment) {
	p := m.Pts[v]
	if p.X != crossed {
		return
	}
	c := m.cross[p.Y]
	if _, known := c.on(s.a); known {
		return
	}
	c.more = append(slices.Clone(c.more), s)
	m.cross = append(m.cross, c)
	m.Pts[v] = Point{crossed, int32(len(m.cross) - 1)}
}

// along looks from vertex v, which lies on s, towards the end of s: it returns the
// half-edge from v that lies on s, or the one from v whose triangle s enters.
func (m *Mesh) along(v int32, s segment) (h int32, onEdge bool) {
	p := m.Pts[v]
	first := m.anchor[v]
	h = first
	for {
		right := m.Pts[m.Vert[Next(h)]]
		side := m.Side(s.a, s.b, right)
		if side == 0 && m.ahead(s, p, right) {
			return h, true
		}
		if side < 0 && m.Side(s.a, s.b, m.At(Prev(h))) > 0 {
			return h, false
		}
		h = m.Twin[Prev(h)] // the next half-edge from v, counter-clockwise
		if h == first || h < 0 {
			panic("mesh: no way ahead along a boundary")
		}
	}
}

// edge is an edge by its ends, which stay the same when triangles change.
type edge struct{ p, q int32 }

// clear makes an edge from v along s by flipping what crosses it, up to the next
// vertex on s; h is the half-edge from v whose triangle s enters.
func (m *Mesh) clear(v, h int32, s segment) {
	var crossing []edge
	h = Next(h)
	for {
		if m.seg[h] != noSegment {
			m.meet(h, s)
			break
		}
		crossing = append(crossing, edge{m.Vert[h], m.Vert[Next(h)]})
		g := m.Twin[h]
		apex := m.At(Prev(g))
		side := m.Side(s.a, s.b, apex)
		if side == 0 {
			break
		}
		h = Next(g)
		if side < 0 {
			h = Prev(g)
		}
	}
	m.flipAcross(crossing, s)
}

// meet puts a vertex where s crosses the boundary on half-edge h.
func (m *Mesh) meet(h int32, s segment) {
	c := cross(s, m.segs[m.seg[h]])
	p, ok := c.lattice()
	if !ok {
		m.cross = append(m.cross, c)
		p = Point{crossed, int32(len(m.cross) - 1)}
	}
	m.splitEdge(h, p)
}

// flipAcross flips edges until none of them crosses s (Sloan, Advances in
// Engineering Software 15, 1993), then makes the new ones rounder.
func (m *Mesh) flipAcross(crossing []edge, s segment) {
	var fresh []edge
	for len(crossing) > 0 {
		e := crossing[0]
		crossing = crossing[1:]
		h := m.find(e)
		c, d := m.Vert[Prev(h)], m.Vert[Prev(m.Twin[h])]
		pc, pd := m.Pts[c], m.Pts[d]
		if m.Side(pd, pc, m.Pts[e.p]) <= 0 || m.Side(pd, pc, m.Pts[e.q]) >= 0 {
			crossing = append(crossing, e)
			continue
		}
		m.flip(h)
		sc, sd := m.Side(s.a, s.b, pc), m.Side(s.a, s.b, pd)
		switch {
		case sc < 0 && sd > 0, sc > 0 && sd < 0:
			crossing = append(crossing, edge{c, d})
		case sc != 0 || sd != 0:
			fresh = append(fresh, edge{c, d})
		}
	}
	m.rounder(fresh)
}

// rounder flips those of the edges that should be, again and again until nothing
// changes or enough has been done for good looks.
func (m *Mesh) rounder(edges []edge) {
	for changed, round := true, 0; changed && round < 8; round++ {
		changed = false
		for i, e := range edges {
			h := m.find(e)
			g := m.Twin[h]
			if m.seg[h] == noSegment && m.better(h, g) {
				edges[i] = edge{m.Vert[Prev(h)], m.Vert[Prev(g)]}
				m.flip(h)
				changed = true
			}
		}
	}
}

// find returns a half-edge between the ends of e. About a vertex of the border it
// has to look both ways.
func (m *Mesh) find(e edge) int32 {
	for h := m.anchor[e.p]; ; {
		if m.Vert[Next(h)] == e.q {
			return h
		}
		if h = m.Twin[Prev(h)]; h < 0 {
			break
		}
	}
	for h := m.anchor[e.p]; ; h = Next(m.Twin[h]) {
		if m.Vert[Next(h)] == e.q {
			return h
		}
		if m.Vert[Prev(h)] == e.q {
			return Prev(h)
		}
	}
}
