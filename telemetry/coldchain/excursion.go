package coldchain

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Rule says what counts as an excursion: outside [LowC, HighC], where ±Inf stands for
// a side without a limit. An event opens when it has lasted OpenAfter, ends when the
// temperature is HysteresisC inside the limit again, and merges with the one before
// when less than CloseAfter lies between. Readings further apart than MaxGap are a
// gap, about which nothing is assumed.
type Rule struct {
	LowC, HighC, HysteresisC      float64
	OpenAfter, CloseAfter, MaxGap time.Duration
}

// Check refuses a rule that makes no sense.
func (r Rule) Check() error {
	switch {
	case math.IsNaN(r.LowC) || math.IsNaN(r.HighC) || r.LowC >= r.HighC:
		return fmt.Errorf("the range %v to %v °C is empty", r.LowC, r.HighC)
	case !(r.HysteresisC >= 0) || r.HysteresisC > (r.HighC-r.LowC)/2:
		return fmt.Errorf("a hysteresis of %v °C does not fit the range", r.HysteresisC)
	case r.OpenAfter < 0 || r.CloseAfter < 0 || r.MaxGap <= 0:
		return errors.New("a time is negative, or the longest gap is not positive")
	}
	return nil
}

// Side is which limit was passed.
type Side string

const (
	High Side = "high"
	Low  Side = "low"
)

// Event is one excursion. ExtremeC is the extreme reading in it.
type Event struct {
	Side       Side
	Start, End time.Time
	ExtremeC   float64
	Open       bool // it had not ended when the readings did, or a gap began
}

// Duration is how long the event lasted.
func (e Event) Duration() time.Duration { return e.End.Sub(e.Start) }

// Report is what readings say of a rule: time outside without hysteresis or delays,
// the area outside in °C s, gaps, and events in order of their starts.
type Report struct {
	High, Low   time.Duration
	HighCS      float64
	LowCS       float64
	Gap         time.Duration
	Events      []Event
	First, Last time.Time // of the readings; zero without any
}

// Out is the time outside on either side.
func (r *Report) Out() time.Duration { return r.High + r.Low }

// Trace judges readings by a rule as they come, in any order, with the same answer
// for every order. A reading in order takes constant time; a late one takes time in
// proportion to the readings after it. It is not safe for concurrent use.
type Trace struct {
	rule   Rule
	points []point
	events [2][]event // by side, merged but not yet filtered by their lengths
	fold   fold       // after the last point
	marks  []fold     // after each markEvery points
	base   fold       // before points[0], when older ones were dropped
}

// point is one reading, of the warmer and the colder probe; points are in order of
// time and sequence.
type point struct {
	at         int64 // µs
	seq        uint64
	warm, cold float64
}

// on is the reading on a side's scale: the low side is turned upside down, so that
// both are judged alike, each by its worse probe.
func (p point) on(side int) float64 {
	if side == lowSide {
		return -p.cold
	}
	return p.warm
}

// markEvery is how many points lie between two marks, from which a late reading is
// folded again.
const markEvery = 64

// maxPoints bounds a trace: 11 days at 15 s. Past it the oldest are dropped, with
// what they said kept; what arrives before them then is refused.
const maxPoints = 64 * 1024

// ErrTooLate is returned for a reading before those that are still at hand.
var ErrTooLate = errors.New("the reading is older than those that can still be judged again")

// fold is what is known after some point.
type fold struct {
	last  point
	any   bool
	first int64
	gapUS int64
	side  [2]sideFold
}

// sideFold is what is known of one side: time in s and area in °C s outside, and its
// events, of which the last is kept here so that a mark can bring it back.
type sideFold struct {
	outS, area float64
	n          int
	open       bool
	event      event
}

// event has times in µs, exact to less, and its extreme in °C on the side's scale.
type event struct {
	start, end, extreme float64
	open                bool
}

const highSide, lowSide = 0, 1

// NewTrace starts without readings. The rule must pass its Check.
func NewTrace(r Rule) *Trace { return &Trace{rule: r} }

// Add folds a reading of two probes, the warmer and the colder, or of one given twice.
// seq tells readings of one instant apart, and the same reading again changes nothing.
// Temperatures must be numbers.
func (t *Trace) Add(at time.Time, seq uint64, warmC, coldC float64) error {
	p := point{at.UnixMicro(), seq, warmC, coldC}
	if n := len(t.points); n == 0 || comparePoints(t.points[n-1], p) < 0 {
		t.push(p)
		return nil
	}
	i, found := slices.BinarySearchFunc(t.points, p, comparePoints)
	switch {
	case found:
		return nil
	case i == 0 && t.base.any:
		return ErrTooLate
	}
	t.points = slices.Insert(t.points, i, p)
	t.refold(i)
	if len(t.points) > maxPoints {
		t.dropOldest()
	}
	return nil
}

func comparePoints(a, b point) int {
	if a.at != b.at {
		return cmp.Compare(a.at, b.at)
	}
	return cmp.Compare(a.seq, b.seq)
}

func (t *Trace) push(p point) {
	if len(t.points) >= maxPoints {
		t.dropOldest()
	}
	t.points = append(t.points, p)
	t.step(p)
	if len(t.points)%markEvery == 0 {
		t.marks = append(t.marks, t.fold)
	}
}

// dropOldest gives up the older half of the points, up to a mark.
func (t *Trace) dropOldest() {
	keep := maxPoints / 2
	t.base = t.marks[keep/markEvery-1]
	t.points = slices.Clone(t.points[keep:])
	t.marks = slices.Clone(t.marks[keep/markEvery:])
}

// refold folds again from the mark before point i.
func (t *Trace) refold(i int) {
	m := i / markEvery
	t.marks = t.marks[:min(m, len(t.marks))]
	t.fold = t.base
	if len(t.marks) > 0 {
		t.fold = t.marks[len(t.marks)-1]
	}
	for s := range t.events {
		f := &t.fold.side[s]
		t.events[s] = t.events[s][:f.n]
		if f.n > 0 {
			t.events[s][f.n-1] = f.event
		}
	}
	for k := len(t.marks) * markEvery; k < len(t.points); k++ {
		t.step(t.points[k])
		if (k+1)%markEvery == 0 {
			t.marks = append(t.marks, t.fold)
		}
	}
}

// step folds the next point.
func (t *Trace) step(p point) {
	f := &t.fold
	last := f.last
	f.last = p
	if !f.any {
		f.any, f.first = true, p.at
		t.beginRun(p)
		return
	}
	if gap := p.at - last.at; gap > t.rule.MaxGap.Microseconds() {
		f.gapUS += gap
		t.endRun(last)
		t.beginRun(p)
		return
	}
	t.segment(highSide, t.rule.HighC, last, p)
	t.segment(lowSide, -t.rule.LowC, last, p)
}

func (t *Trace) beginRun(p point) {
	if p.warm > t.rule.HighC {
		t.open(highSide, float64(p.at), p.on(highSide))
	}
	if p.cold < t.rule.LowC {
		t.open(lowSide, float64(p.at), p.on(lowSide))
	}
}

func (t *Trace) endRun(last point) {
	for s := range t.fold.side {
		if f := &t.fold.side[s]; f.open {
			f.event.open = true
			t.shut(s, float64(last.at))
		}
	}
}

// segment folds the straight line from a to b on one side.
func (t *Trace) segment(s int, limit float64, a, b point) {
	v0, v1 := a.on(s), b.on(s)
	f := &t.fold.side[s]
	if v0 <= limit && v1 <= limit && !f.open {
		return
	}
	dt := float64(b.at - a.at)
	crossing := func(level float64) float64 { return float64(a.at) + dt*(level-v0)/(v1-v0) }
	switch {
	case v0 > limit && v1 > limit:
		f.outS += dt / 1e6
		f.area += dt / 1e6 * ((v0-limit)/2 + (v1-limit)/2)
	case v0 > limit || v1 > limit:
		over := max(v0, v1) - limit
		out := dt / 1e6 * over / math.Abs(v1-v0)
		f.outS += out
		f.area += out * over / 2
	}
	if !f.open && v1 > limit {
		t.open(s, crossing(limit), v1)
		return
	}
	switch inside := limit - t.rule.HysteresisC; {
	case f.open && v1 <= inside:
		t.shut(s, crossing(inside))
	case f.open:
		f.event.extreme = max(f.event.extreme, v1)
		t.events[s][f.n-1] = f.event
	}
}

// open begins an event, or goes on with the one before when that ended just now.
func (t *Trace) open(s int, start, extreme float64) {
	f := &t.fold.side[s]
	if f.n > 0 && start-f.event.end < float64(t.rule.CloseAfter.Microseconds()) {
		f.event.extreme = max(f.event.extreme, extreme)
		f.event.open = false
		t.events[s][f.n-1] = f.event
	} else {
		f.event = event{start: start, extreme: extreme}
		f.n++
		t.events[s] = append(t.events[s], f.event)
	}
	f.open = true
}

func (t *Trace) shut(s int, end float64) {
	f := &t.fold.side[s]
	f.open = false
	f.event.end = end
	t.events[s][f.n-1] = f.event
}

// Len is how many readings are at hand.
func (t *Trace) Len() int { return len(t.points) }

// Outside is the time outside on both sides.
func (t *Trace) Outside() time.Duration {
	return seconds(t.fold.side[highSide].outS + t.fold.side[lowSide].outS)
}

// Gaps is the time in gaps.
func (t *Trace) Gaps() time.Duration { return time.Duration(t.fold.gapUS) * time.Microsecond }

// Current returns the confirmed event that is open now, if there is one.
func (t *Trace) Current() (Event, bool) {
	for s := range t.fold.side {
		if f := &t.fold.side[s]; f.open {
			if e := t.export(s, f.event, true); e.Duration() >= t.rule.OpenAfter {
				return e, true
			}
		}
	}
	return Event{}, false
}

// Breached reports whether some event lasted OpenAfter or longer. It takes time in
// proportion to the events.
func (t *Trace) Breached() bool {
	for s := range t.events {
		f := &t.fold.side[s]
		for i, e := range t.events[s] {
			if t.export(s, e, f.open && i == f.n-1).Duration() >= t.rule.OpenAfter {
				return true
			}
		}
	}
	return false
}

// Report says what is known.
func (t *Trace) Report() Report {
	f := &t.fold
	r := Report{
		High: seconds(f.side[highSide].outS), Low: seconds(f.side[lowSide].outS), HighCS: f.side[highSide].area, LowCS: f.side[lowSide].area,
		Gap: t.Gaps(), Events: t.confirmed(),
	}
	if f.any {
		r.First, r.Last = time.UnixMicro(f.first).UTC(), time.UnixMicro(f.last.at).UTC()
	}
	return r
}

func (t *Trace) confirmed() []Event {
	var events []Event
	for s := range t.events {
		f := &t.fold.side[s]
		for i, e := range t.events[s] {
			if x := t.export(s, e, f.open && i == f.n-1); x.Duration() >= t.rule.OpenAfter {
				events = append(events, x)
			}
		}
	}
	slices.SortStableFunc(events, func(a, b Event) int { return a.Start.Compare(b.Start) })
	return events
}

// export gives an event its times; one that goes on ends for now at the last reading.
func (t *Trace) export(s int, e event, goesOn bool) Event {
	if goesOn {
		e.end, e.open = float64(t.fold.last.at), true
	}
	x := Event{Side: High, Start: microTime(e.start), End: microTime(e.end), ExtremeC: e.extreme, Open: e.open}
	if s == lowSide {
		x.Side, x.ExtremeC = Low, -e.extreme
	}
	return x
}

func microTime(us float64) time.Time { return time.UnixMicro(int64(math.Round(us))).UTC() }

func seconds(s float64) time.Duration { return time.Duration(math.Round(s * float64(time.Second))) }
