package vectors

import (
	"errors"
	"fmt"
	"math"

	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/qualify"
)

// estimateCase is evenly spaced readings of which a time constant is estimated.
type estimateCase struct {
	DtS          float64   `json:"dt_s"`
	AmbientC     []float64 `json:"ambient_c"`
	TempsC       []float64 `json:"temps_c"`
	LeastSquares struct {
		Phi  float64 `json:"phi"`
		TauS float64 `json:"tau_s"`
	} `json:"least_squares"`
	RLS struct {
		Lambda float64      `json:"lambda"`
		P0     float64      `json:"P0"`
		K0     float64      `json:"k0"`
		Trace  [][2]float64 `json:"k_trace"`
		K      float64      `json:"k_final"`
		TauS   float64      `json:"tau_s"`
	} `json:"rls"`
	LimitC       float64  `json:"limit_c"`
	PredictC     float64  `json:"predict_ambient_c"`
	TimeToLimitS *float64 `json:"time_to_limit_s_from_ls"`
}

// shareWithin is how near shares and variances, which the files give to eight or
// nine places, must come.
const shareWithin = 2e-8

func (c estimateCase) judge(v qualify.File, cmp *qualify.Comparison) error {
	phi, tau, err := coldchain.LeastSquares(c.DtS, c.TempsC, c.AmbientC)
	if err != nil {
		return err
	}
	cmp.Near("phi", phi, c.LeastSquares.Phi, shareWithin)
	cmp.Near("tau_s", tau, c.LeastSquares.TauS, v.TimeTolS)
	r := coldchain.RLS{K: c.RLS.K0, P: c.RLS.P0, Lambda: c.RLS.Lambda}
	trace := map[int]float64{}
	for _, row := range c.RLS.Trace {
		trace[int(row[0])] = row[1]
	}
	for i := range len(c.TempsC) - 1 {
		r.Update(c.AmbientC[i]-c.TempsC[i], c.TempsC[i+1]-c.TempsC[i])
		if want, ok := trace[i+1]; ok {
			cmp.Near(fmt.Sprintf("k after %d", i+1), r.K, want, shareWithin)
		}
	}
	cmp.Near("k_final", r.K, c.RLS.K, shareWithin)
	rlsTau, ok := r.TauS(c.DtS)
	if !ok {
		return coldchain.ErrNoExcitation
	}
	cmp.Near("rls tau_s", rlsTau, c.RLS.TauS, v.TimeTolS)
	if c.TimeToLimitS != nil {
		box := coldchain.Box{Model: coldchain.Newton1, OuterWPerK: 1, PayloadJPerK: tau}
		cmp.Near(
			"time_to_limit_s_from_ls",
			box.TimeTo(coldchain.Heat{PayloadC: c.TempsC[len(c.TempsC)-1]}, c.LimitC, c.PredictC),
			*c.TimeToLimitS,
			v.TimeTolS,
		)
	}
	return nil
}

// kalmanCase is evenly spaced readings that are filtered.
type kalmanCase struct {
	DtS       float64   `json:"dt_s"`
	TauS      float64   `json:"tau_s"`
	X0        float64   `json:"x0_c"`
	P0        float64   `json:"P0"`
	Q         float64   `json:"Q"`
	R         float64   `json:"R"`
	Gate      float64   `json:"nis_gate"`
	AmbientC  []float64 `json:"ambient_c"`
	MeasuredC []float64 `json:"measured_c"`
	Expected  [][5]any  `json:"expected"`
}

func (c kalmanCase) judge(v qualify.File, cmp *qualify.Comparison) error {
	if len(c.AmbientC) < len(c.MeasuredC) || len(c.Expected) < len(c.MeasuredC) {
		return errors.New("ambient_c or expected is shorter than measured_c")
	}
	k := coldchain.Kalman{X: c.X0, P: c.P0, Q: c.Q, R: c.R, Gate: c.Gate}
	for i, z := range c.MeasuredC {
		if i > 0 {
			k.Predict(math.Exp(-c.DtS/c.TauS), c.AmbientC[i])
		}
		nis, used := k.Update(z)
		want := func(col int) float64 { x, _ := c.Expected[i][col].(float64); return x }
		cmp.Near(fmt.Sprintf("x_c[%d]", i), k.X, want(1), v.ToleranceC)
		cmp.Near(fmt.Sprintf("P[%d]", i), k.P, want(2), shareWithin)
		cmp.Near(fmt.Sprintf("nis[%d]", i), nis, want(3), 1e-6*max(1, want(3)))
		cmp.Same(fmt.Sprintf("used[%d]", i), any(used), c.Expected[i][4])
	}
	return nil
}
