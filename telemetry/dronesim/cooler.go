package dronesim

import (
	"hemolift/telemetry/coldchain"
)

// BoxModel is what a simulated box is made of.
type BoxModel struct {
	Model              string // newton1, pcm1 or pcm2
	UAWPerK, CpJPerK   float64
	CoolantJ, CoolantC float64
	SetC               float64 // where it is conditioned to
}

// cooler is a box's state: all of it survives in the fleet's memory.
type cooler struct {
	PayloadC float64
	CoolantJ float64
}

// couplingWPerK joins payload and coolant of a pcm2 box.
const couplingWPerK = 6

// condition brings a box to what it is packed with.
func (m BoxModel) condition() cooler {
	if m.Model == "newton1" {
		return cooler{PayloadC: m.SetC}
	}
	return cooler{PayloadC: m.SetC, CoolantJ: m.CoolantJ * 0.05} // the first twentieth is lost in handling
}

// step warms the box under an ambient temperature.
func (m BoxModel) step(c *cooler, seconds, ambientC float64) {
	var model coldchain.Model
	switch m.Model {
	case "newton1":
		model = &coldchain.Newton{TempC: c.PayloadC, UAWPerK: m.UAWPerK, CpJPerK: m.CpJPerK}
	default:
		p := &coldchain.PhaseChange{HeatJ: c.CoolantJ, MeltC: m.CoolantC, LatentJ: m.CoolantJ, SolidJPerK: m.CpJPerK, LiquidJPerK: m.CpJPerK, UAWPerK: m.UAWPerK}
		if m.Model == "pcm2" {
			p.PayloadC, p.PayloadJPerK, p.CouplingWPerK = c.PayloadC, m.CpJPerK, couplingWPerK
		}
		model = p
	}
	model.Step(seconds, ambientC)
	c.PayloadC, c.CoolantJ = model.State()
}
