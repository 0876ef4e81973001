package dispatch

import (
	"bytes"
	"context"
	"slices"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// LoggerComparison is a logger's file beside what its box reported live, and what the
// file alone would advise.
type LoggerComparison struct {
	coldchain.Comparison
	Box     telemetry.DeviceID
	Report  coldchain.Report
	Flagged []coldchain.LineFault
	Broken  coldchain.LineFault
	Advice  coldchain.Advice
}

// CompareLogger keeps a logger's file as it is, and compares what can be read of it with
// the delivery's record. The record itself is not changed by it.
func (d *Dispatcher) CompareLogger(ctx context.Context, a network.Actor, id delivery.DeliveryID, file []byte, o coldchain.LoggerOptions) (LoggerComparison, error) {
	c, err := d.ColdRecord(ctx, a, id)
	if err != nil {
		return LoggerComparison{}, err
	}
	if o.Box != string(c.Box) {
		return LoggerComparison{}, refusal.OfField("logger", "is not "+string(c.Box)+", the delivery's box")
	}
	if err := d.Store.KeepLoggerFile(ctx, id, file, a, d.Now()); err != nil { // also one that cannot be read
		return LoggerComparison{}, err
	}
	o.Now = d.Now()
	f, err := coldchain.ParseLogger(bytes.NewReader(file), o)
	if err != nil {
		return LoggerComparison{}, refusal.OfField("body", "was kept but cannot be read: "+err.Error())
	}
	within := f.Readings[:0]
	for _, r := range f.Readings {
		if !r.At.Before(c.From) && !r.At.After(c.To) {
			within = append(within, r)
		}
	}
	if len(within) == 0 {
		return LoggerComparison{}, refusal.OfField("body", "was kept, but none of its readings lies between packing and opening")
	}
	slices.SortStableFunc(within, func(x, y coldchain.Reading) int { return x.At.Compare(y.At) })
	out := LoggerComparison{Comparison: coldchain.Compare(within, c.Readings, c.Profile.Interval), Box: c.Box, Report: coldchain.Judged(c.Profile, within), Flagged: f.Flagged, Broken: f.Broken}
	v, _ := coldchain.JudgeUnit(c.Profile, d.Profiles, coldchain.Life{}, coldchain.Passage{Report: out.Report, From: c.From, To: c.To, Faults: coldchain.Watched(c.Profile, within), CalibrationDue: c.CalibrationDue})
	out.Advice = v.Advice
	return out, nil
}
