package plan

import "math/rand/v2"

// option is one way to serve a request: on a flight of its own, or riding along.
type option struct {
	delta tally // of the plan's score
	ride  *mission
	at    int // place in ride's seq
	group int
	drone int
	pos   int // in the drone's day
	load  int64
}

// inserter looks for the best way to serve one request, whatever else is planned.
type inserter struct {
	s     *state
	rng   *rand.Rand
	blink uint32 // of 1024, how often an option is overlooked
	from  int64  // nothing is loaded before
	doubt bool   // a third of the groups is overlooked: where a small drone is always
	// the cheaper one for a single request, two would never ride together

	r       int32
	q       *request
	best    option
	found   bool
	stock   []shelf // by centre
	scratch mission
}

// shelf is what a centre's stock offers the request.
type shelf struct {
	ok                bool
	saved, rank, risk int64
}

func newInserter(s *state, rng *rand.Rand) *inserter {
	return &inserter{s: s, rng: rng, stock: make([]shelf, s.p.centres)}
}

func (in *inserter) blinks() bool { return in.blink > 0 && in.rng.Uint32()&1023 < in.blink }

// serve adds the request to the plan in the way that leaves the best score, and
// reports whether there was one.
func (in *inserter) serve(r int32) bool {
	if !in.search(r) {
		return false
	}
	in.s.apply(r, &in.best)
	return true
}

// search finds the best option. Among equal ones the first stays.
func (in *inserter) search(r int32) bool {
	in.prepare(r)
	in.rides()
	for _, g := range in.q.order {
		if !in.doubt || in.rng.IntN(3) > 0 {
			in.flights(int(g))
		}
	}
	return in.found
}

// prepare begins with a request: nothing is found yet.
func (in *inserter) prepare(r int32) {
	in.r, in.q, in.found = r, &in.s.p.requests[r], false
	for c := range in.stock {
		// at this second nothing has expired that will not have later
		in.stock[c] = in.s.allocate(r, c, max(in.from, in.q.ReleaseS), nil)
	}
}

// beats reports whether an option that costs at least that much may be the best.
func (in *inserter) beats(d *tally) bool { return !in.found || d.less(&in.best.delta) }

// flights tries a flight of its own for each drone of a group.
func (in *inserter) flights(g int) {
	s, one, group := in.s, &in.q.single[g], &in.s.p.groups[g]
	shelf := in.stock[group.home]
	if !shelf.ok {
		return
	}
	p := in.q.Priority
	floor := tally{levelRisk: shelf.risk, levelExpired: -shelf.saved, levelSubstitution: shelf.rank, levelEnergy: one.kj}
	floor[unmet(p)]--
	soonest := max(in.q.ReleaseS+s.p.in.PackS, in.from)
	floor[late(p)] = lateMin(soonest+one.handover, in.q.DueS)
	if !in.beats(&floor) {
		return
	}
	m := &in.scratch
	m.reset(g, in.r)
	s.p.shape(m)
	n := len(group.drones)
	skip := in.rng.IntN(n)
	for k := range n {
		d := int(group.drones[(k+skip)%n])
		if in.blinks() || !in.flight(m, d) {
			continue
		}
		if !in.beats(&floor) {
			return // no other drone of the group does better
		}
	}
}

// flightOf tries a flight of its own for one drone.
func (in *inserter) flightOf(d int) {
	g := in.s.p.drones[d].group
	if in.q.single[g].reason == "" && in.stock[in.s.p.groups[g].home].ok {
		in.scratch.reset(g, in.r)
		in.s.p.shape(&in.scratch)
		in.flight(&in.scratch, d)
	}
}

// flight tries the gaps of one drone's day: the first that takes the mission is its
// earliest. It reports whether the option became the best.
func (in *inserter) flight(m *mission, d int) bool {
	s := in.s
	m.drone = d
	soonest := max(m.ready, in.from)
	span := s.p.in.LaunchS + m.dur + s.p.in.TurnS
	for pos := range len(s.routes[d]) + 1 {
		if pos < len(s.routes[d]) && s.routes[d][pos].load < soonest+span {
			continue
		}
		m.load = s.place(m, s.gap(d, pos), in.from)
		if m.load == never {
			continue
		}
		m.takes = m.takes[:0]
		if !s.allocate(in.r, s.p.groups[m.group].home, m.handover(s.p, 0), m).ok || !s.price(m) {
			return false
		}
		if !in.beats(&m.cost) {
			return false
		}
		in.best = option{delta: m.cost, group: m.group, drone: d, pos: pos, load: m.load}
		in.found = true
		return true
	}
	return false
}

// rides tries the missions that pass near.
func (in *inserter) rides() {
	s := in.s
	for _, h := range s.p.near[in.q.hospital] {
		for _, m := range s.at[h] {
			if !m.frozen && in.fits(m) && !in.blinks() {
				in.ride(m)
			}
		}
	}
}

// ridesOf tries the missions of one drone.
func (in *inserter) ridesOf(d int) {
	for _, m := range in.s.routes[d] {
		if !m.frozen && in.fits(m) {
			in.ride(m)
		}
	}
}

// fits is a quick look: stock, mass and bays.
func (in *inserter) fits(m *mission) bool {
	p := in.s.p
	if p.full(m) {
		return false
	}
	group := &p.groups[m.group]
	c := &p.classes[group.class]
	if !in.stock[group.home].ok || m.grams+in.q.grams > c.PayloadG || in.q.single[m.group].reason != "" {
		return false
	}
	if m.nboxes+in.q.boxes <= c.Bays {
		return true
	}
	return m.boxes[in.q.part] > 0 && m.nboxes+in.q.boxes <= c.Bays+1 // it may share a box
}

// full reports whether a mission may not serve one request more.
func (p *problem) full(m *mission) bool {
	return p.in.MaxServe > 0 && int64(len(m.seq)) >= p.in.MaxServe
}

// ride tries every place in a mission's order.
func (in *inserter) ride(m *mission) {
	joined := false
	for i := range m.stops {
		if int(m.stops[i].site) == in.q.hospital {
			in.rideAt(m, int(m.stops[i].upto))
			joined = true
		}
	}
	if joined {
		return
	}
	for i := range m.stops {
		in.rideAt(m, int(m.first(i)))
	}
	in.rideAt(m, len(m.seq))
}

func (in *inserter) rideAt(m *mission, at int) {
	s := in.s
	p := s.p
	n := &in.scratch
	p.joined(n, m, in.r, at)
	if why, _, _ := p.shape(n); why != "" {
		return
	}
	shelf := in.stock[p.groups[m.group].home]
	floor := tally{levelRisk: shelf.risk, levelExpired: -shelf.saved, levelSubstitution: shelf.rank, levelEnergy: n.kj - m.kj}
	floor[unmet(in.q.Priority)]--
	n.load = max(n.ready, in.from)
	floor[late(in.q.Priority)] = lateMin(n.handover(p, n.stopOf(in.r)), in.q.DueS)
	if !in.beats(&floor) {
		return
	}
	if in.rideIn(n, m) {
		in.found = true
		in.best = option{delta: n.cost, ride: m, at: at, group: m.group, drone: m.drone, load: n.load}
	}
}

// rideIn times n in the place of m, with m's units and its own, and leaves in its
// cost the difference. It reports whether that is the best so far.
func (in *inserter) rideIn(n, m *mission) bool {
	s := in.s
	pos := 0
	for s.routes[m.drone][pos] != m {
		pos++
	}
	g := s.gap(m.drone, pos)
	g.next = nil
	if pos+1 < len(s.routes[m.drone]) {
		g.next = s.routes[m.drone][pos+1]
	}
	s.hold(m, -1)
	n.load = s.place(n, g, in.from)
	s.hold(m, 1)
	if n.load == never {
		return false
	}
	n.takes = append(n.takes[:0], m.takes...)
	if !s.allocate(in.r, s.p.groups[m.group].home, n.handover(s.p, n.stopOf(in.r)), n).ok || !s.price(n) {
		return false
	}
	n.cost.subtract(&m.cost)
	return in.beats(&n.cost)
}

// joined sets n to m with one more request at a place in its order.
func (p *problem) joined(n, m *mission, r int32, at int) {
	n.reset(m.group, r)
	n.drone = m.drone
	n.seq = append(append(append(n.seq[:0], m.seq[:at]...), r), m.seq[at:]...)
}

// apply carries an option out.
func (s *state) apply(r int32, o *option) {
	n := s.blank()
	pos := o.pos
	n.reset(o.group, r)
	n.drone = o.drone
	if o.ride != nil {
		s.p.joined(n, o.ride, r, o.at)
		for s.routes[o.drone][pos] != o.ride {
			pos++
		}
		n.takes = append(n.takes[:0], o.ride.takes...)
	}
	s.p.shape(n)
	n.load = o.load
	s.allocate(r, s.p.groups[o.group].home, n.handover(s.p, n.stopOf(r)), n)
	s.price(n)
	if o.ride != nil {
		s.remove(o.ride)
	}
	s.add(n, pos)
}
