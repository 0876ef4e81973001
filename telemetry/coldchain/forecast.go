package coldchain

import (
	"math"
	"time"
)

// Doubt is how well a box and its readings are known before its first reading:
// standard deviations.
type Doubt struct {
	Outer    float64 // of the outer conductance, relative
	WallC    float64 // of the wall's temperature at the start
	MeltedPc float64 // of the share of the coolant that has melted, in percent
	SensorC  float64 // of a reading
	AirC     float64 // of the forecast ambient temperature
}

// DefaultDoubt suits boxes that were validated once, with sensors of class 1 and a
// weather forecast of the day (a product choice; the insulation of boxes of one type
// is taken to differ by 15 %).
func DefaultDoubt() Doubt {
	return Doubt{Outer: 0.15, WallC: 3, MeltedPc: 6, SensorC: 0.15, AirC: 1}
}

// Forecaster learns from a box's readings how it warms, with an unscented Kalman
// filter (Julier and Uhlmann, Proc. IEEE 92(3), 2004) over the payload's temperature,
// the wall's temperature or the coolant's heat, and the logarithm of the outer
// conductance over that of the design. It is not safe for concurrent use.
type Forecaster struct {
	box   Box
	doubt Doubt
	dims  []int // of the state that the model has, at most nDims

	mean    [nDims]float64
	cov     [nDims][nDims]float64
	at      int64 // µs, of the newest folded reading; 0 before the first
	airC    float64
	used    int // folded readings that fitted
	folds   int // all folded readings
	pending gathered
	doubted int64 // µs, since when readings have not fitted; 0 = they do
	resumed int64 // µs, when the readings were last believed against the model; 0 = never
	lid     bool
	trend   trend

	spread spread
}

const nDims = 3

// The state's elements.
const (
	payload = iota
	inner
	leak // log of the outer conductance over the design's
)

// dimsOf are the elements that a model has a doubt about; the others follow.
var dimsOf = map[BoxModel][]int{Newton1: {payload, leak}, Nodes2: {payload, inner, leak}, PCM1: {inner, leak}, PCM2: {payload, inner, leak}}

const (
	innovationGate = 25          // normalised innovation squared, beyond which a reading is not used
	doubtedMost    = 180_000_000 // µs; then the filter is wrong and not the readings
	longestStepS   = 300         // a longer silence widens the doubt
	resumeLeak     = 0.4         // added to the doubt about the insulation when the filter was wrong
)

// Process noise, per second (variances).
const (
	payloadDrift = 1e-6 // °C²
	wallDrift    = 1e-5 // °C²
	leakDrift    = 1e-6
	lidPayload   = 2e-3 // °C²; while the lid is open
	lidWall      = 2e-2 // °C²
	lidCoolantPc = 2e-3 // percent² of the latent heat
)

// NewForecaster starts without readings. The design must pass its Check.
func NewForecaster(b Box, d Doubt) *Forecaster {
	return &Forecaster{box: b, doubt: d, dims: dimsOf[b.Model]}
}

// begin takes the first reading.
func (f *Forecaster) begin(tempC float64) {
	d := f.doubt
	f.cov[leak][leak] = d.Outer * d.Outer
	f.mean[payload], f.cov[payload][payload] = tempC, d.SensorC*d.SensorC
	switch b := &f.box; {
	case b.Model == Nodes2:
		f.mean[inner], f.cov[inner][inner] = tempC, d.WallC*d.WallC
	case b.Model == PCM1 && math.Abs(tempC-b.MeltC) > 4*d.SensorC: // its temperature tells its heat
		f.mean[inner] = b.heatAt(tempC, tempC > b.MeltC)
		f.cov[inner][inner] = square(d.SensorC * b.SolidJPerK)
	case b.Melts():
		f.mean[inner], f.cov[inner][inner] = packedMelted*b.LatentJ, square(d.MeltedPc/100*b.LatentJ)
	}
}

// packedMelted is the share of the coolant that has melted by the time of packing.
const packedMelted = 0.05

func square(x float64) float64 { return x * x }

// gathered is the readings since those that were folded.
type gathered struct {
	n           int
	sumC, sumUS float64 // of the temperatures; of the times since f.at
	sumAir      float64
	lid         bool
}

// foldEvery is how many seconds of readings are folded as one, their mean: what is
// forecast in minutes need not be renewed in seconds.
const foldEvery = 60

// Observe takes a reading in order, with the ambient temperature. Readings are folded
// into the forecast once a minute; one that is not later than those is not used.
func (f *Forecaster) Observe(at time.Time, tempC, ambientC float64, lidOpen bool) {
	us := at.UnixMicro()
	if f.at == 0 {
		f.begin(tempC)
		f.at, f.airC, f.used = us, ambientC, 1
		f.trend.add(us, tempC)
		return
	}
	g := &f.pending
	dt := float64(us - f.at)
	if dt <= 0 {
		return
	}
	f.trend.add(us, tempC)
	g.n, g.sumC, g.sumUS, g.sumAir, g.lid = g.n+1, g.sumC+tempC, g.sumUS+dt, g.sumAir+ambientC, g.lid || lidOpen
	if dt >= (foldEvery-1)*1e6 {
		f.fold()
	}
}

// fold takes the mean of the gathered readings as one, at the mean of their times.
func (f *Forecaster) fold() {
	g := f.pending
	f.pending = gathered{}
	f.folds++
	n := float64(g.n)
	us, tempC := g.sumUS/n, g.sumC/n
	f.at += int64(us)
	f.follow(us/1e6, g.sumAir/n)
	f.predict(us/1e6, g.sumAir/n, g.lid || f.lid)
	f.lid = g.lid
	f.correct(tempC, square(f.doubt.SensorC)/n)
}

// follow smooths the ambient temperature that outlooks go on with. A jump is another
// place, not noise.
func (f *Forecaster) follow(dt, ambientC float64) {
	if math.Abs(ambientC-f.airC) > airJumpC {
		f.airC = ambientC
		return
	}
	f.airC += (ambientC - f.airC) * min(1, dt/airSmoothS)
}

// How the ambient temperature is smoothed.
const (
	airJumpC   = 2.5
	airSmoothS = 180
)

// predict moves the state on by sigma points through the box's exact solution.
func (f *Forecaster) predict(dt, ambientC float64, lid bool) {
	var points [2*nDims + 1]Heat
	var leaks [2*nDims + 1]float64
	root := f.root()
	n := len(f.dims)
	scale := math.Sqrt(sigmaReach)
	count := 2*n + 1
	for i := range count {
		if i == 0 && n == sigmaReach { // it has no weight
			continue
		}
		x := f.mean
		if i > 0 {
			col, sign := (i-1)/2, scale
			if i%2 == 0 {
				sign = -scale
			}
			for r, d := range f.dims {
				x[d] += sign * root[r][col]
			}
		}
		points[i], leaks[i] = f.step(x, dt, ambientC), x[leak]
	}
	f.gather(points[:count], leaks[:count], n)
	f.widen(dt, lid)
}

// sigmaReach is n + κ of the unscented transform, with κ = 3 - n.
const sigmaReach = 3

// step moves one state on.
func (f *Forecaster) step(x [nDims]float64, dt, ambientC float64) Heat {
	b := f.box
	b.OuterWPerK *= math.Exp(x[leak])
	h := Heat{x[payload], x[inner]}
	if b.Model == PCM1 {
		h.PayloadC = b.coolantC(h.Inner)
	}
	return b.Step(h, dt, ambientC)
}

// gather makes mean and covariance of sigma points; the first is the central one.
func (f *Forecaster) gather(points []Heat, leaks []float64, n int) {
	central, each := float64(sigmaReach-n)/sigmaReach, 1.0/(2*sigmaReach)
	var mean [nDims]float64
	weight := func(i int) float64 {
		if i == 0 {
			return central
		}
		return each
	}
	for i, p := range points {
		w := weight(i)
		mean[payload] += w * p.PayloadC
		mean[inner] += w * p.Inner
		mean[leak] += w * leaks[i]
	}
	var cov [nDims][nDims]float64
	for i, p := range points {
		w := weight(i)
		if w == 0 {
			continue
		}
		d := [nDims]float64{p.PayloadC - mean[payload], p.Inner - mean[inner], leaks[i] - mean[leak]}
		for r := range nDims {
			for c := range r + 1 {
				cov[r][c] += w * d[r] * d[c]
			}
		}
	}
	for r := range nDims {
		for c := range r {
			cov[c][r] = cov[r][c]
		}
	}
	f.mean, f.cov = mean, cov
}

// widen adds what the model does not know.
func (f *Forecaster) widen(dt float64, lid bool) {
	dt = min(dt, longestStepS)
	f.cov[leak][leak] += leakDrift * dt
	f.cov[payload][payload] += payloadDrift * dt
	if lid {
		f.cov[payload][payload] += lidPayload * dt
	}
	switch {
	case f.box.Model == Nodes2:
		f.cov[inner][inner] += wallDrift * dt
		if lid {
			f.cov[inner][inner] += lidWall * dt
		}
	case f.box.Melts() && lid:
		f.cov[inner][inner] += lidCoolantPc / 1e4 * square(f.box.LatentJ) * dt
	}
}

// correct weighs a reading, with its variance, against the prediction. With a coolant on
// its plateau it tells nothing of the heat, as it should.
func (f *Forecaster) correct(tempC, noise float64) {
	s := f.cov[payload][payload] + noise
	off := tempC - f.mean[payload]
	if nis := off * off / s; !(nis <= innovationGate) {
		if f.doubted == 0 {
			f.doubted = f.at
		}
		if f.at-f.doubted >= doubtedMost {
			f.resume(tempC)
		}
		return
	}
	f.doubted = 0
	f.used++
	var gain [nDims]float64
	for i := range nDims {
		gain[i] = f.cov[i][payload] / s
	}
	row := f.cov[payload]
	for i := range nDims {
		f.mean[i] += gain[i] * off
		for j := range nDims {
			f.cov[i][j] -= gain[i] * row[j]
		}
	}
}

// resume believes the readings after they did not fit for long: the payload is where they
// say, and a coolant that cannot be on its plateau any more has left it.
func (f *Forecaster) resume(tempC float64) {
	f.doubted, f.resumed = 0, f.at
	f.cov[leak][leak] += square(resumeLeak)
	b := &f.box
	f.mean[payload] = tempC
	for i := range nDims {
		f.cov[payload][i], f.cov[i][payload] = 0, 0
	}
	f.cov[payload][payload] = square(2 * f.doubt.SensorC)
	switch {
	case b.Model == Nodes2:
		f.cov[inner][inner] += square(f.doubt.WallC)
	case b.Melts() && tempC > b.MeltC+4*f.doubt.SensorC && f.mean[inner] <= b.LatentJ && f.airC > tempC:
		f.mean[inner] = b.heatAt(tempC, true)
		f.cov[inner] = [nDims]float64{}
		f.cov[leak][inner] = 0
		f.cov[inner][inner] = square((tempC-b.MeltC)*b.LiquidJPerK/2 + f.doubt.SensorC*b.LiquidJPerK)
	case b.Melts() && tempC < b.MeltC-4*f.doubt.SensorC && f.mean[inner] >= 0 && f.airC < tempC:
		f.mean[inner] = b.heatAt(tempC, false)
		f.cov[inner] = [nDims]float64{}
		f.cov[leak][inner] = 0
		f.cov[inner][inner] = square(f.doubt.SensorC * b.SolidJPerK)
	}
	f.spread.stale()
}

// root is the lower Cholesky factor of the covariance of the model's elements.
func (f *Forecaster) root() (l [nDims][nDims]float64) {
	for r, dr := range f.dims {
		for c := range r + 1 {
			sum := f.cov[dr][f.dims[c]]
			for k := range c {
				sum -= l[r][k] * l[c][k]
			}
			switch {
			case r == c:
				l[r][c] = math.Sqrt(max(sum, 0))
			case l[c][c] > 0:
				l[r][c] = sum / l[c][c]
			}
		}
	}
	return l
}

// Leak is what was learnt of the outer conductance: how many times that of the design
// it is, and the relative standard deviation of that.
func (f *Forecaster) Leak() (times, relative float64) {
	return math.Exp(f.mean[leak]), math.Sqrt(max(0, f.cov[leak][leak]))
}

// Heat is the state as it is thought to be.
func (f *Forecaster) Heat() Heat {
	h := Heat{f.mean[payload], f.mean[inner]}
	if f.box.Model == PCM1 {
		h.PayloadC = f.box.coolantC(h.Inner)
	}
	return h
}
