package route

import (
	"math"
	"slices"

	"hemolift/geo/mesh"
)

// oracle finds shortest paths by brute force, to compare the planner with. It
// shares no code with it but the lattice point. Coordinates must be within
// 0 to 60, so that every product below fits.
//
// A node is a vertex together with one of the free angular sectors about it; a leg
// joins two nodes if no other vertex lies on it and one side of it is free all
// the way. So a route cannot slip through a point or an edge at which zones touch.
type oracle struct {
	rings    [][]mesh.Point // interior to the left
	points   []mesh.Point
	sectors  [][]sector // by point
	cost     func(dx, dy float64) float64
	from, to int
}

// sector is what lies counter-clockwise from one direction to the next.
type sector struct {
	from, to vector
	whole    bool // no edge ends here: the sector is the full circle
	free     bool
}

func newOracle(zones []Zone, start, goal mesh.Point, cost func(dx, dy float64) float64) *oracle {
	o := &oracle{points: []mesh.Point{start, goal}, cost: cost, from: 0, to: 1}
	for _, z := range zones {
		for i, ring := range z.Rings {
			ring = slices.Clone(ring)
			if (oracleArea(ring) > 0) != (i == 0) {
				slices.Reverse(ring)
			}
			o.rings = append(o.rings, ring)
			o.points = append(o.points, ring...)
		}
	}
	if start == goal {
		o.to = 0
	}
	o.points = unique(o.points)
	for _, p := range o.points {
		o.sectors = append(o.sectors, o.around(p))
	}
	if o.to != 0 {
		o.to = slices.Index(o.points, goal)
	}
	return o
}

func unique(ps []mesh.Point) []mesh.Point {
	var out []mesh.Point
	for _, p := range ps {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

func oracleArea(ring []mesh.Point) (sum int64) {
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sum += int64(p.X)*int64(q.Y) - int64(p.Y)*int64(q.X)
	}
	return sum
}

func cross2(a, b vector) int64 { return int64(a.x)*int64(b.y) - int64(a.y)*int64(b.x) }
func dot2(a, b vector) int64   { return int64(a.x)*int64(b.x) + int64(a.y)*int64(b.y) }

// half orders directions by angle from 0 to 360 degrees.
func half(v vector) int {
	if v.y > 0 || (v.y == 0 && v.x > 0) {
		return 0
	}
	return 1
}

func byAngle(a, b vector) int {
	if half(a) != half(b) {
		return half(a) - half(b)
	}
	return -int(max(-1, min(1, cross2(a, b))))
}

func sameWay(a, b vector) bool { return cross2(a, b) == 0 && dot2(a, b) > 0 }

// around lists the sectors about a point.
func (o *oracle) around(p mesh.Point) []sector {
	var dirs []vector
	for _, ring := range o.rings {
		for i, a := range ring {
			b := ring[(i+1)%len(ring)]
			va, vb := from(p, a), from(p, b)
			if cross2(va, vb) != 0 || dot2(va, vb) > 0 {
				continue
			}
			for _, v := range []vector{va, vb} {
				if v != (vector{}) {
					dirs = append(dirs, v)
				}
			}
		}
	}
	slices.SortFunc(dirs, byAngle)
	dirs = slices.CompactFunc(dirs, sameWay)
	if len(dirs) == 0 {
		return []sector{{whole: true, free: !o.inside(p, vector{1, 0})}}
	}
	var out []sector
	for i, d := range dirs {
		e := dirs[(i+1)%len(dirs)]
		s := sector{from: d, to: e}
		s.free = !o.inside(p, between(d, e))
		out = append(out, s)
	}
	return out
}

// between is a direction strictly inside the sector from d to e.
func between(d, e vector) vector {
	switch c := cross2(d, e); {
	case c > 0:
		return vector{d.x + e.x, d.y + e.y}
	case c < 0:
		return vector{-d.x - e.x, -d.y - e.y}
	case dot2(d, e) < 0:
		return vector{-d.y, d.x}
	}
	return vector{-d.x, -d.y} // a full turn
}

// inside reports whether a point a little way from p in direction d is within a
// zone: at p + d/2^20, nearer than any edge not through p.
func (o *oracle) inside(p mesh.Point, d vector) bool {
	const scale = 1 << 20
	return o.winds(int64(p.X)*scale+int64(d.x), int64(p.Y)*scale+int64(d.y), scale)
}

// winds reports whether some zone's rings wind round (x, y)/scale; the point must
// not lie on an edge for the answer to count.
func (o *oracle) winds(x, y, scale int64) bool {
	n := 0
	for _, ring := range o.rings {
		for i, a := range ring {
			b := ring[(i+1)%len(ring)]
			ay, by := int64(a.Y)*scale, int64(b.Y)*scale
			side := (int64(b.X)-int64(a.X))*(y-ay) - (int64(b.Y)-int64(a.Y))*(x-int64(a.X)*scale)
			if ay <= y && by > y && side > 0 {
				n++
			}
			if ay > y && by <= y && side < 0 {
				n--
			}
		}
	}
	return n > 0
}

// leg reports on which sides the leg from u to v is free; none when another point
// lies on it.
func (o *oracle) leg(u, v mesh.Point) (left, right bool) {
	d := from(u, v)
	for _, p := range o.points {
		w := from(u, p)
		if p != u && p != v && cross2(d, w) == 0 && dot2(d, w) > 0 && dot2(w, w) < dot2(d, d) {
			return false, false
		}
	}
	type fraction struct{ n, d int64 }
	cuts := []fraction{{0, 1}, {1, 1}}
	for _, ring := range o.rings {
		for i, a := range ring {
			b := ring[(i+1)%len(ring)]
			e := from(a, b)
			den := cross2(d, e)
			if den == 0 {
				continue
			}
			num := cross2(from(u, a), e)
			if den < 0 {
				num, den = -num, -den
			}
			if num > 0 && num < den {
				cuts = append(cuts, fraction{num, den})
			}
		}
	}
	slices.SortFunc(cuts, func(a, b fraction) int { return int(max(-1, min(1, a.n*b.d-b.n*a.d))) })
	left, right = true, true
	for i := 1; i < len(cuts); i++ {
		a, b := cuts[i-1], cuts[i]
		if a.n*b.d == b.n*a.d {
			continue
		}
		scale := 2 * a.d * b.d
		m := a.n*b.d + b.n*a.d
		x, y := int64(u.X)*scale+int64(d.x)*m, int64(u.Y)*scale+int64(d.y)*m
		l, r := o.sides(d, x, y, scale)
		left, right = left && l, right && r
	}
	return left, right
}

// sides reports whether a leg's two sides are free at (x, y)/scale. Along an edge
// the interior is on the edge's left.
func (o *oracle) sides(d vector, x, y, scale int64) (left, right bool) {
	left, right = true, true
	on := false
	for _, ring := range o.rings {
		for i, a := range ring {
			b := ring[(i+1)%len(ring)]
			e := from(a, b)
			wx, wy := x-int64(a.X)*scale, y-int64(a.Y)*scale
			if int64(e.x)*wy-int64(e.y)*wx != 0 || cross2(d, e) != 0 {
				continue
			}
			if along := int64(e.x)*wx + int64(e.y)*wy; along <= 0 || along >= dot2(e, e)*scale {
				continue
			}
			on = true
			if dot2(d, e) > 0 {
				left = false
			} else {
				right = false
			}
		}
	}
	if !on {
		free := !o.winds(x, y, scale)
		return free, free
	}
	// The edges under the leg count for their side; look at the others from a
	// little to each side.
	const fine = 1 << 8
	nx, ny := -int64(d.y), int64(d.x)
	left = left && !o.winds(x*fine+nx, y*fine+ny, scale*fine)
	right = right && !o.winds(x*fine-nx, y*fine-ny, scale*fine)
	return left, right
}

// sectorOf finds the sector about point i in direction d; when d runs along an
// edge, the one to its left or right.
func (o *oracle) sectorOf(i int, d vector, left bool) int {
	for k, s := range o.sectors[i] {
		if s.whole {
			return k
		}
		if sameWay(s.from, d) {
			if left {
				return k
			}
			return (k + len(o.sectors[i]) - 1) % len(o.sectors[i])
		}
	}
	for k, s := range o.sectors[i] {
		if len(o.sectors[i]) == 1 || inSector(s, d) {
			return k
		}
	}
	panic("oracle: a direction in no sector")
}

func inSector(s sector, d vector) bool {
	if cross2(s.from, s.to) > 0 || (cross2(s.from, s.to) == 0 && dot2(s.from, s.to) < 0) {
		return cross2(s.from, d) > 0 && (cross2(d, s.to) > 0 || cross2(s.from, s.to) == 0)
	}
	return !(cross2(s.to, d) >= 0 && cross2(d, s.from) >= 0)
}

// solve returns the least cost, or the error that the planner should give.
func (o *oracle) solve() (float64, error) {
	anyFree := func(ss []sector) bool { return slices.ContainsFunc(ss, func(s sector) bool { return s.free }) }
	switch {
	case !anyFree(o.sectors[o.from]):
		return 0, ErrStartInside
	case !anyFree(o.sectors[o.to]):
		return 0, ErrGoalInside
	case o.from == o.to:
		return 0, nil
	}
	type link struct {
		to   int
		cost float64
	}
	first := make([]int, len(o.points)+1)
	for i, s := range o.sectors {
		first[i+1] = first[i] + len(s)
	}
	n := first[len(o.points)]
	links := make([][]link, n)
	for i, u := range o.points {
		for j, v := range o.points {
			if i == j {
				continue
			}
			left, right := o.leg(u, v)
			d, back := from(u, v), from(v, u)
			for _, side := range []bool{true, false} {
				if (side && left) || (!side && right) {
					a, b := o.sectorOf(i, d, side), o.sectorOf(j, back, !side)
					if o.sectors[i][a].free && o.sectors[j][b].free {
						links[first[i]+a] = append(links[first[i]+a], link{first[j] + b, o.cost(float64(d.x), float64(d.y))})
					}
				}
			}
		}
	}
	dist := make([]float64, n)
	done := make([]bool, n)
	for i := range dist {
		dist[i] = math.Inf(1)
	}
	for k, s := range o.sectors[o.from] {
		if s.free {
			dist[first[o.from]+k] = 0
		}
	}
	for {
		u := -1
		for i := range dist {
			if !done[i] && !math.IsInf(dist[i], 1) && (u < 0 || dist[i] < dist[u]) {
				u = i
			}
		}
		if u < 0 {
			break
		}
		done[u] = true
		for _, l := range links[u] {
			dist[l.to] = min(dist[l.to], dist[u]+l.cost)
		}
	}
	best := math.Inf(1)
	for k, s := range o.sectors[o.to] {
		if s.free {
			best = min(best, dist[first[o.to]+k])
		}
	}
	if math.IsInf(best, 1) {
		return 0, ErrUnreachable
	}
	return best, nil
}
