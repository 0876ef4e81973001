package mesh

import (
	"cmp"
	"math"
	"slices"
)

// border is the number of vertices of the outer square.
const border = 4

// Mesh is a triangulation that regions are added to. It belongs to one writer.
type Mesh struct {
	Triangles
	Covers
	seg    []int32 // for each half-edge the segment it is a piece of, or noSegment
	segs   []segment
	anchor []int32 // for each vertex a half-edge that begins there
	last   int32   // the triangle changed last, where the next walk begins
	stack  []int32 // scratch of legalizeAround
	dirty  []int32 // triangles that changed since Freeze, with repeats
	marks  marks
}

const noSegment = -1

// New returns the empty mesh.
func New() *Mesh {
	const far = MaxCoord + 1
	m := &Mesh{Covers: newCovers()}
	m.Pts = []Point{{-far, -far}, {far, -far}, {far, far}, {-far, far}}
	m.XYs = []XY{{-far, -far}, {far, -far}, {far, far}, {-far, far}}
	m.anchor = make([]int32, border)
	m.addTriangles(2)
	m.set(0, 0, 1, 2)
	m.set(1, 0, 2, 3)
	for h := range m.Twin {
		m.Twin[h] = -1
	}
	m.link(2, 4)
	return m
}

// Region is a closed set: outer rings run counter-clockwise and holes clockwise,
// no ring repeats its first point, and what is wound round more than zero times
// belongs to it. So the raw outline of a grown polygon may cross itself.
type Region [][]Point

// Build returns the mesh of many regions; region i gets the number i.
func Build(regions []Region) *Mesh {
	m := New()
	m.reserve(regions)
	var all []Point
	for _, r := range regions {
		for _, ring := range r {
			all = append(all, ring...)
		}
	}
	alongHilbert(all)
	for _, p := range all {
		m.insert(p)
	}
	m.grid = newGrid(&m.Triangles, border)
	for i, r := range regions {
		m.Add(int32(i), r)
	}
	return m
}

// Freeze returns a copy for readers, and the triangles whose corners changed since
// the last copy, maybe repeatedly. What a copy shares with m never changes.
func (m *Mesh) Freeze() (*Triangles, []int32) {
	changed := m.dirty
	m.dirty = nil
	return &Triangles{
		points: points{Pts: slices.Clone(m.Pts), XYs: slices.Clone(m.XYs), cross: m.cross[:len(m.cross):len(m.cross)]},
		Vert:   slices.Clone(m.Vert), Twin: slices.Clone(m.Twin), grid: m.grid,
	}, changed
}

func (m *Mesh) reserve(regions []Region) {
	n := 0
	for _, r := range regions {
		for _, ring := range r {
			n += len(ring)
		}
	}
	m.Pts, m.XYs, m.anchor = slices.Grow(m.Pts, n), slices.Grow(m.XYs, n), slices.Grow(m.anchor, n)
	m.Vert, m.Twin, m.seg = slices.Grow(m.Vert, 8*n), slices.Grow(m.Twin, 8*n), slices.Grow(m.seg, 8*n)
}

// addTriangles makes room for n more and returns the first's number.
func (m *Mesh) addTriangles(n int) int32 {
	first := int32(len(m.Vert) / 4)
	for range n {
		m.Vert = append(m.Vert, 0, 0, 0, 0)
		m.Twin = append(m.Twin, -1, -1, -1, -1)
		m.seg = append(m.seg, noSegment, noSegment, noSegment, noSegment)
	}
	return first
}

func (m *Mesh) set(tri, a, b, c int32) {
	h := 4 * tri
	m.Vert[h], m.Vert[h+1], m.Vert[h+2] = a, b, c
	m.anchor[a], m.anchor[b], m.anchor[c] = h, h+1, h+2
	m.dirty = append(m.dirty, tri)
}

func (m *Mesh) link(g, h int32) {
	if g >= 0 {
		m.Twin[g] = h
	}
	if h >= 0 {
		m.Twin[h] = g
	}
}

// moved is what an edge takes along when its triangle is rebuilt.
type moved struct{ twin, seg int32 }

func (m *Mesh) lift(h int32) moved { return moved{m.Twin[h], m.seg[h]} }

func (m *Mesh) drop(h int32, e moved) {
	m.link(h, e.twin)
	m.seg[h] = e.seg
}

func (m *Mesh) addVertex(p Point) int32 {
	m.Pts = append(m.Pts, p)
	x, y := m.XY(p)
	m.XYs = append(m.XYs, XY{x, y})
	m.anchor = append(m.anchor, 0)
	return int32(len(m.Pts) - 1)
}

// insert makes p a vertex, unless it is one, and returns its number.
func (m *Mesh) insert(p Point) int32 {
	at := m.walk(m.near(p), p)
	switch at.Kind {
	case AtCorner:
		return m.Vert[at.Half]
	case OnEdge:
		m.splitEdge(at.Half, p)
	default:
		m.splitTriangle(at.Half>>2, p)
	}
	v := int32(len(m.Pts) - 1)
	m.legalizeAround(v)
	return v
}

func (m *Mesh) near(p Point) int32 {
	if len(m.grid.tri) > 0 {
		return m.grid.hint(p)
	}
	return m.last
}

func (m *Mesh) splitTriangle(t int32, p Point) {
	v := m.addVertex(p)
	a, b, c := m.Vert[4*t], m.Vert[4*t+1], m.Vert[4*t+2]
	bc, ca := m.lift(4*t+1), m.lift(4*t+2)
	t1 := m.addTriangles(2)
	t2 := t1 + 1
	m.set(t, a, b, v)
	m.set(t1, b, c, v)
	m.set(t2, c, a, v)
	m.Vert[4*t1+3], m.Vert[4*t2+3] = m.Vert[4*t+3], m.Vert[4*t+3]
	m.seg[4*t+1], m.seg[4*t+2] = noSegment, noSegment
	m.drop(4*t1, bc)
	m.drop(4*t2, ca)
	m.link(4*t+1, 4*t1+2)
	m.link(4*t1+1, 4*t2+2)
	m.link(4*t2+1, 4*t+2)
	m.last = t
}

// splitEdge puts p on half-edge h; both halves stay pieces of its segment.
func (m *Mesh) splitEdge(h int32, p Point) {
	v := m.addVertex(p)
	t, g := h>>2, m.Twin[h]
	u := g >> 2
	a, b, c, d := m.Vert[h], m.Vert[Next(h)], m.Vert[Prev(h)], m.Vert[Prev(g)]
	seg := m.seg[h]
	bc, ca, ad, db := m.lift(Next(h)), m.lift(Prev(h)), m.lift(Next(g)), m.lift(Prev(g))
	t1 := m.addTriangles(2)
	u1 := t1 + 1
	m.set(t, c, a, v) // c-a, a-v, v-c
	m.set(t1, b, c, v)
	m.set(u, a, d, v)
	m.set(u1, d, b, v)
	m.Vert[4*t1+3], m.Vert[4*u1+3] = m.Vert[4*t+3], m.Vert[4*u+3]
	m.drop(4*t, ca)
	m.drop(4*t1, bc)
	m.drop(4*u, ad)
	m.drop(4*u1, db)
	for _, e := range [4][3]int32{
		{4*t + 1, 4*u + 2, seg},
		{4*t1 + 2, 4*u1 + 1, seg},
		{4*t + 2, 4*t1 + 1, noSegment},
		{4*u + 1, 4*u1 + 2, noSegment},
	} {
		m.link(e[0], e[1])
		m.seg[e[0]], m.seg[e[1]] = e[2], e[2]
	}
	m.last = t
}

// flip turns the diagonal h of a convex quadrilateral. With c and d the corners
// opposite to it, h's triangle becomes c, p, d and its neighbour d, q, c.
func (m *Mesh) flip(h int32) {
	g := m.Twin[h]
	t, u := h>>2, g>>2
	p, q, c, d := m.Vert[h], m.Vert[g], m.Vert[Prev(h)], m.Vert[Prev(g)]
	qc, cp, pd, dq := m.lift(Next(h)), m.lift(Prev(h)), m.lift(Next(g)), m.lift(Prev(g))
	m.set(t, c, p, d)
	m.set(u, d, q, c)
	m.drop(4*t, cp)
	m.drop(4*t+1, pd)
	m.drop(4*u, dq)
	m.drop(4*u+1, qc)
	m.link(4*t+2, 4*u+2)
	m.seg[4*t+2], m.seg[4*u+2] = noSegment, noSegment
}

// legalizeAround flips the edges opposite to the new vertex v, and those that
// come to lie there, until none has its neighbour's apex within its triangle's
// circle.
func (m *Mesh) legalizeAround(v int32) {
	stack := m.stack[:0]
	for h, first := m.anchor[v], m.anchor[v]; ; {
		stack = append(stack, Next(h))
		if h = m.Twin[Prev(h)]; h == first {
			break
		}
	}
	for len(stack) > 0 {
		h := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		g := m.Twin[h]
		if g < 0 || m.seg[h] != noSegment || !m.better(h, g) {
			continue
		}
		m.flip(h)
		stack = append(stack, 4*(h>>2)+1, 4*(g>>2))
	}
	m.stack = stack
}

// better reports whether the other diagonal would make rounder triangles, and
// may be drawn. It is a matter of taste, so rounding may decide it.
func (m *Mesh) better(h, g int32) bool {
	p, q, c, d := m.At(h), m.At(g), m.At(Prev(h)), m.At(Prev(g))
	px, py := m.XY(p)
	qx, qy := m.XY(q)
	cx, cy := m.XY(c)
	dx, dy := m.XY(d)
	px, py, qx, qy, cx, cy = px-dx, py-dy, qx-dx, qy-dy, cx-dx, cy-dy
	pq, qc, cp := px*qy-py*qx, qx*cy-qy*cx, cx*py-cy*px
	pp, qq, cc := px*px+py*py, qx*qx+qy*qy, cx*cx+cy*cy
	det := pp*qc + qq*cp + cc*pq
	if det <= 1e-11*(pp*math.Abs(qc)+qq*math.Abs(cp)+cc*math.Abs(pq)) {
		return false
	}
	return m.Side(c, p, d) > 0 && m.Side(d, q, c) > 0
}

// alongHilbert sorts points along a Hilbert curve, so that neighbours in the
// order are neighbours in the plane.
func alongHilbert(pts []Point) {
	type keyed struct {
		key uint32
		p   Point
	}
	order := make([]keyed, len(pts))
	for i, p := range pts {
		order[i] = keyed{hilbert(p), p}
	}
	slices.SortFunc(order, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	for i, o := range order {
		pts[i] = o.p
	}
}

// hilbert is the position of p on a curve of order 16 (Warren, Hacker's
// Delight, second edition, section 16-2, the mapping from coordinates).
func hilbert(p Point) uint32 {
	x, y := uint32(p.X+MaxCoord)>>14, uint32(p.Y+MaxCoord)>>14
	var d uint32
	for s := uint32(1 << 15); s > 0; s >>= 1 {
		var rx, ry uint32
		if x&s != 0 {
			rx = 1
		}
		if y&s != 0 {
			ry = 1
		}
		d = d<<2 | (3 * rx) ^ ry
		if ry == 0 {
			if rx == 1 {
				x, y = ^x, ^y
			}
			x, y = y, x
		}
	}
	return d
}

// cellSide is the side of square cells of which about n fill a box.
func cellSide(w, h float64, n int) int32 {
	side := math.Sqrt(w * h / float64(n))
	return int32(min(max(side, max(w, h)/float64(4*n), 1), MaxCoord))
}
