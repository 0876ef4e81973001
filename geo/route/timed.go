package route

import (
	"container/heap"
	"errors"
	"math"
	"slices"
	"time"

	"hemolift/geo/mesh"
)

// timed searches with windows that open or close during the flight. It is a search
// over places and safe intervals (Phillips and Likhachev, SIPP, ICRA 2011): the
// earliest arrival at a place within one interval in which it is not closed
// dominates later ones, since the aircraft may hover.
//
// Places are the start, the goal and the zones' corners. A best route may also
// turn on a wall of a zone whose window changes, at the very moment of the change:
// either it gets there just then (a tight point), or it waits there for the zone
// to open, at the point of the wall nearest to where it goes next (a gate). Both
// are made as the search goes on, exactly. With one such zone these are all the
// turning points that there can be, so the route is the optimum, unless a point at
// which zones touch was left out. With several zones two moments may depend on each
// other, and the route is checked but maybe not best; its bound says by how much.
type timed struct {
	*phases
	metric
	sn      *Snapshot
	query   Query
	spots   []spot
	corners []int32 // spots where any route may turn
	byPoint map[mesh.Point]int32
	gates   []gate
	labels  []label
	queue   labelQueue
	best    map[labelKey]float64
	legs    map[[2]int32][]stretch
	least   *view // the zones that count throughout
	found   int32
	budget  int
	passed  bool // a point at which zones touch was left out as a turning point
}

// spot is a place. Legs are traced between lattice points; costs are taken between
// exact ones, which differ from them by a step at most.
type spot struct {
	at   mesh.Point
	x, y float64
	safe []span
	rest float64 // at least this from here to the goal; negative: not known yet
}

// label is an arrival at a spot.
type label struct {
	spot   int32
	from   int32 // the label before, or -1
	arrive float64
	leave  float64 // when the label before left for here
	until  float64 // the end of the safe interval
}

type labelKey struct {
	spot     int32
	interval int
}

// timedBudget bounds the legs that one timed search looks at.
const timedBudget = 2_000_000

// planTimed returns the fastest route in zones whose windows change on the way,
// with a bound below every route's time.
func (sn *Snapshot) planTimed(q Query, m metric) (Path, error) {
	whole, err := sn.planClosed(q, m)
	if errors.Is(err, ErrStartInside) && sn.closedAtStart(q) {
		return Path{}, err
	}
	end := math.Inf(1)
	if err == nil {
		end = whole.Cost
	}
	ph := newPhases(sn, q, end, nil)
	if len(ph.zones) == 0 {
		return whole, err
	}
	best, bestErr := sn.solveTimed(q, m, ph, whole, err)
	if bestErr != nil || len(ph.zones) == 1 || best.Bound == best.Cost {
		return best, bestErr
	}
	// With all changing zones away but one the optimum is exact, and a bound.
	for _, keep := range ph.zones {
		others := slices.DeleteFunc(slices.Clone(ph.zones), func(z int32) bool { return z == keep })
		if p, err := sn.solveTimed(q, m, newPhases(sn, q, end, others), best, nil); err == nil {
			best.Bound = max(best.Bound, min(p.Bound, best.Cost))
		}
	}
	return best, nil
}

// planClosed plans as if every window that comes up during the flight held
// throughout: a route that is surely flyable, if there is one.
func (sn *Snapshot) planClosed(q Query, m metric) (Path, error) {
	q.Until = time.Unix(0, math.MaxInt64)
	p, err := sn.search(q, m, sn.view(q))
	for err == nil {
		q.Until = q.Depart.Add(time.Duration(p.Cost * float64(time.Second)))
		next, nextErr := sn.search(q, m, sn.view(q))
		if nextErr != nil || next.Cost >= p.Cost {
			break
		}
		p = next
	}
	return p, err
}

// closedAtStart reports whether the start lies in zones that count at departure.
func (sn *Snapshot) closedAtStart(q Query) bool {
	q.Until = q.Depart
	v := sn.view(q)
	return len(v.around(v.Locate(q.From), nil)) == 0
}

// solveTimed searches with one choice of phases; whole is a route known already.
func (sn *Snapshot) solveTimed(q Query, m metric, ph *phases, whole Path, wholeErr error) (Path, error) {
	t := &timed{
		phases: ph, metric: m, sn: sn, query: q, least: newView(sn.triangles, ph.throughout), found: -1, budget: timedBudget,
		byPoint: map[mesh.Point]int32{}, best: map[labelKey]float64{}, legs: map[[2]int32][]stretch{},
	}
	limit := math.Inf(1)
	if wholeErr == nil {
		limit = whole.Cost
	}
	goal := t.addSpot(q.To, float64(q.To.X), float64(q.To.Y))
	start := t.addSpot(q.From, float64(q.From.X), float64(q.From.Y))
	if t.least.free(q.From) == 0 {
		return Path{}, ErrStartInside
	}
	if t.least.free(q.To) == 0 {
		return Path{}, ErrGoalInside
	}
	if math.IsInf(t.restOf(start), 1) {
		return Path{}, ErrUnreachable
	}
	if limit <= t.restOf(start)*within1 {
		whole.Bound = t.restOf(start)
		return whole, nil // the zones that change do not matter
	}
	t.gather(limit)
	t.arrive(start, -1, 0, 0)
	err := t.run(goal, limit)
	best, bestErr := whole, wholeErr
	if t.found >= 0 {
		best, bestErr = t.path(), nil
	} else if err != nil && wholeErr != nil {
		return Path{}, err
	}
	best.Bound = t.restOf(start)
	if err == nil && len(ph.zones) == 1 && !t.passed {
		best.Bound = best.Cost
	}
	return best, bestErr
}

// within1 is the rounding that two sums of the same legs may differ by.
const within1 = 1 + 1e-12

// free counts the free triangles about a point.
func (v *view) free(p mesh.Point) int { return len(v.around(v.Locate(p), nil)) }

// addSpot returns the spot at an exact point, traced at the lattice point at.
func (t *timed) addSpot(at mesh.Point, x, y float64) int32 {
	t.spots = append(t.spots, spot{at: at, x: x, y: y, safe: t.safe(at), rest: -1})
	return int32(len(t.spots) - 1)
}

// safe lists when some triangle about a point is not closed.
func (t *timed) safe(p mesh.Point) []span {
	place := t.sn.triangles.Locate(p)
	tris := t.least.around(place, nil)
	return t.phases.spans(func(k int) bool {
		for _, tri := range tris {
			if !t.closed[t.sn.triangles.Cover(tri)][k] {
				return true
			}
		}
		return false
	})
}

// restOf is the cost from a spot to the goal past the zones that count throughout.
func (t *timed) restOf(i int32) float64 {
	s := &t.spots[i]
	if s.rest < 0 {
		q := t.query
		q.From = s.at
		p, err := t.sn.search(q, t.metric, t.least)
		s.rest = p.Cost
		if err != nil {
			s.rest = math.Inf(1)
		}
		// The lattice point may be a step away from the exact one.
		s.rest = max(0, s.rest-t.between(float64(s.at.X), float64(s.at.Y), s.x, s.y)*2)
	}
	return s.rest
}

func (t *timed) between(ax, ay, bx, by float64) float64 { return t.metric.cost(bx-ax, by-ay) }

// gather finds the corners and gates that a route of at most limit can touch.
func (t *timed) gather(limit float64) {
	tri := t.sn.triangles
	goal, start := t.spots[0], t.spots[1]
	seen := make([]bool, len(tri.Pts))
	for h := int32(0); h < int32(len(tri.Vert)); h++ {
		g := tri.Twin[h]
		if h&3 == 3 || g < 0 || tri.Cover(h>>2) == tri.Cover(g>>2) || !t.matters(h>>2, g>>2) {
			continue
		}
		t.addGate(h)
		if v := tri.Vert[h]; !seen[v] {
			seen[v] = true
			at := tri.Pts[v]
			if !mesh.IsLattice(at) || at == start.at || at == goal.at || !t.turnable(h) {
				continue
			}
			if t.touching(h) {
				t.passed = true
				continue
			}
			x, y := float64(at.X), float64(at.Y)
			if t.between(start.x, start.y, x, y)+t.between(x, y, goal.x, goal.y) < limit {
				t.corners = append(t.corners, t.addSpot(at, x, y))
			}
		}
	}
	for i, s := range t.spots {
		t.byPoint[s.at] = int32(i)
	}
	for i := range t.gates { // where to wait for the last leg, from other gates too
		if u := t.nearest(&t.gates[i], goal.x, goal.y); u > 0 && u < 1 {
			if p, ok := t.onGate(&t.gates[i], u); ok {
				t.corners = append(t.corners, p)
			}
		}
	}
}

// matters reports whether two covers differ in some phase.
func (t *timed) matters(a, b int32) bool {
	return !slices.Equal(t.closed[t.sn.triangles.Cover(a)], t.closed[t.sn.triangles.Cover(b)])
}

// touching reports whether in some phase zones touch at the vertex at which h
// begins, which leaves more than one free wedge about it. A route must not slip
// from one to the other, so none turns there; what is lost is the proof, not safety.
func (t *timed) touching(h int32) bool {
	tri := t.sn.triangles
	for k := range len(t.events) + 1 {
		wedges := 0
		for g, turned := h, false; !turned; {
			next := tri.Twin[mesh.Prev(g)]
			if next < 0 {
				break
			}
			if t.closed[tri.Cover(g>>2)][k] && !t.closed[tri.Cover(next>>2)][k] {
				wedges++
			}
			g, turned = next, next == h
		}
		if wedges > 1 {
			return true
		}
	}
	return false
}

// turnable reports whether in some phase the vertex at which h begins is a corner
// about which a route may turn: closed triangles within less than half a turn.
func (t *timed) turnable(h int32) bool {
	tri := t.sn.triangles
	at := tri.At(h)
	for k := range len(t.events) + 1 {
		shut := func(h int32) bool { return t.closed[tri.Cover(h>>2)][k] }
		for g, turned := h, false; !turned; {
			next := tri.Twin[mesh.Prev(g)]
			if next < 0 {
				return false
			}
			if shut(g) && !shut(next) { // next begins a free wedge
				first, last := next, next
				for n := tri.Twin[mesh.Prev(last)]; n >= 0 && !shut(n); n = tri.Twin[mesh.Prev(last)] {
					last = n
				}
				if tri.Side(at, tri.At(mesh.Prev(last)), tri.At(mesh.Next(first))) > 0 {
					return true
				}
			}
			g, turned = next, next == h
		}
	}
	return false
}

// arrive offers an arrival at a spot.
func (t *timed) arrive(to, from int32, leave, at float64) {
	s := &t.spots[to]
	for i, safe := range s.safe {
		if at < safe.from || at > safe.to {
			continue
		}
		key := labelKey{to, i}
		if old, ok := t.best[key]; ok && old <= at {
			continue
		}
		t.best[key] = at
		t.labels = append(t.labels, label{spot: to, from: from, arrive: at, leave: leave, until: safe.to})
		heap.Push(&t.queue, labelRank{rank: at + t.restOf(to), label: int32(len(t.labels) - 1)})
	}
}

// run settles labels in the order of what they may lead to, until the goal's.
func (t *timed) run(goal int32, limit float64) error {
	for len(t.queue) > 0 {
		top := heap.Pop(&t.queue).(labelRank)
		l := t.labels[top.label]
		if top.rank >= limit {
			return nil
		}
		if l.spot == goal {
			t.found = top.label
			return nil
		}
		if t.stale(l) {
			continue
		}
		t.fly(top.label, goal, limit)
		for k := 0; k < len(t.corners); k++ { // which grow when a leg meets a vertex
			t.fly(top.label, t.corners[k], limit)
		}
		t.tight(top.label, limit)
		if t.budget <= 0 {
			return ErrBudget
		}
	}
	return nil
}

// stale reports whether a better arrival replaced the label.
func (t *timed) stale(l label) bool {
	for i, safe := range t.spots[l.spot].safe {
		if safe.to == l.until {
			return t.best[labelKey{l.spot, i}] < l.arrive
		}
	}
	return false
}

// fly tries the leg from a label to a spot, straight and by way of a gate that
// opens.
func (t *timed) fly(i, to int32, limit float64) {
	l := t.labels[i]
	if l.spot == to {
		return
	}
	a, b := t.spots[l.spot], t.spots[to]
	legS := t.between(a.x, a.y, b.x, b.y)
	if l.arrive+legS+t.restOf(to) >= limit {
		return
	}
	t.straight(i, to, legS)
	for g := range t.gates {
		t.waitAt(i, &t.gates[g], to, limit)
	}
}

// straight tries the straight leg at every departure that may be the first to
// reach one of the goal spot's safe intervals.
func (t *timed) straight(i, to int32, legS float64) {
	l := t.labels[i]
	leg, ok := t.leg(l.spot, to)
	if !ok {
		return
	}
	forbidden := t.forbidden(leg, legS)
	for _, safe := range t.spots[to].safe {
		leave := earliest(forbidden, max(l.arrive, safe.from-legS))
		if leave <= l.until && leave+legS <= safe.to {
			t.arrive(to, i, leave, leave+legS)
		}
	}
}

// leg returns the stretches of the straight leg between two spots. A vertex on the
// way becomes a spot of its own, and there is no leg past it.
func (t *timed) leg(a, b int32) ([]stretch, bool) {
	key := [2]int32{a, b}
	leg, ok := t.legs[key]
	if !ok {
		t.budget--
		var vertex int32
		leg, vertex = trace(t.sn.triangles, t.spots[a].at, t.spots[b].at)
		if vertex >= 0 {
			leg = nil
			if at := t.sn.triangles.Pts[vertex]; at != t.spots[b].at {
				if _, ok := t.byPoint[at]; !ok && t.touching(t.sn.triangles.Locate(at).Half) {
					t.passed = true
				} else if !ok {
					t.byPoint[at] = t.addSpot(at, float64(at.X), float64(at.Y))
					t.corners = append(t.corners, t.byPoint[at])
				}
			}
		}
		for _, s := range leg {
			if t.alwaysClosed(s.left) && t.alwaysClosed(s.right) {
				leg = nil
				break
			}
		}
		t.legs[key] = leg
	}
	return leg, leg != nil
}

// path returns the route to the found label, with the times of leaving.
func (t *timed) path() Path {
	var p Path
	leave := t.labels[t.found].arrive
	for i := t.found; i >= 0; i = t.labels[i].from {
		p.Points = append(p.Points, t.spots[t.labels[i].spot].at)
		p.LeaveS = append(p.LeaveS, leave)
		leave = t.labels[i].leave
	}
	slices.Reverse(p.Points)
	slices.Reverse(p.LeaveS)
	p.Cost = t.labels[t.found].arrive
	return p
}

// labelRank orders labels by a bound below what they can lead to.
type labelRank struct {
	rank  float64
	label int32
}

type labelQueue []labelRank

func (q labelQueue) Len() int           { return len(q) }
func (q labelQueue) Less(i, j int) bool { return q[i].rank < q[j].rank }
func (q labelQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }

// Push is heap.Interface's.
func (q *labelQueue) Push(x any) { *q = append(*q, x.(labelRank)) }

// Pop is heap.Interface's.
func (q *labelQueue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}
