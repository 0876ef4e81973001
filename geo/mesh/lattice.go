package mesh

import (
	"math"
	"math/big"
)

// MaxCoord bounds both coordinates of a lattice point, either sign. Every
// orientation of points within it fits 64 bits.
const MaxCoord = 1 << 29

// Point is a lattice point. In a Triangles it may also stand for a crossing.
type Point struct{ X, Y int32 }

// crossed marks a Point that stands for a crossing; Y is then its index.
const crossed = math.MaxInt32

// Orient is twice the signed area of the triangle abc: positive when c lies to
// the left of the line from a to b. The points are lattice points.
func Orient(a, b, c Point) int64 {
	return int64(b.X-a.X)*int64(c.Y-a.Y) - int64(b.Y-a.Y)*int64(c.X-a.X)
}

// segment is a piece of a region's boundary between two lattice points.
type segment struct{ a, b Point }

// crossing is the point s.a + num/den (s.b - s.a), with den > 0, where s and o
// cross. It never changes.
type crossing struct {
	s, o     segment
	more     []segment // others through the same point, along other lines
	num, den int64
	x, y     float64 // rounded, within coordError
}

// coordError bounds the error of a crossing's rounded coordinates: a quotient
// within 2^-51, times at most 2^30, and the rounding of a sum below 2^30.
const coordError = 1.0 / (1 << 19)

// cross returns the crossing of two segments that are known to cross properly.
func cross(s, o segment) crossing {
	num, den := Orient(o.a, o.b, s.a), Orient(o.a, o.b, s.a)-Orient(o.a, o.b, s.b)
	if den < 0 {
		num, den = -num, -den
	}
	t := float64(num) / float64(den)
	return crossing{
		s: s, o: o, num: num, den: den,
		x: float64(s.a.X) + t*float64(s.b.X-s.a.X), y: float64(s.a.Y) + t*float64(s.b.Y-s.a.Y),
	}
}

// on returns the segment on whose line the lattice point p lies.
func (c *crossing) on(p Point) (segment, bool) {
	if c.s.aligned(p) {
		return c.s, true
	}
	if c.o.aligned(p) {
		return c.o, true
	}
	for _, s := range c.more {
		if s.aligned(p) {
			return s, true
		}
	}
	return segment{}, false
}

// aligned reports whether the lattice point p lies on the segment's line.
func (s segment) aligned(p Point) bool { return Orient(s.a, s.b, p) == 0 }

// lattice returns the crossing as a lattice point when it is one.
func (c crossing) lattice() (Point, bool) {
	num, den := big.NewInt(c.num), big.NewInt(c.den)
	along := func(a, b int32) (int32, bool) {
		q, r := new(big.Int).QuoRem(new(big.Int).Mul(num, big.NewInt(int64(b)-int64(a))), den, new(big.Int))
		return a + int32(q.Int64()), r.Sign() == 0
	}
	x, okX := along(c.s.a.X, c.s.b.X)
	y, okY := along(c.s.a.Y, c.s.b.Y)
	return Point{x, y}, okX && okY
}

// points holds vertices and resolves those that are crossings.
type points struct {
	Pts   []Point
	XYs   []XY // of the same vertices, rounded where they are crossings
	cross []crossing
}

// XY is a place in lattice steps.
type XY struct{ X, Y float64 }

// XY returns p's coordinates, rounded when p is a crossing.
func (ps *points) XY(p Point) (x, y float64) {
	if p.X == crossed {
		c := &ps.cross[p.Y]
		return c.x, c.y
	}
	return float64(p.X), float64(p.Y)
}

// IsLattice reports whether p is a lattice point, not a crossing.
func IsLattice(p Point) bool { return p.X != crossed }

// Side has the sign of Orient, for lattice points and crossings alike, exactly.
func (ps *points) Side(a, b, c Point) int64 {
	if max(a.X, b.X, c.X) < crossed {
		return int64(b.X-a.X)*int64(c.Y-a.Y) - int64(b.Y-a.Y)*int64(c.X-a.X)
	}
	return ps.sideOfCrossing(a, b, c)
}

func (ps *points) sideOfCrossing(a, b, c Point) int64 {
	ax, ay := ps.XY(a)
	bx, by := ps.XY(b)
	cx, cy := ps.XY(c)
	ux, uy, vx, vy := bx-ax, by-ay, cx-ax, cy-ay
	det := ux*vy - uy*vx
	bound := (math.Abs(ux*vy)+math.Abs(uy*vx))*0x1p-50 + 4*coordError*(math.Abs(ux)+math.Abs(uy)+math.Abs(vx)+math.Abs(vy)+1)
	switch {
	case det > bound:
		return 1
	case det < -bound:
		return -1
	}
	return int64(exactSide(ps.homogeneous(a), ps.homogeneous(b), ps.homogeneous(c)))
}

// homogeneous is a point as (x w, y w, w) with w > 0.
type homogeneous [3]*big.Int

func (ps *points) homogeneous(p Point) homogeneous {
	if p.X != crossed {
		return homogeneous{big.NewInt(int64(p.X)), big.NewInt(int64(p.Y)), big.NewInt(1)}
	}
	c := &ps.cross[p.Y]
	num, den := big.NewInt(c.num), big.NewInt(c.den)
	along := func(a, b int32) *big.Int {
		base := new(big.Int).Mul(den, big.NewInt(int64(a)))
		return base.Add(base, new(big.Int).Mul(num, big.NewInt(int64(b)-int64(a))))
	}
	return homogeneous{along(c.s.a.X, c.s.b.X), along(c.s.a.Y, c.s.b.Y), den}
}

func exactSide(a, b, c homogeneous) int {
	minor := func(i, j int) *big.Int {
		m := new(big.Int).Mul(b[i], c[j])
		return m.Sub(m, new(big.Int).Mul(b[j], c[i]))
	}
	det := new(big.Int).Mul(a[0], minor(1, 2))
	det.Add(det, new(big.Int).Mul(a[1], minor(2, 0)))
	det.Add(det, new(big.Int).Mul(a[2], minor(0, 1)))
	return det.Sign()
}

// ahead reports whether q lies after p in the direction of s; exact.
func (ps *points) ahead(s segment, p, q Point) bool {
	px, py := ps.XY(p)
	qx, qy := ps.XY(q)
	dx, dy := float64(s.b.X-s.a.X), float64(s.b.Y-s.a.Y)
	dot := (qx-px)*dx + (qy-py)*dy
	if bound := (math.Abs(dx) + math.Abs(dy)) * 4 * coordError; math.Abs(dot) > bound {
		return dot > 0
	}
	h, g := ps.homogeneous(p), ps.homogeneous(q)
	diff := func(i int) *big.Int {
		d := new(big.Int).Mul(g[i], h[2])
		return d.Sub(d, new(big.Int).Mul(h[i], g[2]))
	}
	sum := new(big.Int).Mul(diff(0), big.NewInt(int64(s.b.X)-int64(s.a.X)))
	return sum.Add(sum, new(big.Int).Mul(diff(1), big.NewInt(int64(s.b.Y)-int64(s.a.Y)))).Sign() > 0
}
