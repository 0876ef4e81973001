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
	e := newProof(in, known, b)
	if len(e.p.requests) > MaxExact {
		return known
	}
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

// precedence: flight b loads no earlier than gap after flight a does.
type precedence struct {
	a, b *mission
	gap  int64
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

// schedule times what is settled.
func (e *proof) schedule(served []bool) {
	var cost tally
	e.flights = e.flights[:0]
	for _, day := range e.days {
		for _, m := range day {
			if why, _, _ := e.p.shape(m); why != "" || !e.canonical(m) {
				return
			}
			cost[levelEnergy] += m.kj
			e.flights = append(e.flights, m)
		}
	}
	for i, r := range e.asked {
		if !served[i] {
			cost[unmet(e.p.requests[r].Priority)]++
		}
	}
	e.before = e.before[:0]
	e.settle(&cost)
}

// canonical: of requests handed over together only one order is looked at.
func (e *proof) canonical(m *mission) bool {
	for k := 1; k < len(m.seq); k++ {
		if m.seq[k-1] > m.seq[k] && e.p.requests[m.seq[k-1]].hospital == e.p.requests[m.seq[k]].hospital {
			return false
		}
	}
	return true
}

// settle times the flights under the precedences so far; where a pad or boxes are
// held by too many, one of them must go before another: it tries each.
func (e *proof) settle(cost *tally) {
	if e.exhausted() || !e.earliest() {
		return
	}
	total := *cost
	for _, m := range e.flights {
		for i := range m.stops {
			for k := m.first(i); k < m.stops[i].upto; k++ {
				q := &e.p.requests[m.seq[k]]
				total[late(q.Priority)] += lateMin(m.handover(e.p, i), q.DueS)
			}
		}
	}
	if total.worse(&e.best, levelRisk) || e.p.in.HardDue && total[late(STAT)]+total[late(Urgent)]+total[late(Routine)] > 0 {
		return
	}
	if !e.provide(&total) || !total.less(&e.best) {
		return
	}
	ways, free := e.conflict()
	if free {
		e.best = total
		e.keep()
		return
	}
	for _, w := range ways {
		e.before = append(e.before, w)
		e.settle(cost)
		e.before = e.before[:len(e.before)-1]
	}
}

// earliest finds the earliest times under the precedences, or reports that there are
// none before the horizon.
func (e *proof) earliest() bool {
	for _, m := range e.flights {
		m.load = m.ready
	}
	for moved := true; moved; {
		moved = false
		for d, day := range e.days {
			c := &e.p.classes[e.p.drones[d].class]
			free, soc := e.p.drones[d].ready, e.p.drones[d].soc
			for _, m := range day {
				load := max(m.load, free)
				if short := m.energy + c.ReserveJ - min(soc, c.BatteryJ); short > 0 {
					if c.ChargeW == 0 {
						return false
					}
					load = max(load, free+ceilDiv(short, c.ChargeW))
				}
				soc = min(c.BatteryJ, soc+c.ChargeW*(load-free)) - m.energy
				moved = moved || load != m.load
				m.load = load
				free = m.free(e.p)
				if m.land(e.p) > e.p.in.HorizonS {
					return false
				}
			}
		}
		for _, w := range e.before {
			from := w.gap
			if w.a != nil {
				from += w.a.load
			}
			if w.b.load < from {
				w.b.load, moved = from, true
			}
		}
	}
	return true
}

// provide gives out units at the least cost, or reports that there are too few.
func (e *proof) provide(total *tally) bool {
	p := e.p
	for i, l := range p.lots {
		e.spare[i] = l.units
		if l.expiring {
			total[levelExpired] += l.units
		}
	}
	for home := range p.centres {
		for part := range p.parts {
			e.orders = e.orders[:0]
			for _, m := range e.flights {
				if p.groups[m.group].home == home {
					e.ordersOf(m, part)
				}
			}
			if !p.transport(home, e.orders, e.spare) {
				return false
			}
			for _, o := range e.orders {
				for _, t := range o.given {
					total[levelSubstitution] += t.units * t.rank
					if p.lots[t.lot].expiring {
						total[levelExpired] -= t.units
					}
				}
			}
			for _, m := range e.flights {
				if p.groups[m.group].home == home {
					e.issue(m, part)
				}
			}
		}
	}
	return true
}

func (e *proof) ordersOf(m *mission, part int) {
	for i := range m.stops {
		for k := m.first(i); k < m.stops[i].upto; k++ {
			if e.p.requests[m.seq[k]].part == part {
				e.orders = append(e.orders, order{request: m.seq[k], handover: m.handover(e.p, i)})
			}
		}
	}
}

// issue notes on a mission the units that its requests of a component were given.
func (e *proof) issue(m *mission, part int) {
	m.takes = slices.DeleteFunc(m.takes, func(t take) bool {
		return e.p.lots[t.lot].part == part || !slices.Contains(m.seq, t.request)
	})
	for _, o := range e.orders {
		for _, t := range o.given {
			if t.units > 0 && slices.Contains(m.seq, o.request) {
				m.takes = append(m.takes, t)
			}
		}
	}
}

// stay is a mission's hold on a resource, counted from its loading. A nil mission is
// a time that is taken anyway, counted from zero.
type stay struct {
	m        *mission
	from, to int64
	n        int64
}

// conflict finds a resource that is held by too many at once, and the precedences one
// of which must hold in any plan. free is true when there is none.
func (e *proof) conflict() (ways []precedence, free bool) {
	p := e.p
	for site := range p.sites {
		capacity := p.in.Sites[site].Pads
		if site < p.centres {
			capacity = p.in.Sites[site].LaunchPads
		}
		if ways, clash := e.clash(e.pad(site), capacity); clash {
			return ways, false
		}
		for k, part := range p.parts {
			if site < p.centres {
				if ways, clash := e.clash(e.boxes(site, k), p.in.Sites[site].Boxes[part]); clash {
					return ways, false
				}
			}
		}
	}
	return nil, true
}

// pad lists who holds a site's pads: launches at a centre, visits at a hospital.
func (e *proof) pad(site int) []stay {
	var out []stay
	for _, b := range e.p.in.Sites[site].Busy {
		out = append(out, stay{nil, b.FromS, b.ToS, 1})
	}
	for _, m := range e.flights {
		if e.p.groups[m.group].home == site {
			out = append(out, stay{m, 0, e.p.in.LaunchS, 1})
		}
		for _, v := range m.stops {
			if int(v.site) == site {
				from := e.p.in.LaunchS + v.arrive
				out = append(out, stay{m, from, from + e.p.in.UnloadS, 1})
			}
		}
	}
	return out
}

func (e *proof) boxes(home, part int) []stay {
	var out []stay
	for _, m := range e.flights {
		if e.p.groups[m.group].home == home && m.boxes[part] > 0 {
			out = append(out, stay{m, 0, e.p.in.LaunchS + m.dur + e.p.in.TurnS, m.boxes[part]})
		}
	}
	return out
}

func (s stay) at() (from, to int64) {
	if s.m == nil {
		return s.from, s.to
	}
	return s.m.load + s.from, s.m.load + s.to
}

// clash looks for a moment with more than capacity held. Of those that hold then, two
// must follow each other: intervals that overlap pairwise have a moment in common.
func (e *proof) clash(stays []stay, capacity int64) (ways []precedence, found bool) {
	for _, s := range stays {
		moment, end := s.at()
		if moment == end {
			continue
		}
		var held int64
		var together []stay
		for _, o := range stays {
			if from, to := o.at(); from <= moment && moment < to {
				held += o.n
				together = append(together, o)
			}
		}
		if held > capacity {
			return orderings(together), true
		}
	}
	return nil, false
}

// orderings are the precedences of which one must hold. Nothing goes before a time
// that is taken anyway: flights only ever move later.
func orderings(together []stay) []precedence {
	var ways []precedence
	for _, a := range together {
		for _, b := range together {
			if b.m != nil && a.m != b.m {
				ways = append(ways, precedence{a.m, b.m, a.to - b.from})
			}
		}
	}
	return ways
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
