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
	enough = 20  // of flights alike in all, to speak for themselves
	fewest = 10  // fewer say nothing of one late in ten
	newest = 160 // older ones are of another season, crew or fleet
	near   = 40  // of those, planned about as far ahead: a long queue errs by more than a short one
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
	// Expected is the plan with the more urgent requests that are expected before it is flown.
	Expected time.Time
	// P50 and P90 are zero while too few flights were measured.
	P50, P90 time.Time
	Measured int // such flights, of which they are
}

// basis is what a forecast is reckoned from: its plan, or its expectation.
type basis func(Forecast) time.Time

func planned(f Forecast) time.Time  { return f.Planned }
func expected(f Forecast) time.Time { return f.Expected }

// ahead is how far ahead a forecast looked, in s; at least a minute.
func (by basis) ahead(f Forecast) float64 { return max(60, by(f).Sub(f.MadeAt).Seconds()) }

// Told is a forecast with what came of it.
type Told struct {
	Forecast
	HandedOver time.Time // zero until then
}

// Reckon completes a forecast that has its plan and its expectation from earlier ones: the
// newest of those whose units were handed over, the newest first, and those that wait still though
// their plan has passed. Half of such flights came by P50 after their plans. What makes one in ten
// late is what came between: P90 is reckoned from the expectation, which counts it.
func Reckon(past []Told, f Forecast) Forecast {
	alike := alike(past, f.Such)
	if over(alike) < fewest {
		return f
	}
	f.Measured = min(near, len(alike))
	f.P50 = later(f.MadeAt, basis(planned).quantile(alike, f, 0.5))
	f.P90 = later(f.P50, basis(expected).quantile(alike, f, 0.9))
	return f
}

// quantile is the time by which such a share of those alike that looked about as far ahead came
// after theirs.
func (by basis) quantile(alike []Told, f Forecast, p float64) time.Time {
	unlike := func(t Told) float64 { return math.Abs(math.Log(by.ahead(f) / by.ahead(t.Forecast))) }
	slices.SortStableFunc(alike, func(a, b Told) int { return cmp.Compare(unlike(a), unlike(b)) })
	late := make([]lateness, 0, near)
	for _, t := range alike[:min(near, len(alike))] {
		late = append(late, by.lateness(t, f.MadeAt))
	}
	slices.SortFunc(late, lateness.compare)
	return by(f).Add(quantile(late, p))
}

// lateness is by how much units were handed over after a forecast's basis, or by how much at
// least: they wait still.
type lateness struct {
	by    time.Duration
	waits bool
}

func (by basis) lateness(t Told, now time.Time) lateness {
	if t.HandedOver.IsZero() {
		return lateness{now.Sub(by(t.Forecast)), true}
	}
	return lateness{t.HandedOver.Sub(by(t.Forecast)), false}
}

// compare orders by time, and what ended before what was only seen until then.
func (l lateness) compare(o lateness) int {
	if c := cmp.Compare(l.by, o.by); c != 0 || l.waits == o.waits {
		return c
	}
	if o.waits {
		return -1
	}
	return 1
}

// quantile is the least lateness that the next flight exceeds with a probability of at most
// 1-p, by the product limit of those measured and itself; the greatest of all where they do
// not say. Without any that wait it is the rank p(n+1) of n.
func quantile(late []lateness, p float64) time.Duration {
	const rounding = 1e-9
	left := 1.0
	for i, l := range late {
		if l.waits {
			continue
		}
		if left *= 1 - 1/float64(len(late)-i+1); left <= 1-p+rounding {
			return l.by
		}
	}
	return late[len(late)-1].by
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// over counts the flights of which it is known what came of them.
func over(list []Told) (n int) {
	for _, t := range list {
		if !t.HandedOver.IsZero() {
			n++
		}
	}
	return n
}

// alike are the newest flights that are like this one, and those that wait: in all, where
// they are enough, else those that waited alike, else all.
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
		ended := 0
		for _, t := range past {
			if !like.in(t.Such) || !t.HandedOver.IsZero() && ended == newest {
				continue
			}
			if !t.HandedOver.IsZero() {
				ended++
			}
			list = append(list, t)
		}
		if ended >= like.least {
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
