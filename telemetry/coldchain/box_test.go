package coldchain

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

var anyBox = rapid.Custom(func(t *rapid.T) Box {
	pos := func(name string, lo, hi float64) float64 { return rapid.Float64Range(lo, hi).Draw(t, name) }
	return Box{
		Model: rapid.SampledFrom([]BoxModel{Newton1, Nodes2, PCM1, PCM2}).Draw(
			t,
			"model",
		),
		OuterWPerK:   pos("outer", 0.05, 3),
		PayloadJPerK: pos("payload", 500, 12000),
		InnerWPerK: pos(
			"inner",
			0.5,
			8,
		),
		WallJPerK:   pos("wall", 300, 3000),
		MeltC:       pos("melt", -5, 22),
		LatentJ:     pos("latent", 5e3, 3e5),
		SolidJPerK:  pos("solid", 1000, 8000),
		LiquidJPerK: pos("liquid", 1000, 8000),
	}
})

func anyHeat(t *rapid.T, b Box) Heat {
	h := Heat{PayloadC: rapid.Float64Range(-10, 30).Draw(t, "payload"), Inner: rapid.Float64Range(-10, 30).Draw(t, "wall")}
	if b.Melts() {
		h.Inner = b.LatentJ * rapid.OneOf(rapid.Float64Range(-0.3, 1.3), rapid.SampledFrom([]float64{0, 1})).Draw(t, "heat")
		if b.Model == PCM1 {
			h.PayloadC = b.CoolantC(h)
		}
	}
	return h
}

// anyWarming draws a box in some air, with a limit that its payload does not have yet.
func anyWarming(t *rapid.T) (b Box, h Heat, ambientC, limitC float64) {
	b = anyBox.Draw(t, "box")
	h = anyHeat(t, b)
	off := rapid.Float64Range(1e-3, 20).Draw(t, "off")
	if rapid.Bool().Draw(t, "below") {
		off = -off
	}
	return b, h, rapid.Float64Range(-25, 45).Draw(t, "ambient"), h.PayloadC + off
}

// euler is the box by small explicit steps.
func euler(b Box, h Heat, seconds, ambientC, step float64) Heat {
	for ; seconds > 0; seconds -= step {
		dt := min(step, seconds)
		switch b.Model {
		case Newton1:
			h.PayloadC += dt * b.OuterWPerK / b.PayloadJPerK * (ambientC - h.PayloadC)
		case Nodes2:
			in := b.InnerWPerK * (h.Inner - h.PayloadC)
			h.PayloadC += dt * in / b.PayloadJPerK
			h.Inner += dt * (b.OuterWPerK*(ambientC-h.Inner) - in) / b.WallJPerK
		case PCM1:
			h.Inner += dt * b.OuterWPerK * (ambientC - b.CoolantC(h))
			h.PayloadC = b.CoolantC(h)
		case PCM2:
			in := b.InnerWPerK * (b.CoolantC(h) - h.PayloadC)
			h.PayloadC += dt * in / b.PayloadJPerK
			h.Inner += dt * (b.OuterWPerK*(ambientC-b.CoolantC(h)) - in)
		}
	}
	return h
}

func TestABoxStepsAsItsEquationsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyBox.Draw(t, "box")
		h := anyHeat(t, b)
		ambient := rapid.Float64Range(-25, 45).Draw(t, "ambient")
		seconds := rapid.Float64Range(1, 7200).Draw(t, "seconds")
		got, want := b.Step(h, seconds, ambient), euler(b, h, seconds, ambient, 0.1)
		if math.Abs(got.PayloadC-want.PayloadC) > 0.05 {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		part := seconds * rapid.Float64Range(0, 1).Draw(t, "part")
		two := b.Step(b.Step(h, part, ambient), seconds-part, ambient)
		if math.Abs(two.PayloadC-got.PayloadC) > 1e-6 {
			t.Fatalf("in two steps %+v, in one %+v", two, got)
		}
	})
}

func TestTheTimeToALimitIsTheFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, h, ambient, limit := anyWarming(t)
		s := b.TimeTo(h, limit, ambient)
		if !math.IsInf(s, 1) && math.Abs(b.Step(h, s, ambient).PayloadC-limit) > 1e-4 {
			t.Fatalf("%.4f °C after %v s, want %v", b.Step(h, s, ambient).PayloadC, s, limit)
		}
		side := math.Signbit(h.PayloadC - limit)
		for i := range 400 { // and not before
			at := float64(i) / 400 * min(s, 2e5) * (1 - 1e-6)
			if c := b.Step(h, at, ambient).PayloadC; math.Signbit(c-limit) != side && math.Abs(c-limit) > 1e-4 {
				t.Fatalf("%.4f °C after %v s already, not %v", c, at, s)
			}
		}
	})
}

func TestEstimatesRefuseWhatTellsNothing(t *testing.T) {
	flat := []float64{5, 5, 5, 5}
	for _, c := range []struct {
		dt           float64
		temps, about []float64
	}{{60, flat, flat}, {0, flat, []float64{30, 30, 30}}, {60, flat[:1], flat}, {60, flat, flat[:1]}, {60, []float64{5, 4, 3}, []float64{30, 30}}, {60, []float64{5, 30}, []float64{30}}, {60, []float64{5, 5}, []float64{30}}} {
		if _, tau, err := LeastSquares(c.dt, c.temps, c.about); err == nil {
			t.Errorf("%+v: got %v", c, tau)
		}
	}
	for share, known := range map[float64]bool{-0.1: false, 0: false, 1: false, 1.1: false, math.NaN(): false, 0.5: true} {
		if tau, ok := (&RLS{K: share}).TauS(60); ok != known {
			t.Errorf("a share of %v a minute: %v, %v", share, tau, ok)
		}
	}
	k := Kalman{X: 5, P: 1, R: 1, Gate: 9}
	if _, used := k.Update(math.NaN()); used || k.X != 5 {
		t.Errorf("no number was used: %+v", k)
	}
}

// Air that is the same in two stretches is the same air.
func TestStretchesOfOneAirAreOneStretch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, h, air, limit := anyWarming(t)
		first := rapid.Float64Range(-100, 20_000).Draw(t, "first")
		whole, parts := b.TimeToIn(h, limit, []Stretch{{C: air}}), b.TimeToIn(h, limit, []Stretch{{S: first, C: air}, {C: air}})
		// Where it only just touches the limit, rounding may say yes once and no once.
		touches := math.Abs(b.Step(h, min(whole, parts, 1e9), air).PayloadC-limit) < 1e-4
		if whole != parts && !(math.Abs(whole-parts) <= 1e-3*(1+whole)) && !touches {
			t.Fatalf("%v in one stretch, %v in two", whole, parts)
		}
	})
}

// Through any weather, the time to a limit is when a walk in short steps first has it.
func TestTheTimeToALimitThroughChangingAir(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, h, _, limit := anyWarming(t)
		var air []Stretch
		for range rapid.IntRange(1, 4).Draw(t, "stretches") {
			air = append(air, Stretch{S: rapid.Float64Range(-10, 7200).Draw(t, "s"), C: rapid.Float64Range(-25, 45).Draw(t, "c")})
		}
		const horizon, step = 20_000.0, 20.0
		got := b.TimeToIn(h, limit, air)
		side := math.Signbit(h.PayloadC - limit)
		walked := math.Inf(1)
		near := math.Abs(h.PayloadC - limit) // how near it came before
		for at, i, left := 0.0, 0, air[0].S; at < horizon; {
			for i < len(air)-1 && left <= 0 {
				i++
				left = air[i].S
			}
			dt := step
			if i < len(air)-1 {
				dt = min(step, left)
			}
			h = b.Step(h, dt, air[i].C)
			at, left = at+dt, left-dt
			if math.Signbit(h.PayloadC-limit) != side {
				walked = at
				break
			}
			near = min(near, math.Abs(h.PayloadC-limit))
		}
		switch {
		case math.IsInf(walked, 1) && got < horizon && near > 0.02: // one that only touches it between two steps is right, too
			t.Fatalf("got %v s, but the walk came no nearer than %v K", got, near)
		case !math.IsInf(walked, 1) && got > walked+1e-3:
			t.Fatalf("got %v s, the walk had it after %v", got, walked)
		case !math.IsInf(walked, 1) && got < walked-step-1e-3 && near > 0.02:
			t.Fatalf("got %v s, the walk had it after %v and was no nearer than %v K before", got, walked, near)
		}
	})
}

func TestNoAirIsNoTime(t *testing.T) {
	b := Box{Model: Newton1, OuterWPerK: 1, PayloadJPerK: 1000}
	if got := b.TimeToIn(Heat{PayloadC: 5}, 10, nil); !math.IsInf(got, 1) {
		t.Errorf("got %v", got)
	}
}

func TestHowABoxIsPacked(t *testing.T) {
	coolant := Box{OuterWPerK: 1, PayloadJPerK: 1000, InnerWPerK: 2, MeltC: 4, LatentJ: 100_000, SolidJPerK: 2000, LiquidJPerK: 4000}
	of := func(m BoxModel) Box { b := coolant; b.Model = m; return b }
	tests := []struct {
		box     Box
		melted  float64
		want    Heat
		melting float64
	}{
		{Box{Model: Newton1}, 0.5, Heat{6, 6}, 0},
		{Box{Model: Nodes2}, 0.5, Heat{6, 6}, 0},
		{of(PCM1), 0.25, Heat{4, 25_000}, 0.25},
		{of(PCM1), 1.5, Heat{4 + 50_000/4000.0, 150_000}, 1},
		{of(PCM1), -0.5, Heat{4 - 50_000/2000.0, -50_000}, 0},
		{of(PCM2), 0.25, Heat{6, 25_000}, 0.25},
	}
	for _, tt := range tests {
		got := tt.box.Start(6, tt.melted)
		if got != tt.want || tt.box.Melts() && tt.box.Melted(got) != tt.melting {
			t.Errorf("%s with %v: got %+v, want %+v", tt.box.Model, tt.melted, got, tt.want)
		}
	}
}

func TestABoxThatCannotBe(t *testing.T) {
	fields := map[BoxModel][]func(*Box) *float64{
		Newton1: {theOuter, thePayload},
		Nodes2:  {theOuter, thePayload, theInner, func(b *Box) *float64 { return &b.WallJPerK }},
		PCM1:    {theOuter, theLatent, theSolidC, theLiquidC},
		PCM2:    {theOuter, theLatent, theSolidC, theLiquidC, thePayload, theInner},
	}
	for model, all := range fields {
		good := Box{Model: model}
		for _, f := range all {
			*f(&good) = 1
		}
		if err := good.Check(); err != nil {
			t.Errorf("%s with what it needs: %v", model, err)
		}
		for i, f := range all {
			for _, bad := range []float64{0, -1, math.Inf(1), math.NaN()} {
				b := good
				*f(&b) = bad
				if b.Check() == nil {
					t.Errorf("%s with parameter %d of %v", model, i, bad)
				}
			}
		}
	}
	if (Box{Model: "igloo"}).Check() == nil {
		t.Error("an unknown model")
	}
}

func theOuter(b *Box) *float64   { return &b.OuterWPerK }
func thePayload(b *Box) *float64 { return &b.PayloadJPerK }
func theInner(b *Box) *float64   { return &b.InnerWPerK }
func theLatent(b *Box) *float64  { return &b.LatentJ }
func theSolidC(b *Box) *float64  { return &b.SolidJPerK }
func theLiquidC(b *Box) *float64 { return &b.LiquidJPerK }

// alike holds a box's steps against small ones of its equations, all along.
func alike(t *testing.T, name string, b Box, h Heat, ambientC, upto float64) {
	t.Helper()
	want, step := h, upto/60
	for i := range 60 {
		at := step * float64(i+1)
		want = euler(b, want, step, ambientC, 0.02)
		got := b.Step(h, at, ambientC)
		if math.Abs(got.PayloadC-want.PayloadC) > 0.01 || math.Abs(b.CoolantC(got)-b.CoolantC(want)) > 0.01 {
			t.Errorf("%s: after %.0f s %+v, by its equations %+v", name, at, got, want)
			return
		}
	}
}

// A coolant may begin to change and turn back, because the payload and the air pull
// different ways.
func TestACoolantThatTurnsBack(t *testing.T) {
	b := Box{Model: PCM2, OuterWPerK: 0.5, PayloadJPerK: 4000, InnerWPerK: 6, MeltC: 4, LatentJ: 20_000, SolidJPerK: 1500, LiquidJPerK: 2500}
	alike(t, "all melted, warmed by the payload, cooled by the air", b, Heat{30, b.LatentJ}, -20, 7200)
	alike(t, "all solid, cooled by the payload, warmed by the air", b, Heat{-30, 0}, 30, 7200)
	alike(t, "melts wholly by the payload, freezes by the air", b, Heat{12, 0.2 * b.LatentJ}, -20, 7200)
	alike(t, "freezes wholly by the payload, melts by the air", b, Heat{-10, 0.8 * b.LatentJ}, 30, 7200)
	alike(t, "melts nearly, freezes again", b, Heat{8, 0.2 * b.LatentJ}, -20, 7200)
	alike(t, "freezes nearly, melts again", b, Heat{-4, 0.8 * b.LatentJ}, 30, 7200)
	alike(t, "liquid, cooled below the melting point by the payload, warmed by the air", b, Heat{-25, b.LatentJ + 2000}, 30, 7200)
	alike(t, "solid, warmed above the melting point by the payload, cooled by the air", b, Heat{30, -2000}, -20, 7200)
	alike(t, "melts, long", b, Heat{4, 0}, 25, 14_400)
	b.MeltC = -4
	alike(t, "of a melting point below zero", b, Heat{30, b.LatentJ}, -20, 7200)
}

// The melting point of one sign is no melting point of the other.
func TestACoolantAsFarBelowZeroAsItMeltsAbove(t *testing.T) {
	for _, melt := range []float64{4, -4} {
		b := Box{Model: PCM1, OuterWPerK: 1, MeltC: melt, LatentJ: 50_000, SolidJPerK: 2000, LiquidJPerK: 4000}
		h := Heat{PayloadC: -melt, Inner: b.heatAt(-melt, melt < 0)}
		if got := b.Step(h, 60, -melt); math.Abs(got.PayloadC-(-melt)) > 1e-9 {
			t.Errorf("melting at %v: %+v in air of its own temperature", melt, got)
		}
	}
}

// A stretch of air ends where it ends, however many phases lie in it.
func TestALimitAfterAStretchIsNotHadInIt(t *testing.T) {
	b := Box{Model: PCM1, OuterWPerK: 1, MeltC: 4, LatentJ: 6000, SolidJPerK: 1000, LiquidJPerK: 1000}
	h := b.Start(4, 0)
	melts := 6000.0 / 26              // s, in air of 30 °C
	warms := 1000 * math.Log(26.0/24) // s from 4 to 6 °C
	for _, tt := range []struct {
		name string
		air  []Stretch
		want float64
	}{
		{"it is warm long enough", []Stretch{{S: melts + warms + 1, C: 30}, {C: -20}}, melts + warms},
		{"it is cold just before", []Stretch{{S: melts + warms - 1, C: 30}, {C: -20}}, math.Inf(1)},
		{"it goes on", []Stretch{{S: melts + warms - 1, C: 30}, {C: 30}}, melts + warms},
		{"it is cold while it melts", []Stretch{{S: melts / 2, C: 30}, {S: 3600, C: -20}, {C: -20}}, math.Inf(1)},
	} {
		if got := b.TimeToIn(h, 6, tt.air); !(got == tt.want || math.Abs(got-tt.want) < 1e-6*(1+tt.want)) {
			t.Errorf("%s: after %v s, want %v", tt.name, got, tt.want)
		}
	}
	if got := b.TimeToIn(Heat{4, 6000}, 4, []Stretch{{S: 600, C: 20}, {C: 20}}); got != 0 {
		t.Errorf("a limit that it has: after %v s", got)
	}
	one := Box{Model: Newton1, OuterWPerK: 1, PayloadJPerK: 1000}
	for _, tt := range []struct{ from, limit, air float64 }{{-10, -5, 30}, {-1, -5, -30}, {1, 5, 30}, {10, 5, -30}, {-2, 3, 30}, {2, -3, -30}} {
		want := 1000 * math.Log((tt.air-tt.from)/(tt.air-tt.limit))
		air := []Stretch{{S: 2 * want, C: tt.air}, {C: tt.from}} // in which it is beyond the limit, before it turns back
		if got := one.TimeToIn(Heat{PayloadC: tt.from}, tt.limit, air); math.Abs(got-want) > 1e-6 {
			t.Errorf("%+v: after %v s, want %v", tt, got, want)
		}
	}
	if got := one.TimeToIn(Heat{PayloadC: 5}, 5, []Stretch{{S: 600, C: 20}, {C: 20}}); got != 0 {
		t.Errorf("a limit that it has: after %v s", got)
	}
}
