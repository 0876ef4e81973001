package handover

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Window is how many of the newest hand-overs are worth reading.
const Window = 400

const (
	enough = 20   // of flights alike in all, to speak for themselves
	fewest = 10   // fewer say nothing of one late in ten
	newest = 160  // older ones are of another season, crew or fleet
	pace   = 0.05 // of the levels, an outcome
	near   = 40   // of those, planned about as far ahead: a long queue errs by more than a short one
)

// Such is what flights have in common that are compared.
type Such struct {
	Urgency string
	// Waits is of a flight whose drone was away, or its pad or centre closed, when it was
	// foretold.
	Waits bool
}

// Forecast is when a request's last unit will be handed over, as it was told before that
// was known.
type Forecast struct {
	Version int // of the request
	MadeAt  time.Time
	Such
	Planned time.Time
	// P50 and P90 are zero while too few flights were measured.
	P50, P90 time.Time
	Measured int // such flights, of which they are
}

// ahead is how far ahead the plan looked, in s; a plan looks at least a minute ahead.
func (f Forecast) ahead() float64 { return max(60, f.Planned.Sub(f.MadeAt).Seconds()) }

// Told is a forecast with what came of it.
type Told struct {
	Forecast
	HandedOver time.Time // zero until then
}

// Reckon foretells from the plan's hand-over and from what came of earlier forecasts, the
// newest first.
func Reckon(past []Told, such Such, planned, now time.Time) Forecast {
	f := Forecast{MadeAt: now, Such: such, Planned: planned}
	alike := alike(past, such)
	if len(alike) < fewest {
		return f
	}
	slices.SortStableFunc(alike, func(a, b Told) int { return cmp.Compare(f.unlike(a), f.unlike(b)) })
	var late []time.Duration
	for _, t := range alike[:min(near, len(alike))] {
		late = append(late, time.Duration(float64(t.HandedOver.Sub(t.Planned))*f.ahead()/t.ahead()))
	}
	slices.Sort(late)
	f.Measured = len(late)
	p50, p90 := levels(past, such.Waits)
	f.P50 = later(now, planned.Add(late[rank(p50, len(late))]))
	f.P90 = later(f.P50, planned.Add(late[rank(p90, len(late))]))
	return f
}

// levels are what to ask of the errors so that half, and a tenth, of what is told comes true
// too late, though the queue grows or the crew changes: each outcome of flights that waited
// alike moves them a step.
func levels(past []Told, waits bool) (p50, p90 float64) {
	p50, p90 = 0.5, 0.9
	for _, t := range slices.Backward(past) {
		if t.HandedOver.IsZero() || t.P50.IsZero() || t.Waits != waits {
			continue
		}
		p50 = step(p50, 0.5, t.HandedOver.After(t.P50), 0.1, 0.9)
		p90 = step(p90, 0.9, t.HandedOver.After(t.P90), 0.6, 0.99)
	}
	return p50, p90
}

// step moves a level by one outcome, within bounds: up when that came too late.
func step(level, want float64, late bool, least, most float64) float64 {
	if late {
		level += pace * want
	} else {
		level -= pace * (1 - want)
	}
	return min(max(level, least), most)
}

// rank is the index of the smallest of n sorted errors that the next one exceeds with a
// probability of at most 1-p.
func rank(p float64, n int) int {
	return min(int(math.Ceil(p*float64(n+1))), n) - 1
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// unlike is how different two plans are in how far they looked ahead: the ratio, as its
// logarithm.
func (f Forecast) unlike(t Told) float64 { return math.Abs(math.Log(f.ahead() / t.ahead())) }

// alike are the newest flights that are like this one: in all, where they are enough, else
// those that waited alike, else all.
func alike(past []Told, such Such) []Told {
	for _, like := range []struct {
		least int
		in    func(Such) bool
	}{
		{enough, func(o Such) bool { return o == such }},
		{fewest, func(o Such) bool { return o.Waits == such.Waits }},
		{0, func(Such) bool { return true }},
	} {
		var list []Told
		for _, t := range past {
			if !t.HandedOver.IsZero() && like.in(t.Such) && len(list) < newest {
				list = append(list, t)
			}
		}
		if len(list) >= like.least {
			return list
		}
	}
	return nil
}

// Held is how well forecasts held: of those told with a P50 and a P90, how many were handed
// over after them. Half and a tenth are as it should be.
type Held struct{ Told, AfterP50, AfterP90 int }

// Hold counts how well the newest forecasts held that it is known of.
func Hold(past []Told) (h Held) {
	for _, t := range past {
		if t.HandedOver.IsZero() || t.P50.IsZero() {
			continue
		}
		h.Told++
		if t.HandedOver.After(t.P50) {
			h.AfterP50++
		}
		if t.HandedOver.After(t.P90) {
			h.AfterP90++
		}
	}
	return h
}
