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
		if got := judgeAll(t, rule, shuffled).Report(); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
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
