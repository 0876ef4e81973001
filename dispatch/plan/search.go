package plan

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// Budget ends a search: after Rounds of it, or when Stop says so, whichever comes
// first. Stop is asked often. With neither the first whole plan is the answer.
type Budget struct {
	Rounds int
	Stop   func() bool
}

func (b Budget) spent(round int) bool {
	if b.Stop == nil {
		return round >= b.Rounds
	}
	return b.Rounds > 0 && round >= b.Rounds || b.Stop()
}

// search improves a plan by ruin and recreate: it takes missions out, puts their
// requests back in another order, and keeps what is not worse. After Christiaens and
// Vanden Berghe, 10.1287/trsc.2019.0914, with whole missions in place of stops.
type search struct {
	*state
	rng        *rand.Rand
	in         *inserter
	best       tally
	mark       int     // length of the log at the best plan
	open       []int32 // requests that are not binding
	pool       []int32
	spareUnits []int64
	rank       []float64
	near       []*mission
	first      int32 // the request that the ruin began with
}

func newSearch(s *state, seed uint64) *search {
	rng := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	out := &search{state: s, rng: rng, in: newInserter(s, rng), spareUnits: make([]int64, len(s.p.lots))}
	for r := range s.where {
		out.open = append(out.open, int32(r))
	}
	return out
}

// construct serves what is unserved, the most urgent first.
func (s *search) construct() {
	s.pool = s.pool[:0]
	for _, r := range s.open {
		if s.where[r] == nil {
			s.pool = append(s.pool, r)
		}
	}
	s.sortPool(byUrgency)
	for _, r := range s.pool {
		s.in.serve(r)
	}
	s.keep()
}

// settle forgets how the plan came about: what is in it now is the best.
func (s *search) settle() {
	s.log = s.log[:0]
	s.keep()
}

// keep notes the plan as the best.
func (s *search) keep() { s.best, s.mark = s.score, len(s.log) }

// improve runs rounds until the budget is spent, and leaves the best plan.
func (s *search) improve(b Budget) (rounds int) {
	if len(s.p.drones) == 0 {
		return 0
	}
	s.in.blink = 10
	for ; len(s.open) > 0 && !b.spent(rounds); rounds++ {
		if rounds%64 == 32 {
			k := s.rng.IntN(len(s.boxes))
			s.reallot(k/len(s.p.parts), k%len(s.p.parts))
			if s.score.less(&s.best) {
				s.keep()
			}
		}
		s.in.doubt = rounds%4 == 3
		before, mark := s.score, len(s.log)
		s.ruin()
		if !s.recreate(&before) || !s.accepts(&before) {
			s.undo(mark)
			continue
		}
		if s.score.less(&s.best) {
			s.keep()
		}
		if len(s.log)-s.mark > 4096 {
			s.undo(s.mark)
		}
	}
	s.undo(s.mark)
	for k := range s.boxes {
		s.reallot(k/len(s.p.parts), k%len(s.p.parts))
	}
	s.in.blink = 0
	s.in.doubt = false
	return rounds
}

// advance moves each mission, the most urgent first, to the drone of its group that
// can leave earliest: the score does not ask who waits in time, but the patient does.
func (s *search) advance() {
	s.in.from = 0
	var all []*mission
	for _, route := range s.routes {
		all = append(all, route...)
	}
	urgency := func(m *mission) Priority {
		most := Routine
		for _, r := range m.seq {
			most = min(most, s.p.requests[r].Priority)
		}
		return most
	}
	slices.SortStableFunc(all, func(a, b *mission) int {
		return cmp.Or(cmp.Compare(urgency(a), urgency(b)), cmp.Compare(a.load, b.load))
	})
	for _, m := range all {
		before, mark := s.score, len(s.log)
		n := s.copyOf(m)
		s.remove(m)
		n.load = never
		d, pos := 0, 0
		for _, k := range s.p.groups[n.group].drones {
			for at := range len(s.routes[k]) + 1 {
				if load := s.place(n, s.gap(int(k), at), 0); load < n.load {
					n.load, d, pos = load, int(k), at
				}
			}
		}
		n.drone = d
		if n.load >= m.load || !s.price(n) {
			s.undo(mark)
			continue
		}
		s.add(n, pos)
		if before.less(&s.score) {
			s.undo(mark)
		}
	}
}

// accepts: never worse on the first seven levels; on the last two it may be a little
// worse than the best plan, so that the search can leave it.
func (s *search) accepts(before *tally) bool {
	if s.score.less(before) || s.score == *before {
		return true
	}
	for i := range levelSubstitution {
		if s.score[i] != before[i] {
			return s.score[i] < before[i]
		}
	}
	slack := s.rng.Float64()
	slack *= slack * 0.01
	return s.score[levelSubstitution] <= before[levelSubstitution] &&
		float64(s.score[levelEnergy]) <= float64(s.best[levelEnergy])*(1+slack)
}

// recreate serves the pool. It gives up when the plan can no longer be accepted.
func (s *search) recreate(before *tally) bool {
	s.sortPool(s.sequence())
	if s.rng.IntN(3) == 0 {
		k := slices.Index(s.pool, s.first)
		copy(s.pool[1:k+1], s.pool[:k])
		s.pool[0] = s.first
	}
	pending := tally{}
	for _, r := range s.pool {
		pending[unmet(s.p.requests[r].Priority)]++
	}
	for _, r := range s.pool {
		s.in.serve(r)
		pending[unmet(s.p.requests[r].Priority)]--
		for i := range levelExpired {
			if now := s.score[i] - pending[i]; now != before[i] {
				if now > before[i] {
					return false
				}
				break
			}
		}
	}
	return true
}

// sequence is an order in which requests are put back.
type sequence int

const (
	byUrgency  sequence = iota // priority, then due
	byPriority                 // then by chance
	bySize
	byDue
	byChance
)

func (s *search) sequence() sequence {
	switch n := s.rng.IntN(10); {
	case n < 3:
		return byUrgency
	case n < 6:
		return byPriority
	case n < 7:
		return bySize
	case n < 8:
		return byDue
	}
	return byChance
}

func (s *search) sortPool(o sequence) {
	if o != byUrgency {
		s.rng.Shuffle(len(s.pool), func(i, j int) { s.pool[i], s.pool[j] = s.pool[j], s.pool[i] })
	}
	slices.SortStableFunc(s.pool, func(i, j int32) int {
		a, b := &s.p.requests[i], &s.p.requests[j]
		switch o {
		case byUrgency:
			return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.DueS, b.DueS), cmp.Compare(i, j))
		case byPriority:
			return cmp.Compare(a.Priority, b.Priority)
		case bySize:
			return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(b.Units, a.Units))
		case byDue:
			return cmp.Compare(a.DueS, b.DueS)
		}
		return 0
	})
}
