package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"hemolift/telemetry/coldchain"
)

// coldChain is the command `hemolift coldchain`.
func coldChain(_ context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("coldchain: say judge or profiles; coldchain -h explains them")
	}
	switch args[0] {
	case "judge":
		return judgeTrace(args[1:], out)
	case "profiles":
		return listProfiles(args[1:], out)
	case "-h", "--help", "help":
		fmt.Fprintln(
			out,
			"usage: hemolift coldchain judge -profile ID [-profiles FILE.csv] TRACE.csv   time_s,temp_c[,probe2_c,ambient_c,lid] -> a JSON verdict",
		)
		fmt.Fprintln(
			out,
			"       hemolift coldchain profiles [-profiles FILE.csv] [-csv]                the profiles with edition, source and approver",
		)
		return nil
	}
	return fmt.Errorf("coldchain: %q is neither judge nor profiles", args[0])
}

// loadProfiles reads the profiles that are valid at a time, the built-in ones if no file
// is named.
func loadProfiles(file string, at time.Time) (map[coldchain.ProfileID]coldchain.Profile, error) {
	if file == "" {
		return coldchain.Profiles()
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("profiles: %w", err)
	}
	defer f.Close()
	return coldchain.ParseProfiles(f, at)
}

func listProfiles(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("coldchain profiles", flag.ContinueOnError)
	file := fs.String("profiles", "", "CSV file of profiles, instead of the built-in set")
	asCSV := fs.Bool("csv", false, "print the built-in set as a file, to begin one's own with")
	if err := parse(fs, args); err != nil {
		return err
	}
	if *asCSV {
		_, err := io.WriteString(out, coldchain.ProfileText())
		return err
	}
	set, err := loadProfiles(*file, time.Now())
	if err != nil {
		return err
	}
	w := csv.NewWriter(out)
	_ = w.Write(
		[]string{"profile_id", "version", "component", "low_c", "high_c", "standard", "edition", "approver", "valid_from", "confidence"},
	)
	for _, id := range slices.Sorted(maps.Keys(set)) {
		p := set[id]
		_ = w.Write(
			[]string{
				string(id),
				p.Version,
				p.Component,
				orEmpty(p.LowC()),
				orEmpty(p.HighC()),
				p.Standard,
				p.Edition,
				p.Approver,
				p.ValidFrom.Format(time.DateOnly),
				p.Confidence,
			},
		)
	}
	w.Flush()
	return w.Error()
}

func orEmpty(x float64) string {
	if math.IsInf(x, 0) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// judgement is what `coldchain judge` prints. Times are seconds of the trace, minutes
// where a name ends so.
type judgement struct {
	Profile    coldchain.ProfileID `json:"profile"`
	Version    string              `json:"version"`
	Readings   int                 `json:"readings"`
	Advice     coldchain.Advice    `json:"advice"`
	Final      bool                `json:"final"`
	WithinS    float64             `json:"within_s,omitempty"`
	HighS      float64             `json:"tor_high_s"`
	LowS       float64             `json:"tor_low_s"`
	HighCS     float64             `json:"deg_s_high"`
	LowCS      float64             `json:"deg_s_low"`
	GapS       float64             `json:"gap_s"`
	MktC       *float64            `json:"mkt_c,omitempty"`
	Events     []judgedEvent       `json:"events"`
	Faults     []judgedFault       `json:"sensor_faults"`
	Findings   []judgedFinding     `json:"findings"`
	Unreadable []judgedLine        `json:"lines_not_used"`
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

type judgedLine struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

func judgeTrace(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("coldchain judge", flag.ContinueOnError)
	id := fs.String("profile", "", "id of the profile that judges")
	file := fs.String("profiles", "", "CSV file of profiles, instead of the built-in set")
	traces, err := parseWithFiles(fs, args)
	if err != nil {
		return err
	}
	set, err := loadProfiles(*file, time.Now())
	if err != nil {
		return err
	}
	p, ok := set[coldchain.ProfileID(*id)]
	switch {
	case *id == "":
		return errors.New("coldchain judge: say which -profile judges; coldchain profiles lists them")
	case !ok:
		return fmt.Errorf("coldchain judge: profile %q is unknown; coldchain profiles lists them", *id)
	case !p.HasRange():
		return fmt.Errorf("coldchain judge: profile %q has no range to judge by", *id)
	case len(traces) != 1:
		return errors.New("coldchain judge: name one trace")
	}
	f, err := os.Open(traces[0])
	if err != nil {
		return fmt.Errorf("coldchain judge: %w", err)
	}
	defer f.Close()
	readings, lines, err := readTrace(f)
	if err != nil {
		return fmt.Errorf("coldchain judge: %s: %w", traces[0], err)
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(judgeReadings(p, set, readings, lines))
}

// epoch is where the times of readings that count in seconds begin.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func judgeReadings(
	p coldchain.Profile,
	set map[coldchain.ProfileID]coldchain.Profile,
	readings []coldchain.Reading,
	lines []judgedLine,
) judgement {
	slices.SortStableFunc(readings, func(a, b coldchain.Reading) int { return a.At.Compare(b.At) })
	pass := coldchain.Passage{Report: coldchain.Judged(p, readings), From: epoch, To: epoch, Faults: coldchain.Watched(p, readings)}
	if n := len(readings); n > 0 {
		pass.From, pass.To = readings[0].At, readings[n-1].At
	}
	v, _ := coldchain.JudgeUnit(p, set, coldchain.Life{}, pass)
	r := pass.Report
	j := judgement{
		Profile:    p.ID,
		Version:    p.Version,
		Readings:   len(readings),
		Advice:     v.Advice,
		Final:      v.Final,
		WithinS:    v.Within.Seconds(),
		HighS:      r.High.Seconds(),
		LowS:       r.Low.Seconds(),
		HighCS:     r.HighCS,
		LowCS:      r.LowCS,
		GapS:       r.Gap.Seconds(),
		Events:     []judgedEvent{},
		Faults:     []judgedFault{},
		Findings:   []judgedFinding{},
		Unreadable: lines,
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
	for _, x := range readings {
		if p.Believed(x) {
			at, temps = append(at, inS(x.At)), append(temps, float64(x.TempMC)/1000)
		}
	}
	if mkt, err := coldchain.MeanKineticOver(at, temps, coldchain.ActivationK); err == nil {
		j.MktC = &mkt
	}
	return j
}

// Bounds of a trace.
const (
	maxTraceLines = 5_000_000
	maxTraceLine  = 4096
)

// readTrace reads time_s,temp_c[,probe2_c,ambient_c,lid] with a header in any order.
// Lines that are no reading are left out and named; a last line that does not end is
// one of them.
func readTrace(r io.Reader) (readings []coldchain.Reading, unread []judgedLine, err error) {
	unread = []judgedLine{}
	rd := bufio.NewReaderSize(r, maxTraceLine)
	var col map[string]int
	for line := 1; line <= maxTraceLines; line++ {
		slice, err := rd.ReadSlice('\n')
		text := string(slice)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, nil, fmt.Errorf("line %d: %w", line, err)
		}
		if err != nil {
			if strings.TrimSpace(text) != "" {
				unread = append(unread, judgedLine{line, "the line does not end"})
			}
			if col == nil {
				return nil, nil, errors.New("line 1: names no columns time_s and temp_c")
			}
			return readings, unread, nil
		}
		cells := strings.Split(strings.TrimRight(text, "\r\n"), ",")
		if col == nil {
			if col, err = traceColumns(cells); err != nil {
				return nil, nil, err
			}
			continue
		}
		x, reason := traceReading(cells, col)
		if reason != "" {
			unread = append(unread, judgedLine{line, reason})
			continue
		}
		x.Seq = uint64(line)
		readings = append(readings, x)
	}
	return nil, nil, fmt.Errorf("is longer than %d lines", maxTraceLines)
}

func traceColumns(cells []string) (map[string]int, error) {
	col := map[string]int{}
	for i, name := range cells {
		name = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
		if !slices.Contains([]string{"time_s", "temp_c", "probe2_c", "ambient_c", "lid"}, name) {
			return nil, fmt.Errorf("line 1: column %q is none of time_s, temp_c, probe2_c, ambient_c and lid", name)
		}
		col[name] = i
	}
	for _, need := range []string{"time_s", "temp_c"} {
		if _, ok := col[need]; !ok {
			return nil, fmt.Errorf("line 1: column %s is missing", need)
		}
	}
	return col, nil
}

// traceReading reads one line, within a million seconds and what a probe can measure.
func traceReading(cells []string, col map[string]int) (x coldchain.Reading, reason string) {
	number := func(name string, most float64) (float64, bool) {
		i, ok := col[name]
		if !ok || i >= len(cells) || strings.TrimSpace(cells[i]) == "" {
			return 0, false
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(cells[i]), 64)
		if (err != nil || !(math.Abs(v) <= most)) && reason == "" {
			reason = fmt.Sprintf("%s: %q is not a number within %g", name, cells[i], most)
		}
		return v, true
	}
	const mostC, mostS = 300, 1e9
	t, okTime := number("time_s", mostS)
	c, okTemp := number("temp_c", mostC)
	second, okSecond := number("probe2_c", mostC)
	air, okAir := number("ambient_c", mostC)
	lid, _ := number("lid", 1)
	switch {
	case reason != "":
	case !okTime:
		reason = "time_s is missing"
	case !okTemp:
		reason = "temp_c is missing"
	}
	milli := func(v float64) int32 { return int32(math.Round(1000 * v)) }
	x = coldchain.Reading{TempMC: milli(c), SecondMC: milli(second), HasSecond: okSecond, AmbientMC: coldchain.NoAmbientMC, LidOpen: lid != 0}
	if reason == "" {
		x.At = epoch.Add(time.Duration(math.Round(t * float64(time.Second))))
	}
	if okAir {
		x.AmbientMC = milli(air)
	}
	return x, reason
}
