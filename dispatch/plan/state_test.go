package plan

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// traces is all that a plan in the making holds, without what is only kept to be
// used again.
func (s *state) traces() any {
	clean := func(cs []calendar) []string {
		var out []string
		for _, c := range cs {
			out = append(out, fmt.Sprint(c.capacity, c.at, c.used))
		}
		return out
	}
	var flown []string
	for d, route := range s.routes {
		for _, m := range route {
			flown = append(flown, fmt.Sprint(d, m.load, m.seq, m.takes, m.soc, m.need, m.cost))
		}
	}
	var served []bool
	for _, m := range s.where {
		served = append(served, m != nil)
	}
	return []any{clean(s.launch), clean(s.pads), clean(s.boxes), s.left, s.score, flown, served}
}

func TestAddRemoveAndUndoLeaveNoTrace(t *testing.T) {
	in := read(t, text(t, "medium-01"))
	s := newSearch(newState(compile(in)), 1)
	empty := s.traces()
	s.construct()
	for round := range 300 {
		before, mark := s.traces(), len(s.log)
		s.ruin()
		s.recreate(&tally{1 << 60})
		if round%3 == 0 {
			continue
		}
		s.undo(mark)
		if after := s.traces(); !reflect.DeepEqual(before, after) {
			t.Fatalf("round %d: undone, yet\n%v\nis now\n%v", round, before, after)
		}
	}
	for d := range s.routes {
		for len(s.routes[d]) > 0 {
			s.remove(s.routes[d][0])
		}
	}
	if after := s.traces(); !reflect.DeepEqual(empty, after) {
		t.Errorf("all is taken out, yet\n%v\nis now\n%v", empty, after)
	}
}

// TestPlaceIsTheEarliest scans every second before the one that was found.
func TestPlaceIsTheEarliest(t *testing.T) {
	in := read(t, text(t, "medium-02"))
	s := newSearch(newState(compile(in)), 1)
	s.construct()
	rng := rand.New(rand.NewPCG(1, 2))
	tried := 0
	for range 400 {
		r := int32(rng.IntN(len(s.where)))
		mark := len(s.log)
		if m := s.where[r]; m != nil {
			s.remove(m)
		}
		d := rng.IntN(len(s.routes))
		pos := rng.IntN(len(s.routes[d]) + 1)
		m := &mission{}
		m.reset(s.p.drones[d].group, r)
		m.drone = d
		if why, _, _ := s.p.shape(m); why == "" {
			found := s.place(m, s.gap(d, pos), 0)
			for load := m.ready; load < min(found, in.HorizonS); load++ {
				if s.fitsAt(m, d, pos, load) {
					t.Fatalf("request %d on drone %d before its mission %d: %d is free, found %d", r, d, pos, load, found)
				}
			}
			if found != never {
				tried++
				if !s.fitsAt(m, d, pos, found) {
					t.Fatalf("%d does not fit", found)
				}
			}
		}
		s.undo(mark)
	}
	if tried < 50 {
		t.Errorf("only %d places were found: the test says too little", tried)
	}
}

// fitsAt adds the mission at a second and looks whether every rule is kept.
func (s *search) fitsAt(m *mission, d, pos int, load int64) bool {
	g := s.gap(d, pos)
	n := s.copyOf(m)
	n.drone, n.load = d, load
	if load < g.free || n.land(s.p) > s.p.in.HorizonS || g.next != nil && n.free(s.p) > g.next.load || s.clear(n, load, load) != load {
		return false
	}
	mark := len(s.log)
	s.add(n, pos)
	defer s.undo(mark)
	for _, x := range s.routes[d] {
		if x.soc < s.p.classes[s.p.drones[d].class].ReserveJ {
			return false
		}
	}
	return true
}

func TestCalendarAgainstCounting(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		c := calendar{capacity: 1 + rng.Int64N(3)}
		held := make([]int64, 200)
		type spell struct{ from, to, n int64 }
		var spells []spell
		for range 30 {
			from, length, n := rng.Int64N(150), 1+rng.Int64N(30), 1+rng.Int64N(c.capacity)
			want := from
			for clash := true; clash; {
				clash = false
				for x := want; x < min(want+length, 200); x++ {
					if held[x]+n > c.capacity {
						want, clash = x+1, true
					}
				}
			}
			got := c.fit(from, length, n)
			if got != want {
				t.Fatalf("fit(%d, %d, %d) = %d, counting gives %d", from, length, n, got, want)
			}
			if got+length < 200 {
				c.take(got, got+length, n)
				spells = append(spells, spell{got, got + length, n})
				for x := got; x < got+length; x++ {
					held[x] += n
				}
			}
			if len(spells) > 0 && rng.IntN(3) == 0 {
				k := rng.IntN(len(spells))
				c.take(spells[k].from, spells[k].to, -spells[k].n)
				for x := spells[k].from; x < spells[k].to; x++ {
					held[x] -= spells[k].n
				}
				spells = append(spells[:k], spells[k+1:]...)
			}
		}
	}
}
