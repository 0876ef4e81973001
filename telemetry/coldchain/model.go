package coldchain

import "math"

// Model is the thermal state of a closed box. Temperatures are °C, heat J,
// conductances W/K.
type Model interface {
	// Step advances by seconds under an ambient temperature and returns the
	// payload's temperature.
	Step(seconds, ambientC float64) float64
	// State is the payload's temperature now and the coolant's heat, which
	// together restore the model; heat is 0 where there is no coolant.
	State() (payloadC, coolantJ float64)
}

// Newton is one node: dT/dt = (Ta - T) UA / Cp.
type Newton struct{ TempC, UAWPerK, CpJPerK float64 }

// Step uses the exact solution for a constant ambient.
func (m *Newton) Step(seconds, ambientC float64) float64 {
	m.TempC = ambientC + (m.TempC-ambientC)*math.Exp(-seconds*m.UAWPerK/m.CpJPerK)
	return m.TempC
}

// State returns the node's temperature.
func (m *Newton) State() (float64, float64) { return m.TempC, 0 }

// PhaseChange is a coolant node that melts at MeltC between heats 0 and LatentJ
// (enthalpy method), optionally with a payload node behind it.
type PhaseChange struct {
	HeatJ                            float64 // 0 = all solid at MeltC; LatentJ = all melted
	MeltC, LatentJ                   float64
	SolidJPerK, LiquidJPerK, UAWPerK float64
	PayloadC                         float64 // payload node; unused while PayloadJPerK is 0
	PayloadJPerK, CouplingWPerK      float64
}

// maxStepS keeps the explicit steps stable: it is a twentieth of the quickest
// time constant that the box types have.
const maxStepS = 15

// Step integrates explicitly in steps of at most 15 s.
func (m *PhaseChange) Step(seconds, ambientC float64) float64 {
	for seconds > 0 {
		h := min(seconds, maxStepS)
		seconds -= h
		coolant := m.coolantC()
		toPayload := 0.0
		if m.PayloadJPerK > 0 {
			toPayload = m.CouplingWPerK * (coolant - m.PayloadC)
			m.PayloadC += toPayload / m.PayloadJPerK * h
		}
		m.HeatJ += (m.UAWPerK*(ambientC-coolant) - toPayload) * h
	}
	payload, _ := m.State()
	return payload
}

func (m *PhaseChange) coolantC() float64 {
	switch {
	case m.HeatJ < 0:
		return m.MeltC + m.HeatJ/m.SolidJPerK
	case m.HeatJ <= m.LatentJ:
		return m.MeltC
	}
	return m.MeltC + (m.HeatJ-m.LatentJ)/m.LiquidJPerK
}

// State returns the payload's temperature (the coolant's, if there is no payload
// node) and the coolant's heat.
func (m *PhaseChange) State() (float64, float64) {
	if m.PayloadJPerK > 0 {
		return m.PayloadC, m.HeatJ
	}
	return m.coolantC(), m.HeatJ
}
