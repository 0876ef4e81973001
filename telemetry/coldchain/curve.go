package coldchain

import "math"

// curve is base + slope t + c1 e^(l1 t) + c2 e^(l2 t): what a node of a box does
// under a constant ambient temperature. l1 and l2 are not positive; slope is 0 or c2
// is, so that it turns at most once.
type curve struct{ base, slope, c1, l1, c2, l2 float64 }

func (c *curve) at(t float64) float64 {
	e1, e2 := c.decay(t)
	return c.with(t, e1, e2)
}

// decay is what is left of both exponentials after t; curves of one box share it.
func (c *curve) decay(t float64) (e1, e2 float64) {
	if c.l1 != 0 {
		e1 = math.Exp(c.l1 * t)
	}
	if c.l2 != 0 {
		e2 = math.Exp(c.l2 * t)
	}
	return e1, e2
}

func (c *curve) with(t, e1, e2 float64) float64 { return c.base + c.slope*t + c.c1*e1 + c.c2*e2 }

// now is the value at 0.
func (c *curve) now() float64 { return c.base + c.c1 + c.c2 }

// turn is when the curve turns after 0; +Inf if it does not.
func (c *curve) turn() float64 {
	begins := c.slope + c.c1*c.l1 + c.c2*c.l2
	ends := c.slope
	if ends == 0 {
		ends = c.c1 * c.l1
	}
	if begins*ends >= 0 {
		return math.Inf(1)
	}
	t := math.Log(-c.slope/(c.c1*c.l1)) / c.l1
	if c.slope == 0 {
		t = math.Log(-c.c2*c.l2/(c.c1*c.l1)) / (c.l1 - c.l2)
	}
	if !(t > 0) {
		return math.Inf(1)
	}
	return t
}

// end is the limit for t to infinity.
func (c *curve) end() float64 {
	if c.slope != 0 {
		return math.Inf(1) * c.slope
	}
	return c.base
}

// first returns the first time from 0 on at which the curve has a value, and +Inf if
// it never does. A value that is only approached is never had.
func (c *curve) first(value float64) float64 {
	from, at := 0.0, c.now()-value
	if at == 0 {
		return 0
	}
	if t := c.turn(); !math.IsInf(t, 1) {
		turned := c.at(t) - value
		if at*turned <= 0 {
			return c.root(value, 0, at, t)
		}
		from, at = t, turned
	}
	if at*(c.end()-value) >= 0 {
		return math.Inf(1)
	}
	return c.root(value, from, at, c.beyond(value, from, at))
}

// after is first for a curve that begins at the value.
func (c *curve) after(value float64) float64 {
	t := c.turn()
	if math.IsInf(t, 1) {
		return t
	}
	at := c.at(t) - value
	if at*(c.end()-value) >= 0 {
		return math.Inf(1)
	}
	return c.root(value, t, at, c.beyond(value, t, at))
}

// beyond returns a time by which the curve has passed a value that lies between at,
// where it is at from, and its end.
func (c *curve) beyond(value, from, at float64) float64 {
	step := math.Inf(1)
	if c.slope != 0 {
		step = math.Abs(at/c.slope) + 1
	}
	if c.l1 < 0 {
		step = min(step, -1/c.l1)
	}
	to := from + step
	for at*(c.at(to)-value) > 0 && !math.IsInf(to, 1) {
		step *= 2
		to += step
	}
	return to
}

// rootSteps bounds the root search; Newton's steps take about six.
const rootSteps = 100

// root finds where the curve, on a stretch without a turn, has a value: by Newton's
// steps that are kept within the bracket. at is its value at from, less the value.
func (c *curve) root(value, from, at, to float64) float64 {
	t := from + (to-from)/2
	for range rootSteps {
		e1 := c.c1 * math.Exp(c.l1*t)
		f, df := c.base+c.slope*t+e1-value, c.slope+c.l1*e1
		if c.c2 != 0 {
			e2 := c.c2 * math.Exp(c.l2*t)
			f, df = f+e2, df+c.l2*e2
		}
		if f*at > 0 {
			from = t
		} else {
			to = t
		}
		next := t - f/df
		if !(next >= from && next <= to) {
			next = from + (to-from)/2
		}
		if math.Abs(next-t) <= 1e-9*(1+math.Abs(t)) || f == 0 {
			return next
		}
		t = next
	}
	return t
}

// nodes are an inner one, of heat capacity c1 (J/K) and joined by g (W/K) to the outer one,
// and the outer one, of capacity c2 and joined by h to the ambient.
type nodes struct{ c1, g, c2, h float64 }

// from returns how the nodes change from temperatures a and b, in °C.
func (n nodes) from(a, b, ambientC float64) (inner, outer curve) {
	c1, g, c2, h := n.c1, n.g, n.c2, n.h
	x, y := a-ambientC, b-ambientC
	half := -(g/c1 + (g+h)/c2) / 2
	split := math.Sqrt(max(0, half*half-g*h/(c1*c2)))
	slow, fast := half+split, half-split
	inner = curve{base: ambientC, l1: slow, l2: fast}
	outer = inner
	inner.c1 = (g/c1*(y-x) - fast*x) / (slow - fast)
	inner.c2 = x - inner.c1
	outer.c1 = ((g*x-(g+h)*y)/c2 - fast*y) / (slow - fast)
	outer.c2 = y - outer.c1
	return inner, outer
}
