package plan

import "slices"

// Reason is the first rule that a flight breaks.
type Reason string

// Reasons, in the order in which they are looked at.
const (
	TooManyBoxes Reason = "too_many_boxes" // boxes against bays
	TooHeavy     Reason = "too_heavy"      // grams against payload
	NoRoute      Reason = "no_route"       // a leg out or back that the class cannot fly
	NoEnergy     Reason = "no_energy"      // joules with reserve, against a full battery
	TooWarm      Reason = "too_warm"       // seconds from loading to hand-over, against the hold time
	NoUnits      Reason = "no_units"       // compatible and not expired at hand-over, at its home
	NoBox        Reason = "no_box"         // boxes that the centre has at all
	NoPad        Reason = "no_pad"         // a launch or landing pad that the site has at all
	TooLate      Reason = "after_horizon"  // second of landing at home, against the horizon
	Overdue      Reason = "after_due"      // minutes late where lateness is forbidden
)

// mission is one flight. Nobody waits away from home, so all of it but its departure
// is a shape, and a mission in a plan is never changed: another one takes its place.
type mission struct {
	group int
	drone int
	load  int64 // start of loading; it departs launch_s later
	seq   []int32
	stops []visit
	takes []take

	ready  int64 // the last request on board is packed
	dur    int64 // from departure to landing at home
	energy int64
	kj     int64
	boxes  [MaxParts]int64
	nboxes int64
	grams  int64 // at departure

	cost tally // what it adds to the plan's score
	soc  int64 // at landing
	need int64 // of soc at landing, for what the drone flies next

	frozen   bool   // it is loading or in the air: binding
	returned []take // units a diverted flight brings back
	diverts  []divert

	seqArray  [4]int32
	stopArray [3]visit
	takeArray [6]take
}

// visit is one stop. Its requests are those of seq before upto that no earlier stop
// has. arrive counts from departure.
type visit struct {
	site   int32
	upto   int32
	arrive int64
}

// take is units of one lot for one request.
type take struct {
	lot, request int32
	units        int64
	rank         int64
}

// divert says that the leg to a stop began as another one.
type divert struct {
	stop int // index in stops
	at   int64
	from int32 // the site that it was flying to
}

// reset empties the mission and has it serve one request.
func (m *mission) reset(group int, r int32) {
	*m = mission{group: group}
	m.seq = append(m.seqArray[:0], r)
	m.stops, m.takes = m.stopArray[:0], m.takeArray[:0]
}

func (m *mission) depart(p *problem) int64 { return m.load + p.in.LaunchS }
func (m *mission) land(p *problem) int64   { return m.load + p.in.LaunchS + m.dur }

// free is when its drone and boxes may be used again.
func (m *mission) free(p *problem) int64 { return m.land(p) + p.in.TurnS }

// handover is when the requests of a stop change hands.
func (m *mission) handover(p *problem, stop int) int64 {
	return m.load + p.in.LaunchS + m.stops[stop].arrive + p.in.UnloadS
}

// stopOf is the stop at which a request on board changes hands.
func (m *mission) stopOf(r int32) int {
	k := int32(slices.Index(m.seq, r))
	return slices.IndexFunc(m.stops, func(v visit) bool { return k < v.upto })
}

// first is the index in seq of a stop's first request.
func (m *mission) first(stop int) int32 {
	if stop == 0 {
		return 0
	}
	return m.stops[stop-1].upto
}

// shape works out all of a mission that does not depend on when it leaves, from its
// group and the order of its requests, or returns the first rule that no departure
// could keep, with the number that breaks it and what the rule asks.
func (p *problem) shape(m *mission) (why Reason, have, want int64) {
	p.stow(m)
	c := &p.classes[p.groups[m.group].class]
	if m.nboxes > c.Bays {
		return TooManyBoxes, m.nboxes, c.Bays
	}
	if m.grams > c.PayloadG {
		return TooHeavy, m.grams, c.PayloadG
	}
	if why, have, want := p.legs(m, c); why != "" {
		return why, have, want
	}
	if m.energy+c.ReserveJ > c.BatteryJ {
		return NoEnergy, m.energy + c.ReserveJ, c.BatteryJ
	}
	m.kj = ceilDiv(m.energy, 1000)
	return p.chill(m)
}

// stow finds the stops, the boxes and the mass.
func (p *problem) stow(m *mission) {
	m.stops, m.boxes, m.nboxes, m.grams, m.ready = m.stops[:0], [MaxParts]int64{}, 0, 0, 0
	var per [MaxParts]int64
	for i, r := range m.seq {
		q := &p.requests[r]
		m.ready = max(m.ready, q.ReleaseS+p.in.PackS)
		m.grams += q.grams
		if n := len(m.stops); n == 0 || m.stops[n-1].site != int32(q.hospital) {
			m.stops = append(m.stops, visit{site: int32(q.hospital)})
			per = [MaxParts]int64{}
		}
		m.stops[len(m.stops)-1].upto = int32(i + 1)
		before := ceilDiv(per[q.part], p.boxUnits[q.part])
		per[q.part] += q.Units
		m.boxes[q.part] += ceilDiv(per[q.part], p.boxUnits[q.part]) - before
	}
	p.stowReturned(m)
	for k := range p.parts {
		m.nboxes += m.boxes[k]
		m.grams += m.boxes[k] * p.boxG[k]
	}
}

// stowReturned adds what a diverted flight brings back.
func (p *problem) stowReturned(m *mission) {
	var per [MaxParts]int64
	for _, t := range m.returned {
		part := p.lots[t.lot].part
		per[part] += t.units
		m.grams += t.units * p.unitG[part]
	}
	for k := range p.parts {
		m.boxes[k] += ceilDiv(per[k], p.boxUnits[k])
	}
}

// legs flies the stops and home.
func (p *problem) legs(m *mission, c *class) (Reason, int64, int64) {
	here, load, now := p.groups[m.group].home, m.grams, int64(0)
	m.energy = 0
	k := int32(0)
	for i := range m.stops {
		v := &m.stops[i]
		took, burnt := p.fly(m, c, i, here, now, load)
		if took < 0 {
			return NoRoute, 0, 0
		}
		m.energy += burnt + c.StopJ
		v.arrive = now + took
		now, here = v.arrive+p.in.UnloadS, int(v.site)
		for ; k < v.upto; k++ {
			load -= p.requests[m.seq[k]].grams
		}
	}
	leg := here*p.sites + p.groups[m.group].home
	if c.time[leg] < 0 {
		return NoRoute, 0, 0
	}
	m.energy += c.burn(leg, load)
	m.dur = now + c.time[leg]
	return "", 0, 0
}

// fly is the leg to a stop, from here and now: seconds, below 0 when there is no way,
// and joules.
func (p *problem) fly(m *mission, c *class, stop, here int, now, load int64) (took, burnt int64) {
	to := int(m.stops[stop].site)
	for _, d := range m.diverts {
		if d.stop == stop {
			return p.turn(c, here, int(d.from), to, d.at-m.depart(p)-now, load)
		}
	}
	leg := here*p.sites + to
	return c.time[leg], c.burn(leg, load)
}

// chill holds every request against its hold time.
func (p *problem) chill(m *mission) (Reason, int64, int64) {
	for i := range m.stops {
		aboard := p.in.LaunchS + m.stops[i].arrive + p.in.UnloadS
		for k := m.first(i); k < m.stops[i].upto; k++ {
			if hold := p.hold[p.requests[m.seq[k]].part]; aboard > hold {
				return TooWarm, aboard, hold
			}
		}
	}
	return "", 0, 0
}
