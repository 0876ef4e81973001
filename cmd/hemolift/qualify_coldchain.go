package main

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"hemolift/telemetry/coldchain"
)

// qualifyExcursions recomputes traces by coldchain.Trace.
func qualifyExcursions(v vectorFile) ([]verdict, error) {
	type event struct {
		Kind      string  `json:"kind"`
		StartS    float64 `json:"start_s"`
		EndS      float64 `json:"end_s"`
		DurationS float64 `json:"duration_s"`
		ExtremeC  float64 `json:"extreme_c"`
		Open      bool    `json:"open_at_end_of_run"`
	}
	type trace struct {
		Config struct {
			LowC        float64 `json:"low_c"`
			HighC       float64 `json:"high_c"`
			HysteresisC float64 `json:"hysteresis_c"`
			OpenS       float64 `json:"open_debounce_s"`
			CloseS      float64 `json:"close_debounce_s"`
			MaxGapS     float64 `json:"max_gap_s"`
		} `json:"config"`
		Samples  [][2]float64 `json:"samples"`
		Expected struct {
			HighS  float64 `json:"tor_high_s"`
			LowS   float64 `json:"tor_low_s"`
			HighCS float64 `json:"deg_s_high"`
			LowCS  float64 `json:"deg_s_low"`
			GapS   float64 `json:"gap_s"`
			Events []event `json:"events"`
		} `json:"expected"`
	}
	return recompute(v, "traces", func(c trace, cmp *comparison) error {
		rule := coldchain.Rule{
			LowC:        c.Config.LowC,
			HighC:       c.Config.HighC,
			HysteresisC: c.Config.HysteresisC,
			OpenAfter:   inSeconds(c.Config.OpenS),
			CloseAfter:  inSeconds(c.Config.CloseS),
			MaxGap:      inSeconds(c.Config.MaxGapS),
		}
		if err := rule.Check(); err != nil {
			return err
		}
		t := coldchain.NewTrace(rule)
		for i, s := range c.Samples {
			if err := t.Add(epoch.Add(inSeconds(s[0])), uint64(i), s[1], s[1]); err != nil {
				return err
			}
		}
		got, want := t.Report(), c.Expected
		cmp.near("tor_high_s", got.High.Seconds(), want.HighS, v.ToleranceS)
		cmp.near("tor_low_s", got.Low.Seconds(), want.LowS, v.ToleranceS)
		cmp.near("deg_s_high", got.HighCS, want.HighCS, v.ToleranceS)
		cmp.near("deg_s_low", got.LowCS, want.LowCS, v.ToleranceS)
		cmp.near("gap_s", got.Gap.Seconds(), want.GapS, v.ToleranceS)
		cmp.same("events", len(got.Events), len(want.Events))
		for i := range min(len(got.Events), len(want.Events)) {
			g, w := got.Events[i], want.Events[i]
			cmp.same(fmt.Sprintf("events[%d].kind", i), string(g.Side), w.Kind)
			cmp.near(fmt.Sprintf("events[%d].start_s", i), g.Start.Sub(epoch).Seconds(), w.StartS, v.ToleranceS)
			cmp.near(fmt.Sprintf("events[%d].end_s", i), g.End.Sub(epoch).Seconds(), w.EndS, v.ToleranceS)
			cmp.near(fmt.Sprintf("events[%d].duration_s", i), g.Duration().Seconds(), w.DurationS, v.ToleranceS)
			cmp.near(fmt.Sprintf("events[%d].extreme_c", i), g.ExtremeC, w.ExtremeC, 1e-9)
			cmp.same(fmt.Sprintf("events[%d].open_at_end_of_run", i), g.Open, w.Open)
		}
		return nil
	})
}

// epoch is when the seconds of a vector file begin.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func inSeconds(s float64) time.Duration { return time.Duration(math.Round(s * float64(time.Second))) }

// qualifyMKT recomputes means by coldchain.MeanKinetic and MeanKineticOver.
func qualifyMKT(v vectorFile) ([]verdict, error) {
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
	do := func(c mean, cmp *comparison) error {
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
		cmp.near("mkt_c", got, c.MktC, v.ToleranceC)
		if c.MeanC != nil && got < *c.MeanC-v.ToleranceC {
			cmp.wrong = append(cmp.wrong, fmt.Sprintf("mkt_c: %v is below the mean %v", got, *c.MeanC))
		}
		return nil
	}
	samples, err1 := recompute(v, "samples", do)
	timestamps, err2 := recompute(v, "timestamps", do)
	return append(samples, timestamps...), errors.Join(err1, err2)
}

func orElse(x, missing float64) float64 {
	if x == 0 {
		return missing
	}
	return x
}

// thermalCase is a box under stretches of ambient temperature.
type thermalCase struct {
	Params map[string]float64 `json:"params"`
	Air    []struct {
		S float64 `json:"duration_s"`
		C float64 `json:"ambient_c"`
	} `json:"ambient"`
	TempsC       [][]float64 `json:"temps_c"`
	LimitC       *float64    `json:"limit_c"`
	FromS        float64     `json:"predict_from_s"`
	PredictC     float64     `json:"predict_ambient_c"`
	TimeToLimitS *float64    `json:"time_to_limit_s"`
	ToleranceC   float64     `json:"tolerance_c"`
}

// thermalModels read the parameters of a model and what its columns after the first
// show.
var thermalModels = map[string]struct {
	box     func(p map[string]float64) (coldchain.Box, coldchain.Heat)
	columns func(b coldchain.Box, h coldchain.Heat) []float64
}{
	"newton1": {func(p map[string]float64) (coldchain.Box, coldchain.Heat) {
		return coldchain.Box{Model: coldchain.Newton1, OuterWPerK: 1, PayloadJPerK: p["tau_s"]}, coldchain.Heat{PayloadC: p["T0_c"]}
	}, func(_ coldchain.Box, h coldchain.Heat) []float64 { return []float64{h.PayloadC} }},
	"two_node": {func(p map[string]float64) (coldchain.Box, coldchain.Heat) {
		b := coldchain.Box{Model: coldchain.Nodes2, OuterWPerK: p["G_ba_w_k"], PayloadJPerK: p["C_p_j_k"], InnerWPerK: p["G_pb_w_k"]}
		b.WallJPerK = p["C_b_j_k"]
		return b, coldchain.Heat{PayloadC: p["Tp0_c"], Inner: p["Tb0_c"]}
	}, func(_ coldchain.Box, h coldchain.Heat) []float64 { return []float64{h.PayloadC, h.Inner} }},
	"pcm1": {func(p map[string]float64) (coldchain.Box, coldchain.Heat) {
		b := coolantBox(coldchain.PCM1, p)
		return b, coldchain.Heat{PayloadC: b.CoolantC(coldchain.Heat{Inner: p["H0_j"]}), Inner: p["H0_j"]}
	}, func(b coldchain.Box, h coldchain.Heat) []float64 { return []float64{h.PayloadC, b.Melted(h)} }},
	"pcm2": {func(p map[string]float64) (coldchain.Box, coldchain.Heat) {
		return coolantBox(coldchain.PCM2, p), coldchain.Heat{PayloadC: p["Tp0_c"], Inner: p["H0_j"]}
	}, func(b coldchain.Box, h coldchain.Heat) []float64 { return []float64{h.PayloadC, b.CoolantC(h)} }},
}

func coolantBox(m coldchain.BoxModel, p map[string]float64) coldchain.Box {
	return coldchain.Box{
		Model:        m,
		OuterWPerK:   p["G_w_k"],
		MeltC:        p["Tm_c"],
		LatentJ:      p["L_j"],
		SolidJPerK:   p["C_s_j_k"],
		LiquidJPerK:  p["C_l_j_k"],
		PayloadJPerK: p["C_p_j_k"],
		InnerWPerK:   p["G_pw_w_k"],
	}
}

// qualifyThermal recomputes boxes by coldchain.Box, and estimates.
func qualifyThermal(v vectorFile) ([]verdict, error) {
	var all []verdict
	for _, name := range slices.Sorted(maps.Keys(thermalModels)) {
		verdicts, err := recompute(v, name, func(c thermalCase, cmp *comparison) error { return c.judge(name, v, cmp) })
		if err != nil {
			return nil, err
		}
		all = append(all, verdicts...)
	}
	estimates, err1 := recompute(v, "estimation", func(c estimateCase, cmp *comparison) error { return c.judge(v, cmp) })
	filters, err2 := recompute(v, "kalman", func(c kalmanCase, cmp *comparison) error { return c.judge(v, cmp) })
	return append(append(all, estimates...), filters...), errors.Join(err1, err2)
}

func (c thermalCase) judge(name string, v vectorFile, cmp *comparison) error {
	model := thermalModels[name]
	box, heat := model.box(c.Params)
	if err := box.Check(); err != nil {
		return err
	}
	start, within := heat, orElse(c.ToleranceC, v.ToleranceC)
	at := func(s float64) coldchain.Heat {
		h := start
		for _, a := range c.Air {
			step := min(s, a.S)
			h, s = box.Step(h, step, a.C), s-step
		}
		return h
	}
	for _, row := range c.TempsC {
		for i, want := range row[1:] {
			cmp.near(fmt.Sprintf("column %d at %v s", i+1, row[0]), model.columns(box, at(row[0]))[i], want, within)
		}
	}
	if c.LimitC != nil {
		want := math.Inf(1)
		if c.TimeToLimitS != nil {
			want = *c.TimeToLimitS
		}
		cmp.near("time_to_limit_s", box.TimeTo(at(c.FromS), *c.LimitC, c.PredictC), want, v.TimeTolS)
	}
	return nil
}

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

func (c estimateCase) judge(v vectorFile, cmp *comparison) error {
	phi, tau, err := coldchain.LeastSquares(c.DtS, c.TempsC, c.AmbientC)
	if err != nil {
		return err
	}
	cmp.near("phi", phi, c.LeastSquares.Phi, shareWithin)
	cmp.near("tau_s", tau, c.LeastSquares.TauS, v.TimeTolS)
	r := coldchain.RLS{K: c.RLS.K0, P: c.RLS.P0, Lambda: c.RLS.Lambda}
	trace := map[int]float64{}
	for _, row := range c.RLS.Trace {
		trace[int(row[0])] = row[1]
	}
	for i := range len(c.TempsC) - 1 {
		r.Update(c.AmbientC[i]-c.TempsC[i], c.TempsC[i+1]-c.TempsC[i])
		if want, ok := trace[i+1]; ok {
			cmp.near(fmt.Sprintf("k after %d", i+1), r.K, want, shareWithin)
		}
	}
	cmp.near("k_final", r.K, c.RLS.K, shareWithin)
	rlsTau, ok := r.TauS(c.DtS)
	if !ok {
		return coldchain.ErrNoExcitation
	}
	cmp.near("rls tau_s", rlsTau, c.RLS.TauS, v.TimeTolS)
	if c.TimeToLimitS != nil {
		box := coldchain.Box{Model: coldchain.Newton1, OuterWPerK: 1, PayloadJPerK: tau}
		cmp.near(
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

func (c kalmanCase) judge(v vectorFile, cmp *comparison) error {
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
		cmp.near(fmt.Sprintf("x_c[%d]", i), k.X, want(1), v.ToleranceC)
		cmp.near(fmt.Sprintf("P[%d]", i), k.P, want(2), shareWithin)
		cmp.near(fmt.Sprintf("nis[%d]", i), nis, want(3), 1e-6*max(1, want(3)))
		cmp.same(fmt.Sprintf("used[%d]", i), any(used), c.Expected[i][4])
	}
	return nil
}
