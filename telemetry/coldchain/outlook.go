package coldchain

import (
	"math"
	"time"
)

// Outlook is when a box's payload will come to a limit, counted from its newest
// reading. Decisions use Early.
type Outlook struct {
	// Early is the time before which the limit is reached in one case of twenty, and
	// Median the likeliest. NoLimit stands for not within Horizon.
	Early, Median time.Duration
	LimitC        float64
	Side          Side
	Basis         Basis
}

// Horizon bounds outlooks, and NoLimit is one beyond it.
const (
	Horizon = 10 * 24 * time.Hour
	NoLimit = time.Duration(math.MaxInt64)
)

// Basis is what an outlook rests on.
type Basis struct {
	Model    BoxModel
	Readings int     // that were used
	Leak     float64 // outer conductance over that of the design, as learnt
	Doubt    float64 // its relative standard deviation
	Plateau  bool    // the coolant melts: the temperature says nothing of the time left
	Melted   float64 // share of the coolant, where there is one
}

// spread is the standard deviation of the logarithm of the time to a limit. It changes
// slowly and is renewed every so many readings.
type spread struct {
	log   float64
	limit float64
	at    int // readings used when it was renewed; 0 = never
}

func (s *spread) stale() { s.at = 0 }

// renewSpread is after how many readings the spread is reckoned again.
const renewSpread = 8

// earlySigmas is how many standard deviations the early bound lies before the median:
// one case in twenty, and as much again for what no model knows.
const earlySigmas = 1.645 * 1.25

// Outlook says when the payload comes to the nearer limit in time, in an ambient
// temperature as forecast; an empty forecast is the newest one measured. Infinite
// limits are none. It is false before the first reading, and when the payload is
// outside already.
func (f *Forecaster) Outlook(lowC, highC float64, air []Stretch) (Outlook, bool) {
	if f.at == 0 || f.mean[payload] < lowC || f.mean[payload] > highC {
		return Outlook{}, false
	}
	now := [1]Stretch{{C: f.airC}}
	if len(air) == 0 {
		air = now[:]
	}
	limit, side := highC, High
	s := f.timeTo(f.mean, highC, air, 0)
	if !math.IsInf(lowC, -1) {
		if low := f.timeTo(f.mean, lowC, air, 0); low < s || math.IsInf(highC, 1) || math.IsInf(s, 1) && f.falls(air) {
			limit, side, s = lowC, Low, low
		}
	}
	if f.spread.at == 0 || f.spread.limit != limit || f.used-f.spread.at >= renewSpread {
		f.spread = spread{f.logSpread(limit, air, s), limit, f.used}
	}
	o := Outlook{LimitC: limit, Side: side, Basis: f.basis()}
	o.Median = inHorizon(s)
	early := s * math.Exp(-earlySigmas*f.spread.log)
	if math.IsInf(s, 1) { // only a worse air brings it there
		early = f.timeTo(f.mean, limit, air, f.adverse(limit)*2*f.doubt.AirC)
	}
	o.Early = inHorizon(early)
	return o, true
}

// falls reports whether the payload will be colder in the end.
func (f *Forecaster) falls(air []Stretch) bool { return air[len(air)-1].C < f.mean[payload] }

func inHorizon(s float64) time.Duration {
	if !(s < Horizon.Seconds()) {
		return NoLimit
	}
	return time.Duration(s * float64(time.Second))
}

// timeTo is the time of one state to a limit, in air that is warmer than forecast by
// offC.
func (f *Forecaster) timeTo(x [nDims]float64, limitC float64, air []Stretch, offC float64) float64 {
	b := f.box
	b.OuterWPerK *= math.Exp(x[leak])
	h := Heat{x[payload], x[inner]}
	if b.Model == PCM1 {
		h.PayloadC = b.coolantC(h.Inner)
	}
	if offC == 0 {
		return b.TimeToIn(h, limitC, air)
	}
	var warmer [maxStretches]Stretch
	n := copy(warmer[:], air)
	for i := range n {
		warmer[i].C += offC
	}
	return b.TimeToIn(h, limitC, warmer[:n])
}

// maxStretches bounds a forecast of the air; of a longer one the first count.
const maxStretches = 8

// adverse is the direction of air that brings the limit nearer.
func (f *Forecaster) adverse(limitC float64) float64 {
	if limitC < f.mean[payload] {
		return -1
	}
	return 1
}

// logSpread is how far the logarithm of the time to the limit varies with the state
// and the air: the differences along each root of the covariance, towards the worse.
func (f *Forecaster) logSpread(limitC float64, air []Stretch, s float64) float64 {
	if math.IsInf(s, 1) || s <= 0 {
		return 0
	}
	root := f.root()
	sum := 0.0
	add := func(t float64) {
		if t > 0 && !math.IsInf(t, 1) {
			sum += square(math.Log(t / s))
		}
	}
	for col := range f.dims {
		ahead, back := f.mean, f.mean
		for r, d := range f.dims {
			ahead[d] += root[r][col]
			back[d] -= root[r][col]
		}
		add(min(f.timeTo(ahead, limitC, air, 0), f.timeTo(back, limitC, air, 0)))
	}
	add(f.timeTo(f.mean, limitC, air, f.adverse(limitC)*f.doubt.AirC))
	return math.Sqrt(sum)
}

func (f *Forecaster) basis() Basis {
	b := Basis{Model: f.box.Model, Readings: f.used}
	b.Leak, b.Doubt = f.Leak()
	if f.box.Melts() {
		b.Melted = f.box.Melted(f.Heat())
		b.Plateau = b.Melted > 0 && b.Melted < 1 && math.Abs(f.trend.perMin()) < plateauCPerMin && math.Abs(f.airC-f.box.MeltC) > plateauAwayC
	}
	return b
}

// A plateau is a temperature that stays although the ambient is far.
const (
	plateauCPerMin = 0.01
	plateauAwayC   = 5
)
