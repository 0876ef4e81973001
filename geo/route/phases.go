package route

import (
	"math"
	"slices"
	"time"

	"hemolift/geo/mesh"
)

// phases cuts a flight's time where zones open or close on its way. Phase k lasts
// from events[k-1] to events[k], in seconds after departure.
type phases struct {
	events []float64
	zones  []int32  // that change during the flight
	closed [][]bool // by cover and phase: whether some zone of it counts
	// throughout tells for each cover whether some zone of it counts all the time.
	// Zones that only together close an area all the time are not meant: its
	// corners would be crossings, at which a search in space alone does not turn.
	throughout []bool
}

// newPhases looks at the zones that count at a query's heights, without some. The
// flight ends by endS.
func newPhases(sn *Snapshot, q Query, endS float64, without []int32) *phases {
	p := &phases{}
	var counts []int32
	for i := range sn.zones {
		z := &sn.zones[i]
		if z.ID == "" || !z.meets(q.FloorM, q.HeightM) || slices.Contains(without, int32(i)) {
			continue
		}
		from, until := z.during(q.Depart)
		if until <= 0 || from >= endS {
			continue
		}
		counts = append(counts, int32(i))
		changes := false
		for _, at := range []float64{from, until} {
			if at > 0 && at < endS {
				p.events = append(p.events, at)
				changes = true
			}
		}
		if changes {
			p.zones = append(p.zones, int32(i))
		}
	}
	slices.Sort(p.events)
	p.events = slices.Compact(p.events)
	p.closed, p.throughout = make([][]bool, len(sn.sets)), make([]bool, len(sn.sets))
	for c, set := range sn.sets {
		p.closed[c] = make([]bool, len(p.events)+1)
		for _, number := range set {
			if _, ok := slices.BinarySearch(counts, number); !ok {
				continue
			}
			from, until := sn.zones[number].during(q.Depart)
			p.throughout[c] = p.throughout[c] || (from <= 0 && until >= endS)
			for k := range p.closed[c] {
				p.closed[c][k] = p.closed[c][k] || (from < p.end(k) && until > p.begin(k))
			}
		}
	}
	return p
}

// during is a zone's window in seconds after a departure, infinite where it is open.
func (z *Zone) during(depart time.Time) (from, until float64) {
	from, until = math.Inf(-1), math.Inf(1)
	if !z.From.IsZero() {
		from = z.From.Sub(depart).Seconds()
	}
	if !z.Until.IsZero() {
		until = z.Until.Sub(depart).Seconds()
	}
	return from, until
}

func (p *phases) begin(k int) float64 {
	if k == 0 {
		return 0
	}
	return p.events[k-1]
}

func (p *phases) end(k int) float64 {
	if k == len(p.events) {
		return math.Inf(1)
	}
	return p.events[k]
}

// last is when the last change happens, or 0.
func (p *phases) last() float64 { return p.begin(len(p.events)) }

// span is an interval of time, in seconds after departure.
type span struct{ from, to float64 }

// spans joins the phases for which in holds.
func (p *phases) spans(in func(phase int) bool) []span {
	var out []span
	for k := range len(p.events) + 1 {
		if !in(k) {
			continue
		}
		if n := len(out); n > 0 && out[n-1].to == p.begin(k) {
			out[n-1].to = p.end(k)
		} else {
			out = append(out, span{p.begin(k), p.end(k)})
		}
	}
	return out
}

// alwaysClosed reports whether a cover is closed throughout.
func (p *phases) alwaysClosed(c mesh.Cover) bool { return !slices.Contains(p.closed[c], false) }

// justNow is how much of a time rounding may shift a departure that is due just
// when a zone changes.
const justNow = 1e-12

// forbidden lists the departures, in order and apart, at which a leg that takes
// legS would be in a closed stretch. The ends of each are allowed.
func (p *phases) forbidden(leg []stretch, legS float64) []span {
	var out []span
	for _, s := range leg {
		left, right := p.closed[s.left], p.closed[s.right]
		for _, shut := range p.spans(func(k int) bool { return left[k] && right[k] }) {
			if shut.from == 0 {
				shut.from = math.Inf(-1)
			}
			slack := justNow * (legS + p.last() + 1)
			out = append(out, span{shut.from - s.to*legS + slack, shut.to - s.from*legS - slack})
		}
	}
	slices.SortFunc(out, func(a, b span) int {
		switch {
		case a.from < b.from:
			return -1
		case a.from > b.from:
			return 1
		}
		return 0
	})
	merged := out[:0]
	for _, s := range out {
		if n := len(merged); n > 0 && s.from < merged[n-1].to {
			merged[n-1].to = max(merged[n-1].to, s.to)
		} else {
			merged = append(merged, s)
		}
	}
	return merged
}

// earliest is the first departure not before at that is not forbidden.
func earliest(forbidden []span, at float64) float64 {
	for _, s := range forbidden {
		if at > s.from && at < s.to {
			at = s.to
		}
	}
	return at
}
