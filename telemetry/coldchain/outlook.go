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
	Runaway  bool    // the readings run away from the model; their slope is gone by
}

// spread is the standard deviation of the logarithm of the time to a limit. It changes
// slowly and is renewed every so many readings.
type spread struct {
	log   float64
	limit float64
	at    int // folds when it was renewed
	known bool
}

func (s *spread) stale() { s.known = false }

// renewSpread is after how many folded readings the spread is reckoned again.
const renewSpread = 4

// earlySigmas is how many standard deviations the early bound lies before the median:
// one case in twenty, and as much again for what no model knows.
const earlySigmas = 1.645 * 1.25

// Folded is when the newest folded reading was taken, from which outlooks count, and how
// many have been, whether they fitted or not.
func (f *Forecaster) Folded() (at time.Time, n int) { return time.UnixMicro(f.at).UTC(), f.folds }

// Outlook says when the payload comes to the nearer limit in time, in an ambient
// temperature as forecast; an empty forecast is the newest one measured. Infinite
// limits are none. It is false before the first reading, and when the payload is
// outside already.
func (f *Forecaster) Outlook(lowC, highC float64, air []Stretch) (Outlook, bool) {
	if f.at == 0 || !(f.mean[payload] >= lowC && f.mean[payload] <= highC) {
		return Outlook{}, false
	}
	now := [1]Stretch{{C: f.airC}}
	if len(air) == 0 {
		air = now[:]
	}
	limit, side, s := highC, High, math.Inf(1)
	coldest, warmest := f.reach(air)
	if warmest > highC {
		s = f.timeTo(f.mean, highC, air, 0)
	}
	if low := math.Inf(1); !math.IsInf(lowC, -1) {
		if coldest < lowC {
			low = f.timeTo(f.mean, lowC, air, 0)
		}
		if low < s || math.IsInf(highC, 1) || math.IsInf(s, 1) && f.falls(air) {
			limit, side, s = lowC, Low, low
		}
	}
	if !f.spread.known || f.spread.limit != limit || f.folds-f.spread.at >= renewSpread {
		f.spread = spread{f.logSpread(limit, air, s), limit, f.folds, true}
	}
	o := Outlook{LimitC: limit, Side: side, Basis: f.basis()}
	o.Median = inHorizon(s)
	early := s * math.Exp(-earlySigmas*f.spread.log)
	if math.IsInf(s, 1) { // only a worse air brings it there
		early = f.timeTo(f.mean, limit, air, f.adverse(limit)*2*f.doubt.AirC)
	}
	o.Early = inHorizon(early)
	f.heedTrend(&o, lowC, highC)
	return o, true
}

// heedTrend goes by the readings' own slope when they run away from the model, as when
// a lid is ajar or the coolant was never frozen.
func (f *Forecaster) heedTrend(o *Outlook, lowC, highC float64) {
	slope := f.trend.perMin() / 60
	limit, side := highC, High
	if slope < 0 {
		limit, side = lowC, Low
	}
	if !(math.Abs(slope) >= runawayCPerMin/60) || math.IsInf(limit, 0) || f.lid || f.pending.lid {
		return
	}
	wrong := f.doubted != 0 || f.resumed != 0 && f.at-f.resumed < distrustUS
	straight := inHorizon(max(0, (limit-f.trend.newest())/slope))
	if wrong && side == o.Side || straight < o.Early/2 {
		o.LimitC, o.Side = limit, side
		o.Median, o.Early = straight, time.Duration(trendCaution*float64(straight))
		o.Basis.Runaway = true
	}
}

// When a slope overrules the model, and how much of its time to the limit is the early
// bound.
const (
	runawayCPerMin = 0.15
	trendCaution   = 0.7
	distrustUS     = 15 * 60 * 1_000_000 // for so long after the filter was wrong
)

// reach is the coldest and the warmest temperature about the payload, which it cannot
// come to lie beyond.
func (f *Forecaster) reach(air []Stretch) (coldest, warmest float64) {
	coldest, warmest = f.mean[payload], f.mean[payload]
	switch f.box.Model {
	case Nodes2:
		coldest, warmest = min(coldest, f.mean[inner]), max(warmest, f.mean[inner])
	case PCM1, PCM2:
		c := f.box.coolantC(f.mean[inner])
		coldest, warmest = min(coldest, c), max(warmest, c)
	case Newton1:
	}
	for _, a := range air {
		coldest, warmest = min(coldest, a.C), max(warmest, a.C)
	}
	return coldest, warmest
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
// and the air: the differences along each root of the covariance.
func (f *Forecaster) logSpread(limitC float64, air []Stretch, s float64) float64 {
	if math.IsInf(s, 1) || s <= 0 {
		return 0
	}
	root := f.root()
	sum := 0.0
	for col := range f.dims {
		x := f.mean
		for r, d := range f.dims {
			x[d] += root[r][col]
		}
		t := f.timeTo(x, limitC, air, 0)
		if math.IsInf(t, 1) { // then the other way is the worse
			for r, d := range f.dims {
				x[d] -= 2 * root[r][col]
			}
			t = f.timeTo(x, limitC, air, 0)
		}
		sum += squareLog(t / s)
	}
	sum += squareLog(f.timeTo(f.mean, limitC, air, f.adverse(limitC)*f.doubt.AirC) / s)
	return math.Sqrt(sum)
}

// squareLog is 0 for what has no logarithm.
func squareLog(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 1) {
		return 0
	}
	return square(math.Log(x))
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
