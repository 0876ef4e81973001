package plan

import (
	"fmt"
	"slices"
)

// load takes a plan in, mission by mission, or says which rule it breaks where.
func (s *state) load(plan Plan) error {
	missions := slices.Clone(plan.Missions)
	slices.SortStableFunc(missions, func(a, b Mission) int { return int(a.DepartS - b.DepartS) })
	for i, wire := range missions {
		if err := s.loadMission(wire); err != nil {
			return fmt.Errorf("mission %d of drone %s at %d s: %w", i, wire.Drone, wire.DepartS, err)
		}
	}
	s.log = s.log[:0]
	return nil
}

func (s *state) loadMission(wire Mission) error {
	m, err := s.p.missionOf(wire)
	if err != nil {
		return err
	}
	if why, have, want := s.p.shape(m); why != "" {
		return fmt.Errorf("%s, %d against %d", why, have, want)
	}
	if err := s.p.inTime(m); err != nil {
		return err
	}
	if m.land(s.p) > s.p.in.HorizonS {
		return fmt.Errorf("%s, %d against %d", TooLate, m.land(s.p), s.p.in.HorizonS)
	}
	for _, r := range m.seq {
		if s.where[r] != nil {
			return fmt.Errorf("request %s is served twice", s.p.requests[r].ID)
		}
	}
	for _, t := range append(slices.Clone(m.takes), m.returned...) {
		if s.left[t.lot] < t.units {
			return fmt.Errorf("lot %s: %d units wanted, %d left", s.p.lots[t.lot].id, t.units, s.left[t.lot])
		}
		s.left[t.lot] -= t.units
	}
	s.units(m, 1)
	if s.clear(m, m.load, m.load) != m.load {
		return fmt.Errorf("a pad or a box is taken")
	}
	if !s.price(m) {
		return fmt.Errorf("%s: a unit expires on the way, or a hand-over is late", NoUnits)
	}
	return s.loadInto(m)
}

// inTime checks that each request was known and packed before loading, or known when
// its drone was diverted to it.
func (p *problem) inTime(m *mission) error {
	known := m.load - p.in.PackS
	for i := range m.stops {
		for _, d := range m.diverts {
			if d.stop == i {
				known = d.at
			}
		}
		for k := m.first(i); k < m.stops[i].upto; k++ {
			if q := &p.requests[m.seq[k]]; q.ReleaseS > known {
				return fmt.Errorf("request %s is known at %d, too late to be on board", q.ID, q.ReleaseS)
			}
		}
	}
	return nil
}

// loadInto adds the mission to its drone's day.
func (s *state) loadInto(m *mission) error {
	d := m.drone
	if n := len(s.routes[d]); n > 0 && s.routes[d][n-1].free(s.p) > m.load || n == 0 && s.p.drones[d].ready > m.load {
		return fmt.Errorf("the drone is not back yet")
	}
	s.add(m, len(s.routes[d]))
	if c := s.p.classes[s.p.drones[d].class]; m.soc < c.ReserveJ {
		return fmt.Errorf("%s: lands with %d J, reserve %d J", NoEnergy, m.soc, c.ReserveJ)
	}
	return nil
}

// missionOf resolves the names of a mission.
func (p *problem) missionOf(wire Mission) (*mission, error) {
	d, ok := p.dronesByID[wire.Drone]
	if !ok {
		return nil, fmt.Errorf("unknown drone %q", wire.Drone)
	}
	if wire.DepartS < 0 || wire.DepartS > p.in.HorizonS {
		return nil, fmt.Errorf("departs at %d, horizon %d", wire.DepartS, p.in.HorizonS)
	}
	m := &mission{}
	m.reset(p.drones[d].group, 0)
	m.seq = m.seq[:0]
	m.drone, m.load = d, wire.DepartS-p.in.LaunchS
	for i, stop := range wire.Stops {
		if len(stop.Serve) == 0 || i > 0 && wire.Stops[i-1].Hospital == stop.Hospital {
			return nil, fmt.Errorf("stop %d serves nothing, or is where the one before is", i+1)
		}
		for _, serve := range stop.Serve {
			if err := p.loadServe(m, stop.Hospital, serve); err != nil {
				return nil, err
			}
		}
		if stop.Divert != nil {
			from, ok := p.siteID[stop.Divert.From]
			if !ok {
				return nil, fmt.Errorf("unknown site %q", stop.Divert.From)
			}
			m.diverts = append(m.diverts, divert{i, stop.Divert.AtS, int32(from)})
		}
	}
	for _, u := range wire.Returned {
		lot, ok := p.lotsByID[u.Lot]
		if !ok || u.Units < 1 || u.Units > p.lots[lot].units {
			return nil, fmt.Errorf("returned lot %q, units %d", u.Lot, u.Units)
		}
		m.returned = append(m.returned, take{lot: int32(lot), units: u.Units})
	}
	if len(m.seq) == 0 {
		return nil, fmt.Errorf("serves nothing")
	}
	m.frozen = len(m.diverts) > 0 // it was in the air
	if m.frozen && p.in.Kind != KindOnline || len(m.returned) > 0 && !m.frozen {
		return nil, fmt.Errorf("a diversion where there can be none, or units brought back without one")
	}
	return m, nil
}

func (p *problem) loadServe(m *mission, hospital string, serve Serve) error {
	r, ok := p.requestsByID[serve.Request]
	if !ok || p.requests[r].Hospital != hospital || slices.Contains(m.seq, int32(r)) {
		return fmt.Errorf("request %q is unknown, served twice or not of %s", serve.Request, hospital)
	}
	m.seq = append(m.seq, int32(r))
	q, units := &p.requests[r], int64(0)
	for _, u := range serve.Lots {
		lot, ok := p.lotsByID[u.Lot]
		if !ok || u.Units < 1 || u.Units > p.lots[lot].units {
			return fmt.Errorf("request %s: lot %q, units %d", serve.Request, u.Lot, u.Units)
		}
		k := slices.IndexFunc(q.choices[p.drones[m.drone].home], func(c choice) bool { return int(c.lot) == lot })
		if k < 0 {
			return fmt.Errorf("request %s: lot %s may not be given, or is elsewhere", serve.Request, u.Lot)
		}
		m.takes = append(m.takes, take{int32(lot), int32(r), u.Units, q.choices[p.drones[m.drone].home][k].rank})
		units += u.Units
	}
	if units != q.Units {
		return fmt.Errorf("request %s: %d units for %d", serve.Request, units, q.Units)
	}
	return nil
}
