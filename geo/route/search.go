package route

import (
	"math"

	"hemolift/geo/mesh"
)

// search finds the cheapest taut path over the free triangles of a view. It is
// Polyanya's search (Cui, Harabor, Grastien, IJCAI 2017): A* over what a turning
// point sees through an edge. Here a cone of sight is bounded by rays through
// vertices, never by computed points, so that every decision about what is
// visible is one exact orientation; rounding touches only the order of work.
type search struct {
	*view
	metric
	vert, twin []int32 // the view's, at hand
	pts        []mesh.Point
	xys        []mesh.XY
	goal       mesh.Point
	gx, gy     float64
	startTris  []int32
	goalTris   []int32
	roots      []root
	queue      frontier
	reached    []reached
	stamp      uint32
	found      float64 // cost of the best route so far
	foundRoot  int32
	budget     int
	opened     []uint32 // by triangle: the stamp for which a dead end is open
}

// root is a point from which the path sees on: the start or a turning point.
type root struct {
	at       mesh.Point
	x, y     float64    // the same
	ahead    mesh.Point // on the ray straight on from the root before
	cost     float64    // from the start
	rest     float64    // straight to the goal, which no path undercuts
	from     int32      // the root before
	vertex   int32      // -1 for the start
	leftward bool       // the path turns left here
}

// node is a cone of sight from a root, between the rays through left and right,
// entering a triangle over half-edge half. With half < 0 it is a turning point
// that has not looked around yet.
type node struct {
	rank        float64
	root, half  int32
	left, right int32 // vertices, or straight
}

const (
	straight = -1 // the ray straight on at the root
	lookout  = -1 // the half-edge of a node that is a turning point
)

// reached is the best cost at which a vertex was reached in the search stamp, and
// the root from which.
type reached struct {
	cost  float64
	stamp uint32
	root  int32
}

func (s *search) reset(v *view, m metric, goal mesh.Point, budget int) {
	s.view, s.metric, s.goal, s.budget = v, m, goal, budget
	s.vert, s.twin, s.pts, s.xys = v.Vert, v.Twin, v.Pts, v.XYs
	s.gx, s.gy = float64(goal.X), float64(goal.Y)
	s.roots, s.queue = s.roots[:0], s.queue[:0]
	s.found, s.foundRoot = math.Inf(1), -1
	if len(s.reached) < len(v.Pts) || len(s.opened) < len(v.state) {
		s.reached, s.opened, s.stamp = make([]reached, len(v.Pts)*5/4), make([]uint32, len(v.state)*5/4), 0
	}
	s.stamp++
	if s.stamp == 0 {
		clear(s.reached)
		clear(s.opened)
		s.stamp = 1
	}
}

// patience is how many triangles are entered before asking whether the goal can be
// reached at all, which costs about as much.
const patience = 2_000

// run searches until no open node can better what was found. Every triangle that
// is entered takes one from the budget.
func (s *search) run() error {
	budget := s.budget
	s.budget = min(patience, budget)
	s.advance()
	if s.budget <= 0 && s.foundRoot < 0 && !s.connected(s.startTris, s.goalTris) {
		return ErrUnreachable
	}
	if s.budget <= 0 && budget > patience {
		s.budget = budget - patience
		s.advance()
	}
	switch {
	case s.budget <= 0:
		return ErrBudget
	case s.foundRoot < 0:
		s.connected(s.startTris, s.goalTris) // and the next such query is answered at once
		return ErrUnreachable
	}
	return nil
}

func (s *search) advance() {
	for len(s.queue) > 0 && s.queue[0].rank < s.found && s.budget > 0 {
		n := s.queue.pop()
		if r := &s.roots[n.root]; r.vertex >= 0 && r.cost > s.reached[r.vertex].cost {
			continue // a cheaper way to this root came later
		}
		if n.half == lookout {
			s.budget--
			s.lookAround(n.root)
		} else {
			s.follow(n)
		}
	}
}

// follow goes on with a cone for as long as a part of it is the cheapest of all
// open nodes, and pushes the other parts.
func (s *search) follow(n node) {
	for s.slide(&n, &s.roots[n.root]) {
		a, b := s.fork(&n, &s.roots[n.root])
		if b.rank < a.rank {
			a, b = b, a
		}
		if b.rank < s.found {
			s.queue.push(b)
		}
		if a.rank >= s.found {
			return
		}
		if s.budget <= 0 || (len(s.queue) > 0 && a.rank > s.queue[0].rank) {
			s.queue.push(a)
			return
		}
		n = a
	}
}

// slide moves a cone over the triangles that it leaves through one edge only, up
// to one whose apex it holds. It reports false when it ended before.
func (s *search) slide(n *node, r *root) bool {
	left, right := s.ray(r, n.left), s.ray(r, n.right)
	for {
		s.budget--
		if s.isGoal(n.half>>2) && s.Side(r.at, left, s.goal) <= 0 && s.Side(r.at, right, s.goal) >= 0 {
			s.offer(r, n.root)
			return false
		}
		over := mesh.Prev(n.half)
		apex := s.vert[over]
		at := s.pts[apex]
		ofLeft, ofRight := s.Side(r.at, left, at), int64(0)
		if ofLeft <= 0 {
			ofRight = s.Side(r.at, right, at)
		}
		switch {
		case ofLeft > 0:
			over = mesh.Next(n.half)
		case ofRight < 0:
		default:
			s.touch(n.root, apex)
			if ofLeft < 0 && ofRight > 0 {
				return true
			}
			if ofRight > 0 {
				over = mesh.Next(n.half)
			}
		}
		if n.half = s.twin[over]; n.half < 0 || !s.enters(n.half>>2) {
			return false
		}
	}
}

// fork splits a cone at the apex of its triangle, which it holds. A part that
// leads nowhere has an infinite rank.
func (s *search) fork(n *node, r *root) (a, b node) {
	leftHalf, rightHalf := mesh.Prev(n.half), mesh.Next(n.half)
	apex := s.vert[leftHalf]
	return s.part(n.root, r, leftHalf, n.left, apex), s.part(n.root, r, rightHalf, apex, n.right)
}

// part is the part of a cone that leaves a triangle over half-edge h.
func (s *search) part(i int32, r *root, h, left, right int32) node {
	g := s.twin[h]
	if g < 0 || !s.enters(g>>2) {
		return node{rank: math.Inf(1)}
	}
	return node{root: i, half: g, left: left, right: right, rank: s.rank(i, r, g, left, right)}
}

// toward is ray, rounded.
func (s *search) toward(r *root, vertex int32) mesh.XY {
	if vertex == straight {
		return mesh.XY{X: float64(r.ahead.X), Y: float64(r.ahead.Y)}
	}
	return s.xys[vertex]
}

// ray returns a point on a cone's limiting ray.
func (s *search) ray(r *root, vertex int32) mesh.Point {
	if vertex == straight {
		return r.ahead
	}
	return s.pts[vertex]
}

func (s *search) isGoal(tri int32) bool {
	for _, g := range s.goalTris {
		if g == tri {
			return true
		}
	}
	return false
}

// offer notes that the root sees the goal.
func (s *search) offer(r *root, i int32) {
	if c := r.cost + r.rest; c < s.found {
		s.found, s.foundRoot = c, i
	}
}

func (s *search) enters(tri int32) bool {
	switch s.state[tri] {
	case open:
		return true
	case deadEnd:
		return s.opened[tri] == s.stamp
	}
	return false
}

// reopen lets the search into the dead end that tri is in.
func (s *search) reopen(tri int32) {
	for s.state[tri] == deadEnd && s.opened[tri] != s.stamp {
		s.opened[tri] = s.stamp
		if s.exit[tri] < 0 {
			return
		}
		tri = s.Twin[s.exit[tri]] >> 2
	}
}

// rank is a bound below the cost of every path that goes through the interval of
// half-edge h that lies between two rays. It is infinite when another path to an
// end of the edge, and on along it, is cheaper all over the interval.
func (s *search) rank(i int32, r *root, h, left, right int32) float64 {
	a, b := s.vert[h], s.vert[mesh.Next(h)]
	ox, oy := r.x, r.y
	from, to, l, m := s.xys[a], s.xys[b], s.toward(r, left), s.toward(r, right)
	ax, ay, bx, by, lx, ly, rx, ry := from.X, from.Y, to.X, to.Y, l.X, l.Y, m.X, m.Y
	ax, ay, bx, by = ax-ox, ay-oy, bx-ox, by-oy
	lx, ly, rx, ry = lx-ox, ly-oy, rx-ox, ry-oy
	gx, gy := s.gx-ox, s.gy-oy
	ex, ey := bx-ax, by-ay
	ix, iy, jx, jy := ax, ay, bx, by // the interval's ends
	if left != a {
		ix, iy = meet(ax, ay, ex, ey, lx, ly)
	}
	if right != b {
		jx, jy = meet(ax, ay, ex, ey, rx, ry)
	}
	if s.undercut(i, r, a, jx, jy, jx-ax, jy-ay) || s.undercut(i, r, b, ix, iy, ix-bx, iy-by) {
		return math.Inf(1)
	}
	if beyond := ex*(gy-ay) - ey*(gx-ax); beyond < 0 {
		if s.windy {
			return r.cost + r.rest
		}
		k := 2 * beyond / (ex*ex + ey*ey) // mirror the goal in the edge
		gx, gy = gx+k*ey, gy-k*ex
	}
	switch {
	case lx*gy-ly*gx > 0:
		return r.cost + s.cost(ix, iy) + s.cost(gx-ix, gy-iy)
	case rx*gy-ry*gx < 0:
		return r.cost + s.cost(jx, jy) + s.cost(gx-jx, gy-jy)
	}
	return r.cost + s.cost(gx, gy)
}

// undercut reports whether the point (x, y) from root r, which is (dx, dy) from an
// end of its edge, is reached cheaper by way of that end; then so is every point
// between the two. It does not hold where zones touch: the cheaper path may come
// from the other side of the contact.
func (s *search) undercut(i int32, r *root, end int32, x, y, dx, dy float64) bool {
	q := &s.reached[end]
	return q.stamp == s.stamp && q.root != i && q.cost+s.metric.cost(dx, dy) < (r.cost+s.metric.cost(x, y))*(1-1e-12) &&
		s.corners[end].wedges < 2
}

// meet returns where the ray (lx, ly) meets the edge from a along e, which it
// does: rounding must not put the point outside.
func meet(ax, ay, ex, ey, lx, ly float64) (x, y float64) {
	det := lx*ey - ly*ex
	if det == 0 {
		return ax, ay
	}
	u := min(max((ly*ax-lx*ay)/det, 0), 1)
	return ax + u*ex, ay + u*ey
}

// touch notes the cost of a visible vertex and makes it a turning point if the
// path may turn there.
func (s *search) touch(i, vertex int32) {
	r := &s.roots[i]
	at := s.pts[vertex]
	x, y := s.xys[vertex].X, s.xys[vertex].Y
	cost := r.cost + s.cost(x-r.x, y-r.y)
	best := &s.reached[vertex]
	if best.stamp == s.stamp && best.cost <= cost {
		return
	}
	c := &s.corners[vertex]
	on := from(r.at, at)
	side := c.side(on)
	if c.wedges > 1 && side == 0 {
		return // from here it can only be passed by, maybe within another wedge
	}
	*best = reached{cost, s.stamp, i}
	if side == 0 {
		return
	}
	rest := s.cost(s.gx-x, s.gy-y)
	if cost+rest >= s.found {
		return
	}
	s.roots = append(s.roots, root{
		at: at, x: x, y: y, ahead: mesh.Point{X: at.X + on.x, Y: at.Y + on.y},
		cost: cost, rest: rest, from: i, vertex: vertex, leftward: side > 0,
	})
	s.queue.push(node{rank: cost + rest, root: int32(len(s.roots) - 1), half: lookout})
}

// lookAround opens the triangles about a turning point, from its wall back to the
// ray straight on.
func (s *search) lookAround(i int32) {
	r := s.roots[i]
	before := s.roots[r.from].at
	c := s.corners[r.vertex]
	if r.leftward {
		s.touch(i, s.Vert[c.cw])
		for h, side := c.cw, int64(1); side > 0 && h >= 0 && s.state[h>>2] != blocked; h = s.Twin[mesh.Next(h)] {
			left, right := s.Vert[h], s.Vert[mesh.Prev(h)]
			if side = s.Side(before, r.at, s.Pts[right]); side >= 0 {
				s.touch(i, right)
			} else {
				right = straight
			}
			s.see(i, mesh.Prev(h), left, right)
		}
		return
	}
	s.touch(i, s.Vert[mesh.Next(c.ccw)])
	for h, side := c.ccw, int64(-1); side < 0 && h >= 0 && s.state[h>>2] != blocked; h = s.Twin[mesh.Prev(h)] {
		right, left := s.Vert[mesh.Next(h)], s.Vert[mesh.Prev(h)]
		if side = s.Side(before, r.at, s.Pts[left]); side <= 0 {
			s.touch(i, left)
		} else {
			left = straight
		}
		s.see(i, mesh.Next(h), left, right)
	}
}

// see pushes what a root sees over half-edge h of a triangle that it is a corner
// or a point of.
func (s *search) see(i, h, left, right int32) {
	r := &s.roots[i]
	if s.isGoal(h >> 2) {
		s.offer(r, i)
	}
	if n := s.part(i, r, h, left, right); n.rank < s.found {
		s.queue.push(n)
	}
}

// locate finds the free triangles about the start and the goal, and what forbids
// a route between them.
func (s *search) locate(start mesh.Point) error {
	s.startTris = s.around(s.Locate(start), s.startTris[:0])
	if len(s.startTris) == 0 {
		return ErrStartInside
	}
	s.goalTris = s.around(s.Locate(s.goal), s.goalTris[:0])
	if len(s.goalTris) == 0 {
		return ErrGoalInside
	}
	if s.view.parts.Load() != nil && !s.connected(s.startTris, s.goalTris) {
		return ErrUnreachable
	}
	return nil
}

// begin opens the triangles about the start.
func (s *search) begin(start mesh.Point) {
	x, y := float64(start.X), float64(start.Y)
	s.roots = append(s.roots, root{at: start, x: x, y: y, rest: s.cost(s.gx-x, s.gy-y), from: -1, vertex: -1})
	for _, tri := range s.goalTris {
		s.reopen(tri)
	}
	for _, tri := range s.startTris {
		s.reopen(tri)
	}
	for _, tri := range s.startTris {
		for h := 4 * tri; h < 4*tri+3; h++ {
			left, right := s.Vert[mesh.Next(h)], s.Vert[h]
			if s.At(h) == start {
				s.reached[right] = reached{0, s.stamp, 0}
			} else {
				s.touch(0, right)
			}
			if s.Side(s.At(h), s.At(mesh.Next(h)), start) > 0 {
				s.see(0, h, left, right)
			}
		}
	}
}

// path returns the turning points from start to goal and its cost.
func (s *search) path() Path {
	n := 2
	for i := s.foundRoot; s.roots[i].from >= 0; i = s.roots[i].from {
		n++
	}
	points := make([]mesh.Point, n)
	points[n-1] = s.goal
	for i := s.foundRoot; i >= 0; i = s.roots[i].from {
		n--
		points[n-1] = s.roots[i].at
	}
	return Path{Points: points, Cost: s.found, Bound: s.found}
}
