package coldchain

import (
	"math"
	"testing"
	"time"
)

// thinking is a forecaster of one node that thinks its payload at a temperature, in air of
// another, and doubts nothing.
func thinking(payloadC, airC float64) *Forecaster {
	f := NewForecaster(Box{Model: Newton1, OuterWPerK: 0.5, PayloadJPerK: 9000}, Doubt{SensorC: 0.1})
	f.mean[payload], f.airC, f.at, f.used = payloadC, airC, t0.UnixMicro(), 1
	return f
}

// newton is the seconds of one node of the thinking box to a limit.
func newton(payloadC, limitC, airC float64) float64 {
	return 9000 / 0.5 * math.Log((airC-payloadC)/(airC-limitC))
}

func TestWhichLimitAnOutlookIsOf(t *testing.T) {
	inf := math.Inf(1)
	tests := []struct {
		name                   string
		payloadC, lowC, highC  float64
		airC                   float64
		none                   bool
		side                   Side
		limit, medianS, earlyS float64 // medianS Inf: not within the horizon
		doubtC                 float64 // of the air
		elsewhere              []Stretch
	}{
		{name: "warms", payloadC: 5, lowC: 2, highC: 10, airC: 20, side: High, limit: 10, medianS: newton(5, 10, 20), earlyS: newton(5, 10, 20)},
		{name: "cools", payloadC: 5, lowC: 2, highC: 10, airC: -5, side: Low, limit: 2, medianS: newton(5, 2, -5), earlyS: newton(5, 2, -5)},
		{name: "warmer than may be", payloadC: 10.1, lowC: 2, highC: 10, airC: 20, none: true},
		{name: "colder than may be", payloadC: 1.9, lowC: 2, highC: 10, airC: 20, none: true},
		{name: "no number", payloadC: math.NaN(), lowC: 2, highC: 10, airC: 20, none: true},
		{name: "as warm as may be, and warms", payloadC: 10, lowC: 2, highC: 10, airC: 20, side: High, limit: 10},
		{name: "as warm as may be, and cools", payloadC: 10, lowC: 2, highC: 10, airC: 0, side: Low, limit: 2, medianS: newton(10, 2, 0), earlyS: newton(10, 2, 0)},
		{name: "as cold as may be, and warms", payloadC: 2, lowC: 2, highC: 10, airC: 20, side: High, limit: 10, medianS: newton(2, 10, 20), earlyS: newton(2, 10, 20)},
		{name: "as cold as may be, and cools", payloadC: 2, lowC: 2, highC: 10, airC: -5, side: Low, limit: 2},
		{name: "stays below the upper limit", payloadC: 5, lowC: 2, highC: 10, airC: 6, side: High, limit: 10, medianS: inf, earlyS: inf},
		{name: "stays above the lower limit", payloadC: 5, lowC: 2, highC: 10, airC: 4, side: Low, limit: 2, medianS: inf, earlyS: inf},
		{name: "as the air is", payloadC: 5, lowC: 2, highC: 10, airC: 5, side: High, limit: 10, medianS: inf, earlyS: inf},
		{name: "without a lower limit, and cools", payloadC: 5, lowC: -inf, highC: 10, airC: -5, side: High, limit: 10, medianS: inf, earlyS: inf},
		{name: "without an upper limit, and warms", payloadC: 5, lowC: 2, highC: inf, airC: 20, side: Low, limit: 2, medianS: inf, earlyS: inf},
		{name: "only worse air brings it to the upper limit", payloadC: 5, lowC: 2, highC: 10, airC: 9, doubtC: 3, side: High, limit: 10, medianS: inf, earlyS: newton(5, 10, 15)},
		{name: "only worse air brings it to the lower limit", payloadC: 5, lowC: 2, highC: 10, airC: 3, doubtC: 3, side: Low, limit: 2, medianS: inf, earlyS: newton(5, 2, -3)},
		{
			name: "the air may be warmer", payloadC: 5, lowC: 2, highC: 10, airC: 20, doubtC: 2, side: High, limit: 10, medianS: newton(5, 10, 20),
			earlyS: newton(5, 10, 20) * math.Exp(-earlySigmas*math.Log(newton(5, 10, 20)/newton(5, 10, 22))),
		},
		{
			name: "the air may be colder", payloadC: 5, lowC: 2, highC: 10, airC: -5, doubtC: 2, side: Low, limit: 2, medianS: newton(5, 2, -5),
			earlyS: newton(5, 2, -5) * math.Exp(-earlySigmas*math.Log(newton(5, 2, -5)/newton(5, 2, -7))),
		},
		{name: "in the air that is forecast", payloadC: 5, lowC: 2, highC: 10, airC: 20, elsewhere: []Stretch{{C: -5}}, side: Low, limit: 2, medianS: newton(5, 2, -5), earlyS: newton(5, 2, -5)},
		{name: "the nearer of both", payloadC: 9.9, lowC: 2, highC: 10, airC: 20, elsewhere: []Stretch{{S: 3600, C: 20}, {C: -20}}, side: High, limit: 10, medianS: newton(9.9, 10, 20), earlyS: newton(9.9, 10, 20)},
		{name: "more than ten days away", payloadC: 5, lowC: 2, highC: 10, airC: 10 + 1e-30, side: High, limit: 10, medianS: inf, earlyS: inf},
	}
	for _, tt := range tests {
		f := thinking(tt.payloadC, tt.airC)
		f.doubt.AirC = tt.doubtC
		o, ok := f.Outlook(tt.lowC, tt.highC, tt.elsewhere)
		if ok == tt.none {
			t.Errorf("%s: %v, %+v", tt.name, ok, o)
			continue
		}
		if ok && (o.Side != tt.side || o.LimitC != tt.limit || !near(o.Median, tt.medianS) || !near(o.Early, tt.earlyS) || o.Basis.Runaway) {
			t.Errorf("%s: got %+v, want %s %v in %v s, early %v s", tt.name, o, tt.side, tt.limit, tt.medianS, tt.earlyS)
		}
	}
	if _, ok := NewForecaster(goldenBoxes[0], DefaultDoubt()).Outlook(2, 10, nil); ok {
		t.Error("an outlook before the first reading")
	}
}

// near compares a time with seconds that were reckoned another way.
func near(d time.Duration, s float64) bool {
	if math.IsInf(s, 1) {
		return d == NoLimit
	}
	return math.Abs(d.Seconds()-s) <= 1e-6*(1+s)
}

func TestTheHorizonBoundsOutlooks(t *testing.T) {
	for s, want := range map[float64]time.Duration{
		Horizon.Seconds():     NoLimit,
		Horizon.Seconds() - 1: Horizon - time.Second,
		math.Inf(1):           NoLimit,
		math.NaN():            NoLimit,
		1.5:                   1500 * time.Millisecond,
	} {
		if got := inHorizon(s); got != want {
			t.Errorf("%v s: got %v, want %v", s, got, want)
		}
	}
}

// The spread holds for four folded readings, while the limit is the same.
func TestHowLongASpreadHolds(t *testing.T) {
	ratio := func(f *Forecaster, low, high float64) float64 {
		o, _ := f.Outlook(low, high, nil)
		return o.Early.Seconds() / o.Median.Seconds()
	}
	f := thinking(-5, 20)
	f.cov[leak][leak], f.folds = square(0.1), 7
	first := ratio(f, -20, 0) // a limit of 0 is one as well
	if want := math.Exp(-earlySigmas * 0.1); math.Abs(first-want) > 1e-6 {
		t.Fatalf("early at %v of the median, want %v", first, want)
	}
	f.cov[leak][leak] = square(0.3)
	for range renewSpread {
		if got := ratio(f, -20, 0); math.Abs(got-first) > 1e-9 {
			t.Errorf("after %d readings %v, was %v", f.folds-7, got, first)
		}
		f.folds++
	}
	wide := math.Exp(-earlySigmas * 0.3)
	if got := ratio(f, -20, 0); math.Abs(got-wide) > 1e-6 {
		t.Errorf("after %d readings %v, want %v", f.folds-7, got, wide)
	}
	f.cov[leak][leak] = square(0.1)
	if got := ratio(f, -20, 1); math.Abs(got-first) > 1e-6 {
		t.Errorf("to another limit %v, want %v", got, first)
	}
	f.cov[leak][leak] = square(0.3)
	f.spread.stale()
	if got := ratio(f, -20, 1); math.Abs(got-wide) > 1e-6 {
		t.Errorf("after it was stale %v, want %v", got, wide)
	}
}

// What widens the spread, by the closed form of one node.
func TestWhatASpreadIsOf(t *testing.T) {
	f := thinking(5, 20)
	f.cov[payload][payload], f.cov[leak][leak], f.doubt.AirC = square(0.5), square(0.2), 2
	s := newton(5, 10, 20)
	want := math.Sqrt(square(math.Log(newton(5.5, 10, 20)/s)) + square(0.2) + square(math.Log(newton(5, 10, 22)/s)))
	if got := f.logSpread(10, []Stretch{{C: 20}}, s); math.Abs(got-want) > 1e-6 {
		t.Errorf("got %v, want %v", got, want)
	}
	// A warmer payload of cold air never comes to the lower limit: then the colder one counts.
	f = thinking(1, -1)
	f.cov[payload][payload] = square(3)
	s = newton(1, 0, -1)
	if got, want := f.logSpread(0, []Stretch{{C: -1}}, s), math.Abs(math.Log(newton(4, 0, -1)/s)); math.Abs(got-want) > 1e-6 {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, none := range []float64{0, -1, math.Inf(1)} {
		if got := f.logSpread(0, []Stretch{{C: -1}}, none); got != 0 {
			t.Errorf("of %v s: %v", none, got)
		}
	}
	for x, want := range map[float64]float64{0: 0, -1: 0, math.Inf(1): 0, math.E: 1, 1 / math.E: 1} {
		if got := squareLog(x); math.Abs(got-want) > 1e-12 {
			t.Errorf("of %v: %v, want %v", x, got, want)
		}
	}
	if squareLog(math.NaN()) != 0 {
		t.Error("of no number")
	}
}

// The readings' slope overrules the model when it is steep, and either the model was wrong
// of late or the slope is at the limit in half the time.
func TestWhenASlopeOverrulesTheModel(t *testing.T) {
	const cPerMin = 0.2
	minutes := func(m float64) float64 { return m * 60 }
	tests := []struct {
		name     string
		airC     float64
		perMin   float64
		change   func(*Forecaster)
		low      float64
		runaway  bool
		side     Side
		straight float64 // s
	}{
		{"steep, and much sooner than the model", 11, cPerMin, nil, 2, true, High, minutes(25)},
		{"not steep", 11, 0.14, nil, 2, false, High, 0},
		{"as steep as it must be", 11, 0.15001, nil, 2, true, High, minutes(5 / 0.15001)},
		{"steep, and hardly sooner than the model", 40, cPerMin, nil, 2, false, High, 0},
		{"hardly sooner, and readings do not fit", 40, cPerMin, func(f *Forecaster) { f.doubted = f.at }, 2, true, High, minutes(25)},
		{"hardly sooner, and the model was wrong just now", 40, cPerMin, func(f *Forecaster) { f.resumed = f.at - distrustUS + 1 }, 2, true, High, minutes(25)},
		{"hardly sooner, and the model was wrong a while ago", 40, cPerMin, func(f *Forecaster) { f.resumed = f.at - distrustUS }, 2, false, High, 0},
		{"falls steeply to the lower limit", 11, -cPerMin, nil, 2, true, Low, minutes(15)},
		{"falls while the model warms fast, and readings do not fit", 60, -cPerMin, func(f *Forecaster) { f.doubted = f.at }, 2, false, High, 0},
		{"falls without a lower limit", 11, -cPerMin, nil, math.Inf(-1), false, High, 0},
		{"the lid is open", 11, cPerMin, func(f *Forecaster) { f.pending.lid = true }, 2, false, High, 0},
		{"the lid was open", 11, cPerMin, func(f *Forecaster) { f.lid = true }, 2, false, High, 0},
		{"too few readings", 11, cPerMin, func(f *Forecaster) { f.trend.n = trendLeast - 1 }, 2, false, High, 0},
	}
	for _, tt := range tests {
		f := thinking(5, tt.airC)
		for i := range 10 {
			back := float64(9-i) / 4
			f.trend.add(f.at-int64(back*60e6), 5-back*tt.perMin)
		}
		if tt.change != nil {
			tt.change(f)
		}
		o, ok := f.Outlook(tt.low, 10, nil)
		if !ok || o.Basis.Runaway != tt.runaway || o.Side != tt.side {
			t.Errorf("%s: got %+v, %v", tt.name, o, ok)
			continue
		}
		if tt.runaway && (!near(o.Median, tt.straight) || !near(o.Early, trendCaution*tt.straight)) {
			t.Errorf("%s: %v, early %v; want %v s", tt.name, o.Median, o.Early, tt.straight)
		}
	}
	// Beyond the limit already by its newest reading, it is there now.
	f := thinking(9.9, 11)
	for i := range 10 {
		f.trend.add(f.at-int64(9-i)*15e6, 8+float64(i)*0.3)
	}
	if o, _ := f.Outlook(2, 10, nil); !o.Basis.Runaway || o.Median != 0 || o.Early != 0 {
		t.Errorf("beyond the limit: %+v", o)
	}
}

// A plateau is a coolant that melts, far from the air, whose temperature stays.
func TestWhatAPlateauIs(t *testing.T) {
	box := Box{Model: PCM2, OuterWPerK: 0.8, MeltC: 3, LatentJ: 50_000, SolidJPerK: 2500, LiquidJPerK: 5000, PayloadJPerK: 4000, InnerWPerK: 3}
	for _, tt := range []struct {
		name               string
		melted, airC, rate float64 // °C a minute
		want               bool
	}{
		{"melts by half", 0.5, 20, 0, true},
		{"not yet", 0, 20, 0, false},
		{"no more", 1, 20, 0, false},
		{"in air about as cold", 0.5, 3 + plateauAwayC, 0, false},
		{"in air that is just far enough", 0.5, 3.01 + plateauAwayC, 0, true},
		{"in air as far below zero", 0.5, -3, 0, true},
		{"in frost", 0.5, -9, 0, true},
		{"while it warms", 0.5, 20, 0.02, false},
		{"while it cools", 0.5, 20, -0.02, false},
		{"while it hardly warms", 0.5, 20, 0.009, true},
	} {
		f := NewForecaster(box, DefaultDoubt())
		f.at, f.airC = t0.UnixMicro(), tt.airC
		f.mean[payload], f.mean[inner] = 4, tt.melted*box.LatentJ
		for i := range 10 {
			back := float64(9-i) / 4
			f.trend.add(f.at-int64(back*60e6), 4-back*tt.rate)
		}
		if b := f.basis(); b.Plateau != tt.want || b.Melted != tt.melted {
			t.Errorf("%s: got %+v", tt.name, b)
		}
	}
}

// A trend is of at least eight readings within five minutes.
func TestATrendIsOfTheNewestReadings(t *testing.T) {
	var tr trend
	at := t0.UnixMicro()
	add := func(s, c float64) { tr.add(at+int64(s*1e6), c) }
	for i := range trendLeast - 1 {
		add(float64(i)*15, float64(i))
	}
	if got := tr.perMin(); !math.IsNaN(got) {
		t.Errorf("of %d readings: %v", tr.n, got)
	}
	add((trendLeast-1)*15, trendLeast-1)
	if got := tr.perMin(); math.Abs(got-4) > 1e-9 || tr.newest() != trendLeast-1 {
		t.Errorf("of %d readings: %v, newest %v", tr.n, got, tr.newest())
	}
	// After a silence only what lies within the window counts: the reading five minutes
	// before does, one before that does not.
	tr = trend{}
	add(-1, 1000)
	add(0, 0)
	for i := range trendLeast - 1 {
		add(300-float64(trendLeast-2-i), 5)
	}
	first := tr.perMin()
	if math.IsNaN(first) || math.Abs(first) > 2 {
		t.Errorf("over five minutes: %v", first)
	}
	add(300.5, 5)
	if got := tr.perMin(); math.Abs(got) > 1e-9 {
		t.Errorf("when the oldest is out of the window: %v", got)
	}
	for i := range 2 * trendMost {
		add(400+float64(i), float64(i))
	}
	if got := tr.perMin(); math.Abs(got-60) > 1e-6 || tr.n != trendMost || tr.newest() != 2*trendMost-1 {
		t.Errorf("of %d readings: %v, newest %v", tr.n, got, tr.newest())
	}
}

// What a reading changes at the edges of the forecaster's rules.
func TestReadingsAtTheEdgesOfAForecast(t *testing.T) {
	at := func(s float64) time.Time { return t0.Add(time.Duration(s * float64(time.Second))) }
	begun := func() *Forecaster {
		f := NewForecaster(goldenBoxes[0], DefaultDoubt())
		f.Observe(t0, 5, 20, false)
		return f
	}
	f := begun()
	f.Observe(t0, 9, 20, false)
	if f.trend.n != 1 || f.pending.n != 0 {
		t.Errorf("another reading of the same instant was used: %+v", f.pending)
	}
	f.Observe(at(foldEvery-1.001), 5, 20, false)
	if _, n := f.Folded(); n != 0 || f.pending.n != 1 {
		t.Errorf("folded after less than a minute: %d, %+v", n, f.pending)
	}
	f = begun()
	f.Observe(at(foldEvery-1), 5, 20, false)
	if when, n := f.Folded(); n != 1 || f.pending.n != 0 || !when.Equal(at(foldEvery-1)) {
		t.Errorf("after a minute: %d at %v, %+v", n, when, f.pending)
	}
	for _, tt := range []struct{ to, want float64 }{
		{20 + airJumpC, 20 + airJumpC/3}, {20 - airJumpC, 20 - airJumpC/3}, {20.01 + airJumpC, 20.01 + airJumpC}, {19.99 - airJumpC, 19.99 - airJumpC},
	} {
		f = begun()
		if f.follow(60, tt.to); math.Abs(f.airC-tt.want) > 1e-9 {
			t.Errorf("air of %v: goes on with %v, want %v", tt.to, f.airC, tt.want)
		}
	}
	f = begun()
	if f.follow(2*airSmoothS, 21); f.airC != 21 {
		t.Errorf("after a long while: %v", f.airC)
	}
}

// Readings that are believed against the model say where a coolant is that left its plateau.
func TestWhatIsThoughtOfACoolantThatLeftItsPlateau(t *testing.T) {
	box := Box{Model: PCM2, OuterWPerK: 0.8, MeltC: 3, LatentJ: 50_000, SolidJPerK: 2500, LiquidJPerK: 5000, PayloadJPerK: 4000, InnerWPerK: 3}
	for _, tt := range []struct {
		name             string
		tempC, airC      float64
		inner, innerWant float64
		sigma            float64
	}{
		{"all has melted", 9, 25, 30_000, 50_000 + 6*5000, 6*5000/2.0 + 0.15*5000},
		{"all is solid", -3, -10, 30_000, -6 * 2500, 0.15 * 2500},
		{"warm by what the sensor may err", 3.6, 25, 30_000, 30_000, -1},
		{"warm in colder air", 9, 5, 30_000, 30_000, -1},
		{"cold in warmer air", -3, 0, 30_000, 30_000, -1},
	} {
		f := NewForecaster(box, DefaultDoubt())
		f.at, f.airC, f.doubted = t0.UnixMicro(), tt.airC, 5
		f.mean[payload], f.mean[inner] = 3, tt.inner
		f.cov[inner][inner], f.cov[leak][leak], f.cov[inner][leak], f.cov[leak][inner] = square(1000), 0.01, 3, 3
		f.resume(tt.tempC)
		want := tt.sigma
		if want < 0 {
			want = 1000
		}
		between := f.cov[inner][leak] == 0 && f.cov[leak][inner] == 0
		if math.Abs(f.mean[inner]-tt.innerWant) > 1e-6 || math.Abs(math.Sqrt(f.cov[inner][inner])-want) > 1e-6 || between != (tt.sigma >= 0) {
			t.Errorf("%s: %v ± %v, want %v ± %v", tt.name, f.mean[inner], math.Sqrt(f.cov[inner][inner]), tt.innerWant, want)
		}
		if f.mean[payload] != tt.tempC || f.doubted != 0 || f.resumed != f.at || f.spread.known || math.Abs(f.cov[leak][leak]-0.01-square(resumeLeak)) > 1e-9 {
			t.Errorf("%s: %+v", tt.name, f)
		}
	}
}
