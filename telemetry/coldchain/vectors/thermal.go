package vectors

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/qualify"
)

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
func qualifyThermal(v qualify.File) ([]qualify.Verdict, error) {
	var all []qualify.Verdict
	for _, name := range slices.Sorted(maps.Keys(thermalModels)) {
		verdicts, err := qualify.Each(v, name, func(c thermalCase, cmp *qualify.Comparison) error { return c.judge(name, v, cmp) })
		if err != nil {
			return nil, err
		}
		all = append(all, verdicts...)
	}
	estimates, err1 := qualify.Each(v, "estimation", func(c estimateCase, cmp *qualify.Comparison) error { return c.judge(v, cmp) })
	filters, err2 := qualify.Each(v, "kalman", func(c kalmanCase, cmp *qualify.Comparison) error { return c.judge(v, cmp) })
	return append(append(all, estimates...), filters...), errors.Join(err1, err2)
}

func (c thermalCase) judge(name string, v qualify.File, cmp *qualify.Comparison) error {
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
			cmp.Near(fmt.Sprintf("column %d at %v s", i+1, row[0]), model.columns(box, at(row[0]))[i], want, within)
		}
	}
	if c.LimitC != nil {
		want := math.Inf(1)
		if c.TimeToLimitS != nil {
			want = *c.TimeToLimitS
		}
		cmp.Near("time_to_limit_s", box.TimeTo(at(c.FromS), *c.LimitC, c.PredictC), want, v.TimeTolS)
	}
	return nil
}
