package plan

import (
	"slices"
)

// MaxExact is how many requests Prove takes on, and maxBranches how many partial
// plans it looks at before it says that it did not prove anything.
const (
	MaxExact    = 8
	maxBranches = 20_000_000
)

// Prove looks for a plan better than known through all there are: every way to order
// the requests into missions and those into drones' days, and for each every way to
// settle who goes first on a pad or with a box. The result is Proven when it came to
// the end: then no better plan exists.
//
// That suffices because earlier is never worse: for a fixed order the earliest times
// are a least fixed point, nothing later lowers lateness, wastes less charge or lets a
// unit live longer.
func Prove(in *Instance, known Solution, b Budget) Solution {
	if len(in.Requests) > MaxExact {
		return known
	}
	e := newProof(in, known, b)
	e.branch(0)
	known.Proven = !e.stopped
	if e.found != nil {
		known.Plan, known.Score = *e.found, e.best.score()
	}
	return known
}

// proof is a depth-first search over whole plans.
type proof struct {
	p       *problem
	s       *state // for its calendars' busy times and first score
	asked   []int32
	days    [][]*mission // by drone; seq only, until scheduled
	best    tally
	found   *Plan
	least   []int64 // late minutes by request, at the least
	steps   int
	budget  Budget
	stopped bool
	before  []precedence
	flights []*mission
	orders  []order
	spare   []int64
}

func newProof(in *Instance, known Solution, b Budget) *proof {
	p := compile(in)
	e := &proof{p: p, s: newState(p), days: make([][]*mission, len(p.drones)), budget: b, spare: make([]int64, len(p.lots))}
	copy(e.best[:levelRisk], known.Score[:levelRisk])
	copy(e.best[levelExpired:], known.Score[levelRisk:])
	for r := range p.requests {
		e.asked = append(e.asked, int32(r))
	}
	slices.SortStableFunc(e.asked, func(a, b int32) int { return int(p.requests[a].Priority - p.requests[b].Priority) })
	e.bounds()
	return e
}

// bounds finds for each request by how much it is late at the least, however it is
// flown: from any centre, over any other hospitals.
func (e *proof) bounds() {
	p := e.p
	for range p.requests {
		e.least = append(e.least, MaxSeconds)
	}
	for _, c := range p.classes {
		d := slices.Clone(c.time)
		n := p.sites
		for k := range n {
			for i := range n {
				for j := range n {
					if d[i*n+k] >= 0 && d[k*n+j] >= 0 && (d[i*n+j] < 0 || d[i*n+k]+d[k*n+j] < d[i*n+j]) {
						d[i*n+j] = d[i*n+k] + d[k*n+j]
					}
				}
			}
		}
		for r, q := range p.requests {
			for home := range p.centres {
				if t := d[home*n+q.hospital]; t >= 0 {
					handover := q.ReleaseS + p.in.PackS + p.in.LaunchS + t + p.in.UnloadS
					e.least[r] = min(e.least[r], lateMin(handover, q.DueS))
				}
			}
		}
	}
}

// hopeless reports whether no plan in which the first n requests are served as they
// are now can be better than the best.
func (e *proof) hopeless(n int, served []bool) bool {
	var floor tally
	for i, r := range e.asked[:n] {
		q := &e.p.requests[r]
		if served[i] {
			floor[late(q.Priority)] += e.least[r]
		} else {
			floor[unmet(q.Priority)]++
		}
	}
	return floor.worse(&e.best, levelRisk)
}

// branch settles the n-th request in every way there is.
func (e *proof) branch(n int) {
	e.place(n, make([]bool, len(e.asked)))
}

func (e *proof) place(n int, served []bool) {
	if e.exhausted() || e.hopeless(n, served) {
		return
	}
	if n == len(e.asked) {
		e.schedule(served)
		return
	}
	r := e.asked[n]
	served[n] = true
	for d := range e.days {
		e.alone(n, d, r, served)
		e.along(n, d, r, served)
	}
	served[n] = false
	e.place(n+1, served)
}

func (e *proof) exhausted() bool {
	e.steps++
	if e.steps > maxBranches || e.steps%256 == 0 && e.budget.Stop != nil && e.budget.Stop() {
		e.stopped = true
	}
	return e.stopped
}

// alone gives the request a mission of its own at every place of a drone's day.
func (e *proof) alone(n, d int, r int32, served []bool) {
	m := &mission{}
	m.reset(e.p.drones[d].group, r)
	m.drone = d
	if why, _, _ := e.p.shape(m); why == TooManyBoxes || why == TooHeavy {
		return
	}
	for pos := range len(e.days[d]) + 1 {
		e.days[d] = slices.Insert(e.days[d], pos, m)
		e.place(n+1, served)
		e.days[d] = slices.Delete(e.days[d], pos, pos+1)
	}
}

// along adds the request to every mission of a drone's day, at every place.
func (e *proof) along(n, d int, r int32, served []bool) {
	for _, m := range e.days[d] {
		if e.p.full(m) {
			continue
		}
		for at := range len(m.seq) + 1 {
			m.seq = slices.Insert(m.seq, at, r)
			if why, _, _ := e.p.shape(m); why != TooManyBoxes && why != TooHeavy {
				e.place(n+1, served)
			}
			m.seq = slices.Delete(m.seq, at, at+1)
		}
	}
}

// keep notes the plan found.
func (e *proof) keep() {
	plan := Plan{Instance: e.p.in.Name, Missions: []Mission{}}
	for _, m := range e.flights {
		plan.Missions = append(plan.Missions, e.p.exportMission(m))
	}
	slices.SortStableFunc(plan.Missions, func(a, b Mission) int { return int(a.DepartS - b.DepartS) })
	e.found = &plan
}
