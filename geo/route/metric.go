package route

import "math"

// metric is what a straight leg costs: its length, or in a uniform wind its time
// at a fixed airspeed. Legs are in lattice steps; so are lengths, and speeds are
// steps a second.
type metric struct {
	windy     bool
	wx, wy    float64 // where the wind blows to
	excess    float64 // airspeed squared less wind speed squared
	perExcess float64
}

// newMetric refuses a wind that the aircraft cannot fly against.
func newMetric(a Air) (metric, error) {
	if a == (Air{}) {
		return metric{}, nil
	}
	e := a.Speed*a.Speed - a.East*a.East - a.North*a.North
	if !(a.Speed > 0) || !(e > 0) || math.IsInf(e, 0) {
		return metric{}, ErrWind
	}
	return metric{windy: true, wx: a.East, wy: a.North, excess: e, perExcess: 1 / e}, nil
}

// cost of the leg (dx, dy). In wind it solves |d - w t| = V t for the time t.
func (m *metric) cost(dx, dy float64) float64 {
	if !m.windy {
		return math.Sqrt(dx*dx + dy*dy)
	}
	dw := dx*m.wx + dy*m.wy
	return (math.Sqrt(dw*dw+m.excess*(dx*dx+dy*dy)) - dw) * m.perExcess
}
