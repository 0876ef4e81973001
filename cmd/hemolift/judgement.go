package main

import (
	"time"

	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/coldchain/readings"
)

// judgement is what `coldchain judge` and `coldchain logger` print. Times are seconds: of the
// trace where it counts them itself, else since Began.
type judgement struct {
	Profile  coldchain.ProfileID `json:"profile"`
	Version  string              `json:"version"`
	Box      string              `json:"box,omitempty"`
	Began    *time.Time          `json:"began,omitempty"`
	Readings int                 `json:"readings"`
	Advice   coldchain.Advice    `json:"advice"`
	Final    bool                `json:"final"`
	WithinS  float64             `json:"within_s,omitempty"`
	HighS    float64             `json:"tor_high_s"`
	LowS     float64             `json:"tor_low_s"`
	HighCS   float64             `json:"deg_s_high"`
	LowCS    float64             `json:"deg_s_low"`
	GapS     float64             `json:"gap_s"`
	MktC     *float64            `json:"mkt_c,omitempty"`
	Events   []judgedEvent       `json:"events"`
	Faults   []judgedFault       `json:"sensor_faults"`
	Findings []judgedFinding     `json:"findings"`
	Lines    judgedLines         `json:"lines"`
}

type judgedEvent struct {
	Kind      coldchain.Side `json:"kind"`
	StartS    float64        `json:"start_s"`
	EndS      float64        `json:"end_s"`
	DurationS float64        `json:"duration_s"`
	ExtremeC  float64        `json:"extreme_c"`
	Open      bool           `json:"open_at_end_of_run"`
}

type judgedFault struct {
	Fault coldchain.SensorFault `json:"fault"`
	AtS   float64               `json:"at_s"`
	Value float64               `json:"value"`
	Limit float64               `json:"limit"`
}

type judgedFinding struct {
	Rule   coldchain.RuleName `json:"rule"`
	Advice coldchain.Advice   `json:"advice"`
	Value  float64            `json:"value"`
	Limit  float64            `json:"limit"`
	AtS    float64            `json:"at_s"`
	Detail string             `json:"detail,omitempty"`
}

// judgedLines say how the file was read.
type judgedLines struct {
	Total     int            `json:"total"`
	Read      int            `json:"read"`
	Lost      int            `json:"left_out"`
	LeftOut   []judgedLine   `json:"left_out_first"`
	LostCells int            `json:"cells_left_out"`
	Cells     []judgedLine   `json:"cells_left_out_first"`
	Assumed   []string       `json:"assumed"`
	Columns   []judgedColumn `json:"columns"`
	Unused    []string       `json:"columns_not_used"`
	Encoding  string         `json:"encoding"`
	Separator string         `json:"separator"`
	Header    int            `json:"header_line"`
	Times     string         `json:"times"`
}

type judgedLine struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

type judgedColumn struct {
	Name     string           `json:"name"`
	As       readings.Meaning `json:"as"`
	Unit     readings.Unit    `json:"unit,omitempty"`
	UnitFrom string           `json:"unit_by,omitempty"`
}

// judgeReadings judges what a file says; how long the blood was packed is not known here.
func judgeReadings(p coldchain.Profile, set map[coldchain.ProfileID]coldchain.Profile, t readings.Table) judgement {
	pass := coldchain.PassageOf(p, t.Readings, t.Lost)
	v, _ := coldchain.JudgeUnit(p, set, coldchain.Life{}, pass)
	epoch := readings.Epoch
	if !t.Elapsed {
		epoch = pass.From
	}
	r := pass.Report
	j := judgement{
		Profile:  p.ID,
		Version:  p.Version,
		Readings: len(t.Readings),
		Advice:   v.Advice,
		Final:    v.Final,
		WithinS:  v.Within.Seconds(),
		HighS:    r.High.Seconds(),
		LowS:     r.Low.Seconds(),
		HighCS:   r.HighCS,
		LowCS:    r.LowCS,
		GapS:     pass.Gap(p.MaxGap).Seconds(),
		Events:   []judgedEvent{},
		Faults:   []judgedFault{},
		Findings: []judgedFinding{},
		Lines:    linesOf(t.Lines),
	}
	if !t.Elapsed {
		j.Began = &epoch
	}
	inS := func(t time.Time) float64 { return t.Sub(epoch).Seconds() }
	for _, e := range r.Events {
		j.Events = append(j.Events, judgedEvent{e.Side, inS(e.Start), inS(e.End), e.Duration().Seconds(), e.ExtremeC, e.Open})
	}
	for _, f := range pass.Faults {
		j.Faults = append(j.Faults, judgedFault{f.Fault, inS(f.At), f.Value, f.Limit})
	}
	for _, f := range v.Findings {
		j.Findings = append(j.Findings, judgedFinding{f.Rule, f.Advice, f.Value, f.Limit, inS(f.At), f.Detail})
	}
	var at, temps []float64
	for _, x := range t.Readings {
		if p.Believed(x) {
			at, temps = append(at, inS(x.At)), append(temps, float64(x.TempMC)/1000)
		}
	}
	if mkt, err := coldchain.MeanKineticOver(at, temps, coldchain.ActivationK); err == nil {
		j.MktC = &mkt
	}
	return j
}

func linesOf(l readings.Lines) judgedLines {
	out := judgedLines{
		Total:     l.Total,
		Read:      l.Read,
		Lost:      l.Lost,
		LeftOut:   []judgedLine{},
		LostCells: l.LostCells,
		Cells:     []judgedLine{},
		Assumed:   append([]string{}, l.Assumed...),
		Columns:   []judgedColumn{},
		Unused:    append([]string{}, l.Unused...),
		Encoding:  l.Encoding,
		Separator: l.Separator,
		Header:    l.Header,
		Times:     l.Times,
	}
	for _, f := range l.LeftOut {
		out.LeftOut = append(out.LeftOut, judgedLine{f.Line, f.Reason})
	}
	for _, f := range l.Cells {
		out.Cells = append(out.Cells, judgedLine{f.Line, f.Reason})
	}
	for _, c := range l.Columns {
		out.Columns = append(out.Columns, judgedColumn{c.Name, c.As, c.Unit, c.From})
	}
	return out
}
