package plan

import "slices"

// A drone in the air may be diverted: it gives up its leg at once and flies to
// another hospital, whose request gets units that are on board for others.

// turn is what becomes of a leg i→j given up tau seconds after it began, for k: the
// quicker of flying on over j and turning back over i, j when equal. Seconds are
// below 0 when neither can be flown, or tau is not within the leg.
func (p *problem) turn(c *class, i, j, k int, tau, load int64) (took, burnt int64) {
	ij, ji, jk, ik := i*p.sites+j, j*p.sites+i, j*p.sites+k, i*p.sites+k
	full := c.time[ij]
	if tau <= 0 || tau >= full {
		return -1, 0
	}
	on, back := never, never
	if c.time[jk] >= 0 {
		on = full + c.time[jk]
	}
	if c.time[ji] >= 0 && c.time[ik] >= 0 {
		back = tau + ceilDiv(tau*c.time[ji], full) + c.time[ik]
	}
	switch {
	case on == never && back == never:
		return -1, 0
	case on <= back:
		return on, c.burn(ij, load) + c.burn(jk, load)
	}
	return back, ceilDiv(c.burn(ij, load)*tau, full) + ceilDiv(c.burn(ji, load)*tau, full) + c.burn(ik, load)
}

// progress is how far a mission has come at a time: the stops it has reached, and the
// site it is flying to. ok is false while it is on a pad, before take-off or landed.
func (p *problem) progress(m *mission, now int64) (done int, aim int32, ok bool) {
	begin := m.depart(p)
	for done < len(m.stops) && m.depart(p)+m.stops[done].arrive <= now {
		begin = m.handover(p, done)
		done++
	}
	aim = int32(p.groups[m.group].home)
	if done < len(m.stops) {
		aim = m.stops[done].site
	}
	return done, aim, now > begin && now < m.land(p)
}

// diverted is the mission m turned at now towards the hospital of a request, which it
// serves from what is on board. Requests that lose units are displaced; those still
// whole come after, in their order. nil when it cannot be.
func (s *state) diverted(m *mission, r int32, now int64) (n *mission, displaced []int32) {
	p, q := s.p, &s.p.requests[r]
	done, aim, ok := p.progress(m, now)
	if !ok || done == len(m.stops) || int(aim) == q.hospital || done > 0 && int(m.stops[done-1].site) == q.hospital {
		return nil, nil
	}
	n = s.blank()
	n.reset(m.group, r)
	n.drone, n.load, n.frozen = m.drone, m.load, true
	for _, d := range m.diverts {
		if d.stop < done { // a leg given up twice began, for the record, where it first did
			n.diverts = append(n.diverts, d)
		}
	}
	n.diverts = append(n.diverts, divert{done, now, aim})
	first := m.first(done)
	n.seq = append(append(n.seq[:0], m.seq[:first]...), r)
	displaced, ok = s.reassign(n, m, r, first)
	if !ok {
		return nil, nil
	}
	for _, other := range m.seq[first:] {
		if !slices.Contains(displaced, other) {
			n.seq = append(n.seq, other)
		}
	}
	if why, _, _ := p.shape(n); why != "" || n.land(p) > p.in.HorizonS || len(n.stops) <= done {
		return nil, nil
	}
	return n, displaced
}

// helps reports whether one of a request's units is among the lots.
func helps(m *mission, r int32, lots []choice) bool {
	for _, t := range m.takes {
		if t.request == r && slices.ContainsFunc(lots, func(c choice) bool { return c.lot == t.lot }) {
			return true
		}
	}
	return false
}

// reassign gives r units that m carries for requests not yet handed over, from the
// last of them first: they are the least urgent to be in time. What the displaced do
// not lose is brought back.
func (s *state) reassign(n, m *mission, r int32, first int32) (displaced []int32, ok bool) {
	q, home := &s.p.requests[r], s.p.groups[m.group].home
	need := q.Units
	n.takes, n.returned = n.takes[:0], slices.Clone(m.returned)
	for k := len(m.seq) - 1; k >= int(first) && need > 0; k-- {
		victim := &s.p.requests[m.seq[k]]
		if victim.part != q.part || victim.Priority <= q.Priority || !helps(m, m.seq[k], q.choices[home]) {
			continue
		}
		displaced = append(displaced, m.seq[k])
		for _, t := range m.takes {
			if t.request != m.seq[k] {
				continue
			}
			give := int64(0)
			if c := slices.IndexFunc(q.choices[home], func(c choice) bool { return c.lot == t.lot }); c >= 0 {
				give = min(need, t.units)
				if give > 0 {
					n.takes = append(n.takes, take{t.lot, r, give, q.choices[home][c].rank})
				}
			}
			need -= give
			if give < t.units {
				n.returned = append(n.returned, take{lot: t.lot, units: t.units - give})
			}
		}
	}
	for _, t := range m.takes {
		if !slices.Contains(displaced, t.request) {
			n.takes = append(n.takes, t)
		}
	}
	return displaced, need == 0
}
