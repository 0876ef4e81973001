package coldrecord

import (
	"slices"
	"strings"
	"time"

	"github.com/samber/lo"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// Record is what a delivery's box measured between packing and opening, and what that
// means for each unit.
type Record struct {
	Delivery delivery.ID
	Box      telemetry.DeviceID
	Profile  coldchain.Profile
	From, To time.Time // To is now while the box is closed
	Readings []coldchain.Reading
	Report   coldchain.Report
	Faults   []coldchain.SensorEvent
	Lost     []coldchain.Lost // readings that are no temperature
	// CalibrationDue is when the earliest calibration of the probes runs out; zero
	// when none is on record.
	CalibrationDue time.Time
	// Live is the box's state while it is watched.
	Live    coldchain.Summary
	Watched bool
	Units   []delivery.Journey
	Signed  []Signature     // in the order in which people signed
	Loggers []LoggerReading // how the loggers' files of the delivery were read
}

// Evidence is what is on record about one delivery's temperatures.
type Evidence struct {
	Delivery delivery.Delivery
	Boxes    []BoxEvidence      // that were packed
	Before   []delivery.Journey // of the units on other deliveries
	Decided  []delivery.Journey // by somebody
	Loggers  []LoggerReading
}

// BoxEvidence is what one box measured, From packing To opening, and its live state.
type BoxEvidence struct {
	Box            delivery.Box
	Profiles       network.Profiles // that counted when it was packed
	From, To       time.Time
	Samples        []telemetry.Sample
	CalibrationDue time.Time
	Live           telemetry.BoxState
}

// Spans are the boxes of a delivery that were packed, with the time that each is judged
// for: from packing to now, or to the delivery's last custody event when it has ended.
func Spans(d delivery.Delivery, custody []delivery.CustodyEvent, now time.Time) []BoxEvidence {
	to := now
	if d.Status.Ended() && len(custody) > 0 {
		to = custody[len(custody)-1].At
	}
	var spans []BoxEvidence
	for _, b := range d.Boxes {
		if !b.PackedAt.IsZero() {
			spans = append(spans, BoxEvidence{Box: b, From: b.PackedAt, To: later(to, b.PackedAt)})
		}
	}
	return spans
}

// Judge judges all units by what is on record. Which box a unit lies in is not known when
// a delivery has several: each unit is judged by all of them and keeps the gravest
// verdict, and the record shows the box with the gravest. Units that were decided keep the
// verdict of then. It refuses a delivery of which no box was packed.
func Judge(e Evidence) (Record, error) {
	var shown Record
	for _, b := range e.Boxes {
		r := e.ofBox(b)
		for _, u := range e.Delivery.Units {
			if !u.PackedAt.IsZero() {
				r.Units = append(r.Units, e.judge(u, b, r))
			}
		}
		shown = graver(shown, r)
	}
	if shown.Box == "" {
		return shown, refusal.OfState("the delivery", string(e.Delivery.Status), "judged by its temperatures")
	}
	e.keepDecided(&shown)
	shown.Loggers = e.Loggers
	return shown, nil
}

// ofBox is what one box's readings say.
func (e Evidence) ofBox(b BoxEvidence) Record {
	r := Record{
		Delivery:       e.Delivery.ID,
		Box:            b.Box.Box,
		Profile:        b.Profiles[b.Box.Profile],
		From:           b.From,
		To:             b.To,
		CalibrationDue: b.CalibrationDue,
	}
	for _, s := range b.Samples {
		if t, ok := s.Reading.(telemetry.Temperature); ok {
			r.Readings = append(r.Readings, t.Reading(s))
		}
	}
	pass := coldchain.PassageOf(r.Profile, r.Readings, nil)
	r.Report, r.Faults, r.Lost = pass.Report, pass.Faults, pass.Lost
	if b.Live.Watched && !e.Delivery.Status.Ended() {
		r.Live, r.Watched = b.Live.Summary, true
	}
	return r
}

// graver is the record of the two whose units are worse off, with each unit's graver
// verdict.
func graver(a, b Record) Record {
	if a.Box == "" {
		return b
	}
	worst := func(r Record) (w coldchain.Advice) {
		for _, u := range r.Units {
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
func (e Evidence) keepDecided(r *Record) {
	for i, u := range r.Units {
		if j, ok := lo.Find(e.Decided, func(j delivery.Journey) bool { return j.Unit == u.Unit }); ok {
			r.Units[i] = j
		}
		if of, ok := lo.Find(e.Delivery.Units, func(x delivery.Unit) bool { return x.Unit.Key == u.Unit }); ok {
			r.Units[i].Outcome = of.Outcome
		}
	}
}

// judge judges one unit from when it was packed.
func (e Evidence) judge(u delivery.Unit, b BoxEvidence, r Record) delivery.Journey {
	life := lifeOf(u.Unit.Key, e.Before)
	pass := coldchain.Passage{
		Report:         r.Report,
		From:           u.PackedAt,
		To:             later(r.To, u.PackedAt),
		Faults:         r.Faults,
		Lost:           r.Lost,
		CalibrationDue: r.CalibrationDue,
	}
	v, after := coldchain.JudgeUnit(r.Profile, b.Profiles, life, pass)
	return delivery.Journey{
		Unit:    u.Unit.Key,
		Box:     r.Box,
		From:    pass.From,
		To:      pass.To,
		OutHigh: r.Report.High,
		OutLow:  r.Report.Low,
		Gap:     r.Gap(),
		Still:   after.Still - life.Still,
		Verdict: v,
	}
}

// lifeOf is what a unit went through on its journeys.
func lifeOf(key blood.UnitKey, journeys []delivery.Journey) (l coldchain.Life) {
	for _, j := range journeys {
		if j.Unit != key {
			continue
		}
		l.OutHigh, l.Still = l.OutHigh+j.OutHigh, l.Still+j.Still
		for _, f := range j.Verdict.Findings {
			if f.Rule != coldchain.RuleAllowance {
				continue
			}
			if l.Used == nil {
				l.Used = map[coldchain.ProfileID]coldchain.Use{}
			}
			u := l.Used[coldchain.ProfileID(f.Detail)]
			l.Used[coldchain.ProfileID(f.Detail)] = coldchain.Use{Count: u.Count + 1, Total: u.Total + time.Duration(f.Value*float64(time.Minute))}
		}
	}
	return l
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Decide is the cold chain's say in a person's decision about one unit: the verdict is
// advice, but to pass a unit against it needs a reason, and one that was frozen passes
// nobody. It is nil for a unit that is not the delivery's or was decided: the step refuses
// it and says what was expected.
func Decide(r Record, by network.Actor, step delivery.Step, scan delivery.Scan, now time.Time) (*delivery.Journey, error) {
	j, ok := lo.Find(r.Units, func(j delivery.Journey) bool { return j.Unit == scan.Unit && j.By == "" })
	if !ok {
		return nil, nil
	}
	if step == delivery.StepReceive {
		switch {
		case j.Verdict.Final:
			return nil, refusal.OfState("the unit", string(j.Verdict.Advice), "received: "+rules(j.Verdict))
		case j.Verdict.Advice.Graver(coldchain.UseWithin) && strings.TrimSpace(scan.Note) == "":
			return nil, refusal.OfField(
				"note",
				"must say why the unit is received although the advice is "+string(j.Verdict.Advice)+" ("+rules(j.Verdict)+")",
			)
		}
	}
	j.By, j.At, j.Note = by.Login, now, scan.Note
	return &j, nil
}

// rules names what a verdict found.
func rules(v coldchain.Verdict) string {
	var names []string
	for _, f := range v.Findings {
		names = append(names, string(f.Rule))
	}
	return strings.Join(names, ", ")
}

// End are the journeys of packed units that end without a ward's decision: the delivery
// was cancelled, stood down or came back. Their life counts when they are sent again.
func End(r Record, by, note string, now time.Time) []delivery.Journey {
	ended := slices.Clone(r.Units)
	for i := range ended {
		ended[i].By, ended[i].At, ended[i].Note = by, now, note
	}
	return ended
}

// Spoiled reports whether no unit of a record may be used any more, as when its box froze
// on the ground and is in range again.
func Spoiled(r Record) bool {
	return !slices.ContainsFunc(r.Units, func(j delivery.Journey) bool {
		return !j.Verdict.Final && j.Verdict.Advice != coldchain.DiscardAdvised
	})
}

// Gap is the time that nobody measured, with what could not be read.
func (r Record) Gap() time.Duration {
	return coldchain.Passage{Report: r.Report, Lost: r.Lost}.Gap(r.Profile.MaxGap)
}

// MeanKineticC is the mean kinetic temperature of the record, for information; false
// without readings enough.
func (r Record) MeanKineticC() (float64, bool) {
	var at, temps []float64
	for _, x := range r.Readings {
		if r.Profile.Believed(x) {
			at, temps = append(at, x.At.Sub(r.From).Seconds()), append(temps, float64(x.TempMC)/1000)
		}
	}
	mean, err := coldchain.MeanKineticOver(at, temps, coldchain.ActivationK)
	return mean, err == nil
}

// TauS is the time constant of the box over the record, taken as one node, in seconds;
// false when its readings do not tell.
func (r Record) TauS() (float64, bool) {
	var temps, air []float64
	for i, x := range r.Readings {
		if !r.Profile.Believed(x) || x.AmbientMC == coldchain.NoAmbientMC || i > 0 && x.At.Sub(r.Readings[i-1].At) > 2*r.Profile.Interval {
			return 0, false // its steps are not even
		}
		temps, air = append(temps, float64(x.TempMC)/1000), append(air, float64(x.AmbientMC)/1000)
	}
	_, tau, err := coldchain.LeastSquares(r.Profile.Interval.Seconds(), temps, air)
	return tau, err == nil
}
