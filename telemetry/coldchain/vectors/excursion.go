package vectors

import (
	"fmt"
	"math"
	"time"

	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/qualify"
)

// qualifyExcursions recomputes traces by coldchain.Trace.
func qualifyExcursions(v qualify.File) ([]qualify.Verdict, error) {
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
	return qualify.Each(v, "traces", func(c trace, cmp *qualify.Comparison) error {
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
		cmp.Near("tor_high_s", got.High.Seconds(), want.HighS, v.ToleranceS)
		cmp.Near("tor_low_s", got.Low.Seconds(), want.LowS, v.ToleranceS)
		cmp.Near("deg_s_high", got.HighCS, want.HighCS, v.ToleranceS)
		cmp.Near("deg_s_low", got.LowCS, want.LowCS, v.ToleranceS)
		cmp.Near("gap_s", got.Gap.Seconds(), want.GapS, v.ToleranceS)
		cmp.Same("events", len(got.Events), len(want.Events))
		for i := range min(len(got.Events), len(want.Events)) {
			g, w := got.Events[i], want.Events[i]
			cmp.Same(fmt.Sprintf("events[%d].kind", i), string(g.Side), w.Kind)
			cmp.Near(fmt.Sprintf("events[%d].start_s", i), g.Start.Sub(epoch).Seconds(), w.StartS, v.ToleranceS)
			cmp.Near(fmt.Sprintf("events[%d].end_s", i), g.End.Sub(epoch).Seconds(), w.EndS, v.ToleranceS)
			cmp.Near(fmt.Sprintf("events[%d].duration_s", i), g.Duration().Seconds(), w.DurationS, v.ToleranceS)
			cmp.Near(fmt.Sprintf("events[%d].extreme_c", i), g.ExtremeC, w.ExtremeC, 1e-9)
			cmp.Same(fmt.Sprintf("events[%d].open_at_end_of_run", i), g.Open, w.Open)
		}
		return nil
	})
}

// epoch is when the seconds of a vector file begin.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func inSeconds(s float64) time.Duration { return time.Duration(math.Round(s * float64(time.Second))) }
