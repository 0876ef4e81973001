package coldrecord

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/coldchain/readings"
)

// Comparison is a logger's file beside what its box reported live, and what the file alone
// would advise.
type Comparison struct {
	coldchain.Comparison
	Box      telemetry.DeviceID
	Report   coldchain.Report
	Findings []coldchain.Finding
	Lines    readings.Lines
	Gap      time.Duration // that nobody measured, with what could not be read
	Outside  int           // readings before packing or after opening
	Advice   coldchain.Advice
}

// LoggerReading is how a logger's file was read, in sentences: what was taken for what,
// assumed and left out, and what the file alone would advise; or why it could not be read.
type LoggerReading struct {
	SHA256 string // of the file, hexadecimal
	By     string
	At     time.Time
	Said   []string
}

// SaidOf tells what came of comparing a file.
func SaidOf(c Comparison, err error) []string {
	if err != nil {
		return []string{"not judged: the file " + strings.TrimPrefix(err.Error(), "body ")}
	}
	minutes := func(d time.Duration) string { return fmt.Sprintf("%.1f min", d.Minutes()) }
	said := []string{
		fmt.Sprintf("the file alone advises %s: above %s, below %s, unmonitored %s", strings.ReplaceAll(string(c.Advice), "_", " "),
			minutes(c.Report.High), minutes(c.Report.Low), minutes(c.Gap)),
		fmt.Sprintf("%d readings in the file, %d live from packing to opening: %d match, %d differ, %d live only, %d in the file only, %d beyond",
			c.Logged, c.Live, c.Matched, c.Differing, c.MissingLogged, c.MissingLive, c.Outside),
	}
	return append(said, c.Lines.Said()...)
}

// Compare compares what can be read of a logger's file with a delivery's record. The
// record itself is not changed by it.
func Compare(r Record, profiles map[coldchain.ProfileID]coldchain.Profile, file []byte, o readings.Options) (Comparison, error) {
	t, err := readings.Read(bytes.NewReader(file), o)
	if err == nil && t.Elapsed {
		err = fmt.Errorf("%w: they are counted since the start, which the file does not say", readings.ErrTimes)
	}
	if err != nil {
		return Comparison{}, refusal.OfField("body", "was kept but cannot be read: "+err.Error())
	}
	first, last := t.Readings[0].At, t.Readings[len(t.Readings)-1].At
	within := slices.DeleteFunc(t.Readings, func(x coldchain.Reading) bool { return x.At.Before(r.From) || x.At.After(r.To) })
	if len(within) == 0 {
		form := time.DateTime + " MST"
		return Comparison{}, refusal.OfField("body", fmt.Sprintf(
			"was kept, but none of its readings (%s to %s, read as %s) lies between packing and opening (%s to %s)",
			first.Format(form), last.Format(form), t.Lines.Times, r.From.UTC().Format(form), r.To.UTC().Format(form)))
	}
	lost := slices.DeleteFunc(t.Lost, func(l coldchain.Lost) bool { return l.To.Before(r.From) || l.From.After(r.To) })
	pass := coldchain.PassageOf(r.Profile, within, lost)
	pass.From, pass.To, pass.CalibrationDue = r.From, r.To, r.CalibrationDue
	v, _ := coldchain.JudgeUnit(r.Profile, profiles, coldchain.Life{}, pass)
	return Comparison{
		Comparison: coldchain.Compare(within, r.Readings, r.Profile.Interval),
		Box:        r.Box,
		Report:     pass.Report,
		Gap:        pass.Gap(r.Profile.MaxGap),
		Findings:   v.Findings,
		Lines:      t.Lines,
		Outside:    t.Lines.Read - len(within),
		Advice:     v.Advice,
	}, nil
}
