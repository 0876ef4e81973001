package coldchain

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Advice is what a verdict advises for one unit. Only a named person decides.
type Advice string

const (
	Usable         Advice = "usable"
	UseWithin      Advice = "use_within" // or put into storage, within Verdict.Within
	Quarantine     Advice = "quarantine"
	DiscardAdvised Advice = "discard_advised"
)

var graveness = map[Advice]int{Usable: 1, UseWithin: 2, Quarantine: 3, DiscardAdvised: 4}

// Graver reports whether a asks for more than b.
func (a Advice) Graver(b Advice) bool { return graveness[a] > graveness[b] }

// RuleName names a rule that a verdict rests on.
type RuleName string

const (
	RuleExcursionHigh RuleName = "excursion_high"
	RuleExcursionLow  RuleName = "excursion_low"
	RuleHardLow       RuleName = "hard_low"  // frozen: nobody may override it
	RuleHardHigh      RuleName = "hard_high" // as warm as undoes the product
	RuleHardOut       RuleName = "hard_out"  // too long above the range over its life
	RuleAllowance     RuleName = "allowance" // an excursion that an allowance covers
	RuleUnmonitored   RuleName = "unmonitored"
	RuleNoReadings    RuleName = "no_readings"
	RuleTransit       RuleName = "transit"
	RuleStillWarn     RuleName = "still_warn"
	RuleStillOnce     RuleName = "still_once"
	RuleStillTotal    RuleName = "still_total"
	RuleCalibration   RuleName = "calibration_expired"
	RuleSensor        RuleName = "sensor"
	RuleLost          RuleName = "lost_reading"  // beside a reading outside the range, or at the record's end
	RuleBeyondSpan    RuleName = "beyond_span"   // the record says so in words
	RuleClock         RuleName = "clock_set"     // the record's times cannot be trusted
	RuleIrreplaceable RuleName = "irreplaceable" // discard is for a physician to say
)

// Finding is one rule with what it found. Value and Limit are °C for temperatures and
// minutes for times.
type Finding struct {
	Rule         RuleName
	Advice       Advice
	Value, Limit float64
	At           time.Time
	Detail       string // of an allowance its profile, of a sensor its fault, of a calibration its due day, of what was lost its words
}

// Verdict is what the rules of one version of one profile say of a unit.
type Verdict struct {
	Advice   Advice
	Within   time.Duration // with UseWithin
	Final    bool          // no person may pass the unit all the same
	Findings []Finding
	Profile  ProfileID
	Version  string
}

// Life is what a unit went through before, from flight to flight and back to stock.
type Life struct {
	OutHigh time.Duration // above the range
	Still   time.Duration // without agitation
	Used    map[ProfileID]Use
}

// Use is how often an allowance was granted to a unit, and for how long together.
type Use struct {
	Count int
	Total time.Duration
}

// Passage is one journey of a unit in a box.
type Passage struct {
	Report   Report
	From, To time.Time // packed until taken out
	Faults   []SensorEvent
	Lost     []Lost // in order of time
	// CalibrationDue is when the earliest calibration of the box's probes runs out;
	// zero when none is on record.
	CalibrationDue time.Time
}

// unmonitored is the time of a passage without readings, at its ends too.
func (p Passage) unmonitored(maxGap time.Duration) time.Duration {
	if p.Report.First.IsZero() {
		return p.To.Sub(p.From)
	}
	sum := p.Gap(maxGap)
	if before := p.Report.First.Sub(p.From); before > maxGap {
		sum += before
	}
	if after := p.To.Sub(p.Report.Last); after > maxGap {
		sum += after
	}
	return sum
}

// Gap is the time between readings that nobody measured, with what was lost between them:
// there it goes from the reading before to the one after.
func (p Passage) Gap(maxGap time.Duration) time.Duration { return p.Report.Gap + p.lostWithin(maxGap) }

// JudgeUnit judges one unit's passage under a profile of a set, with the life that it
// had before, and returns the life that it has now. Time without readings is never
// taken to be in range.
func JudgeUnit(p Profile, set map[ProfileID]Profile, before Life, pass Passage) (Verdict, Life) {
	j := judge{profile: p, set: set, pass: pass, v: Verdict{Advice: Usable, Profile: p.ID, Version: p.Version}, life: before.add(p, pass)}
	j.excursions()
	j.lost()
	j.times()
	j.sensors()
	if p.Irreplaceable && j.v.Advice == DiscardAdvised {
		j.v.Advice, j.v.Final = Quarantine, false
		j.v.Findings = append(j.v.Findings, Finding{Rule: RuleIrreplaceable, Advice: Quarantine, At: pass.To})
	}
	return j.v, j.life
}

// add is the life after a passage, without its allowances.
func (l Life) add(p Profile, pass Passage) Life {
	used := map[ProfileID]Use{}
	for id, u := range l.Used {
		used[id] = u
	}
	after := Life{OutHigh: l.OutHigh + pass.Report.High + pass.beyond(), Still: l.Still, Used: used}
	if p.hasAgitation() {
		after.Still += pass.To.Sub(pass.From)
	}
	return after
}

func (p Profile) hasAgitation() bool { return p.StillOnce > 0 || p.StillTotal > 0 }

// judge is one judgement in the making.
type judge struct {
	profile Profile
	set     map[ProfileID]Profile
	pass    Passage
	v       Verdict
	life    Life
}

func (j *judge) find(f Finding) {
	j.v.Findings = append(j.v.Findings, f)
	if f.Advice.Graver(j.v.Advice) {
		j.v.Advice = f.Advice
	}
}

func (j *judge) excursions() {
	p := j.profile
	for _, e := range j.pass.Report.Events {
		switch {
		case e.Side == Low && e.ExtremeC < float64(p.HardLowMC)/1000:
			j.find(Finding{Rule: RuleHardLow, Advice: DiscardAdvised, Value: e.ExtremeC, Limit: float64(p.HardLowMC) / 1000, At: e.Start})
			j.v.Final = true
			continue
		case e.Side == High && e.ExtremeC > float64(p.HardHighMC)/1000:
			j.find(Finding{Rule: RuleHardHigh, Advice: DiscardAdvised, Value: e.ExtremeC, Limit: float64(p.HardHighMC) / 1000, At: e.Start})
			continue
		case j.allowed(e):
			continue
		}
		f := Finding{Rule: RuleExcursionHigh, Advice: Quarantine, Value: e.ExtremeC, Limit: p.HighC(), At: e.Start}
		if e.Side == Low {
			f.Rule, f.Limit = RuleExcursionLow, p.LowC()
		}
		j.find(f)
	}
	if p.HardOut > 0 && j.life.OutHigh > p.HardOut {
		j.find(Finding{Rule: RuleHardOut, Advice: DiscardAdvised, Value: j.life.OutHigh.Minutes(), Limit: p.HardOut.Minutes(), At: j.pass.To})
	}
}

// allowed takes the first allowance of the profile that covers an excursion and is not
// used up over the unit's life.
func (j *judge) allowed(e Event) bool {
	for _, id := range j.profile.Allowances {
		a := j.set[id]
		most := cmp.Or(a.MaxOut, a.MaxTransit)
		used := j.life.Used[id]
		within := e.ExtremeC >= a.LowC() && e.ExtremeC <= a.HighC()
		left := used.Total+e.Duration() <= most
		if a.Occasions > 0 {
			left = used.Count < a.Occasions && e.Duration() <= most
		}
		if within && left {
			j.life.Used[id] = Use{used.Count + 1, used.Total + e.Duration()}
			j.find(
				Finding{Rule: RuleAllowance, Advice: Usable, Value: e.Duration().Minutes(), Limit: most.Minutes(), At: e.Start, Detail: string(id)},
			)
			return true
		}
	}
	return false
}

func (j *judge) times() {
	p, pass := j.profile, j.pass
	if pass.Report.First.IsZero() {
		if pass.To.Sub(pass.From) <= p.MaxGap {
			return // too short to have been heard of
		}
		j.find(Finding{Rule: RuleNoReadings, Advice: Quarantine, Value: pass.To.Sub(pass.From).Minutes(), At: pass.To})
	} else if gap := pass.unmonitored(p.MaxGap); gap > p.Unmonitored {
		j.find(Finding{Rule: RuleUnmonitored, Advice: Quarantine, Value: gap.Minutes(), Limit: p.Unmonitored.Minutes(), At: pass.To})
	}
	transit := pass.To.Sub(pass.From)
	if p.MaxTransit > 0 && transit > p.MaxTransit {
		j.find(Finding{Rule: RuleTransit, Advice: Quarantine, Value: transit.Minutes(), Limit: p.MaxTransit.Minutes(), At: pass.To})
	}
	switch {
	case p.StillTotal > 0 && j.life.Still > p.StillTotal:
		j.find(Finding{Rule: RuleStillTotal, Advice: Quarantine, Value: j.life.Still.Minutes(), Limit: p.StillTotal.Minutes(), At: pass.To})
	case p.StillOnce > 0 && transit > p.StillOnce:
		j.find(Finding{Rule: RuleStillOnce, Advice: Quarantine, Value: transit.Minutes(), Limit: p.StillOnce.Minutes(), At: pass.To})
	case p.StillWarn > 0:
		j.stillLeft(transit)
	}
}

// stillLeft warns while some time without agitation is left, on this journey or over the
// unit's life.
func (j *judge) stillLeft(transit time.Duration) {
	p := j.profile
	left, reserve := time.Duration(math.MaxInt64), time.Duration(0)
	if p.StillOnce > 0 {
		left, reserve = p.StillOnce-transit, p.StillOnce-p.StillWarn
	}
	if p.StillTotal > 0 {
		left = min(left, p.StillTotal-j.life.Still)
	}
	if transit <= p.StillWarn && left > reserve {
		return
	}
	j.v.Within = left
	j.find(Finding{Rule: RuleStillWarn, Advice: UseWithin, Value: transit.Minutes(), Limit: p.StillWarn.Minutes(), At: j.pass.To})
}

func (j *judge) sensors() {
	for _, kind := range []SensorFault{Stuck, Disagree} { // the readings themselves are in doubt
		if i := slices.IndexFunc(j.pass.Faults, func(e SensorEvent) bool { return e.Fault == kind }); i >= 0 {
			e := j.pass.Faults[i]
			j.find(Finding{Rule: RuleSensor, Advice: Quarantine, Value: e.Value, Limit: e.Limit, At: e.At, Detail: string(kind)})
		}
	}
	if due := j.pass.CalibrationDue; !due.IsZero() && due.Before(j.pass.To) {
		j.find(Finding{Rule: RuleCalibration, Advice: Quarantine, At: due, Detail: due.Format(time.DateOnly)})
	}
}

// Watched runs the sensor rules over readings in order, as for a record read as a whole.
func Watched(p Profile, readings []Reading) []SensorEvent {
	w := newWatchdog(p)
	var all []SensorEvent
	var last time.Time
	for _, r := range readings {
		if r.At.After(last) {
			all = append(all, w.observe(r)...)
			last = r.At
		}
	}
	return all
}

// Believed reports whether a reading counts as a temperature under a profile.
func (p Profile) Believed(r Reading) bool {
	w := newWatchdog(p)
	return !r.Fault && w.inSpan(r.TempMC) && (!r.HasSecond || w.inSpan(r.SecondMC))
}
