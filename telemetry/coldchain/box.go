package coldchain

import (
	"fmt"
	"math"
)

// BoxModel says which nodes a box is reckoned with.
type BoxModel string

const (
	Newton1 BoxModel = "newton1"  // one node
	Nodes2  BoxModel = "two_node" // the payload within the box's air and wall
	PCM1    BoxModel = "pcm1"     // a coolant that melts, and the payload with it
	PCM2    BoxModel = "pcm2"     // a payload within a coolant that melts
)

// Box is the thermal design of a closed box. Only the parameters of its model count.
type Box struct {
	Model        BoxModel
	OuterWPerK   float64 // from the outermost node to the ambient air
	PayloadJPerK float64 // heat capacity of the payload; with newton1 of all
	InnerWPerK   float64 // from the payload to the wall or coolant
	WallJPerK    float64 // two_node
	MeltC        float64 // where the coolant melts
	LatentJ      float64 // that melting takes
	SolidJPerK   float64 // of the coolant
	LiquidJPerK  float64
}

// Heat is the thermal state of a box: the payload's temperature and, with two_node,
// the wall's temperature in °C, with a coolant its heat in J: 0 is all solid at the
// melting point, LatentJ all melted. With pcm1 the payload has the coolant's
// temperature, which PayloadC repeats.
type Heat struct{ PayloadC, Inner float64 }

// Check refuses a design that cannot be.
func (b Box) Check() error {
	type parameter struct {
		name string
		is   float64
	}
	outer, payload := parameter{"conductance of the wall", b.OuterWPerK}, parameter{"heat capacity of the payload", b.PayloadJPerK}
	inner, wall := parameter{"conductance within", b.InnerWPerK}, parameter{"heat capacity of the wall", b.WallJPerK}
	latent := parameter{"latent heat of the coolant", b.LatentJ}
	solid := parameter{"heat capacity of the solid coolant", b.SolidJPerK}
	liquid := parameter{"heat capacity of the liquid coolant", b.LiquidJPerK}
	need := map[BoxModel][]parameter{
		Newton1: {outer, payload},
		Nodes2:  {outer, payload, inner, wall},
		PCM1:    {outer, latent, solid, liquid},
		PCM2:    {outer, latent, solid, liquid, payload, inner},
	}
	params, ok := need[b.Model]
	if !ok {
		return fmt.Errorf("box model %q is unknown", b.Model)
	}
	for _, p := range params {
		if !(p.is > 0) || math.IsInf(p.is, 1) {
			return fmt.Errorf("box model %s: the %s is %v, must be positive", b.Model, p.name, p.is)
		}
	}
	return nil
}

// Melts reports whether the box has a coolant that melts.
func (b *Box) Melts() bool { return b.Model == PCM1 || b.Model == PCM2 }

// Start is the state in which a box is packed: the payload at payloadC, the wall
// with it, and the coolant melted by a share of 0 to 1.
func (b *Box) Start(payloadC, melted float64) Heat {
	switch {
	case b.Model == PCM1:
		return Heat{b.coolantC(melted * b.LatentJ), melted * b.LatentJ}
	case b.Melts():
		return Heat{payloadC, melted * b.LatentJ}
	}
	return Heat{payloadC, payloadC}
}

// Step advances a state by seconds under a constant ambient temperature, exactly.
func (b *Box) Step(h Heat, seconds, ambientC float64) Heat {
	for range maxPhases {
		if seconds <= 0 {
			break
		}
		ph := b.phase(h, ambientC)
		if later, lasts := ph.after(b, seconds); lasts {
			return later
		}
		ends, heat := ph.end(b)
		h = ph.leave(b, ends, heat)
		seconds -= ends
	}
	return h
}

// TimeTo returns the seconds until the payload first has the temperature limitC, from
// below or above, under a constant ambient temperature; +Inf if it never has.
func (b *Box) TimeTo(h Heat, limitC, ambientC float64) float64 {
	t, _ := b.timeTo(h, limitC, ambientC, math.Inf(1))
	return t
}

// TimeToIn is TimeTo in an ambient temperature that changes.
func (b *Box) TimeToIn(h Heat, limitC float64, air []Stretch) float64 {
	gone := 0.0
	for i, a := range air {
		if a.S <= 0 && i < len(air)-1 {
			continue
		}
		if i == len(air)-1 {
			return gone + b.TimeTo(h, limitC, a.C)
		}
		t, later := b.timeTo(h, limitC, a.C, a.S)
		if t <= a.S {
			return gone + t
		}
		h = later
		gone += a.S
	}
	return math.Inf(1)
}

// timeTo looks no further than some seconds, and returns the state then if the payload
// has not had the temperature.
func (b *Box) timeTo(h Heat, limitC, ambientC, within float64) (seconds float64, later Heat) {
	gone, below := 0.0, h.PayloadC < limitC
	for range maxPhases {
		ph := b.phase(h, ambientC)
		if gone > 0 && ph.payload.now() < limitC != below {
			return gone, h // passed between two phases, within rounding
		}
		left := within - gone
		if !math.IsInf(left, 1) && ph.clear(limitC, left) {
			if later, lasts := ph.after(b, left); lasts {
				return math.Inf(1), later
			}
		} else if t := ph.payload.first(limitC); t <= left && !math.IsInf(t, 1) {
			if at, lasts := ph.after(b, t); lasts {
				return gone + t, at
			}
		}
		ends, heat := ph.end(b)
		if ends > left {
			later, _ := ph.after(b, left)
			return math.Inf(1), later
		}
		if math.IsInf(ends, 1) {
			break
		}
		h = ph.leave(b, ends, heat)
		gone += ends
	}
	return math.Inf(1), h
}

// clear reports that the payload cannot have a temperature within some seconds of the
// phase, by its values at the ends and where it turns.
func (p *phase) clear(limitC, seconds float64) bool {
	begins, ends := p.payload.now()-limitC, p.payload.at(seconds)-limitC
	return begins*ends > 0 && math.IsInf(p.payload.turn(), 1)
}

// Stretch is a time of S seconds at an ambient temperature. The last of several holds
// for ever.
type Stretch struct{ S, C float64 }

// CoolantC is the temperature of the coolant.
func (b *Box) CoolantC(h Heat) float64 { return b.coolantC(h.Inner) }

// Melted is the share of the coolant that has melted, 0 to 1.
func (b *Box) Melted(h Heat) float64 { return min(max(h.Inner/b.LatentJ, 0), 1) }

// roundingC is a difference of temperatures that means nothing.
const roundingC = 1e-9

// maxPhases bounds the changes of phase under one ambient temperature: solid, melting
// and liquid once each way.
const maxPhases = 8

// phase is what a box does until its coolant begins or ceases to melt.
type phase struct {
	payload curve
	inner   curve // wall or coolant in °C; the coolant's heat in J while it melts
	kind    phaseKind
	upto    float64 // the heat at which all has melted; else the melting point
	from    float64 // the end of the phase at which it begins, or NaN
}

type phaseKind int

const (
	lasting phaseKind = iota // without a coolant
	solid
	melting
	liquid
)

func (b *Box) phase(h Heat, ambientC float64) phase {
	switch b.Model {
	case Nodes2:
		p, w := nodes{b.PayloadJPerK, b.InnerWPerK, b.WallJPerK, b.OuterWPerK}.from(h.PayloadC, h.Inner, ambientC)
		return phase{payload: p, inner: w}
	case PCM1, PCM2:
		return b.coolantPhase(h, ambientC)
	case Newton1:
	}
	return phase{payload: curve{base: ambientC, c1: h.PayloadC - ambientC, l1: -b.OuterWPerK / b.PayloadJPerK}}
}

func (b *Box) coolantPhase(h Heat, ambientC float64) phase {
	if math.Abs(b.coolantC(h.Inner)-b.MeltC) < roundingC { // also a heat that is beyond by rounding
		h.Inner = min(max(h.Inner, 0), b.LatentJ)
	}
	inflow := b.OuterWPerK * (ambientC - b.coolantC(h.Inner))
	if b.Model == PCM2 {
		inflow -= b.InnerWPerK * (b.coolantC(h.Inner) - h.PayloadC)
	}
	switch {
	case h.Inner < 0 || h.Inner == 0 && inflow < 0:
		return b.unmelting(h, ambientC, b.SolidJPerK, solid)
	case h.Inner > b.LatentJ || h.Inner == b.LatentJ && inflow > 0:
		return b.unmelting(h, ambientC, b.LiquidJPerK, liquid)
	}
	return b.melting(h, ambientC)
}

// unmelting is the coolant all solid or all liquid, of capacity c, until it comes to
// the melting point.
func (b *Box) unmelting(h Heat, ambientC, c float64, kind phaseKind) phase {
	coolantC := b.coolantC(h.Inner)
	ph := phase{kind: kind, upto: b.MeltC, from: math.NaN()}
	if coolantC == b.MeltC {
		ph.from = b.MeltC
	}
	if b.Model == PCM2 {
		ph.payload, ph.inner = nodes{b.PayloadJPerK, b.InnerWPerK, c, b.OuterWPerK}.from(h.PayloadC, coolantC, ambientC)
	} else {
		ph.inner = curve{base: ambientC, c1: coolantC - ambientC, l1: -b.OuterWPerK / c}
		ph.payload = ph.inner
	}
	return ph
}

func (b *Box) melting(h Heat, ambientC float64) phase {
	ph := phase{
		kind:    melting,
		payload: curve{base: b.MeltC},
		inner:   curve{base: h.Inner, slope: b.OuterWPerK * (ambientC - b.MeltC)},
		upto:    b.LatentJ,
		from:    math.NaN(),
	}
	if h.Inner == 0 || h.Inner == b.LatentJ {
		ph.from = h.Inner
	}
	if b.Model == PCM2 {
		rate := -b.InnerWPerK / b.PayloadJPerK
		off := h.PayloadC - b.MeltC
		ph.payload.c1, ph.payload.l1 = off, rate
		ph.inner.base += b.PayloadJPerK * off
		ph.inner.c1, ph.inner.l1 = -b.PayloadJPerK*off, rate
	}
	return ph
}

// after is the state after some seconds, and whether the phase lasts longer than that.
func (p *phase) after(b *Box, seconds float64) (later Heat, lasts bool) {
	curves := &p.payload
	if p.kind != lasting || b.Model == Nodes2 {
		curves = &p.inner
	}
	e1, e2 := curves.decay(seconds)
	h := Heat{PayloadC: p.payload.with(seconds, e1, e2)}
	if p.kind == lasting {
		h.Inner = h.PayloadC
		if b.Model == Nodes2 {
			h.Inner = p.inner.with(seconds, e1, e2)
		}
		return h, true
	}
	inner := p.inner.with(seconds, e1, e2)
	h.Inner = inner
	if p.kind != melting {
		h.Inner = b.heatAt(inner, p.kind == liquid)
	}
	return h, p.lasts(inner, seconds)
}

// lasts reports whether the phase goes on for longer than some seconds, after which the
// coolant is at inner.
func (p *phase) lasts(inner, seconds float64) bool {
	turn := p.inner.turn()
	switch p.kind {
	case solid:
		return p.keeps(p.upto, -1, inner, seconds, turn)
	case melting:
		return p.keeps(0, 1, inner, seconds, turn) && p.keeps(p.upto, -1, inner, seconds, turn)
	case liquid:
		return p.keeps(p.upto, 1, inner, seconds, turn)
	case lasting:
	}
	return true
}

// keeps reports whether the coolant stays above (side 1) or below (-1) a level for some
// seconds. One that begins at the level leaves it at first.
func (p *phase) keeps(level, side, inner, seconds, turn float64) bool {
	if p.from == level {
		return turn >= seconds || (inner-level)*side > 0
	}
	return (inner-level)*side > 0 && (turn >= seconds || (p.inner.at(turn)-level)*side > 0)
}

// end is when the phase ends, +Inf if it never does, and the coolant's heat then.
func (p *phase) end(b *Box) (seconds, heat float64) {
	first := func(value float64) float64 {
		if value == p.from {
			return p.inner.after(value)
		}
		return p.inner.first(value)
	}
	switch p.kind {
	case solid:
		return first(p.upto), 0
	case melting:
		frozen, melted := first(0), first(p.upto)
		if frozen < melted {
			return frozen, 0
		}
		return melted, b.LatentJ
	case liquid:
		return first(p.upto), b.LatentJ
	case lasting:
	}
	return math.Inf(1), 0
}

// leave is the state at the end of the phase.
func (p *phase) leave(b *Box, ends, heat float64) Heat {
	h := Heat{PayloadC: p.payload.at(ends), Inner: heat}
	if b.Model == PCM1 {
		h.PayloadC = b.MeltC
	}
	return h
}

// coolantC is the coolant's temperature.
func (b *Box) coolantC(heat float64) float64 {
	switch {
	case heat < 0:
		return b.MeltC + heat/b.SolidJPerK
	case heat > b.LatentJ:
		return b.MeltC + (heat-b.LatentJ)/b.LiquidJPerK
	}
	return b.MeltC
}

// heatAt is the heat of the coolant when it is all liquid, or all solid. A temperature
// on the other side of the melting point is one by rounding.
func (b *Box) heatAt(coolantC float64, liquid bool) float64 {
	if liquid {
		return b.LatentJ + max(0, coolantC-b.MeltC)*b.LiquidJPerK
	}
	return min(0, coolantC-b.MeltC) * b.SolidJPerK
}
