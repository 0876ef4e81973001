package dispatch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"

	"github.com/samber/lo"
)

// ColdRecord is what a delivery's box measured between packing and opening, and what
// that means for each unit.
type ColdRecord struct {
	Delivery delivery.DeliveryID
	Box      telemetry.DeviceID
	Profile  coldchain.Profile
	From, To time.Time // To is now while the box is closed
	Readings []coldchain.Reading
	Report   coldchain.Report
	Faults   []coldchain.SensorEvent
	// CalibrationDue is when the earliest calibration of the probes runs out; zero
	// when none is on record.
	CalibrationDue time.Time
	// Live is the box's state while it is watched.
	Live    coldchain.Summary
	Watched bool
	Units   []delivery.Journey
}

// ColdRecord returns the record of a delivery's box. Hospital staff see their own.
func (d *Dispatcher) ColdRecord(ctx context.Context, a network.Actor, id delivery.DeliveryID) (ColdRecord, error) {
	rec, err := d.Store.Delivery(ctx, id)
	if err != nil {
		return ColdRecord{}, err
	}
	if a.Role == network.RoleHospital && a.Site != rec.Delivery.Hospital {
		return ColdRecord{}, refusal.ErrForbidden
	}
	return d.coldRecord(ctx, rec, d.Now())
}

// coldRecord judges all units by what is stored. Which box a unit lies in is not known
// when a delivery has several: each unit is judged by all of them and keeps the gravest
// verdict, and the record shows the box with the gravest. Units that were decided keep
// the verdict of then.
func (d *Dispatcher) coldRecord(ctx context.Context, rec delivery.Record, now time.Time) (ColdRecord, error) {
	del := rec.Delivery
	to := now
	if del.Status.Ended() && len(rec.Custody) > 0 {
		to = rec.Custody[len(rec.Custody)-1].At
	}
	lives, err := d.Store.Lives(ctx, del.Keys(), del.ID)
	if err != nil {
		return ColdRecord{}, fmt.Errorf("lives of units: %w", err)
	}
	var shown ColdRecord
	for _, b := range del.Boxes {
		if b.PackedAt.IsZero() {
			continue
		}
		c, err := d.boxRecord(ctx, del, b, later(to, b.PackedAt), now)
		if err != nil {
			return c, err
		}
		for _, u := range del.Units {
			if !u.PackedAt.IsZero() {
				c.Units = append(c.Units, d.judgeUnit(u, c, lives[u.Unit.Key]))
			}
		}
		shown = graver(shown, c)
	}
	if shown.Box == "" {
		return shown, refusal.OfState("the delivery", string(del.Status), "judged by its temperatures")
	}
	return shown, d.keepDecided(ctx, del, &shown)
}

// boxRecord reads what one box measured.
func (d *Dispatcher) boxRecord(ctx context.Context, del delivery.Delivery, b delivery.Box, to, now time.Time) (ColdRecord, error) {
	c := ColdRecord{Delivery: del.ID, Box: b.Box, Profile: d.Profiles[b.Profile], From: b.PackedAt, To: to}
	samples, err := d.History.Temperatures(ctx, b.Box, c.From, c.To)
	if err != nil {
		return c, fmt.Errorf("readings of %s: %w", b.Box, err)
	}
	for _, s := range samples {
		if t, ok := s.Reading.(telemetry.Temperature); ok {
			c.Readings = append(c.Readings, t.Judged(s))
		}
	}
	c.Report, c.Faults = coldchain.Judged(c.Profile, c.Readings), coldchain.Watched(c.Profile, c.Readings)
	if state, ok := d.Tracker.Box(now, b.Box); ok && state.Watched && !del.Status.Ended() {
		c.Live, c.Watched = state.Summary, true
	}
	c.CalibrationDue, err = d.Store.CalibrationDue(ctx, b.Box)
	return c, err
}

// graver is the record of the two whose units are worse off, with each unit's graver
// verdict.
func graver(a, b ColdRecord) ColdRecord {
	if a.Box == "" {
		return b
	}
	worst := func(c ColdRecord) (w coldchain.Advice) {
		for _, u := range c.Units {
			if u.Verdict.Advice.Graver(w) {
				w = u.Verdict.Advice
			}
		}
		return w
	}
	if worst(b).Graver(worst(a)) {
		a, b = b, a
	}
	for i := range a.Units {
		if b.Units[i].Verdict.Advice.Graver(a.Units[i].Verdict.Advice) || b.Units[i].Verdict.Final && !a.Units[i].Verdict.Final {
			a.Units[i] = b.Units[i]
		}
	}
	return a
}

// keepDecided puts the verdicts of units that somebody decided on in the place of what
// would be said now.
func (d *Dispatcher) keepDecided(ctx context.Context, del delivery.Delivery, c *ColdRecord) error {
	decided, err := d.Store.Passages(ctx, del.ID)
	if err != nil {
		return fmt.Errorf("passages: %w", err)
	}
	for i, u := range c.Units {
		if p, ok := lo.Find(decided, func(p delivery.Journey) bool { return p.Unit == u.Unit }); ok {
			c.Units[i] = p
		}
		if of, ok := lo.Find(del.Units, func(x delivery.Unit) bool { return x.Unit.Key == u.Unit }); ok {
			c.Units[i].Outcome = of.Outcome
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// judgeUnit judges one unit from when it was packed.
func (d *Dispatcher) judgeUnit(u delivery.Unit, c ColdRecord, life coldchain.Life) delivery.Journey {
	pass := coldchain.Passage{Report: c.Report, From: u.PackedAt, To: later(c.To, u.PackedAt), Faults: c.Faults, CalibrationDue: c.CalibrationDue}
	v, after := coldchain.JudgeUnit(c.Profile, d.Profiles, life, pass)
	return delivery.Journey{Unit: u.Unit.Key, Box: c.Box, From: pass.From, To: pass.To, OutHigh: c.Report.High, OutLow: c.Report.Low, Gap: c.Report.Gap, Still: after.Still - life.Still, Verdict: v}
}

// passages are the journeys of units that a step ends.
func (d *Dispatcher) passages(ctx context.Context, a network.Actor, id delivery.DeliveryID, step delivery.Step, scan delivery.Scan, now time.Time) ([]delivery.Journey, error) {
	switch step {
	case delivery.StepReceive, delivery.StepReject:
		p, err := d.decide(ctx, a, id, step, scan, now)
		if p == nil || err != nil {
			return nil, err
		}
		return []delivery.Journey{*p}, nil
	case delivery.StepStandDown, delivery.StepFree, delivery.StepBreak:
		return d.journeys(ctx, id, a.Login, scan.Note, now)
	default:
		return nil, nil
	}
}

// decide is the cold chain's say in a person's step: the verdict is advice, but to pass a
// unit against it needs a reason, and one that was frozen passes nobody.
func (d *Dispatcher) decide(ctx context.Context, a network.Actor, id delivery.DeliveryID, step delivery.Step, scan delivery.Scan, now time.Time) (*delivery.Journey, error) {
	rec, err := d.Store.Delivery(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := rec.Delivery.May(a, step); err != nil {
		return nil, err
	}
	if _, err := rec.Delivery.Status.Next(step); err != nil {
		return nil, err
	}
	c, err := d.coldRecord(ctx, rec, now)
	if err != nil {
		return nil, err
	}
	p, ok := lo.Find(c.Units, func(p delivery.Journey) bool { return p.Unit == scan.Unit && p.By == "" })
	if !ok {
		return nil, nil // the step refuses it and says what was expected
	}
	p.By, p.At, p.Note = a.Login, now, scan.Note
	if step == delivery.StepReceive {
		switch {
		case p.Verdict.Final:
			return nil, refusal.OfState("the unit", string(p.Verdict.Advice), "received: "+reasons(p.Verdict))
		case p.Verdict.Advice.Graver(coldchain.UseWithin) && strings.TrimSpace(scan.Note) == "":
			return nil, refusal.OfField("note", "must say why the unit is received although the advice is "+string(p.Verdict.Advice)+" ("+reasons(p.Verdict)+")")
		}
	}
	return &p, nil
}

func reasons(v coldchain.Verdict) string {
	var names []string
	for _, f := range v.Findings {
		names = append(names, string(f.Rule))
	}
	return strings.Join(names, ", ")
}

// MeanKineticC is the mean kinetic temperature of the record, for information; false
// without readings enough.
func (c ColdRecord) MeanKineticC() (float64, bool) {
	var at, temps []float64
	for _, r := range c.Readings {
		if c.Profile.Believed(r) {
			at, temps = append(at, r.At.Sub(c.From).Seconds()), append(temps, float64(r.TempMC)/1000)
		}
	}
	mean, err := coldchain.MeanKineticOver(at, temps, coldchain.ActivationK)
	return mean, err == nil
}

// TauS is the time constant of the box over the record, taken as one node; false when
// its readings do not tell.
func (c ColdRecord) TauS() (float64, bool) {
	var temps, air []float64
	for i, r := range c.Readings {
		if !c.Profile.Believed(r) || r.AmbientMC == coldchain.NoAmbientMC || i > 0 && r.At.Sub(c.Readings[i-1].At) > 2*c.Profile.Interval {
			return 0, false // its steps are not even
		}
		temps, air = append(temps, float64(r.TempMC)/1000), append(air, float64(r.AmbientMC)/1000)
	}
	_, tau, err := coldchain.LeastSquares(c.Profile.Interval.Seconds(), temps, air)
	return tau, err == nil
}
