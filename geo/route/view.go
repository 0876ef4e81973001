package route

import (
	"sync/atomic"

	"hemolift/geo/mesh"
)

// view is the mesh as one choice of active zones sees it.
type view struct {
	*mesh.Triangles
	state   []state  // by triangle
	corners []corner // by vertex
	exit    []int32  // by dead end: the half-edge that leads out of it, or -1
	parts   atomic.Pointer[[]int32]
}

// state tells how a search treats a triangle.
type state uint8

const (
	open    state = iota
	blocked       // in an active zone
	deadEnd       // free, but a route needs it only if it begins or ends behind it
)

// corner is where a route may turn: a vertex of the blocked area with more than
// half a turn of free space. Going round it counter-clockwise, the free space
// begins at the edge ccw and ends at the edge cw; ccw begins at the vertex, cw
// ends there, and both belong to free triangles. The walls are the vectors along
// the two edges. A vertex that is no corner has ccw < 0.
type corner struct {
	ccw, cw         int32
	wallCCW, wallCW vector
	wedges          int32 // free wedges about the vertex, of any width; 0 in the open
}

// side is the side of the walls for a path that comes along the vector on: 1 when
// both lie to its left, so that it may turn left here, -1 likewise to its right,
// and 0 when it may not turn.
func (c *corner) side(on vector) int {
	if c.ccw < 0 {
		return 0
	}
	one, two := on.turn(c.wallCCW), on.turn(c.wallCW)
	switch {
	case one >= 0 && two >= 0:
		return 1
	case one <= 0 && two <= 0:
		return -1
	}
	return 0
}

// vector is a difference of lattice points.
type vector struct{ x, y int32 }

func from(a, b mesh.Point) vector { return vector{b.X - a.X, b.Y - a.Y} }

// turn is positive when w points to the left of v.
func (v vector) turn(w vector) int64 {
	return int64(v.x)*int64(w.y) - int64(v.y)*int64(w.x)
}

// newView prepares the triangles for the covers that are active.
func newView(t *mesh.Triangles, active []bool) *view {
	n := int32(len(t.Vert) / 4)
	v := &view{Triangles: t, state: make([]state, n), corners: make([]corner, len(t.Pts)), exit: make([]int32, n)}
	for i := range v.corners {
		v.corners[i].ccw = -1
	}
	for tri := range n {
		if active[t.Cover(tri)] {
			v.state[tri] = blocked
		}
	}
	for h := range 4 * n {
		if h&3 != 3 && v.wall(h) {
			v.addCorner(h)
		}
	}
	for tri := range n {
		v.peel(tri)
	}
	return v
}

// renew returns the view of newer triangles, of which those listed have changed,
// and of newer active covers. It does again only what is about them.
func (v *view) renew(t *mesh.Triangles, active []bool, changed []int32) *view {
	n := int32(len(t.Vert) / 4)
	w := &view{Triangles: t, state: make([]state, n), corners: make([]corner, len(t.Pts)), exit: make([]int32, n)}
	copy(w.state, v.state)
	copy(w.exit, v.exit)
	for i := copy(w.corners, v.corners); i < len(w.corners); i++ {
		w.corners[i].ccw = -1
	}
	for _, tri := range changed {
		w.state[tri] = open
	}
	for tri := range n { // where a zone came or went
		if active[t.Cover(tri)] != (w.state[tri] == blocked) {
			changed = append(changed, tri)
			w.state[tri] = open
			if active[t.Cover(tri)] {
				w.state[tri] = blocked
			}
		}
	}
	for _, tri := range changed {
		w.renewCorners(tri)
	}
	w.openUp(changed)
	return w
}

// renewCorners looks again at the corners of a triangle.
func (v *view) renewCorners(tri int32) {
	for first := 4 * tri; first < 4*tri+3; first++ {
		v.corners[v.Vert[first]] = corner{ccw: -1}
		for h := first; ; {
			if v.wall(h) {
				v.addCorner(h)
			}
			if h = v.Twin[mesh.Prev(h)]; h == first || h < 0 {
				break
			}
		}
	}
}

// openUp makes the ways out of dead ends about changed triangles ordinary ones, and
// then looks which are dead ends still.
func (v *view) openUp(changed []int32) {
	again := changed
	for _, tri := range changed {
		for h := 4 * tri; h < 4*tri+3; h++ {
			for g := v.Twin[h]; g >= 0 && v.state[g>>2] == deadEnd; {
				v.state[g>>2] = open
				again = append(again, g>>2)
				out := v.exit[g>>2]
				if out < 0 {
					break
				}
				g = v.Twin[out]
			}
		}
	}
	for _, tri := range again {
		v.peel(tri)
	}
}

// wall reports whether a half-edge of a free triangle bounds the blocked area.
func (v *view) wall(h int32) bool {
	g := v.Twin[h]
	return g >= 0 && v.state[h>>2] != blocked && v.state[g>>2] == blocked
}

// addCorner looks at the free wedge that begins at h, whose right is blocked.
// At most one wedge of a vertex is wider than half a turn.
func (v *view) addCorner(h int32) {
	at, c := v.At(h), &v.corners[v.Vert[h]]
	c.wedges++
	if !mesh.IsLattice(at) {
		return // boundaries cross here, which no shortest route touches
	}
	last := mesh.Prev(h)
	for !v.wall(last) {
		g := v.Twin[last]
		if g < 0 {
			return
		}
		last = mesh.Prev(g)
	}
	ccw, cw := from(at, v.Toward(h)), from(at, v.Toward(v.Twin[last]))
	if cw.turn(ccw) > 0 {
		c.ccw, c.cw, c.wallCCW, c.wallCW = h, last, ccw, cw
	}
}

// connected reports whether some of the triangles a is connected with some of b by
// free triangles. The first call numbers the connected parts, from 1.
func (v *view) connected(a, b []int32) bool {
	parts := v.parts.Load()
	if parts == nil {
		parts = v.findParts()
		v.parts.Store(parts)
	}
	for _, x := range a {
		for _, y := range b {
			if (*parts)[x] == (*parts)[y] {
				return true
			}
		}
	}
	return false
}

func (v *view) findParts() *[]int32 {
	parts := make([]int32, len(v.state))
	var pending []int32
	number := int32(0)
	for first := range int32(len(v.state)) {
		if v.state[first] == blocked || parts[first] > 0 {
			continue
		}
		number++
		parts[first] = number
		pending = append(pending[:0], first)
		for len(pending) > 0 {
			tri := pending[len(pending)-1]
			pending = pending[:len(pending)-1]
			for _, g := range v.Twin[4*tri : 4*tri+3] {
				if g >= 0 && v.state[g>>2] != blocked && parts[g>>2] == 0 {
					parts[g>>2] = number
					pending = append(pending, g>>2)
				}
			}
		}
	}
	return &parts
}

// peel makes tri a dead end if it has at most one way on, and then looks at the
// triangle that this way leads to. A shortest route never crosses an edge twice,
// so it does not enter what has one way in, unless it begins or ends there.
func (v *view) peel(tri int32) {
	for v.state[tri] == open {
		ways, out := 0, int32(-1)
		for h := 4 * tri; h < 4*tri+3; h++ {
			if g := v.Twin[h]; g >= 0 && v.state[g>>2] == open {
				ways++
				out = h
			}
		}
		if ways > 1 {
			return
		}
		v.state[tri], v.exit[tri] = deadEnd, out
		if out < 0 {
			return
		}
		tri = v.Twin[out] >> 2
	}
}

// around appends the free triangles that a place touches.
func (v *view) around(p mesh.Place, tris []int32) []int32 {
	tris = v.appendFree(tris, p.Half)
	switch p.Kind {
	case mesh.OnEdge:
		tris = v.appendFree(tris, v.Twin[p.Half])
	case mesh.AtCorner:
		for h := v.Twin[mesh.Prev(p.Half)]; h >= 0 && h != p.Half; h = v.Twin[mesh.Prev(h)] {
			tris = v.appendFree(tris, h)
		}
	}
	return tris
}

func (v *view) appendFree(tris []int32, h int32) []int32 {
	if h >= 0 && v.state[h>>2] != blocked {
		tris = append(tris, h>>2)
	}
	return tris
}
