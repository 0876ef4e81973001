package handover_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hemolift/dispatch/handover"
)

var t0 = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

// planned is a forecast of t0 by its plan, in which nothing is expected to come between.
func planned(such handover.Such, now time.Time) handover.Forecast {
	return handover.Forecast{MadeAt: now, Such: such, Planned: t0, Expected: t0}
}

// flown is a flight that was handed over late after its plan.
func flown(such handover.Such, late time.Duration) handover.Told {
	return handover.Told{Forecast: handover.Forecast{MadeAt: t0.Add(-5 * time.Minute), Such: such, Planned: t0, Expected: t0}, HandedOver: t0.Add(late)}
}

func several(n int, such handover.Such, late time.Duration) (list []handover.Told) {
	for range n {
		list = append(list, flown(such, late))
	}
	return list
}

// waiting were planned some time before they are looked at, and have not come.
func waiting(n int, such handover.Such, since time.Duration) []handover.Told {
	list := several(n, such, 0)
	for i := range list {
		list[i].HandedOver, list[i].Planned, list[i].Expected = time.Time{}, t0.Add(-5*time.Minute-since), t0.Add(-5*time.Minute-since)
	}
	return list
}

// sooner were foretold when much less time was left.
func sooner(n int, such handover.Such, late time.Duration) []handover.Told {
	list := several(n, such, late)
	for i := range list {
		list[i].MadeAt = t0.Add(-90 * time.Second)
	}
	return list
}

// Flights alike speak for themselves where they are enough, else those that waited alike,
// else all; and nine say nothing.
func TestWhichFlightsSpeak(t *testing.T) {
	ready, waits, other := handover.Such{Urgency: "stat"}, handover.Such{Urgency: "stat", Waits: true}, handover.Such{Urgency: "urgent"}
	for _, c := range []struct {
		name string
		past []handover.Told
		of   int
		late time.Duration // of P50
	}{
		{"nobody", nil, 0, 0},
		{"nine", several(9, ready, time.Minute), 0, 0},
		{"ten", several(10, ready, time.Minute), 10, time.Minute},
		{"enough alike", append(several(30, other, time.Hour), several(20, ready, time.Minute)...), 20, time.Minute},
		{"alike in waiting", append(several(20, other, time.Hour), several(19, ready, time.Minute)...), 39, time.Hour},
		{"all", append(several(30, waits, time.Hour), several(9, ready, time.Minute)...), 39, time.Hour},
		{"the newest", append(several(160, ready, time.Minute), several(200, ready, time.Hour)...), 40, time.Minute},
		{"as far ahead", append(several(50, ready, time.Minute), sooner(50, ready, time.Hour)...), 40, time.Minute},
		{"half of them wait still", append(waiting(10, ready, 5*time.Minute), several(11, ready, time.Minute)...), 21, time.Minute},
		{"most of them wait still", append(waiting(30, ready, 5*time.Minute), several(10, ready, time.Minute)...), 40, 5 * time.Minute},
		{"before now", several(10, ready, -time.Hour), 10, -5 * time.Minute},
		{"nine and some that wait", append(waiting(30, ready, 5*time.Minute), several(9, ready, time.Minute)...), 0, 0},
	} {
		f := handover.Reckon(c.past, planned(ready, t0.Add(-5*time.Minute)))
		if f.Measured != c.of {
			t.Errorf("%s: of %d flights, want %d", c.name, f.Measured, c.of)
		}
		if c.of == 0 {
			if !f.P50.IsZero() || !f.P90.IsZero() {
				t.Errorf("%s: foretold from nothing: %+v", c.name, f)
			}
			continue
		}
		if got := f.P50.Sub(t0); got != c.late {
			t.Errorf("%s: P50 is %v after the plan, want %v", c.name, got, c.late)
		}
	}
}

// What is expected to come between makes P90 later, by how it did so far, and not P50: it is one
// flight in ten that it makes late.
func TestWhatIsExpectedMakesTheLatestLater(t *testing.T) {
	now := t0.Add(-5 * time.Minute)
	past := several(20, handover.Such{}, time.Minute)
	for i := range past {
		past[i].Expected = past[i].Planned.Add(10 * time.Minute) // which were not needed
	}
	for _, c := range []struct{ expected, p90 time.Duration }{
		{10 * time.Minute, time.Minute},
		{40 * time.Minute, 31 * time.Minute},
		{0, time.Minute}, // never before P50
	} {
		f := planned(handover.Such{}, now)
		f.Expected = t0.Add(c.expected)
		f = handover.Reckon(past, f)
		if f.P50.Sub(t0) != time.Minute || f.P90.Sub(t0) != c.p90 {
			t.Errorf("expected %v after its plan: P50 %v, P90 %v after it", c.expected, f.P50.Sub(t0), f.P90.Sub(t0))
		}
	}
}

func TestForecastsAreInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var past []handover.Told
		for range rapid.IntRange(0, 150).Draw(t, "flights") {
			such := handover.Such{Urgency: rapid.SampledFrom([]string{"stat", "urgent"}).Draw(t, "urgency"), Waits: rapid.Bool().Draw(t, "waits")}
			past = append(past, flown(such, time.Duration(rapid.IntRange(-3600, 36000).Draw(t, "late"))*time.Second))
		}
		now := t0.Add(-time.Duration(rapid.IntRange(0, 3600).Draw(t, "ahead")) * time.Second)
		f := handover.Reckon(past, planned(handover.Such{Urgency: "stat"}, now))
		if f.Measured > 0 && (f.P50.Before(now) || f.P90.Before(f.P50)) {
			t.Fatalf("told at %v: P50 %v, P90 %v", now, f.P50, f.P90)
		}
	})
}

// told foretells n flights one after the other, each of which is then so many minutes late,
// and counts how well that held.
func told(n int, late func(i int) float64) (p50, p90 float64, measured int) {
	var past, all []handover.Told
	for i := range n {
		f := handover.Reckon(past, planned(handover.Such{}, t0.Add(-24*time.Hour)))
		one := handover.Told{Forecast: f, HandedOver: t0.Add(time.Duration(late(i) * float64(time.Minute)))}
		past, all = append([]handover.Told{one}, past[:min(len(past), handover.Window-1)]...), append(all, one)
	}
	h := handover.Hold(all)
	return float64(h.AfterP50) / float64(h.Told), float64(h.AfterP90) / float64(h.Told), h.Told
}

// Whatever the shape of the errors, and though a queue that grows makes every plan later than
// the one before, about half come after P50 and a tenth after P90.
func TestForecastsHold(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for name, late := range map[string]func(i int) float64{
		"normal":        func(int) float64 { return rng.NormFloat64() },
		"skewed":        func(int) float64 { return rng.ExpFloat64() },
		"two ways":      func(int) float64 { return rng.NormFloat64() + float64(20*rng.IntN(2)) },
		"a queue grows": func(i int) float64 { return float64(i)/50 + 3*rng.NormFloat64() },
	} {
		p50, p90, measured := told(3000, late)
		if measured != 2990 || p50 < 0.45 || p50 > 0.55 || p90 < 0.07 || p90 > 0.13 {
			t.Errorf("%s: of %d, %.3f came after P50 and %.3f after P90", name, measured, p50, p90)
		}
	}
}
