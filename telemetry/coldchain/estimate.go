package coldchain

import (
	"errors"
	"math"
)

// Bounds of a box's time constant: 5 minutes to 10 days.
const (
	minTauS = 300
	maxTauS = 10 * 24 * 3600
)

// LeastExcitationC is how far the ambient must be from the box for its warming to
// tell anything about the box.
const LeastExcitationC = 2

// ErrNoExcitation is returned when the readings do not tell a time constant.
var ErrNoExcitation = errors.New("the readings do not tell a time constant")

// LeastSquares fits one node to readings dtS seconds apart: phi is the share of the
// difference to the ambient that is left after dtS, and tauS the time constant.
// ambientC[i] holds from reading i to the next.
func LeastSquares(dtS float64, tempsC, ambientC []float64) (phi, tauS float64, err error) {
	if !(dtS > 0) || len(tempsC) < 2 || len(ambientC) < len(tempsC)-1 {
		return 0, 0, ErrNoExcitation
	}
	var cross, square float64
	for i := range len(tempsC) - 1 {
		x := tempsC[i] - ambientC[i]
		cross, square = cross+x*(tempsC[i+1]-ambientC[i]), square+x*x
	}
	phi = cross / square
	if !(phi > 0 && phi < 1) {
		return phi, 0, ErrNoExcitation
	}
	return phi, -dtS / math.Log(phi), nil
}

// RLS estimates, by recursive least squares that forget, the share K of the
// difference to the ambient that a box gains from one reading to the next. Readings
// must be evenly spaced.
type RLS struct {
	K, P   float64 // the estimate and its variance over that of the noise
	Lambda float64 // forgetting: 1 keeps all, 0.995 about 200 readings
}

// Update takes the difference x of the ambient and the box, and what the box gained
// by the next reading.
func (r *RLS) Update(x, gain float64) {
	k := r.P * x / (r.Lambda + x*x*r.P)
	r.K += k * (gain - x*r.K)
	r.P = (r.P - k*x*r.P) / r.Lambda
}

// TauS is the time constant for readings dtS seconds apart; false when the estimate
// makes no sense. It is held between 5 minutes and 10 days.
func (r *RLS) TauS(dtS float64) (float64, bool) {
	if !(r.K > 0 && r.K < 1) {
		return 0, false
	}
	return min(max(-dtS/math.Log(1-r.K), minTauS), maxTauS), true
}

// Kalman follows the temperature of one node with a scalar filter. A reading whose
// normalised innovation squared exceeds the gate is not used.
type Kalman struct {
	X, P float64 // °C, °C²
	Q, R float64 // variances of a step and of a reading
	Gate float64
}

// Predict advances one step: phi is the share of the difference to the ambient that
// is left.
func (k *Kalman) Predict(phi, ambientC float64) {
	k.X = ambientC + phi*(k.X-ambientC)
	k.P = phi*phi*k.P + k.Q
}

// Update takes a reading and returns its normalised innovation squared, and whether
// it was used.
func (k *Kalman) Update(tempC float64) (nis float64, used bool) {
	s := k.P + k.R
	off := tempC - k.X
	nis = off * off / s
	if !(nis <= k.Gate) {
		return nis, false
	}
	gain := k.P / s
	k.X += gain * off
	k.P *= 1 - gain
	return nis, true
}
