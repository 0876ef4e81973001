package plan

import "slices"

// state is a plan in the making: always whole and valid. add and remove change it,
// undo takes changes back, and nothing else does.
type state struct {
	p      *problem
	routes [][]*mission         // by drone, in order of time
	where  []*mission           // by request, nil when unserved
	at     [][]*mission         // by site, the missions that stop there
	left   []int64              // units by lot
	risk   [Routine + 1][]int64 // of a unit, by priority and lot
	launch []calendar           // by centre
	pads   []calendar           // by site
	boxes  []calendar           // by centre·parts + part
	score  tally
	log    []change
	spare  []*mission // to be used again
}

// change is one step of the log.
type change struct {
	m     *mission
	pos   int
	added bool
}

func newState(p *problem) *state {
	s := &state{
		p: p, routes: make([][]*mission, len(p.drones)), at: make([][]*mission, p.sites),
		launch: make([]calendar, p.centres), pads: make([]calendar, p.sites), boxes: make([]calendar, p.centres*len(p.parts)),
	}
	for i, site := range p.in.Sites {
		busy := &s.pads[i]
		s.pads[i].capacity = site.Pads
		if i < p.centres {
			busy = &s.launch[i]
			busy.capacity = site.LaunchPads
			for k, c := range p.parts {
				s.boxes[i*len(p.parts)+k].capacity = site.Boxes[c]
			}
		}
		for _, b := range site.Busy {
			busy.take(b.FromS, b.ToS, 1)
		}
	}
	for i := range s.risk {
		s.risk[i] = make([]int64, len(p.lots))
	}
	for _, l := range p.lots {
		s.left = append(s.left, l.units)
		if l.expiring {
			s.score[levelExpired] += l.units
		}
	}
	for i := range p.requests {
		s.admit(i)
	}
	return s
}

// admit takes in a request that was added to the problem, unserved.
func (s *state) admit(r int) {
	s.where = append(s.where, nil)
	s.score[unmet(s.p.requests[r].Priority)]++
}

// blank is a mission to fill.
func (s *state) blank() *mission {
	if n := len(s.spare); n > 0 {
		m := s.spare[n-1]
		s.spare = s.spare[:n-1]
		return m
	}
	return &mission{}
}

// allocate counts the best units of a centre for a request handed over at a second:
// those that would be lost otherwise, and the sum of ranks. With a mission it notes
// them there. ok is false when there are not enough.
func (s *state) allocate(r int32, centre int, handover int64, into *mission) (sh shelf) {
	q := &s.p.requests[r]
	need := q.Units
	for _, c := range q.choices[centre] {
		n := min(need, s.left[c.lot])
		if n == 0 {
			continue
		}
		l := &s.p.lots[c.lot]
		if handover > l.expires {
			continue
		}
		need -= n
		sh.rank += n * c.rank
		sh.risk += n * s.risk[q.Priority][c.lot]
		if l.expiring {
			sh.saved += n
		}
		if into != nil {
			into.takes = append(into.takes, take{c.lot, r, n, c.rank})
		}
		if need == 0 {
			sh.ok = true
			return sh
		}
	}
	return sh
}

// price works out what a timed mission with units adds to the score. ok is false
// when a unit would expire on the way, or a hand-over is late where that is forbidden.
func (s *state) price(m *mission) (ok bool) {
	p := s.p
	m.cost = tally{levelEnergy: m.kj}
	for i := range m.stops {
		handover := m.handover(p, i)
		for k := m.first(i); k < m.stops[i].upto; k++ {
			q := &p.requests[m.seq[k]]
			minutes := lateMin(handover, q.DueS)
			if minutes > 0 && p.in.HardDue {
				return false
			}
			m.cost[unmet(q.Priority)]--
			m.cost[late(q.Priority)] += minutes
		}
	}
	return s.priceUnits(m)
}

func (s *state) priceUnits(m *mission) bool {
	for _, t := range m.takes {
		m.cost[levelSubstitution] += t.units * t.rank
		m.cost[levelRisk] += t.units * s.risk[s.p.requests[t.request].Priority][t.lot]
		l := &s.p.lots[t.lot]
		if !l.expiring {
			continue
		}
		m.cost[levelExpired] -= t.units
		if m.handover(s.p, m.stopOf(t.request)) > l.expires {
			return false
		}
	}
	for _, t := range m.returned {
		if !s.p.lots[t.lot].expiring {
			m.cost[levelExpired] += t.units
		}
	}
	return true
}

// add puts a priced mission into its drone's day at a position.
func (s *state) add(m *mission, pos int) {
	s.put(m, pos)
	s.log = append(s.log, change{m, pos, true})
}

// remove takes a mission out of its drone's day.
func (s *state) remove(m *mission) {
	pos := slices.Index(s.routes[m.drone], m)
	s.drop(m, pos)
	s.log = append(s.log, change{m, pos, false})
}

// undo goes back to when the log was that long. What was added since then is used
// again.
func (s *state) undo(mark int) {
	for len(s.log) > mark {
		c := s.log[len(s.log)-1]
		s.log = s.log[:len(s.log)-1]
		if c.added {
			s.drop(c.m, c.pos)
			s.spare = append(s.spare, c.m)
		} else {
			s.put(c.m, c.pos)
		}
	}
}

func (s *state) put(m *mission, pos int) {
	s.hold(m, 1)
	s.routes[m.drone] = slices.Insert(s.routes[m.drone], pos, m)
	s.chain(m.drone)
	for i := range m.stops {
		s.at[m.stops[i].site] = append(s.at[m.stops[i].site], m)
	}
	for _, r := range m.seq {
		s.where[r] = m
	}
	s.units(m, -1)
	s.score.add(&m.cost)
}

func (s *state) drop(m *mission, pos int) {
	s.hold(m, -1)
	s.routes[m.drone] = slices.Delete(s.routes[m.drone], pos, pos+1)
	s.chain(m.drone)
	for i := range m.stops {
		site := m.stops[i].site
		k := slices.Index(s.at[site], m)
		last := len(s.at[site]) - 1
		s.at[site][k] = s.at[site][last]
		s.at[site] = s.at[site][:last]
	}
	for _, r := range m.seq {
		s.where[r] = nil
	}
	s.units(m, 1)
	s.score.subtract(&m.cost)
}

func (s *state) units(m *mission, sign int64) {
	for _, t := range m.takes {
		s.left[t.lot] += sign * t.units
	}
	for _, t := range m.returned {
		s.left[t.lot] += sign * t.units
	}
}

// hold takes or gives back the mission's pads and boxes.
func (s *state) hold(m *mission, sign int64) {
	p, home := s.p, s.p.groups[m.group].home
	depart := m.depart(p)
	s.launch[home].take(m.load, depart, sign)
	for i := range m.stops {
		arrive := depart + m.stops[i].arrive
		s.pads[m.stops[i].site].take(arrive, arrive+p.in.UnloadS, sign)
	}
	for k := range p.parts {
		if m.boxes[k] > 0 {
			s.boxes[home*len(p.parts)+k].take(m.load, m.free(p), sign*m.boxes[k])
		}
	}
}

// chain works out the battery of a drone's day: forwards what is left at each
// landing, backwards what must be left for what follows.
func (s *state) chain(d int) {
	p, route := s.p, s.routes[d]
	c := &p.classes[p.drones[d].class]
	free, soc := p.drones[d].ready, p.drones[d].soc
	for _, m := range route {
		m.soc = min(c.BatteryJ, soc+c.ChargeW*(m.load-free)) - m.energy
		free, soc = m.free(p), m.soc
	}
	need := c.ReserveJ
	for i := len(route) - 1; i >= 0; i-- {
		route[i].need = need
		if i > 0 {
			idle := route[i].load - route[i-1].free(p)
			need = max(c.ReserveJ, route[i].energy+need-c.ChargeW*idle)
		}
	}
}

// gap is a time in a drone's day between two of its missions.
type gap struct {
	free, soc int64    // of the drone, when it may load at the earliest
	next      *mission // nil after the last
}

func (s *state) gap(d, pos int) gap {
	g := gap{free: s.p.drones[d].ready, soc: s.p.drones[d].soc}
	if pos > 0 {
		before := s.routes[d][pos-1]
		g.free, g.soc = before.free(s.p), before.soc
	}
	if pos < len(s.routes[d]) {
		g.next = s.routes[d][pos]
	}
	return g
}

// place finds the earliest start of loading for a shaped mission in a gap, not
// before from, or never.
func (s *state) place(m *mission, g gap, from int64) int64 {
	p := s.p
	c := &p.classes[p.groups[m.group].class]
	latest := p.in.HorizonS - m.dur - p.in.LaunchS
	if g.next != nil {
		latest = min(latest, g.next.load-p.in.TurnS-m.dur-p.in.LaunchS)
	}
	load := max(from, g.free, m.ready)
	if load > latest {
		return never
	}
	if short := m.energy + c.ReserveJ - min(g.soc, c.BatteryJ); short > 0 {
		if c.ChargeW == 0 {
			return never
		}
		load = max(load, g.free+ceilDiv(short, c.ChargeW))
	}
	load = s.clear(m, load, latest)
	if load > latest {
		return never
	}
	if g.next != nil {
		soc := min(c.BatteryJ, g.soc+c.ChargeW*(load-g.free)) - m.energy
		idle := g.next.load - (load + p.in.LaunchS + m.dur + p.in.TurnS)
		if min(c.BatteryJ, soc+c.ChargeW*idle) < g.next.energy+g.next.need {
			return never // a later start wastes charging or nothing: none helps
		}
	}
	return load
}

// clear moves a mission right until its pads and boxes are free, or past latest.
func (s *state) clear(m *mission, load, latest int64) int64 {
	p, home := s.p, s.p.groups[m.group].home
	for load <= latest {
		start := load
		load = s.launch[home].fit(load, p.in.LaunchS, 1)
		for i := range m.stops {
			offset := p.in.LaunchS + m.stops[i].arrive
			load = s.pads[m.stops[i].site].fit(load+offset, p.in.UnloadS, 1) - offset
		}
		for k := range p.parts {
			if m.boxes[k] > 0 {
				load = s.boxes[home*len(p.parts)+k].fit(load, p.in.LaunchS+m.dur+p.in.TurnS, m.boxes[k])
			}
		}
		if load == start {
			return load
		}
	}
	return never
}
