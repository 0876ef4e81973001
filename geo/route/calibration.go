package route

import (
	"math"
	"time"
)

// FlownLeg is what one leg was reckoned to take by its class, and what it took.
type FlownLeg struct {
	ReckonedJ, MeasuredJ float64
	Reckoned, Measured   time.Duration
}

// Calibration is what an aircraft takes beside its class, by the legs that it flew.
// Published models differ several-fold for one drone (Zhang et al., Transp. Res. D,
// 2021), so each aircraft is measured.
type Calibration struct {
	Legs   int     // that count
	Factor float64 // measured energy over reckoned, all legs together
	Spread float64 // standard deviation of the legs' own factors
}

// What makes a leg and a calibration count.
const (
	calibrationLegs = 5    // fewer say little
	delayShare      = 0.25 // a leg so much longer or shorter was held or led around
	minReckonedJ    = 50e3 // below, the battery's gauge is too coarse
	leastFactor     = 0.5  // outside of these the gauge or the class is
	mostFactor      = 2.0  // wrong, and people must look
)

// Calibrate fits the factor to an aircraft's legs.
func Calibrate(legs []FlownLeg) Calibration {
	var k Calibration
	var reckoned, measured, sum, squares float64
	for _, l := range legs {
		if !l.counts() {
			continue
		}
		k.Legs++
		reckoned, measured = reckoned+l.ReckonedJ, measured+l.MeasuredJ
		own := l.MeasuredJ / l.ReckonedJ
		sum, squares = sum+own, squares+own*own
	}
	if k.Legs == 0 {
		return k
	}
	k.Factor = measured / reckoned
	if n := float64(k.Legs); k.Legs > 1 {
		k.Spread = math.Sqrt(max(0, (squares-sum*sum/n)/(n-1)))
	}
	return k
}

func (l FlownLeg) counts() bool {
	delay := math.Abs(l.Measured.Seconds() - l.Reckoned.Seconds())
	return l.ReckonedJ >= minReckonedJ && l.MeasuredJ > 0 && delay <= delayShare*l.Reckoned.Seconds()
}

// Known reports whether the calibration is to be used.
func (k Calibration) Known() bool { return k.Legs >= calibrationLegs && k.plausible() }

// Doubtful reports whether there are legs enough but their factor is absurd.
func (k Calibration) Doubtful() bool { return k.Legs >= calibrationLegs && !k.plausible() }

func (k Calibration) plausible() bool { return k.Factor >= leastFactor && k.Factor <= mostFactor }

// Calibrated is the class with an aircraft's own power. A calibration that is not
// known changes nothing.
func (c Class) Calibrated(k Calibration) Class {
	if !k.Known() {
		return c
	}
	c.HoverW, c.HoverWPerKg = c.HoverW*k.Factor, c.HoverWPerKg*k.Factor
	c.CruiseW, c.CruiseWPerKg = c.CruiseW*k.Factor, c.CruiseWPerKg*k.Factor
	return c
}
