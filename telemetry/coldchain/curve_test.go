package coldchain

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// anyCurve is one that a box has: of two exponentials, or of one and a slope.
var anyCurve = rapid.Custom(func(t *rapid.T) curve {
	f := func(name string, lo, hi float64) float64 { return rapid.Float64Range(lo, hi).Draw(t, name) }
	c := curve{base: f("base", -20, 40), c1: f("c1", -30, 30), l1: -f("l1", 1e-4, 1e-2)}
	if rapid.Bool().Draw(t, "two nodes") {
		c.c2, c.l2 = f("c2", -30, 30), c.l1*f("faster", 1.5, 20)
	} else {
		c.slope = f("slope", -0.05, 0.05)
	}
	return c
})

// rate is the curve's derivative.
func (c *curve) rate(t float64) float64 {
	return c.slope + c.c1*c.l1*math.Exp(c.l1*t) + c.c2*c.l2*math.Exp(c.l2*t)
}

// Where a curve turns its derivative changes its sign, and nowhere else.
func TestACurveTurnsWhereItsRateChangesSign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCurve.Draw(t, "curve")
		turn := c.turn()
		for i := range 200 {
			at := 20 * math.Pow(1.04, float64(i)) // to about half an hour and beyond: 50,000 s
			if math.Abs(at-turn) < 1e-3*turn || math.Abs(c.rate(at)) < 1e-12 {
				continue
			}
			if begins := c.rate(0) > 0; math.Abs(c.rate(0)) > 1e-9 && (c.rate(at) > 0 == begins) != (at < turn) {
				t.Fatalf("%+v turns at %v, and at %v its rate is %v, at first %v", c, turn, at, c.rate(at), c.rate(0))
			}
		}
	})
}

// A curve that begins at a value and leaves it has it again once at most, after its turn.
func TestACurveComesBackToWhereItBegan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCurve.Draw(t, "curve")
		value := c.now()
		back := c.after(value)
		leaves := c.rate(0)
		if math.Abs(leaves) < 1e-6 {
			return
		}
		if !math.IsInf(back, 1) && (math.Abs(c.at(back)-value) > 1e-6 || back < c.turn()) {
			t.Fatalf("%+v is %v after %v, want %v", c, c.at(back), back, value)
		}
		for i := range 200 {
			at := min(back, 1e6) * (1 - 1e-3) * float64(i+1) / 200
			if off := (c.at(at) - value) * leaves; off < 0 && math.Abs(c.at(at)-value) > 1e-6 {
				t.Fatalf("%+v is past %v after %v already, not %v", c, value, at, back)
			}
		}
	})
}

func TestAValueThatIsOnlyApproachedIsNeverHad(t *testing.T) {
	inf := math.Inf(1)
	for _, tt := range []struct {
		name  string
		c     curve
		value float64
		want  float64
	}{
		{"towards its end", curve{base: 5, c1: 10, l1: -1e-3}, 5, inf},
		{"beyond its end", curve{base: 5, c1: 10, l1: -1e-3}, 4, inf},
		{"on the way", curve{base: 5, c1: 10, l1: -1e-3}, 10, 1e3 * math.Ln2},
		{"away from it", curve{base: 5, c1: 10, l1: -1e-3}, 16, inf},
		{"where it is", curve{base: 5, c1: 10, l1: -1e-3}, 15, 0},
		{"up, and back towards its end", curve{base: 5, c1: 10, l1: -1e-3, c2: -10, l2: -1e-2}, 5, 0},
		{"by a slope alone", curve{base: 5, slope: 0.01}, 6, 100},
		{"against a slope", curve{base: 5, slope: 0.01}, 4, inf},
		{"down a slope", curve{base: 5, slope: -0.01}, 4, 100},
	} {
		if got := tt.c.first(tt.value); !(got == tt.want || math.Abs(got-tt.want) < 1e-6*(1+tt.want)) {
			t.Errorf("%s: after %v, want %v", tt.name, got, tt.want)
		}
	}
	back := curve{base: 5, c1: 10, l1: -1e-3, c2: -10, l2: -1e-2}
	if got := back.after(5); !math.IsInf(got, 1) {
		t.Errorf("a curve that ends where it began has it again after %v", got)
	}
}
