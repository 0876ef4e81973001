package coldchain

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// The simulation of the forecast: boxes that differ from their design, in weather that
// differs from its forecast, with sensors that are noisy and lids that are opened.
// What is drawn of what, and how much, stands in drawBox and live.
const (
	simSeed     = 20261123
	simInterval = 15.0 // s
	simLearn    = 600  // s of readings before the first judgement
	simLongest  = 48 * 3600
)

// simBox is one box with its truth.
type simBox struct {
	design, truth Box
	start         Heat
	low, high     float64
	groundC       float64 // the forecast: this all the time
	swingC, biasC float64 // what is true beside it
	swingS        float64
	lids          []float64 // when a lid is opened, s
	noiseC, stepC float64   // of the sensor
}

var simModels = []BoxModel{Newton1, Nodes2, PCM1, PCM2}

// drawBox draws a box of a model; one-node and two-node boxes are a third each, and
// those with a coolant a third.
func drawBox(r *rand.Rand) simBox {
	within := func(lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }
	model := simModels[[]int{0, 0, 1, 1, 2, 3}[r.IntN(6)]]
	d := Box{
		Model: model, OuterWPerK: within(0.2, 0.5), PayloadJPerK: within(1500, 9000), InnerWPerK: within(0.8, 6), WallJPerK: within(500, 1500),
		MeltC: 5, LatentJ: within(10e3, 200e3), SolidJPerK: within(1500, 6000), LiquidJPerK: within(1800, 7000),
	}
	b := simBox{
		design: d, truth: d, low: 2, high: 10, groundC: within(20, 40), swingC: within(0, 1), swingS: within(1800, 14400), biasC: r.NormFloat64(),
		noiseC: within(0.02, 0.1), stepC: []float64{0.01, 0.0625, 0.1}[r.IntN(3)],
	}
	b.truth.OuterWPerK *= math.Exp(0.15 * r.NormFloat64())
	b.truth.PayloadJPerK *= math.Exp(0.05 * r.NormFloat64())
	b.truth.LatentJ *= math.Exp(0.05 * r.NormFloat64())
	b.start = b.truth.Start(within(3, 5), 0)
	switch {
	case model == Nodes2:
		b.start.Inner += 2 * r.NormFloat64()
	case d.Melts():
		b.start.Inner = b.truth.LatentJ * max(0, 0.05+0.05*r.NormFloat64())
		b.start.PayloadC = within(4, 5.5)
		if model == PCM1 {
			b.start.PayloadC = b.truth.coolantC(b.start.Inner)
		}
	}
	for range r.IntN(3) {
		b.lids = append(b.lids, within(30, simLearn-60)) // on the ground; who opens it later makes a forecast void
	}
	return b
}

func (b *simBox) airC(s float64) float64 {
	return b.groundC + b.biasC + b.swingC*math.Sin(2*math.Pi*s/b.swingS)
}

// lidOpen: a lid is open for 40 s, and lets in ten times the heat.
func (b *simBox) lidOpen(s float64) bool {
	return slices.ContainsFunc(b.lids, func(l float64) bool { return s >= l && s < l+40 })
}

// live returns the box's heat at each interval up to the moment at which its payload
// leaves the range, and that moment.
func (b *simBox) live() (heats []Heat, limitS float64) {
	h := b.start
	for s := 0.0; s < simLongest; s += simInterval {
		heats = append(heats, h)
		box := b.truth
		if b.lidOpen(s) {
			box.OuterWPerK *= 10
		}
		air := b.airC(s + simInterval/2)
		t := min(box.TimeTo(h, b.high, air), box.TimeTo(h, b.low, air))
		if t <= simInterval {
			return heats, s + t
		}
		h = box.Step(h, simInterval, air)
	}
	return heats, math.Inf(1)
}

// simJudgement is one forecast beside the truth.
type simJudgement struct {
	model               BoxModel
	half                bool // judged at half the true time, not after the first ten minutes
	early, median, true float64
}

// simulate judges the forecasts of n boxes; those that leave their range within twice
// the learning time, or never, are drawn again.
func simulate(n int, seed uint64) []simJudgement {
	r := rand.New(rand.NewPCG(seed, 1))
	var all []simJudgement
	for done := 0; done < n; {
		b := drawBox(r)
		heats, limitS := b.live()
		if limitS < 2*simLearn || math.IsInf(limitS, 1) {
			continue
		}
		done++
		f := NewForecaster(b.design, DefaultDoubt())
		judged := [2]bool{}
		for i, h := range heats {
			s := float64(i) * simInterval
			lid := b.lidOpen(s)
			reading := h.PayloadC + b.noiseC*r.NormFloat64()
			if lid {
				reading += 2 * r.Float64() // the probe feels the air
			}
			reading = math.Round(reading/b.stepC) * b.stepC
			f.Observe(t0.Add(time.Duration(s*float64(time.Second))), reading, b.airC(s)+0.3*r.NormFloat64(), lid && r.Float64() < 0.8)
			for k, when := range [2]float64{simLearn, limitS / 2} {
				if s >= when && !judged[k] {
					judged[k] = true
					o, ok := f.Outlook(b.low, b.high, nil)
					if !ok {
						o = Outlook{}
					}
					folded, _ := f.Folded()
					all = append(all, simJudgement{b.design.Model, k == 1, o.Early.Seconds(), o.Median.Seconds(), limitS - folded.Sub(t0).Seconds()})
				}
			}
			if judged[1] && s > simLearn {
				break
			}
		}
	}
	return all
}

// simScore is what the judgements come to.
type simScore struct {
	n                       int
	early, near, earlyShare float64
}

func score(js []simJudgement) simScore {
	c := simScore{n: len(js)}
	var shares []float64
	for _, j := range js {
		if j.early <= j.true {
			c.early++
		}
		if math.Abs(j.median-j.true) <= 0.1*j.true {
			c.near++
		}
		shares = append(shares, j.early/j.true)
	}
	slices.Sort(shares)
	c.early, c.near, c.earlyShare = c.early/float64(c.n), c.near/float64(c.n), shares[len(shares)/2]
	return c
}

func (c simScore) String() string {
	return fmt.Sprintf("%6d   %5.1f %%   %5.1f %%   %5.1f %%", c.n, 100*c.early, 100*c.near, 100*c.earlyShare)
}

// table is the score of all and of each model and moment.
func table(js []simJudgement) string {
	var b strings.Builder
	row := func(name string, keep func(simJudgement) bool) {
		var some []simJudgement
		for _, j := range js {
			if keep(j) {
				some = append(some, j)
			}
		}
		if len(some) > 0 {
			fmt.Fprintf(&b, "%-22s %v\n", name, score(some))
		}
	}
	fmt.Fprintf(&b, "%-22s %6s   %7s   %7s   %7s\n", "boxes", "n", "early", "within10", "early/true")
	for _, half := range []bool{false, true} {
		when := "10 min"
		if half {
			when = "half time"
		}
		row("all, "+when, func(j simJudgement) bool { return j.half == half })
		for _, m := range simModels {
			row(string(m)+", "+when, func(j simJudgement) bool { return j.half == half && j.model == m })
		}
	}
	return b.String()
}

// TestForecastsAreEarlyAndNear is the simulation with fewer boxes; the benchmark runs
// all 10,000.
func TestForecastsAreEarlyAndNear(t *testing.T) {
	js := simulate(400, simSeed)
	t.Log("\n" + table(js))
	for _, half := range []bool{false, true} {
		c := score(slices.DeleteFunc(slices.Clone(js), func(j simJudgement) bool { return j.half != half }))
		if c.early < 0.95 || c.near < 0.5 || c.earlyShare < 0.6 {
			t.Errorf("half time %v: %v", half, c)
		}
	}
}

func BenchmarkForecastOf10000Boxes(b *testing.B) {
	for b.Loop() {
		js := simulate(10_000, simSeed)
		b.Log("\n" + table(js))
	}
}
