package coldrecord_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/coldchain/readings"
)

var (
	t0   = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	ward = network.Actor{Login: "ward", Role: network.RoleHospital, Site: "H"}
	bag  = blood.UnitKey{DIN: "A999926000001", ProductCode: "E0336V00"}
)

const profile coldchain.ProfileID = "hemolift-rbc-2-10"

// samples are readings of a box every 15 s for half an hour, each of some °C.
func samples(celsius func(i int) float64) []telemetry.Sample {
	var out []telemetry.Sample
	for i := range 121 {
		out = append(out, telemetry.Sample{
			At: t0.Add(time.Duration(i) * 15 * time.Second), Device: "BX-1", Seq: uint64(i),
			Reading: telemetry.Temperature{TempMC: int32(celsius(i) * 1000), AmbientMC: 20_000},
		})
	}
	return out
}

// evidence is one delivered bag whose box measured some temperatures.
func evidence(t *testing.T, boxes ...[]telemetry.Sample) coldrecord.Evidence {
	t.Helper()
	profiles, err := coldchain.Profiles()
	if err != nil {
		t.Fatal(err)
	}
	d := delivery.Delivery{
		ID: "D-1", Status: delivery.DLanded,
		Units: []delivery.Unit{{Unit: blood.Unit{Key: bag, Component: blood.RedCells}, PackedAt: t0, Box: "BX-1"}},
	}
	var e coldrecord.Evidence
	for i, s := range boxes {
		b := delivery.Box{Box: telemetry.DeviceID(fmt.Sprintf("BX-%d", i+1)), Profile: profile, PackedAt: t0}
		d.Boxes = append(d.Boxes, b)
		e.Boxes = append(e.Boxes, coldrecord.BoxEvidence{
			Box: b, Profiles: profiles, From: t0, To: t0.Add(30 * time.Minute), Samples: s, CalibrationDue: t0.AddDate(1, 0, 0),
		})
	}
	e.Delivery = d
	return e
}

func steady(c float64) func(int) float64 { return func(int) float64 { return c } }

func warming(i int) float64 {
	if i > 13 {
		return 25
	}
	return 4
}

func TestWhatABoxMeasuredJudgesItsUnits(t *testing.T) {
	tests := []struct {
		name  string
		boxes [][]telemetry.Sample
		graver,
		spoiled, final bool
	}{
		{"in range", [][]telemetry.Sample{samples(steady(4))}, false, false, false},
		{"warm for long", [][]telemetry.Sample{samples(warming)}, true, false, false},
		{"frozen", [][]telemetry.Sample{samples(steady(-8))}, true, true, true},
		{"silent", [][]telemetry.Sample{nil}, true, false, false},
		{"one of two boxes warm", [][]telemetry.Sample{samples(steady(4)), samples(warming)}, true, false, false},
		{"the other of two boxes warm", [][]telemetry.Sample{samples(warming), samples(steady(4))}, true, false, false},
	}
	for _, tt := range tests {
		r, err := coldrecord.Judge(evidence(t, tt.boxes...))
		if err != nil || len(r.Units) != 1 {
			t.Errorf("%s: %+v, %v", tt.name, r.Units, err)
			continue
		}
		v := r.Units[0].Verdict
		if v.Advice.Graver(coldchain.UseWithin) != tt.graver || coldrecord.Spoiled(r) != tt.spoiled || v.Final != tt.final {
			t.Errorf("%s: %s, final %v, spoiled %v, %+v", tt.name, v.Advice, v.Final, coldrecord.Spoiled(r), v.Findings)
		}
	}
}

func TestABoxThatWasNotPackedJudgesNothing(t *testing.T) {
	e := evidence(t)
	if _, err := coldrecord.Judge(e); err == nil {
		t.Error("no box was packed, and units were judged")
	}
}

// What a unit went through before counts, and what somebody decided stays.
func TestEarlierJourneysAndDecisions(t *testing.T) {
	e := evidence(t, samples(steady(4)))
	fresh, err := coldrecord.Judge(e)
	if err != nil {
		t.Fatal(err)
	}
	e.Before = []delivery.Journey{{Unit: bag, OutHigh: 100 * time.Hour, Still: 100 * time.Hour, Verdict: coldchain.Verdict{
		Findings: []coldchain.Finding{{Rule: coldchain.RuleAllowance, Detail: string(profile), Value: 60}},
	}}}
	used, err := coldrecord.Judge(e)
	if err != nil || !used.Units[0].Verdict.Advice.Graver(fresh.Units[0].Verdict.Advice) {
		t.Errorf("%s, %v", used.Units[0].Verdict.Advice, err)
	}
	e.Before = nil
	e.Decided = []delivery.Journey{{Unit: bag, By: "ward", Verdict: coldchain.Verdict{Advice: coldchain.DiscardAdvised}}}
	e.Delivery.Units[0].Outcome = blood.Discarded
	kept, err := coldrecord.Judge(e)
	if err != nil || kept.Units[0].By != "ward" || kept.Units[0].Outcome != blood.Discarded {
		t.Errorf("%+v, %v", kept.Units[0], err)
	}
}

func TestHowLongABoxIsJudged(t *testing.T) {
	d := delivery.Delivery{Status: delivery.DLanded, Boxes: []delivery.Box{{Box: "BX-1", PackedAt: t0}, {Box: "BX-2"}}}
	now, closed := t0.Add(2*time.Hour), t0.Add(time.Hour)
	custody := []delivery.CustodyEvent{{At: closed}}
	if got := coldrecord.Spans(d, custody, now); len(got) != 1 || !got[0].To.Equal(now) || !got[0].From.Equal(t0) {
		t.Errorf("closed box: %+v", got)
	}
	d.Status = delivery.DClosed
	if got := coldrecord.Spans(d, custody, now); !got[0].To.Equal(closed) {
		t.Errorf("ended: %+v", got)
	}
	if got := coldrecord.Spans(d, []delivery.CustodyEvent{{At: t0.Add(-time.Minute)}}, now); !got[0].To.Equal(t0) {
		t.Errorf("ended before it was packed: %+v", got)
	}
}

func TestAPersonDecides(t *testing.T) {
	judged := func(c func(int) float64) coldrecord.Record {
		r, err := coldrecord.Judge(evidence(t, samples(c)))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	var field refusal.Field
	var state refusal.State
	tests := []struct {
		name string
		r    coldrecord.Record
		step delivery.Step
		note string
		as   any // of the refusal; nil: it passes
	}{
		{"received in range", judged(steady(4)), delivery.StepReceive, "", nil},
		{"received warm", judged(warming), delivery.StepReceive, " ", &field},
		{"received warm, with a reason", judged(warming), delivery.StepReceive, "probe was in the sun", nil},
		{"rejected warm", judged(warming), delivery.StepReject, "", nil},
		{"received frozen", judged(steady(-8)), delivery.StepReceive, "with a reason", &state},
	}
	for _, tt := range tests {
		j, err := coldrecord.Decide(tt.r, ward, tt.step, delivery.Scan{Unit: bag, Note: tt.note}, t0)
		if tt.as == nil && (err != nil || j == nil || j.By != "ward" || !j.At.Equal(t0) || j.Note != tt.note) {
			t.Errorf("%s: %+v, %v", tt.name, j, err)
		}
		if tt.as != nil && !errors.As(err, tt.as) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if j, err := coldrecord.Decide(judged(steady(4)), ward, delivery.StepReceive, delivery.Scan{}, t0); j != nil || err != nil {
		t.Errorf("another unit: %+v, %v", j, err)
	}
	for _, j := range coldrecord.End(judged(steady(4)), "anna", "cancelled", t0) {
		if j.By != "anna" || j.Note != "cancelled" || !j.At.Equal(t0) {
			t.Errorf("got %+v", j)
		}
	}
}

func TestFiguresForInformation(t *testing.T) {
	r, err := coldrecord.Judge(evidence(t, samples(func(i int) float64 { return 20 - 16*math.Exp(-float64(i)*15/3600) })))
	if err != nil {
		t.Fatal(err)
	}
	if tau, ok := r.TauS(); !ok || math.Abs(tau-3600) > 60 {
		t.Errorf("a time constant of %v s, %v", tau, ok)
	}
	if mean, ok := r.MeanKineticC(); !ok || mean < 4 || mean > 12 {
		t.Errorf("a mean of %v °C, %v", mean, ok)
	}
	r.Readings = append(r.Readings[:50:50], r.Readings[100:]...)
	if _, ok := r.TauS(); ok {
		t.Error("uneven readings told a time constant")
	}
	r.Readings = nil
	if _, ok := r.MeanKineticC(); ok {
		t.Error("no readings have a mean")
	}
}

func TestALoggersFile(t *testing.T) {
	e := evidence(t, samples(steady(4)))
	r, err := coldrecord.Judge(e)
	if err != nil {
		t.Fatal(err)
	}
	file := func(from time.Time, c float64) []byte {
		var b strings.Builder
		b.WriteString("time,temperature\n")
		for i := range 180 {
			fmt.Fprintf(&b, "%s,%.1f\n", from.Add(time.Duration(i)*10*time.Second).Format(time.RFC3339), c)
		}
		return []byte(b.String())
	}
	c, err := coldrecord.Compare(r, e.Boxes[0].Profiles, file(t0, 4), readings.Options{})
	if err != nil || c.Box != "BX-1" || c.Advice.Graver(coldchain.UseWithin) {
		t.Errorf("got %+v, %v", c.Advice, err)
	}
	if c, err = coldrecord.Compare(r, e.Boxes[0].Profiles, file(t0, 25), readings.Options{}); err != nil || !c.Advice.Graver(coldchain.UseWithin) {
		t.Errorf("warm: %+v, %v", c.Advice, err)
	}
	var field refusal.Field
	for name, text := range map[string][]byte{"no file": []byte("x"), "of another day": file(t0.AddDate(0, 0, 1), 4)} {
		if _, err := coldrecord.Compare(r, e.Boxes[0].Profiles, text, readings.Options{}); !errors.As(err, &field) || field.Field != "body" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACalibrationThatCannotBe(t *testing.T) {
	good := coldrecord.ProbeCalibration{Box: "BX-1", Probe: 1, Certificate: "C-1", CalibratedOn: t0.AddDate(0, -1, 0), DueOn: t0.AddDate(1, 0, 0)}
	if err := good.Check(t0); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*coldrecord.ProbeCalibration){
		"probe":         func(c *coldrecord.ProbeCalibration) { c.Probe = 3 },
		"certificate":   func(c *coldrecord.ProbeCalibration) { c.Certificate = " " },
		"calibrated_on": func(c *coldrecord.ProbeCalibration) { c.CalibratedOn = t0.Add(time.Hour) },
		"due_on":        func(c *coldrecord.ProbeCalibration) { c.DueOn = c.CalibratedOn },
	} {
		c := good
		change(&c)
		var field refusal.Field
		if err := c.Check(t0); !errors.As(err, &field) || field.Field != want {
			t.Errorf("%s: %v", want, err)
		}
	}
}
