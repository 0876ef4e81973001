package coldchain

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var anyRule = rapid.Custom(func(t *rapid.T) Rule {
	return Rule{
		LowC: 2, HighC: 10, HysteresisC: rapid.SampledFrom([]float64{0, 0.5, 2}).Draw(t, "hysteresis"),
		OpenAfter:  time.Duration(rapid.IntRange(0, 120).Draw(t, "open")) * time.Second,
		CloseAfter: time.Duration(rapid.IntRange(0, 600).Draw(t, "close")) * time.Second,
		MaxGap:     time.Duration(rapid.IntRange(30, 300).Draw(t, "gap")) * time.Second,
	}
})

// anyReadings cross both limits often, with gaps and instants that coincide.
func anyReadings(t *rapid.T, most int) []point {
	var ps []point
	at := t0.UnixMicro()
	for i := range rapid.IntRange(1, most).Draw(t, "n") {
		at += rapid.SampledFrom([]int64{0, 1, 15, 60, 200, 400}).Draw(t, "dt") * 1e6
		c := float64(rapid.IntRange(-2, 14).Draw(t, "c"))
		if rapid.Bool().Draw(t, "fine") {
			c += 0.37
		}
		ps = append(ps, point{at, uint64(i), c, c - rapid.SampledFrom([]float64{0, 0, 0.5, 4}).Draw(t, "colder")})
	}
	return ps
}

func judgeAll(t require, r Rule, ps []point) *Trace {
	tr := NewTrace(r)
	for _, p := range ps {
		if err := tr.Add(time.UnixMicro(p.at), p.seq, p.warm, p.cold); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

type require interface{ Fatal(args ...any) }

func TestEveryOrderOfArrivalGivesTheSameReport(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := anyRule.Draw(t, "rule")
		ps := anyReadings(t, 300)
		want := judgeAll(t, rule, ps).Report()
		shuffled := append(append([]point{}, ps...), ps...) // all redelivered
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).Shuffle(
			len(shuffled),
			func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] },
		)
		judged := judgeAll(t, rule, shuffled)
		if got := judged.Report(); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		if judged.Breached() != (len(want.Events) > 0) || math.Abs((judged.Outside()-want.Out()).Seconds()) > 1e-6 || judged.Gaps() != want.Gap {
			t.Fatalf("breached %v, outside %v, gaps %v; but %+v", judged.Breached(), judged.Outside(), judged.Gaps(), want)
		}
	})
}

func TestRaisingAReadingNeverShrinksTheTimeAbove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := anyRule.Draw(t, "rule")
		ps := anyReadings(t, 40)
		before := judgeAll(t, rule, ps).Report()
		p := &ps[rapid.IntRange(0, len(ps)-1).Draw(t, "which")]
		p.warm += rapid.Float64Range(0, 5).Draw(t, "by")
		p.cold = min(p.warm, p.cold+rapid.Float64Range(0, 5).Draw(t, "colder by"))
		after := judgeAll(t, rule, ps).Report()
		if after.High < before.High-time.Microsecond || after.HighCS < before.HighCS-1e-9 || after.Low > before.Low+time.Microsecond {
			t.Fatalf("before %+v, after %+v", before, after)
		}
	})
}

// The time outside, by another way: many short steps along the lines.
func TestTimeOutsideIsThatOfTheLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := anyRule.Draw(t, "rule")
		ps := anyReadings(t, 30)
		got := judgeAll(t, rule, ps).Report()
		var high, low, gap float64
		for i := 1; i < len(ps); i++ {
			a, b := ps[i-1], ps[i]
			dt := float64(b.at-a.at) / 1e6
			if dt > rule.MaxGap.Seconds() {
				gap += dt
				continue
			}
			const steps = 2000
			for k := range steps {
				share := (float64(k) + 0.5) / steps
				if a.warm+(b.warm-a.warm)*share > rule.HighC {
					high += dt / steps
				}
				if a.cold+(b.cold-a.cold)*share < rule.LowC {
					low += dt / steps
				}
			}
		}
		if math.Abs(got.High.Seconds()-high) > 3 || math.Abs(got.Low.Seconds()-low) > 3 || math.Abs(got.Gap.Seconds()-gap) > 1e-3 {
			t.Fatalf("got %v %v %v, want %.1f %.1f %.1f", got.High, got.Low, got.Gap, high, low, gap)
		}
	})
}

func TestWhatCameBeforeStandsWhenTheRestIsCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := anyRule.Draw(t, "rule")
		rule.CloseAfter = 0 // merging looks ahead
		ps := anyReadings(t, 80)
		cut := rapid.IntRange(1, len(ps)).Draw(t, "cut")
		part, whole := judgeAll(t, rule, ps[:cut]).Report(), judgeAll(t, rule, ps).Report()
		for _, e := range part.Events {
			found := false
			for _, w := range whole.Events {
				found = found || w.Side == e.Side && w.Start.Equal(e.Start) && (e.Open || w == e)
			}
			if !found {
				t.Fatalf("%+v is gone from %+v", e, whole.Events)
			}
		}
		if whole.Out() < part.Out()-time.Microsecond || whole.Gap < part.Gap {
			t.Fatalf("%+v of the part, %+v of the whole", part, whole)
		}
	})
}

func TestALongTraceForgetsItsOldestReadingsButNotWhatTheySaid(t *testing.T) {
	rule := Rule{LowC: 2, HighC: 10, HysteresisC: 0.5, OpenAfter: time.Minute, CloseAfter: 2 * time.Minute, MaxGap: 5 * time.Minute}
	tr := NewTrace(rule)
	r := rand.New(rand.NewPCG(1, 1))
	at := t0
	const n = 3 * maxPoints / 2
	for i := range n {
		at = at.Add(15 * time.Second)
		c := 8 + 4*math.Sin(float64(i)/50) + r.Float64()
		if err := tr.Add(at, uint64(i), c, c); err != nil {
			t.Fatal(err)
		}
	}
	rep := tr.Report()
	if len(rep.Events) < n/320 || rep.Out() < n*15*time.Second/5 || !rep.First.Equal(t0.Add(15*time.Second)) || tr.Len() > maxPoints {
		t.Errorf("%d events, %v out, first %v, %d points", len(rep.Events), rep.Out(), rep.First, tr.Len())
	}
	if err := tr.Add(t0, 0, 20, 20); !errors.Is(err, ErrTooLate) {
		t.Errorf("a reading before all that is kept: %v", err)
	}
	if err := tr.Add(at.Add(-20*time.Second), 0, 20, 20); err != nil {
		t.Errorf("a late one: %v", err)
	}
	events := len(rep.Events)
	if got := len(tr.Report().Events); got < events || got > events+1 {
		t.Errorf("%d events after a late reading, %d before", got, events)
	}
}

func TestRulesThatMakeNoSenseAreRefused(t *testing.T) {
	good := Rule{LowC: 2, HighC: 10, HysteresisC: 0.5, MaxGap: time.Minute}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for _, bad := range []Rule{
		{LowC: 10, HighC: 2, MaxGap: time.Minute},
		{LowC: math.NaN(), HighC: 2, MaxGap: time.Minute},
		{LowC: 2, HighC: 10, HysteresisC: 5, MaxGap: time.Minute},
		{LowC: 2, HighC: 10, HysteresisC: -1, MaxGap: time.Minute},
		{LowC: 2, HighC: 10},
		{LowC: 2, HighC: 10, MaxGap: time.Minute, OpenAfter: -1},
	} {
		if bad.Check() == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

// What happens exactly at a limit of a rule, and just beyond it.
func TestTheEdgesOfARule(t *testing.T) {
	rule := Rule{LowC: 2, HighC: 10, HysteresisC: 0.5, MaxGap: 5 * time.Minute}
	type reading struct{ s, c float64 }
	const ms = 0.001
	for _, tt := range []struct {
		name        string
		open, close time.Duration
		readings    []reading
		events      int
		gap         time.Duration
	}{
		{"begins as warm as may be", 0, 0, []reading{{0, 10}, {60, 9}}, 0, 0},
		{"begins warmer", 0, 0, []reading{{0, 10.01}, {60, 9}}, 1, 0},
		{"begins as cold as may be", 0, 0, []reading{{0, 2}, {60, 3}}, 0, 0},
		{"begins colder", 0, 0, []reading{{0, 1.99}, {60, 3}}, 1, 0},
		{"as warm as may be on the way", 0, 0, []reading{{0, 9}, {60, 10}, {120, 9}}, 0, 0},
		{"warmer on the way", 0, 0, []reading{{0, 9}, {60, 10.01}, {120, 9}}, 1, 0},
		{"as cold as may be on the way", 0, 0, []reading{{0, 3}, {60, 2}, {120, 3}}, 0, 0},
		{"outside for as long as opens", time.Minute, 0, []reading{{0, 12}, {60, 12}}, 1, 0},
		{"outside for less long", time.Minute, 0, []reading{{0, 12}, {60 - ms, 12}}, 0, 0},
		{"inside again, but not by the hysteresis", 0, 0, []reading{{0, 12}, {60, 9.51}, {120, 12}, {180, 9}}, 1, 0},
		{"inside again by the hysteresis", 0, 0, []reading{{0, 12}, {60, 9.5}, {120, 12}, {180, 9}}, 2, 0},
		{"between for as long as closes", 0, 150 * time.Second, []reading{{0, 12}, {60, 9.5}, {200, 9.5}, {210 - 0, 10}, {211, 12}, {270, 9}}, 2, 0},
		{"between for less long", 0, 151 * time.Second, []reading{{0, 12}, {60, 9.5}, {200, 9.5}, {210 - 0, 10}, {211, 12}, {270, 9}}, 1, 0},
		{"apart for as long as is borne", 0, 0, []reading{{0, 5}, {300, 5}}, 0, 0},
		{"apart for longer", 0, 0, []reading{{0, 5}, {300 + ms, 5}}, 0, 300*time.Second + time.Millisecond},
		{"outside before a gap and after it", 0, 0, []reading{{0, 12}, {60, 12}, {400, 12}, {460, 12}}, 2, 340 * time.Second},
	} {
		r := rule
		r.OpenAfter, r.CloseAfter = tt.open, tt.close
		tr := NewTrace(r)
		for i, x := range tt.readings {
			if err := tr.Add(t0.Add(time.Duration(x.s*1e6)*time.Microsecond), uint64(i), x.c, x.c); err != nil {
				t.Fatal(err)
			}
		}
		rep := tr.Report()
		if len(rep.Events) != tt.events || rep.Gap != tt.gap || tr.Breached() != (tt.events > 0) {
			t.Errorf("%s: got %+v, breached %v", tt.name, rep, tr.Breached())
		}
	}
}

// The event that is open now is told as soon as it has lasted.
func TestTheEventThatIsOpenNow(t *testing.T) {
	rule := Rule{LowC: 2, HighC: 10, OpenAfter: time.Minute, MaxGap: 5 * time.Minute}
	tr := NewTrace(rule)
	for i, x := range []struct {
		s, c float64
		open bool
	}{{0, 12, false}, {59, 12, false}, {60, 13, true}, {120, 9, false}, {180, 1, false}, {240, 1, true}} {
		if err := tr.Add(t0.Add(time.Duration(x.s)*time.Second), uint64(i), x.c, x.c); err != nil {
			t.Fatal(err)
		}
		if e, ok := tr.Current(); ok != x.open || ok && (!e.Open || !e.End.Equal(t0.Add(time.Duration(x.s)*time.Second))) {
			t.Errorf("after %v s: %+v, %v", x.s, e, ok)
		}
	}
}

// lines are readings that rise and fall between 5 and 12 °C, and never lie outside of
// them: what lies on the line between two of them says nothing new.
func lines(n int) []point {
	ps := make([]point, n)
	for i := range ps {
		c := 5 + math.Abs(float64(i%28)-14)/2
		ps[i] = point{t0.Add(time.Duration(i) * 16 * time.Second).UnixMicro(), uint64(i), c, c}
	}
	return ps
}

// between is the reading halfway between a reading and the next.
func between(ps []point, i int) point {
	a, b := ps[i], ps[i+1]
	return point{(a.at + b.at) / 2, a.seq, (a.warm + b.warm) / 2, (a.cold + b.cold) / 2}
}

func TestLateReadingsThatSayNothingNewChangeNothing(t *testing.T) {
	rule := Rule{LowC: 2, HighC: 10, HysteresisC: 0.5, OpenAfter: time.Second, MaxGap: 5 * time.Minute}
	for _, n := range []int{4 * markEvery, maxPoints, maxPoints + 10} { // the last has lost its oldest half
		ps := lines(n + 3*markEvery)
		tr := judgeAll(t, rule, ps[:n])
		first := n - tr.Len()
		late := func(i int) {
			before, p := tr.Report(), between(ps, i)
			if err := tr.Add(time.UnixMicro(p.at), p.seq, p.warm, p.cold); err != nil {
				t.Fatal(err)
			}
			sameReport(t, before, tr.Report())
		}
		late(first) // folds all again
		for i, p := range ps[n:] {
			if err := tr.Add(time.UnixMicro(p.at), p.seq, p.warm, p.cold); err != nil {
				t.Fatal(err)
			}
			if i%50 == 49 {
				late(n + i - 20)
				late(n + i - 2*markEvery)
			}
		}
		sameReport(t, judgeAll(t, rule, ps).Report(), tr.Report())
	}
}

func sameReport(t *testing.T, want, got Report) {
	t.Helper()
	off := func(a, b time.Duration) bool { return (a - b).Abs() > time.Millisecond }
	same := len(want.Events) == len(got.Events) && !off(want.High, got.High) && !off(want.Low, got.Low) && math.Abs(want.HighCS-got.HighCS) < 1e-3
	for i := range want.Events {
		same = same && want.Events[i] == got.Events[i]
	}
	if !same {
		t.Fatalf("got %d events, %v high, %v °C s; want %d, %v, %v", len(got.Events), got.High, got.HighCS, len(want.Events), want.High, want.HighCS)
	}
}

// A trace holds so many readings; one more drops the older half of them.
func TestHowManyReadingsATraceHolds(t *testing.T) {
	rule := Rule{LowC: 2, HighC: 10, MaxGap: 5 * time.Minute}
	ps := lines(maxPoints + 1)
	tr := judgeAll(t, rule, ps[:maxPoints-1])
	add := func(p point) {
		if err := tr.Add(time.UnixMicro(p.at), p.seq, p.warm, p.cold); err != nil {
			t.Fatal(err)
		}
	}
	add(ps[maxPoints-2]) // again
	if tr.Len() != maxPoints-1 {
		t.Errorf("the same reading twice: %d", tr.Len())
	}
	add(between(ps, 7))
	if tr.Len() != maxPoints {
		t.Errorf("%d with a late one", tr.Len())
	}
	add(ps[maxPoints-1])
	if tr.Len() != maxPoints/2+1 {
		t.Errorf("%d with one more", tr.Len())
	}
	tr = judgeAll(t, rule, ps[:maxPoints])
	if tr.Len() != maxPoints {
		t.Errorf("%d of %d", tr.Len(), maxPoints)
	}
	add(between(ps, maxPoints-5))
	if tr.Len() != maxPoints/2+1 {
		t.Errorf("%d with a late one more", tr.Len())
	}
}
