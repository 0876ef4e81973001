package print

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/delivery"
	"hemolift/telemetry/coldchain"
)

func record(t *testing.T) (delivery.Record, coldrecord.Record) {
	t.Helper()
	set, err := coldchain.Profiles()
	if err != nil {
		t.Fatal(err)
	}
	t0 := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	c := coldrecord.Record{Delivery: "D-1", Box: "BX-1", Profile: set["hemolift-rbc-2-10"], From: t0, To: t0.Add(40 * time.Minute)}
	for i := range 161 {
		at := t0.Add(time.Duration(i) * 15 * time.Second)
		if m := at.Sub(t0).Minutes(); m > 25 && m < 33 {
			continue // silent
		}
		mc := int32(5000)
		if i > 40 && i < 60 {
			mc = 11_500
		}
		c.Readings = append(
			c.Readings,
			coldchain.Reading{At: at, Seq: uint64(i), TempMC: mc, SecondMC: mc - 300, HasSecond: true, AmbientMC: 21_000},
		)
	}
	c.Report = coldchain.PassageOf(c.Profile, c.Readings, nil).Report
	v, _ := coldchain.JudgeUnit(c.Profile, set, coldchain.Life{}, coldchain.Passage{Report: c.Report, From: c.From, To: c.To})
	key := blood.UnitKey{DIN: "A999926123456", ProductCode: "E0336V00"}
	c.Units = []delivery.Journey{{Unit: key, Verdict: v, By: "zhang.min", At: c.To, Outcome: blood.Quarantined, Note: "太热 <b>"}}
	rec := delivery.Record{
		Delivery: delivery.Delivery{ID: "D-1", Seal: "SL-1"},
		Custody:  []delivery.CustodyEvent{{Step: delivery.StepPack, Actor: "li.jing", At: t0, Scan: key.String()}},
	}
	return rec, c
}

func TestTheCurveIsAPictureOfTheRecord(t *testing.T) {
	_, c := record(t)
	var b bytes.Buffer
	if err := Curve(&b, c); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(b.Bytes())); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("no XML: %v", err)
		}
	}
	for what, n := range map[string]int{outEvent.hex(): 1, inGap.hex(): 2, inBand.hex(): 1, `stroke-dasharray`: 2} { // a gap of each probe
		if got := strings.Count(b.String(), what); got != n {
			t.Errorf("%s: %d times, want %d", what, got, n)
		}
	}
	if err := Curve(&b, coldrecord.Record{Profile: c.Profile}); err != nil { // nothing measured
		t.Error(err)
	}
}

func TestTheRecordPrintsWhateverItHolds(t *testing.T) {
	rec, c := record(t)
	c.Loggers = []coldrecord.LoggerReading{
		{SHA256: "ab12", By: "zhang.min", At: c.To, Said: []string{"5 of 6 lines read", `column "温度(℃)" was taken for temp in C`}},
	}
	for _, c := range []coldrecord.Record{c, {Profile: c.Profile}} {
		var b bytes.Buffer
		if err := Record(
			&b,
			rec,
			c,
			c.To,
			true,
		); err != nil || !bytes.HasPrefix(b.Bytes(), []byte("%PDF-")) ||
			!bytes.Contains(b.Bytes(), []byte("%%EOF")) {
			t.Errorf("%d bytes, %v", b.Len(), err)
		}
	}
}
