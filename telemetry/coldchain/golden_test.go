package coldchain

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite golden files")

// forecastNow is what a forecaster thinks at some minute.
type forecastNow struct {
	Minute                        int
	PayloadC, Inner, Leak, Doubt  float64
	PayloadVar, InnerVar, Between float64
	Used                          int
	Side                          Side
	LimitC, EarlyS, MedianS       float64
	Plateau, Runaway              bool
	Melted                        float64
	Low                           float64 // s to a lower limit, in colder air
}

// boxes are the designs that the golden forecasts are of.
var goldenBoxes = []Box{
	{Model: Newton1, OuterWPerK: 0.5, PayloadJPerK: 9000},
	{Model: Nodes2, OuterWPerK: 0.6, PayloadJPerK: 7000, InnerWPerK: 2, WallJPerK: 1500},
	{Model: PCM1, OuterWPerK: 0.8, MeltC: 4, LatentJ: 60_000, SolidJPerK: 3000, LiquidJPerK: 6000},
	{Model: PCM2, OuterWPerK: 0.8, MeltC: 3, LatentJ: 50_000, SolidJPerK: 2500, LiquidJPerK: 5000, PayloadJPerK: 4000, InnerWPerK: 3},
}

// weather is the air of the golden day: calm, then hot all at once, with a swing.
func weather(minute float64) float64 {
	c := 21 + 0.5*math.Sin(minute/17)
	if minute >= 60 {
		c += 9
	}
	return c
}

// goldenDay forecasts a box whose insulation is worse by a third than its design, whose lid
// is open for two minutes, and which something cools for some minutes that no model knows.
func goldenDay(design Box) []forecastNow {
	truth := design
	truth.OuterWPerK *= 1.33
	h := truth.Start(4.5, 0.1)
	f := NewForecaster(design, DefaultDoubt())
	at := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	var out []forecastNow
	for i := range 4*240 + 1 {
		minute := float64(i) / 4
		c := h.PayloadC + 0.05*math.Sin(float64(i)*1.7)
		switch {
		case minute >= 120 && minute < 128:
			c -= 4
		case minute >= 200 && minute < 215:
			c += 0.3 * (minute - 200)
		}
		f.Observe(at.Add(time.Duration(i)*15*time.Second), c, weather(minute), minute >= 20 && minute < 22)
		if i%40 == 0 && i > 0 {
			out = append(out, f.now(int(minute)))
		}
		h = truth.Step(h, 15, weather(minute))
	}
	return out
}

func (f *Forecaster) now(minute int) forecastNow {
	n := forecastNow{
		Minute: minute, PayloadC: f.Heat().PayloadC, Inner: f.Heat().Inner, PayloadVar: f.cov[payload][payload], InnerVar: f.cov[inner][inner],
		Between: f.cov[payload][leak], Used: f.used,
	}
	n.Leak, n.Doubt = f.Leak()
	if o, ok := f.Outlook(-5, 16, nil); ok {
		n.Side, n.LimitC, n.EarlyS, n.MedianS = o.Side, o.LimitC, o.Early.Seconds(), o.Median.Seconds()
		n.Plateau, n.Runaway, n.Melted = o.Basis.Plateau, o.Basis.Runaway, o.Basis.Melted
	}
	cold := *f // asked beside, so that it leaves no trace
	if o, ok := cold.Outlook(1, math.Inf(1), []Stretch{{S: 600, C: 10}, {C: -15}}); ok {
		n.Low = o.Median.Seconds() + o.Early.Seconds()/1000
	}
	return n
}

// TestForecastsAreAsTheyWere holds the forecasts of a day: another figure here is another
// forecast, which is to be looked at in the table of the simulation before it is taken.
func TestForecastsAreAsTheyWere(t *testing.T) {
	const file = "testdata/forecasts.json"
	got := map[BoxModel][]forecastNow{}
	for _, b := range goldenBoxes {
		got[b.Model] = goldenDay(b)
	}
	if *update {
		text, err := json.MarshalIndent(got, "", " ")
		if err == nil {
			err = os.WriteFile(file, append(text, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want map[BoxModel][]forecastNow
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	for _, b := range goldenBoxes {
		for i, g := range got[b.Model] {
			w := want[b.Model][i]
			same := g.Minute == w.Minute && g.Used == w.Used && g.Side == w.Side && g.Plateau == w.Plateau && g.Runaway == w.Runaway
			for _, x := range [][2]float64{
				{g.PayloadC, w.PayloadC},
				{g.Inner, w.Inner},
				{g.Leak, w.Leak},
				{g.Doubt, w.Doubt},
				{g.PayloadVar, w.PayloadVar},
				{g.InnerVar, w.InnerVar},
				{g.Between, w.Between},
				{g.LimitC, w.LimitC},
				{g.EarlyS, w.EarlyS},
				{g.MedianS, w.MedianS},
				{g.Melted, w.Melted},
				{g.Low, w.Low},
			} {
				same = same && math.Abs(x[0]-x[1]) <= 1e-5*math.Abs(x[1])+1e-9
			}
			if !same {
				t.Errorf("%s: got %+v\nwant %+v", b.Model, g, w)
				break
			}
		}
	}
}

// Readings at the edge of each sensor rule, and just beyond it.
func TestTheEdgesOfTheSensorRules(t *testing.T) {
	p := redCells(t)
	at := func(s float64) time.Time { return t0.Add(time.Duration(s * float64(time.Second))) }
	in := p.Interval.Seconds()
	type reading struct {
		s      float64
		mc     int32
		second int32 // 0: none
		air    int32 // 0: 20 °C
		ahead  time.Duration
		lid    bool
	}
	tests := []struct {
		name     string
		readings []reading
		want     SensorFault // of the last; empty: none
		value    float64
		limit    float64
	}{
		{"as cold as the sensor spans", []reading{{mc: p.SensorLowMC}}, "", 0, 0},
		{"as warm as the sensor spans", []reading{{mc: p.SensorHighMC}}, "", 0, 0},
		{"colder", []reading{{mc: p.SensorLowMC - 1}}, OutOfSpan, float64(p.SensorLowMC-1) / 1000, float64(p.SensorHighMC) / 1000},
		{"warmer", []reading{{mc: p.SensorHighMC + 1}}, OutOfSpan, float64(p.SensorHighMC+1) / 1000, float64(p.SensorHighMC) / 1000},
		{"ahead by what is borne", []reading{{mc: 4000, ahead: driftMost}}, "", 0, 0},
		{"ahead by more", []reading{{mc: 4000, ahead: driftMost + time.Millisecond}}, ClockDrift, 2.001, 2},
		{"silent for as long as is borne", []reading{{mc: 4000}, {s: silentIntervals * in, mc: 4000}}, "", 0, 0},
		{"silent for longer", []reading{{mc: 4000}, {s: silentIntervals*in + 1, mc: 4000}}, Gap, silentIntervals*in + 1, silentIntervals * in},
		{"up and down by what is borne", []reading{{mc: 4000}, {s: in, mc: 6000}, {s: 2 * in, mc: 4000}}, "", 0, 0},
		{"up and down by more", []reading{{mc: 4000}, {s: in, mc: 6001}, {s: 2 * in, mc: 3999}}, Spike, 6.001, 2},
		{"up by what is borne and down by more", []reading{{mc: 4000}, {s: in, mc: 6000}, {s: 2 * in, mc: 3999}}, Jump, 8.004, 5},
		{"up by more and down by what is borne", []reading{{mc: 4000}, {s: in, mc: 6001}, {s: 2 * in, mc: 4001}}, "", 0, 0},
		{"down and up by more", []reading{{mc: 6001}, {s: in, mc: 4000}, {s: 2 * in, mc: 6001}}, Spike, 4, 2},
		{"down by more and up by what is borne", []reading{{mc: 6001}, {s: in, mc: 4000}, {s: 2 * in, mc: 6000}}, "", 0, 0},
		{"down by what is borne and up by more", []reading{{mc: 6000}, {s: in, mc: 4000}, {s: 2 * in, mc: 6001}}, Jump, 8.004, 5},
		{"up and down, two intervals each", []reading{{mc: 4000}, {s: 2 * in, mc: 6500}, {s: 4 * in, mc: 4000}}, Spike, 6.5, 2},
		{"up and down, more than two intervals before", []reading{{mc: 4000}, {s: 2*in + 1, mc: 6500}, {s: 3 * in, mc: 4400}}, Jump, 0, 5},
		{"a jump by what is borne", []reading{{mc: 4000}, {s: 15, mc: 6000}}, "", 0, 0},
		{"a jump", []reading{{mc: 4000}, {s: 15, mc: 6100}}, Jump, 8.4, 5},
		{"a jump as fast as is borne", []reading{{mc: 4000}, {s: 30, mc: 6500}}, "", 0, 0},
		{"a jump with the lid open", []reading{{mc: 4000}, {s: 15, mc: 6100, lid: true}}, "", 0, 0},
		{"the probes apart by what is borne", []reading{{mc: 4000, second: 5000}, {s: 300, mc: 4001, second: 5001}}, Gap, 300, silentIntervals * in},
		{"apart for less than is borne", []reading{{mc: 4000, second: 5001}, {s: 299, mc: 4001, second: 5002}}, Gap, 299, silentIntervals * in},
	}
	for _, tt := range tests {
		w := newWatchdog(p)
		var events []SensorEvent
		for i, x := range tt.readings {
			r := Reading{At: at(x.s), Seq: uint64(i), TempMC: x.mc, AmbientMC: 20_000 + x.air, LidOpen: x.lid, SecondMC: x.second, HasSecond: x.second != 0}
			r.ReceivedAt = r.At.Add(-x.ahead)
			events = w.observe(r)
		}
		if tt.want == "" {
			if len(events) > 0 {
				t.Errorf("%s: got %+v", tt.name, events)
			}
			continue
		}
		if len(events) == 0 || events[0].Fault != tt.want {
			t.Errorf("%s: got %+v, want %s", tt.name, events, tt.want)
			continue
		}
		if e := events[0]; tt.value != 0 && math.Abs(e.Value-tt.value) > 1e-9 || math.Abs(e.Limit-tt.limit) > 1e-9 {
			t.Errorf("%s: got %+v, want %v over %v", tt.name, e, tt.value, tt.limit)
		}
	}
}

// A value that stays is a fault only when it stays for long beside something that moved.
func TestWhenASensorIsStuckOrAlone(t *testing.T) {
	p := redCells(t)
	for _, tt := range []struct {
		name          string
		minutes       float64
		airMC, pairMC int32 // moved by the last reading
		pair          bool
		apartMC       int32
		want          SensorFault
	}{
		{"the air moved enough", 15, stuckAirMC, 0, false, 0, Stuck},
		{"the air moved less", 15, stuckAirMC - 1, 0, false, 0, ""},
		{"for less long", 14.75, stuckAirMC, 0, false, 0, ""},
		{"the other probe moved enough", 15, 0, stuckPairMC, true, 0, Stuck},
		{"the other probe moved less", 15, 0, stuckPairMC - 1, true, 0, ""},
		{"apart for long enough", 5, 0, 0, true, disagreeMC + 1, Disagree},
		{"apart for less long", 4.75, 0, 0, true, disagreeMC + 1, ""},
		{"apart by what is borne", 5, 0, 0, true, disagreeMC, ""},
	} {
		w := newWatchdog(p)
		var last []SensorEvent
		n := int(tt.minutes * 4)
		for i := range n + 1 {
			r := Reading{At: t0.Add(time.Duration(i) * 15 * time.Second), Seq: uint64(i), TempMC: 4000, AmbientMC: 20_000, HasSecond: tt.pair, SecondMC: 4000 + tt.apartMC}
			if i == n {
				r.AmbientMC += tt.airMC
				r.SecondMC += tt.pairMC
			}
			last = w.observe(r)
		}
		got := SensorFault("")
		if len(last) > 0 {
			got = last[0].Fault
			if e := last[0]; math.Abs(e.Limit-map[SensorFault]float64{Stuck: 900, Disagree: 1}[got]) > 1e-9 || got == Stuck && e.Value != 900 ||
				got == Disagree && e.Value != 1.001 {
				t.Errorf("%s: %+v", tt.name, e)
			}
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
