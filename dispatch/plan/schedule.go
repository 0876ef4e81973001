package plan

import "slices"

// precedence: flight b loads no earlier than gap after flight a does.
type precedence struct {
	a, b *mission
	gap  int64
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

// maxSweeps bounds the sweeps to a fixed point with charging, where a step may be a
// fraction of the one before.
const maxSweeps = 10_000

// earliest finds the earliest times under the precedences, or reports that there are
// none before the horizon.
func (e *proof) earliest() bool {
	for _, m := range e.flights {
		m.load = m.ready
	}
	// Without charging times are longest paths, which are as long as there are flights
	// at the most: still moving after that, the precedences go round in a circle.
	if fits, still := e.sweeps(false, len(e.flights)+2); !fits || !still {
		return false
	}
	fits, still := e.sweeps(true, maxSweeps)
	e.stopped = e.stopped || fits && !still
	return fits && still
}

// sweeps repeats sweep until nothing moves. fits is false when a flight does not, still
// is false when something moved to the end.
func (e *proof) sweeps(charging bool, most int) (fits, still bool) {
	for range most {
		moved, ok := e.sweep(charging)
		if !ok || !moved {
			return ok, true
		}
	}
	return true, false
}

// sweep moves every flight right to where its drone and the precedences allow it. ok is
// false when one would land after the horizon or never be charged.
func (e *proof) sweep(charging bool) (moved, ok bool) {
	for d, day := range e.days {
		c := &e.p.classes[e.p.drones[d].class]
		free, soc := e.p.drones[d].ready, e.p.drones[d].soc
		for _, m := range day {
			load := max(m.load, free)
			if short := m.energy + c.ReserveJ - min(soc, c.BatteryJ); charging && short > 0 {
				if c.ChargeW == 0 {
					return moved, false
				}
				load = max(load, free+ceilDiv(short, c.ChargeW))
			}
			soc = min(c.BatteryJ, soc+c.ChargeW*(load-free)) - m.energy
			moved = moved || load != m.load
			m.load, free = load, load+e.p.in.LaunchS+m.dur+e.p.in.TurnS
			if m.land(e.p) > e.p.in.HorizonS {
				return moved, false
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
	return moved, true
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
		flights := false
		for _, o := range stays {
			if from, to := o.at(); from <= moment && moment < to {
				held += o.n
				together = append(together, o)
				flights = flights || o.m != nil
			}
		}
		if flights && held > capacity { // what is taken anyway may be more than there is
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
