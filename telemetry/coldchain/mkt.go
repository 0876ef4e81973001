package coldchain

import (
	"errors"
	"math"
)

// ErrNoReadings is returned when there is nothing to reckon with.
var ErrNoReadings = errors.New("no readings")

const kelvin = 273.15

// ActivationK is the heat of activation over the gas constant, in kelvin: 83.144
// kJ/mol over 8.3144e-3 kJ/(mol K), both as USP <1160> has them.
const ActivationK = 83.144 / 0.0083144

// MeanKinetic is the mean kinetic temperature in °C of readings in °C, each with its
// weight; without weights all count alike. It is information only: it is made for
// drug products, has no standing for blood components, does not see freezing, and
// never clears a breach. activationK is ActivationK but in a check of other constants.
func MeanKinetic(tempsC, weights []float64, activationK float64) (float64, error) {
	if len(tempsC) == 0 || weights != nil && len(weights) != len(tempsC) {
		return 0, ErrNoReadings
	}
	weight := func(i int) float64 {
		if weights == nil {
			return 1
		}
		return weights[i]
	}
	warmest := 0.0
	for i, c := range tempsC {
		switch w := weight(i); {
		case !(c > -kelvin) || math.IsInf(c, 1):
			return 0, errors.New("a temperature is not above absolute zero")
		case !(w >= 0) || math.IsInf(w, 1):
			return 0, errors.New("a weight is negative or no number")
		case w > 0:
			warmest = max(warmest, c+kelvin)
		}
	}
	if warmest == 0 {
		return 0, ErrNoReadings
	}
	var sum, all float64 // of e^(-A/T) over that of the warmest, so that nothing underflows
	for i, c := range tempsC {
		sum, all = sum+weight(i)*math.Exp(activationK/warmest-activationK/(c+kelvin)), all+weight(i)
	}
	return activationK/(activationK/warmest-math.Log(sum/all)) - kelvin, nil
}

// MeanKineticOver is the same of readings at times in seconds, each held until the
// next; the last has no weight.
func MeanKineticOver(atS, tempsC []float64, activationK float64) (float64, error) {
	if len(atS) != len(tempsC) {
		return 0, ErrNoReadings
	}
	weights := make([]float64, len(atS))
	for i := 1; i < len(atS); i++ {
		weights[i-1] = atS[i] - atS[i-1]
	}
	return MeanKinetic(tempsC, weights, activationK)
}
