package web

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/samber/lo"

	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/delivery"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
	"hemolift/web/api"
	"hemolift/web/print"
	"hemolift/web/sheet"
)

func (h handlers) GetTemperatures(w http.ResponseWriter, r *http.Request, id api.Id, params api.GetTemperaturesParams) {
	a, err := h.permitted(r, "getTemperatures")
	var rec delivery.Record
	if err == nil {
		rec, err = h.record(r, a, delivery.ID(id))
	}
	var readings []api.Reading
	if err == nil {
		readings, err = h.readings(r, rec)
	}
	switch {
	case err != nil:
		h.fail(w, r, err)
	case strings.Contains(r.Header.Get("Accept"), "text/csv"):
		h.giveCSV(w, r, a, id, sheet.Form{Spreadsheet: given(params.Csv) == api.Spreadsheet}, readings)
	default:
		h.reply(w, r, http.StatusOK, readings)
	}
}

// readings are those of the delivery's first box, from packing to the end.
func (h *Server) readings(r *http.Request, rec delivery.Record) ([]api.Reading, error) {
	list := []api.Reading{}
	if len(rec.Delivery.Boxes) == 0 || rec.Delivery.Boxes[0].PackedAt.IsZero() {
		return list, nil
	}
	to := h.Now()
	if rec.Delivery.Status.Ended() {
		to = rec.Custody[len(rec.Custody)-1].At
	}
	b := rec.Delivery.Boxes[0]
	got, err := h.Samples.Temperatures(r.Context(), b.Box, b.PackedAt, to)
	for _, s := range got {
		t := s.Reading.(telemetry.Temperature)
		x := api.Reading{At: s.At, TempMc: t.TempMC, LidOpen: t.LidOpen, Fault: t.Fault}
		if t.HasSecond {
			x.Temp2Mc = &t.SecondMC
		}
		if t.AmbientMC != coldchain.NoAmbientMC {
			x.AmbientMc = &t.AmbientMC
		}
		list = append(list, x)
	}
	return list, err
}

// giveCSV gives a delivery's readings out of the program.
func (h *Server) giveCSV(w http.ResponseWriter, r *http.Request, a member, id string, form sheet.Form, readings []api.Reading) {
	if err := h.exported(r, a, id, "readings, CSV"); err != nil {
		h.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", id+"-temperature.csv"))
	header := []string{"at", "temp_c", "temp2_c", "ambient_c", "lid_open", "fault"}
	rows := lo.Map(readings, func(x api.Reading, _ int) []string {
		return []string{
			x.At.Format(time.RFC3339Nano), celsius(&x.TempMc), celsius(x.Temp2Mc), celsius(x.AmbientMc), fmt.Sprint(x.LidOpen), fmt.Sprint(x.Fault),
		}
	})
	_ = sheet.Write(w, form, header, rows) // the connection may be gone
}

// celsius writes milli-degrees; what is not there is empty.
func celsius(mc *int32) string {
	if mc == nil {
		return ""
	}
	return fmt.Sprintf("%.3f", float64(*mc)/1000)
}

// printed are the forms of a record that are not JSON.
var printed = map[api.GetColdRecordParamsFormat]string{api.Pdf: "application/pdf", api.Svg: "image/svg+xml"}

func (h handlers) GetColdRecord(w http.ResponseWriter, r *http.Request, id api.Id, params api.GetColdRecordParams) {
	a, err := h.permitted(r, delivery.OpReadCold)
	var rec delivery.Record
	if err == nil {
		rec, err = h.record(r, a, delivery.ID(id))
	}
	var c coldrecord.Record
	if err == nil {
		c, err = h.Dispatcher.ColdRecord(r.Context(), a.Actor(), rec.Delivery.ID)
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	if params.Format == nil || *params.Format == api.Json {
		h.reply(w, r, http.StatusOK, coldRecordView(c))
		return
	}
	kind, ok := printed[*params.Format]
	if !ok {
		h.fail(w, r, fieldError{"format", "is none of json, pdf and svg"})
		return
	}
	var body bytes.Buffer // whole before the first byte goes out
	if *params.Format == api.Pdf {
		if err = h.exported(r, a, id, "cold-chain record, PDF"); err == nil {
			err = print.Record(&body, rec, c, h.Now(), h.Demo)
		}
	} else {
		err = print.Curve(&body, c)
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", id+"-coldchain."+string(*params.Format)))
	_, _ = w.Write(body.Bytes()) // the client may have gone
}

// maxLoggerBytes bounds a logger's file.
const maxLoggerBytes = 8 << 20

func (h handlers) CompareLogger(w http.ResponseWriter, r *http.Request, id api.Id, params api.CompareLoggerParams) {
	h.asked(w, r, "compareLogger", http.StatusOK, func(a member) (any, error) {
		if ct := r.Header.Get("Content-Type"); !strings.HasPrefix(ct, "text/csv") {
			return nil, fieldError{"Content-Type", fmt.Sprintf("is %q, want text/csv", ct)}
		}
		o, err := readingOptions(params)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxLoggerBytes))
		if err != nil {
			return nil, err
		}
		if _, err := h.record(r, a, delivery.ID(id)); err != nil {
			return nil, err
		}
		c, err := h.Dispatcher.CompareLogger(r.Context(), a.Actor(), delivery.ID(id), body, o)
		if err != nil {
			return nil, err
		}
		v := api.LoggerComparison{
			Box:           string(c.Box),
			Logged:        c.Logged,
			Live:          c.Live,
			Matched:       c.Matched,
			MissingLive:   c.MissingLive,
			MissingLogged: c.MissingLogged,
			Differing:     c.Differing,
			WorstC:        c.WorstC,
			OutHighS:      c.Report.High.Seconds(),
			OutLowS:       c.Report.Low.Seconds(),
			GapS:          c.Gap.Seconds(),
			Events:        eventsView(c.Report.Events),
			Findings:      findingsView(c.Findings),
			Outside:       c.Outside,
			Lines:         linesView(c.Lines),
			Advice:        string(c.Advice),
		}
		return v, nil
	})
}

func coldRecordView(c coldrecord.Record) api.ColdRecord {
	v := api.ColdRecord{
		Delivery: string(c.Delivery),
		Box:      string(c.Box),
		Profile:  coldProfileView(c.Profile),
		From:     c.From,
		To:       c.To,
		Readings: len(c.Readings),
		OutHighS: c.Report.High.Seconds(),
		OutLowS:  c.Report.Low.Seconds(),
		DegSHigh: c.Report.HighCS,
		DegSLow:  c.Report.LowCS,
		GapS:     c.Gap().Seconds(),
		Events:   eventsView(c.Report.Events),
		Faults:   []api.SensorFault{},
		Units:    []api.UnitVerdict{},
		Loggers: lo.Map(c.Loggers, func(l coldrecord.LoggerReading, _ int) api.LoggerReading {
			return api.LoggerReading{Sha256: l.SHA256, ReadBy: l.By, ReadAt: l.At.UTC(), Said: l.Said}
		}),
	}
	v.Digest = c.Digest()
	v.Signatures = signaturesView(c, v.Digest)
	if x, ok := c.MeanKineticC(); ok {
		v.MeanKineticC = &x
	}
	if x, ok := c.TauS(); ok {
		v.TauS = &x
	}
	if !c.CalibrationDue.IsZero() {
		due := date(c.CalibrationDue)
		v.CalibrationDue = &due
	}
	if c.Watched {
		v.Outlook, v.MarginS = outlookView(c.Live)
	}
	for _, f := range c.Faults {
		v.Faults = append(v.Faults, api.SensorFault{Fault: string(f.Fault), At: f.At, Value: f.Value, Limit: f.Limit})
	}
	for _, u := range c.Units {
		v.Units = append(v.Units, verdictView(u))
	}
	return v
}

func eventsView(events []coldchain.Event) []api.ColdEvent {
	views := []api.ColdEvent{}
	for _, e := range events {
		views = append(views, api.ColdEvent{Side: api.ColdEventSide(e.Side), Start: e.Start, End: e.End, ExtremeC: e.ExtremeC, Open: e.Open})
	}
	return views
}

func verdictView(u delivery.Journey) api.UnitVerdict {
	v := api.UnitVerdict{
		Key:       keyView(u.Unit),
		Advice:    api.UnitVerdictAdvice(u.Verdict.Advice),
		Final:     u.Verdict.Final,
		Findings:  findingsView(u.Verdict.Findings),
		Profile:   string(u.Verdict.Profile),
		Version:   u.Verdict.Version,
		From:      u.From,
		To:        u.To,
		Outcome:   some(string(u.Outcome)),
		DecidedBy: some(u.By),
		DecidedAt: someTime(u.At),
		Note:      some(u.Note),
		WithinS:   some(u.Verdict.Within.Seconds()),
	}
	return v
}

func findingsView(findings []coldchain.Finding) []api.Finding {
	views := []api.Finding{}
	for _, f := range findings {
		views = append(
			views,
			api.Finding{Rule: string(f.Rule), Advice: string(f.Advice), Value: f.Value, Limit: f.Limit, At: f.At, Detail: f.Detail},
		)
	}
	return views
}

func coldProfileView(p coldchain.Profile) api.ColdProfile {
	v := api.ColdProfile{
		Id:         string(p.ID),
		Version:    p.Version,
		Component:  p.Component,
		Standard:   p.Standard,
		Edition:    p.Edition,
		Approver:   p.Approver,
		ValidFrom:  date(p.ValidFrom),
		Confidence: p.Confidence,
		IntervalS:  p.Interval.Seconds(),
	}
	low, high := p.LowC(), p.HighC()
	if p.HasLow() {
		v.LowC = &low
	}
	if p.HasHigh() {
		v.HighC = &high
	}
	return v
}

// outlookView leaves out times beyond the horizon.
func outlookView(s coldchain.Summary) (*api.Outlook, *float64) {
	if !s.HasOutlook {
		return nil, nil
	}
	o := s.Outlook
	v := api.Outlook{
		LimitC:    o.LimitC,
		Side:      api.OutlookSide(o.Side),
		Model:     string(o.Basis.Model),
		Readings:  o.Basis.Readings,
		Leak:      o.Basis.Leak,
		LeakDoubt: o.Basis.Doubt,
		Plateau:   o.Basis.Plateau,
		EarlyS:    limited(o.Early),
		MedianS:   limited(o.Median),
	}
	if o.Basis.Model == coldchain.PCM1 || o.Basis.Model == coldchain.PCM2 {
		v.Melted = &o.Basis.Melted
	}
	if !s.HasMargin {
		return &v, nil
	}
	return &v, limited(s.Margin)
}

func limited(d time.Duration) *float64 {
	if d == coldchain.NoLimit {
		return nil
	}
	s := d.Seconds()
	return &s
}
