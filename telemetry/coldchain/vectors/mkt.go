package vectors

import (
	"errors"
	"fmt"

	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/qualify"
)

// qualifyMKT recomputes means by coldchain.MeanKinetic and MeanKineticOver.
func qualifyMKT(v qualify.File) ([]qualify.Verdict, error) {
	type mean struct {
		TimesS    []float64 `json:"t_s"`
		TempsC    []float64 `json:"temps_c"`
		Weights   []float64 `json:"weights_s"`
		MktC      float64   `json:"mkt_c"`
		MeanC     *float64  `json:"arithmetic_mean_c"`
		Overrides struct {
			R  float64 `json:"r"`
			DH float64 `json:"dh"`
		} `json:"overrides"`
	}
	do := func(c mean, cmp *qualify.Comparison) error {
		activationK := coldchain.ActivationK
		if o := c.Overrides; o.R != 0 || o.DH != 0 {
			activationK = orElse(o.DH, 83.144) / orElse(o.R, 0.0083144)
		}
		var got float64
		var err error
		if c.TimesS != nil {
			got, err = coldchain.MeanKineticOver(c.TimesS, c.TempsC, activationK)
		} else {
			got, err = coldchain.MeanKinetic(c.TempsC, c.Weights, activationK)
		}
		if err != nil {
			return err
		}
		cmp.Near("mkt_c", got, c.MktC, v.ToleranceC)
		if c.MeanC != nil && got < *c.MeanC-v.ToleranceC {
			cmp.Wrong = append(cmp.Wrong, fmt.Sprintf("mkt_c: %v is below the mean %v", got, *c.MeanC))
		}
		return nil
	}
	samples, err1 := qualify.Each(v, "samples", do)
	timestamps, err2 := qualify.Each(v, "timestamps", do)
	return append(samples, timestamps...), errors.Join(err1, err2)
}

func orElse(x, missing float64) float64 {
	if x == 0 {
		return missing
	}
	return x
}
