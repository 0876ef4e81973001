package mesh

import (
	"encoding/binary"
	"slices"
)

// Cover names a set of regions; None is the empty one.
type Cover int32

// None is the Cover of a triangle in no region.
const None Cover = 0

// Covers lists the sets of regions that occur, each as ascending numbers.
type Covers struct {
	sets  [][]int32
	names map[string]Cover    // by the set's numbers in order
	with  map[coverStep]Cover // what plus has answered
}

type coverStep struct {
	from   Cover
	region int32
}

func newCovers() Covers {
	return Covers{sets: [][]int32{nil}, names: map[string]Cover{"": None}, with: map[coverStep]Cover{}}
}

// Sets returns for each Cover its regions' numbers. What has been returned never
// changes; a later call may return more.
func (c *Covers) Sets() [][]int32 { return c.sets[:len(c.sets):len(c.sets)] }

// plus returns the Cover of from and one more region.
func (c *Covers) plus(from Cover, region int32) Cover {
	step := coverStep{from, region}
	if to, ok := c.with[step]; ok {
		return to
	}
	set := append(slices.Clone(c.sets[from]), region)
	slices.Sort(set)
	set = slices.Compact(set)
	var name []byte
	for _, n := range set {
		name = binary.LittleEndian.AppendUint32(name, uint32(n))
	}
	to, ok := c.names[string(name)]
	if !ok {
		to = Cover(len(c.sets))
		c.sets = append(c.sets, set)
		c.names[string(name)] = to
	}
	c.with[step] = to
	return to
}

// marks are notes on triangles and half-edges that hold for one Add.
type marks struct {
	now     int32
	tri     []mark // by triangle: how often the region winds round it
	half    []mark // by half-edge: how much less beyond it
	pending []int32
}

type mark struct {
	at   int32
	wind int32
}

func (m *marks) begin(halves int) {
	m.now++
	m.tri = grow(m.tri, halves/4)
	m.half = grow(m.half, halves)
	m.pending = m.pending[:0]
}

func grow(s []mark, n int) []mark {
	if n > len(s) {
		s = append(s, make([]mark, n-len(s))...)
	}
	return s
}

func (m *marks) add(h, wind int32) {
	if m.half[h].at != m.now {
		m.half[h] = mark{at: m.now}
	}
	m.half[h].wind += wind
}

// Add puts a region into the mesh under a number that is not in use. It changes
// only the triangles that the region's box meets.
func (m *Mesh) Add(number int32, r Region) {
	var chains []chain
	for _, ring := range r {
		corners := make([]int32, len(ring))
		for i, p := range ring {
			corners[i] = m.insert(p)
		}
		for i, v := range corners {
			chains = append(chains, chain{from: v, to: corners[(i+1)%len(corners)]})
		}
	}
	for _, c := range chains {
		m.constrain(c.from, c.to)
	}
	m.marks.begin(len(m.Vert))
	for _, c := range chains {
		m.markChain(c)
	}
	m.fill(number, r)
}

// chain is a boundary segment between two vertices, pieces of which are edges.
type chain struct{ from, to int32 }

// markChain notes on each half-edge along the chain that the region winds round
// once less on its right, which is beyond it.
func (m *Mesh) markChain(c chain) {
	s := segment{m.Pts[c.from], m.Pts[c.to]}
	for v := c.from; v != c.to; {
		h, _ := m.along(v, s)
		m.marks.add(h, 1)
		m.marks.add(m.Twin[h], -1)
		v = m.Vert[m.Twin[h]]
	}
}

// fill counts, from a triangle that is surely outside, how often the region winds
// round each triangle that meets its box, and covers those with more than none.
func (m *Mesh) fill(number int32, r Region) {
	lo, hi := r.box()
	first := m.outside(lo)
	m.marks.tri[first] = mark{m.marks.now, 0}
	m.marks.pending = append(m.marks.pending, first)
	for len(m.marks.pending) > 0 {
		t := m.marks.pending[len(m.marks.pending)-1]
		m.marks.pending = m.marks.pending[:len(m.marks.pending)-1]
		wind := m.marks.tri[t].wind
		if wind > 0 {
			m.Vert[4*t+3] = int32(m.plus(Cover(m.Vert[4*t+3]), number))
		}
		for h := 4 * t; h < 4*t+3; h++ {
			g := m.Twin[h]
			if g < 0 || m.marks.tri[g>>2].at == m.marks.now {
				continue
			}
			beyond := wind
			if m.marks.half[h].at == m.marks.now {
				beyond -= m.marks.half[h].wind
			}
			if beyond <= 0 && !m.meetsBox(g>>2, lo, hi) {
				continue
			}
			m.marks.tri[g>>2] = mark{m.marks.now, beyond}
			m.marks.pending = append(m.marks.pending, g>>2)
		}
	}
}

// outside returns a triangle at the first corner of a box that is not within the
// region: the corner itself lies on the box, and so does the triangle beyond it.
func (m *Mesh) outside(corner Point) int32 {
	at := m.Locate(Point{corner.X - 1, corner.Y - 1})
	return at.Half >> 2
}

// meetsBox reports whether a triangle's own box meets a box.
func (m *Mesh) meetsBox(t int32, lo, hi Point) bool {
	ax, ay := m.XY(m.At(4 * t))
	bx, by := m.XY(m.At(4*t + 1))
	cx, cy := m.XY(m.At(4*t + 2))
	return max(ax, bx, cx) >= float64(lo.X-1) && min(ax, bx, cx) <= float64(hi.X+1) &&
		max(ay, by, cy) >= float64(lo.Y-1) && min(ay, by, cy) <= float64(hi.Y+1)
}

func (r Region) box() (lo, hi Point) {
	lo, hi = r[0][0], r[0][0]
	for _, ring := range r {
		for _, p := range ring {
			lo = Point{min(lo.X, p.X), min(lo.Y, p.Y)}
			hi = Point{max(hi.X, p.X), max(hi.Y, p.Y)}
		}
	}
	return lo, hi
}
