package print

import (
	"fmt"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/delivery"
	"hemolift/telemetry/coldchain"
)

// page is the PDF in the making. Lengths are mm.
type page struct {
	*fpdf.Fpdf
	latin func(string) string
}

const (
	marginMM = 15
	rowMM    = 5.2
	labelMM  = 42
	widthMM  = 210 - 2*marginMM
)

// Record prints a delivery's cold-chain record at a time, server time.
func Record(w io.Writer, rec delivery.Record, c coldrecord.Record, printed time.Time, demo bool) error {
	p := page{Fpdf: fpdf.New("P", "mm", "A4", "")}
	translate := p.UnicodeTranslatorFromDescriptor("")
	p.latin = func(text string) string { return translate(escaped(text)) }
	p.SetTitle("Cold-chain record "+string(c.Delivery), true)
	p.SetCreator("Hemolift", true)
	p.SetCreationDate(printed)
	p.SetMargins(marginMM, marginMM, marginMM)
	p.SetAutoPageBreak(true, marginMM)
	p.footer(c, printed, demo)
	p.AddPage()
	p.head(rec, c)
	p.curve(c)
	p.verdicts(c)
	p.events(c)
	p.loggers(c)
	p.custody(rec)
	return p.Output(w)
}

func (p *page) footer(c coldrecord.Record, printed time.Time, demo bool) {
	p.SetFooterFunc(func() {
		p.SetY(-marginMM + 3)
		p.SetFont("Helvetica", "", 7)
		note := "Advice by rule, not medical advice; a named person decides. No compliance with any standard is claimed."
		if demo {
			note = "DEMONSTRATION DATA, NOT FOR FLIGHT. " + note
		}
		p.CellFormat(widthMM, 3.5, p.latin(note), "", 2, "L", false, 0, "")
		p.CellFormat(
			widthMM,
			3.5,
			p.latin(
				fmt.Sprintf(
					"%s · profile %s version %s · printed %s · page %d",
					c.Delivery,
					c.Profile.ID,
					c.Profile.Version,
					stamp(printed),
					p.PageNo(),
				),
			),
			"",
			0,
			"L",
			false,
			0,
			"",
		)
	})
}

func (p *page) head(rec delivery.Record, c coldrecord.Record) {
	p.SetFont("Helvetica", "B", 15)
	p.CellFormat(widthMM, 8, "Cold-chain record "+string(c.Delivery), "", 2, "L", false, 0, "")
	d := rec.Delivery
	p.row("Request, mission", fmt.Sprintf("%s, %s, drone %s", d.Request, d.Mission, d.Drone))
	p.row("From, to", fmt.Sprintf("%s, %s (pad %s)", d.Centre, d.Hospital, rec.Mission.Pad))
	p.row("Component", fmt.Sprintf("%s, %d units", d.Component, len(d.Units)))
	p.row("Box, seal", fmt.Sprintf("%s, %s", c.Box, d.Seal))
	p.row("Packed, until", stamp(c.From)+", "+stamp(c.To))
	f := c.Profile
	p.row("Profile", fmt.Sprintf("%s version %s: %s; %s, edition %s", f.ID, f.Version, span(f), f.Standard, f.Edition))
	approver := f.Approver
	if approver == "" {
		approver = "nobody yet"
	}
	p.row("Approved by", fmt.Sprintf("%s; valid from %s; source %s", approver, f.ValidFrom.Format(time.DateOnly), f.Confidence))
	due := "none on record"
	if !c.CalibrationDue.IsZero() {
		due = "runs out on " + c.CalibrationDue.Format(time.DateOnly)
		if c.CalibrationDue.Before(c.To) {
			due += ": EXPIRED"
		}
	}
	p.row("Probe calibration", due)
	r := c.Report
	p.row("Outside the range", fmt.Sprintf("above %s (%.0f °C s), below %s (%.0f °C s)", minutes(r.High), r.HighCS, minutes(r.Low), r.LowCS))
	p.row("Unmonitored", minutes(c.Gap())+" in gaps and lost readings")
	p.row("Readings", fmt.Sprintf("%d from %s to %s", len(c.Readings), stamp(r.First), stamp(r.Last)))
	if mkt, ok := c.MeanKineticC(); ok {
		p.row("Mean kinetic temp.", fmt.Sprintf("%.2f °C (information only)", mkt))
	}
}

func (p *page) row(label, text string) {
	p.SetFont("Helvetica", "", 8)
	p.SetTextColor(90, 100, 110)
	p.CellFormat(labelMM, rowMM, p.latin(label), "", 0, "L", false, 0, "")
	p.SetTextColor(0, 0, 0)
	p.SetFont("Helvetica", "", 9)
	p.MultiCell(widthMM-labelMM, rowMM, p.latin(text), "", "L", false)
}

func (p *page) title(text string) {
	p.Ln(2)
	p.SetFont("Helvetica", "B", 11)
	p.CellFormat(widthMM, 7, p.latin(text), "B", 2, "L", false, 0, "")
}

func (p *page) curve(c coldrecord.Record) {
	p.Ln(2)
	drawCurve(sheet{*p, p.GetY()}, c)
	p.SetY(p.GetY() + curveH)
}

func (p *page) verdicts(c coldrecord.Record) {
	p.title("Units")
	for _, u := range c.Units {
		text := strings.ReplaceAll(string(u.Verdict.Advice), "_", " ")
		if u.Verdict.Advice == coldchain.UseWithin {
			text += " " + minutes(u.Verdict.Within)
		}
		if u.Verdict.Final {
			text += ", final"
		}
		for _, f := range u.Verdict.Findings {
			text += "; " + finding(f)
		}
		text += fmt.Sprintf(" [profile %s version %s]", u.Verdict.Profile, u.Verdict.Version)
		p.row(u.Unit.String(), "Advice: "+text)
		signed := "Not decided yet.  Name ______________________  Signature ______________________"
		if u.By != "" {
			signed = fmt.Sprintf("Signed: %s by %s at %s", u.Outcome, u.By, stamp(u.At))
			if u.Note != "" {
				signed += ": " + u.Note
			}
		}
		p.row("", signed)
	}
	p.signatures(c)
}

// signatures are what people signed about the record, and whether it is still that one.
func (p *page) signatures(c coldrecord.Record) {
	if len(c.Signed) == 0 {
		return
	}
	digest := c.Digest()
	p.title("Signatures")
	for _, s := range c.Signed {
		text := fmt.Sprintf("%s by %s (%s) at %s", s.Meaning, s.NameEN, s.By, stamp(s.At))
		if s.Note != "" {
			text += ": " + s.Note
		}
		if s.Digest != digest {
			text += " [of an earlier state of the record]"
		}
		p.row(s.Digest[:16], text)
	}
}

// finding is one rule in words.
func finding(f coldchain.Finding) string {
	name := strings.ReplaceAll(string(f.Rule), "_", " ")
	switch f.Rule {
	case coldchain.RuleExcursionHigh, coldchain.RuleExcursionLow, coldchain.RuleHardLow, coldchain.RuleHardHigh:
		return fmt.Sprintf("%s %.1f °C (limit %.1f) at %s", name, f.Value, f.Limit, stamp(f.At))
	case coldchain.RuleLost, coldchain.RuleBeyondSpan, coldchain.RuleClock:
		return fmt.Sprintf("%s at %s, %.0f min: %s", name, stamp(f.At), f.Value, f.Detail)
	case coldchain.RuleCalibration, coldchain.RuleSensor:
		return fmt.Sprintf("%s %s", name, f.Detail)
	case coldchain.RuleAllowance:
		return fmt.Sprintf("%s %s for %.0f min", name, f.Detail, f.Value)
	case coldchain.RuleHardOut,
		coldchain.RuleUnmonitored,
		coldchain.RuleNoReadings,
		coldchain.RuleTransit,
		coldchain.RuleStillWarn,
		coldchain.RuleStillOnce,
		coldchain.RuleStillTotal:
		return fmt.Sprintf("%s %.0f min (limit %.0f)", name, f.Value, f.Limit)
	case coldchain.RuleIrreplaceable:
	}
	return name
}

func (p *page) events(c coldrecord.Record) {
	p.title("Excursions and sensor faults")
	for _, e := range c.Report.Events {
		end := stamp(e.End)
		if e.Open {
			end = "open at " + end
		}
		p.row(stamp(e.Start), fmt.Sprintf("%s until %s, %s, extreme %.2f °C", e.Side, end, minutes(e.Duration()), e.ExtremeC))
	}
	for _, f := range c.Faults {
		p.row(stamp(f.At), fmt.Sprintf("sensor: %s, %.4g against %.4g", strings.ReplaceAll(string(f.Fault), "_", " "), f.Value, f.Limit))
	}
	if len(c.Report.Events)+len(c.Faults) == 0 {
		p.row("", "none")
	}
}

// loggers tells how the loggers' files were read. It changes no verdict above.
func (p *page) loggers(c coldrecord.Record) {
	if len(c.Loggers) == 0 {
		return
	}
	p.title("Loggers' files")
	for _, l := range c.Loggers {
		p.row(stamp(l.At), fmt.Sprintf("read by %s, SHA-256 %s", l.By, l.SHA256))
		for _, text := range l.Said {
			p.row("", text)
		}
	}
}

func (p *page) custody(rec delivery.Record) {
	p.title("Custody and signatures")
	for _, e := range rec.Custody {
		text := fmt.Sprintf("%s by %s", strings.ReplaceAll(string(e.Step), "_", " "), e.Actor)
		if e.Scan != "" {
			text += ", scanned " + e.Scan
		}
		if e.Detail != "" {
			text += ": " + e.Detail
		}
		p.row(stamp(e.At), text)
	}
}

// escaped writes what the fonts of a page lack by its code point, so that nothing of a
// reason or a name is lost.
func escaped(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r > 0xff {
			fmt.Fprintf(&b, "\\u%04X", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func span(f coldchain.Profile) string {
	switch {
	case !f.HasLow():
		return fmt.Sprintf("at most %g °C", f.HighC())
	case !f.HasHigh():
		return fmt.Sprintf("at least %g °C", f.LowC())
	}
	return fmt.Sprintf("%g to %g °C", f.LowC(), f.HighC())
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func minutes(d time.Duration) string { return fmt.Sprintf("%.1f min", d.Minutes()) }
