package coldchain

import (
	"math"
	"time"
)

// State is what the newest readings of a box mean.
type State int

const (
	Unknown State = iota + 1
	InRange
	NearLimit
	Excursion
)

func (s State) String() string {
	switch s {
	case Unknown:
		return "unknown"
	case InRange:
		return "in_range"
	case NearLimit:
		return "near_limit"
	case Excursion:
		return "excursion"
	}
	return "unset"
}

// silentIntervals is how many logging intervals may pass without a reading.
const silentIntervals = 4

// Reading is one measurement of a box's payload, in milli-°C.
type Reading struct {
	At         time.Time
	Seq        uint64 // tells readings of one instant apart
	ReceivedAt time.Time
	TempMC     int32
	SecondMC   int32 // of a second probe, if HasSecond
	HasSecond  bool
	AmbientMC  int32 // NoAmbientMC without such a sensor; then there is no forecast
	LidOpen    bool
	Fault      bool // the sensor said that it cannot be believed
}

// NoAmbientMC stands for an ambient temperature that was not measured.
const NoAmbientMC = math.MinInt32

// warm and cold are the readings of the warmer and the colder probe.
func (r Reading) warm() int32 {
	if r.HasSecond {
		return max(r.TempMC, r.SecondMC)
	}
	return r.TempMC
}

func (r Reading) cold() int32 {
	if r.HasSecond {
		return min(r.TempMC, r.SecondMC)
	}
	return r.TempMC
}

func (r Reading) apart() int32 { return r.warm() - r.cold() }

// Summary is a monitor's view of its box.
type Summary struct {
	State       State
	Newest      Reading
	HasReading  bool
	OutOfRange  time.Duration // raw time outside the range
	Unmonitored time.Duration // gaps between readings, and the silence now
	// Breached reports that some excursion was confirmed since packing, late or not.
	Breached bool
	// Outlook is when the payload comes to a limit; HasOutlook is false while that is
	// not known, as for a box without a thermal design.
	Outlook    Outlook
	HasOutlook bool
	// Margin is what is left of Outlook.Early when the box is handed over; HasMargin
	// is false without a planned arrival.
	Margin    time.Duration
	HasMargin bool
}

// NearWithin is how soon the early bound must reach a limit to be near it.
const NearWithin = 15 * time.Minute

// nearAgain keeps the forecast's near limit from flapping: it ends when the early bound
// is this many times further off.
const nearAgain = 1.5

// Handover is the time that a box is still closed after landing.
const Handover = 5 * time.Minute

// Monitor judges the readings of one box under one profile. It is not safe for
// concurrent use. A reading in order costs constant time and allocates nothing beyond
// its place in the record; a late one is judged in its place.
type Monitor struct {
	profile  Profile
	trace    *Trace
	watch    watchdog
	cast     *Forecaster // nil without a thermal design
	air      [maxStretches]Stretch
	stretchN int
	arrive   time.Time // planned; zero without
	newest   Reading
	any      bool
	near     bool // by the forecast
	raw      Kalman
	rls      RLS
	suspect  int
	since    time.Time
	seen     glance
}

// glance is the outlook that was reckoned last, and for what.
type glance struct {
	outlook Outlook
	ok      bool
	folded  int
	at      time.Time
	air     [maxStretches]Stretch
	n       int
}

// sameAirC is by how little expected air may differ to be the same.
const sameAirC = 0.5

// covers reports whether a glance still holds: no reading was folded since, and the
// air is expected to be as it was then.
func (g *glance) covers(folded int, air []Stretch) bool {
	if g.folded != folded || g.n != len(air) {
		return false
	}
	for i, a := range air {
		if math.Abs(a.C-g.air[i].C) > sameAirC {
			return false
		}
	}
	return true
}

// NewMonitor starts an empty record of a box without a forecast.
func NewMonitor(p Profile) *Monitor {
	return &Monitor{profile: p, trace: NewTrace(p.Rule()), watch: newWatchdog(p), rls: RLS{P: rlsP0, Lambda: rlsLambda}}
}

// rlsP0 is the variance that an estimate of which nothing is known begins with, and
// rlsLambda forgets over some 200 readings.
const (
	rlsP0     = 1000
	rlsLambda = 0.995
)

// NewForecastingMonitor is NewMonitor for a box whose thermal design is known.
func NewForecastingMonitor(p Profile, b Box, d Doubt) *Monitor {
	m := NewMonitor(p)
	m.cast = NewForecaster(b, d)
	return m
}

// Since makes the record begin at a time: what was measured before does not count.
func (m *Monitor) Since(at time.Time) { m.since = at }

// Profile returns the profile that judges.
func (m *Monitor) Profile() Profile { return m.profile }

// Trace returns the readings as judged.
func (m *Monitor) Trace() *Trace { return m.trace }

// Expect says when the box lands and in what air it will be from now on, at most eight
// stretches; without any it is the air that it measures. A zero arrival is none.
func (m *Monitor) Expect(arrive time.Time, air ...Stretch) {
	m.arrive = arrive
	m.stretchN = copy(m.air[:], air)
}

// Fold adds a reading, in order or late; the same reading again changes nothing. It
// returns the sensor's faults that begin with it, which the next call overwrites. A
// reading that is older than all that is kept is only counted as unmonitored.
func (m *Monitor) Fold(r Reading) []SensorEvent {
	if r.At.Before(m.since) { // of the box before it was packed
		return nil
	}
	late := m.any && !r.At.After(m.newest.At) && !ahead(m.newest.At, r.ReceivedAt)
	var faults []SensorEvent
	if !late {
		faults = m.watch.observe(r)
		if !r.Fault && m.watch.inSpan(r.TempMC) && r.AmbientMC != NoAmbientMC {
			m.learn(r)
		}
		m.newest, m.any = r, true
	}
	if r.Fault || !m.watch.inSpan(r.TempMC) || r.HasSecond && !m.watch.inSpan(r.SecondMC) {
		m.newest.Fault = m.newest.Fault || !late
		return faults
	}
	_ = m.trace.Add(r.At, r.Seq, float64(r.warm())/1000, float64(r.cold())/1000) // too late: the record keeps it
	return faults
}

// MostAhead is by how much a reading's time may be ahead of the server's. One further ahead,
// as after the server's clock was set back, says nothing of now.
const MostAhead = 30 * time.Second

func ahead(at, now time.Time) bool { return !now.IsZero() && at.Sub(now) > MostAhead }

// learn lets the forecast, the filter and the time constant follow a reading in order.
func (m *Monitor) learn(r Reading) {
	c, air := float64(r.warm())/1000, float64(r.AmbientMC)/1000
	if m.cast != nil {
		m.cast.Observe(r.At, c, air, r.LidOpen)
	}
	dt := r.At.Sub(m.newest.At)
	if !m.any || dt > silentIntervals*m.profile.Interval {
		m.raw = Kalman{X: c, P: square(kalmanReadC), Q: square(kalmanStepC), R: square(kalmanReadC), Gate: kalmanGate}
		return
	}
	tau, known := m.TauS()
	if !known {
		tau = maxTauS
	}
	before := m.raw.X
	m.raw.Predict(math.Exp(-dt.Seconds()/tau), air)
	if _, used := m.raw.Update(c); !used {
		m.suspect++
	}
	if x := air - before; math.Abs(x) >= LeastExcitationC && dt == m.profile.Interval {
		m.rls.Update(x, m.raw.X-before)
	}
}

// The scalar filter's noise: of a reading and of a step.
const (
	kalmanReadC = 0.1
	kalmanStepC = 0.02
	kalmanGate  = 9
)

// TauS is the time constant in s with which the box follows the air now, taken as one
// node; false while the readings do not tell. It is information for its upkeep.
func (m *Monitor) TauS() (float64, bool) { return m.rls.TauS(m.profile.Interval.Seconds()) }

// Suspect counts the readings in order that did not fit those before.
func (m *Monitor) Suspect() int { return m.suspect }

// Judge says what the record means at a time. It changes nothing but whether the
// forecast counts as near a limit.
func (m *Monitor) Judge(now time.Time) Summary {
	s := Summary{State: Unknown, OutOfRange: m.trace.Outside(), Unmonitored: m.trace.Gaps(), Breached: m.trace.Breached()}
	if !m.any {
		return s
	}
	s.Newest, s.HasReading = m.newest, true
	silent := now.Sub(s.Newest.At) > silentIntervals*m.profile.Interval || ahead(s.Newest.At, now)
	if silent {
		s.Unmonitored += max(0, now.Sub(s.Newest.At))
	}
	m.look(now, &s)
	switch {
	case silent || s.Newest.Fault:
	case m.profile.Outside(s.Newest.warm()) || m.profile.Outside(s.Newest.cold()):
		s.State = Excursion
	case m.watch.doubtful(): // the sensor says the same whatever happens, or two say different things
	case m.profile.nearLimit(s.Newest.warm()) || m.profile.nearLimit(s.Newest.cold()) || m.near:
		s.State = NearLimit
	default:
		s.State = InRange
	}
	return s
}

// look fills in the outlook, counted from now.
func (m *Monitor) look(now time.Time, s *Summary) {
	if m.cast == nil {
		return
	}
	air := m.air[:m.stretchN]
	if at, folded := m.cast.Folded(); !m.seen.covers(folded, air) {
		m.seen = glance{folded: folded, at: at, n: len(air)}
		copy(m.seen.air[:], air)
		m.seen.outlook, m.seen.ok = m.cast.Outlook(m.profile.LowC(), m.profile.HighC(), air)
	}
	s.Outlook, s.HasOutlook = m.seen.outlook, m.seen.ok
	if !s.HasOutlook || m.profile.Outside(s.Newest.warm()) || m.profile.Outside(s.Newest.cold()) {
		m.near, s.HasOutlook, s.Outlook = false, false, Outlook{}
		return
	}
	age := now.Sub(m.seen.at)
	s.Outlook.Early, s.Outlook.Median = lessAge(s.Outlook.Early, age), lessAge(s.Outlook.Median, age)
	within := NearWithin
	if m.arrive.After(now) {
		left := m.arrive.Sub(now) + Handover
		s.Margin, s.HasMargin = NoLimit, true
		if s.Outlook.Early != NoLimit {
			s.Margin = s.Outlook.Early - left
		}
		within = max(within, left)
	}
	if m.near {
		within = time.Duration(nearAgain * float64(within))
	}
	m.near = s.Outlook.Early < within
}

func lessAge(d, age time.Duration) time.Duration {
	if d == NoLimit {
		return d
	}
	return max(0, d-age)
}

// Forecast returns the monitor's forecast as it is now.
func (m *Monitor) Forecast() Forecast {
	f := Forecast{profile: m.profile, heard: m.any}
	if m.cast != nil && m.newest.AmbientMC != NoAmbientMC {
		f.known, f.cast = true, *m.cast
	}
	return f
}

// Forecast is what a monitor's readings say of the time to come. It does not change, and
// is free to be read from any number of goroutines.
type Forecast struct {
	profile Profile
	cast    Forecaster
	known   bool // there is a thermal design and an ambient temperature
	heard   bool // there is a reading
}

// TimeTo is the time from now until the payload would come to a limit, by the early
// bound, if it went through other air than expected: 0 when it is there already. It is
// false while the box is not known.
func (f Forecast) TimeTo(now time.Time, air ...Stretch) (time.Duration, bool) {
	if !f.known {
		return 0, false
	}
	at, _ := f.cast.Folded()
	o, ok := f.cast.Outlook(f.profile.LowC(), f.profile.HighC(), air)
	if !ok {
		return 0, f.heard
	}
	return lessAge(o.Early, now.Sub(at)), true
}
