package coldrecord_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry/coldchain"
)

// Whatever is changed of a record, its digest is another.
func TestADigestIsOfAllThatIsStated(t *testing.T) {
	at := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	made := func() coldrecord.Record {
		return coldrecord.Record{
			Delivery: "D-1122-0001", Box: "BX-001", Profile: coldchain.Profile{ID: "red_cells", Version: "v1"}, From: at, To: at.Add(time.Hour),
			Readings: []coldchain.Reading{{At: at, Seq: 1, TempMC: 4000, AmbientMC: coldchain.NoAmbientMC}},
			Units: []delivery.Journey{{
				Unit: blood.UnitKey{DIN: "A999926123456", ProductCode: "E0336V00"}, Box: "BX-001", From: at, To: at.Add(time.Hour),
				Verdict: coldchain.Verdict{Advice: coldchain.Usable, Findings: []coldchain.Finding{{Rule: coldchain.RuleExcursionHigh}}},
				Outcome: blood.Received, By: "zhao.min", At: at,
			}},
			Loggers: []coldrecord.LoggerReading{{SHA256: "00", By: "zhao.min", At: at}},
		}
	}
	was := made().Digest()
	if made().Digest() != was || len(was) != 64 {
		t.Fatalf("the digest is %q", was)
	}
	for name, change := range map[string]func(*coldrecord.Record){
		"box":       func(r *coldrecord.Record) { r.Box = "BX-002" },
		"profile":   func(r *coldrecord.Record) { r.Profile.Version = "v2" },
		"end":       func(r *coldrecord.Record) { r.To = at },
		"reading":   func(r *coldrecord.Record) { r.Readings[0].TempMC++ },
		"time":      func(r *coldrecord.Record) { r.Readings[0].At = at.Add(time.Microsecond) },
		"no more":   func(r *coldrecord.Record) { r.Readings = nil },
		"advice":    func(r *coldrecord.Record) { r.Units[0].Verdict.Advice = coldchain.DiscardAdvised },
		"rule":      func(r *coldrecord.Record) { r.Units[0].Verdict.Findings[0].Rule = coldchain.RuleExcursionLow },
		"decision":  func(r *coldrecord.Record) { r.Units[0].Outcome = blood.Quarantined },
		"who":       func(r *coldrecord.Record) { r.Units[0].By = "zhang.min" },
		"note":      func(r *coldrecord.Record) { r.Units[0].Note = "x" },
		"logger":    func(r *coldrecord.Record) { r.Loggers[0].SHA256 = "01" },
		"moved ' '": func(r *coldrecord.Record) { r.Units[0].By, r.Units[0].Note = "zhao.min ", "" },
	} {
		r := made()
		change(&r)
		if r.Digest() == was {
			t.Errorf("%s: the same digest", name)
		}
	}
}

func TestWhatMayBeSigned(t *testing.T) {
	open := coldrecord.Record{Units: []delivery.Journey{{By: "zhao.min"}, {}}}
	if err := open.Signable(); !errors.As(err, new(refusal.State)) {
		t.Errorf("a unit that nobody has decided about: %v", err)
	}
	if err := (coldrecord.Record{Units: open.Units[:1]}).Signable(); err != nil {
		t.Error(err)
	}
	for field, s := range map[string]coldrecord.Signature{
		"":        {Meaning: coldrecord.Accepted},
		"meaning": {Meaning: "maybe"},
		"note":    {Meaning: coldrecord.Rejected, Note: " "},
		"note ":   {Meaning: coldrecord.Accepted, Note: strings.Repeat("x", 401)},
	} {
		var f refusal.Field
		errors.As(s.Check(), &f)
		if f.Field != strings.TrimSpace(field) {
			t.Errorf("%+v: %v", s, f)
		}
	}
}
