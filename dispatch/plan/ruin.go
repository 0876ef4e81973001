package plan

import (
	"cmp"
	"math"
	"slices"
)

// maxRuin bounds how many missions one round takes out.
const maxRuin = 12

// ruin takes out missions that have to do with each other, and fills the pool with
// their requests and some that are unserved.
func (s *search) ruin() {
	s.pool = s.pool[:0]
	seed := s.seed()
	if seed < 0 {
		return
	}
	n := 1 + s.rng.IntN(maxRuin)
	if s.rng.IntN(2) == 0 {
		n = 1 + s.rng.IntN(4)
	}
	if m := s.where[seed]; m != nil {
		s.take(m)
	} else {
		s.pool = append(s.pool, seed)
	}
	s.first = seed
	s.gather(&s.p.requests[seed], n)
	for _, m := range s.near {
		s.take(m)
	}
	s.takeUnserved()
}

func (s *search) take(m *mission) {
	s.pool = append(s.pool, m.seq...)
	s.remove(m)
}

// seed is a request that is not binding: one in trouble every other time, when there
// is one.
func (s *search) seed() int32 {
	if len(s.open) == 0 {
		return -1
	}
	start := s.rng.IntN(len(s.open))
	if s.rng.IntN(2) == 0 {
		for k := range s.open {
			if r := s.open[(start+k)%len(s.open)]; s.troubled(r) {
				return r
			}
		}
	}
	return s.open[start]
}

// troubled: unserved or late.
func (s *search) troubled(r int32) bool {
	m := s.where[r]
	return m == nil || m.handover(s.p, m.stopOf(r)) > s.p.requests[r].DueS
}

// takeUnserved adds a few unserved requests to the pool.
func (s *search) takeUnserved() {
	start, few := s.rng.IntN(len(s.open)), 3
	for k := range s.open {
		r := s.open[(start+k)%len(s.open)]
		if s.where[r] == nil && !slices.Contains(s.pool, r) {
			s.pool = append(s.pool, r)
			if few--; few == 0 {
				return
			}
		}
	}
}

// gather fills near with up to n free missions around a request: those around its
// hospital, those of a centre around its time, a string of some drones' days, those
// on the same stock, or any.
func (s *search) gather(q *request, n int) {
	s.near, s.rank = s.near[:0], s.rank[:0]
	wanted := q.ReleaseS + s.p.in.PackS
	kind := s.rng.IntN(10)
	if s.where[q.index] == nil && s.rng.IntN(2) == 0 {
		kind = 8
	}
	switch {
	case kind < 3:
		for i, h := range s.p.near[q.hospital] {
			for _, m := range s.at[h] {
				s.rankOf(m, float64(i)*(0.5+s.rng.Float64()))
			}
		}
	case kind < 6:
		home := s.homeNear(q)
		s.ofCentre(home, func(m *mission) float64 {
			return math.Abs(float64(m.load-wanted)) * (0.5 + s.rng.Float64())
		})
	case kind < 8:
		home, lucky := s.homeNear(q), 1+s.rng.IntN(3)
		s.ofCentre(home, func(m *mission) float64 {
			group := s.p.groups[m.group].drones
			same := float64((m.drone*7919 + int(q.DueS)) % len(group) / lucky) // some drones first
			return same*1e6 + math.Abs(float64(m.load-wanted))
		})
	case kind < 9:
		home := s.homeNear(q)
		s.ofCentre(home, func(m *mission) float64 {
			if !holds(m, q.choices[home]) {
				return 1 + s.rng.Float64()
			}
			return s.rng.Float64()
		})
	default:
		for range n {
			if m := s.where[s.open[s.rng.IntN(len(s.open))]]; m != nil {
				s.rankOf(m, 0)
			}
		}
	}
	s.cut(n)
}

// holds reports whether a mission carries units of one of the lots.
func holds(m *mission, lots []choice) bool {
	for _, t := range m.takes {
		for _, c := range lots {
			if c.lot == t.lot {
				return true
			}
		}
	}
	return false
}

// homeNear is a centre that could serve the request, a cheap one more often.
func (s *search) homeNear(q *request) int {
	if len(q.order) == 0 {
		return s.rng.IntN(s.p.centres)
	}
	k := int(s.rng.Float64() * s.rng.Float64() * float64(len(q.order)))
	return s.p.groups[q.order[k]].home
}

func (s *search) ofCentre(home int, rank func(*mission) float64) {
	for _, g := range s.p.groupsOf[home] {
		for _, d := range s.p.groups[g].drones {
			for _, m := range s.routes[d] {
				s.rankOf(m, rank(m))
			}
		}
	}
}

func (s *search) rankOf(m *mission, rank float64) {
	if !m.frozen {
		s.near, s.rank = append(s.near, m), append(s.rank, rank)
	}
}

// cut keeps the n missions of lowest rank, each once, without those taken out.
func (s *search) cut(n int) {
	picked := make([]int, len(s.near))
	for i := range picked {
		picked[i] = i
	}
	slices.SortStableFunc(picked, func(a, b int) int { return cmp.Compare(s.rank[a], s.rank[b]) })
	var out []*mission
	for _, i := range picked {
		m := s.near[i]
		if len(out) == n {
			break
		}
		if s.where[m.seq[0]] == m && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	s.near = append(s.near[:0], out...)
}
