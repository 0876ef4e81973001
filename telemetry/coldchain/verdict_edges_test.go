package coldchain

import (
	"testing"
	"time"
)

// Each time that a verdict measures, at its limit and just beyond it.
func TestTheEdgesOfAVerdict(t *testing.T) {
	base := redCells(t)
	const limit = 2 * time.Hour
	from := t0
	heard := func(first, last, to time.Duration) Passage { // readings from first to last, taken out at to
		return Passage{Report: Report{First: from.Add(first), Last: from.Add(last)}, From: from, To: from.Add(to)}
	}
	tests := []struct {
		name   string
		change func(*Profile, *Life, *Passage)
		want   RuleName // empty: usable, without a finding
		value  float64
		limit  float64
	}{
		{"heard all the way", func(*Profile, *Life, *Passage) {}, "", 0, 0},
		{"begun late by what is borne", func(p *Profile, _ *Life, x *Passage) { x.Report.First = from.Add(p.MaxGap); p.Unmonitored = 0 }, "", 0, 0},
		{"begun later", func(p *Profile, _ *Life, x *Passage) {
			x.Report.First = from.Add(p.MaxGap + time.Minute)
			p.Unmonitored = 0
		}, RuleUnmonitored, base.MaxGap.Minutes() + 1, 0},
		{"ended early by what is borne", func(p *Profile, _ *Life, x *Passage) { x.Report.Last = x.To.Add(-p.MaxGap); p.Unmonitored = 0 }, "", 0, 0},
		{"ended earlier", func(p *Profile, _ *Life, x *Passage) {
			x.Report.Last = x.To.Add(-p.MaxGap - time.Minute)
			p.Unmonitored = 0
		}, RuleUnmonitored, base.MaxGap.Minutes() + 1, 0},
		{"gaps of what is borne", func(p *Profile, _ *Life, x *Passage) { x.Report.Gap = p.Unmonitored }, "", 0, 0},
		{"gaps of more", func(p *Profile, _ *Life, x *Passage) { x.Report.Gap = p.Unmonitored + time.Minute }, RuleUnmonitored, base.Unmonitored.Minutes() + 1, base.Unmonitored.Minutes()},
		{"too short to have been heard of", func(p *Profile, _ *Life, x *Passage) { x.Report, x.To = Report{}, from.Add(p.MaxGap) }, "", 0, 0},
		{"long enough, and not heard of", func(p *Profile, _ *Life, x *Passage) { x.Report, x.To = Report{}, from.Add(p.MaxGap+time.Minute) }, RuleNoReadings, base.MaxGap.Minutes() + 1, 0},
		{"as long as may be on the way", func(p *Profile, _ *Life, _ *Passage) { p.MaxTransit = limit }, "", 0, 0},
		{"as long as one likes", func(p *Profile, _ *Life, _ *Passage) { p.MaxTransit = 0 }, "", 0, 0},
		{"longer", func(p *Profile, _ *Life, _ *Passage) { p.MaxTransit = limit - time.Minute }, RuleTransit, 120, 119},
		{"outside over its life as long as may be", func(p *Profile, l *Life, x *Passage) {
			p.HardOut, l.OutHigh, x.Report.High = time.Hour, 40*time.Minute, 20*time.Minute
		}, "", 0, 0},
		{"outside for longer", func(p *Profile, l *Life, x *Passage) {
			p.HardOut, l.OutHigh, x.Report.High = time.Hour, 40*time.Minute, 21*time.Minute
		}, RuleHardOut, 61, 60},
		{"still as long as may be at once", func(p *Profile, _ *Life, _ *Passage) { p.StillOnce = limit }, "", 0, 0},
		{"still for longer at once", func(p *Profile, _ *Life, _ *Passage) { p.StillOnce = limit - time.Minute }, RuleStillOnce, 120, 119},
		{"still over its life as long as may be", func(p *Profile, l *Life, _ *Passage) { p.StillTotal, l.Still = 3*time.Hour, time.Hour }, "", 0, 0},
		{"still over its life for longer", func(p *Profile, l *Life, _ *Passage) { p.StillTotal, l.Still = 3*time.Hour, 61*time.Minute }, RuleStillTotal, 181, 180},
		{"to be used soon", func(p *Profile, _ *Life, _ *Passage) { p.StillOnce, p.StillWarn = 5*time.Hour, limit-time.Minute }, RuleStillWarn, 120, 119},
		{"not to be used soon yet", func(p *Profile, _ *Life, _ *Passage) { p.StillOnce, p.StillWarn = 5*time.Hour, limit+time.Minute }, "", 0, 0},
		{"still as long as needs no warning", func(p *Profile, _ *Life, _ *Passage) { p.StillOnce, p.StillTotal, p.StillWarn = 0, 10*time.Hour, limit }, "", 0, 0},
		{"no more left of its life than is kept back", func(p *Profile, l *Life, _ *Passage) {
			p.StillOnce, p.StillWarn, p.StillTotal, l.Still = 5*time.Hour, 3*time.Hour, 6*time.Hour, 2*time.Hour
		}, RuleStillWarn, 120, 180},
		{"just more left of its life", func(p *Profile, l *Life, _ *Passage) {
			p.StillOnce, p.StillWarn, p.StillTotal, l.Still = 5*time.Hour, 3*time.Hour, 6*time.Hour+time.Second, 2*time.Hour
		}, "", 0, 0},
		{"to be used soon by its life", func(p *Profile, l *Life, _ *Passage) {
			p.StillOnce, p.StillWarn, p.StillTotal, l.Still = 5*time.Hour, limit+time.Minute, 10*time.Hour, 6*time.Hour
		}, RuleStillWarn, 120, 121},
		{"calibrated until the end", func(_ *Profile, _ *Life, x *Passage) { x.CalibrationDue = x.To }, "", 0, 0},
		{"calibrated until just before", func(_ *Profile, _ *Life, x *Passage) { x.CalibrationDue = x.To.Add(-time.Second) }, RuleCalibration, 0, 0},
		{"as cold as may be", func(p *Profile, _ *Life, x *Passage) { x.Report.Events = event1(Low, float64(p.HardLowMC)/1000) }, RuleExcursionLow, float64(base.HardLowMC) / 1000, base.LowC()},
		{"colder", func(p *Profile, _ *Life, x *Passage) { x.Report.Events = event1(Low, float64(p.HardLowMC)/1000-0.1) }, RuleHardLow, float64(base.HardLowMC)/1000 - 0.1, float64(base.HardLowMC) / 1000},
		{"warmer than may ever be", func(p *Profile, _ *Life, x *Passage) { p.HardHighMC = 20_000; x.Report.Events = event1(High, 20.1) }, RuleHardHigh, 20.1, 20},
		{"as warm as may ever be", func(p *Profile, _ *Life, x *Passage) {
			p.HardHighMC, p.Allowances = 20_000, nil
			x.Report.Events = event1(High, 20)
		}, RuleExcursionHigh, 20, base.HighC()},
	}
	for _, tt := range tests {
		p, life, x := base, Life{}, heard(0, limit, limit)
		tt.change(&p, &life, &x)
		v, _ := JudgeUnit(p, nil, life, x)
		if tt.want == "" {
			if len(v.Findings) != 0 || v.Advice != Usable {
				t.Errorf("%s: got %+v", tt.name, v)
			}
			continue
		}
		if len(v.Findings) != 1 || v.Findings[0].Rule != tt.want || !closeTo(v.Findings[0].Value, tt.value) || !closeTo(v.Findings[0].Limit, tt.limit) {
			t.Errorf("%s: got %+v, want %s of %v over %v", tt.name, v.Findings, tt.want, tt.value, tt.limit)
		}
	}
}

// Advice is graver than less grave advice only.
func TestWhichAdviceIsGraver(t *testing.T) {
	order := []Advice{Usable, UseWithin, Quarantine, DiscardAdvised}
	for i, a := range order {
		for j, b := range order {
			if a.Graver(b) != (i > j) {
				t.Errorf("%s graver than %s: %v", a, b, a.Graver(b))
			}
		}
	}
}

func closeTo(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }

// event1 is one excursion of ten minutes.
func event1(side Side, extremeC float64) []Event {
	return []Event{{Side: side, Start: t0, End: t0.Add(10 * time.Minute), ExtremeC: extremeC}}
}

// How long a unit that must be agitated may still be used: the least of what is left.
func TestWithinWhatAUnitIsToBeUsed(t *testing.T) {
	for _, tt := range []struct {
		once, warn, total, still, within time.Duration
	}{
		{5 * time.Hour, time.Hour, 0, 0, 3 * time.Hour},
		{5 * time.Hour, time.Hour, 10 * time.Hour, 7 * time.Hour, time.Hour},
		{5 * time.Hour, time.Hour, 20 * time.Hour, 0, 3 * time.Hour},
		{0, time.Hour, 10 * time.Hour, time.Hour, 7 * time.Hour},
	} {
		p := redCells(t)
		p.StillOnce, p.StillWarn, p.StillTotal = tt.once, tt.warn, tt.total
		x := Passage{Report: Report{First: t0, Last: t0.Add(2 * time.Hour)}, From: t0, To: t0.Add(2 * time.Hour)}
		v, life := JudgeUnit(p, nil, Life{Still: tt.still}, x)
		if v.Within != tt.within || life.Still != tt.still+2*time.Hour {
			t.Errorf("%+v: within %v, still for %v", tt, v.Within, life.Still)
		}
	}
	p := redCells(t)
	p.StillOnce, p.StillTotal, p.StillWarn = 0, 0, 0
	if _, life := JudgeUnit(p, nil, Life{}, Passage{From: t0, To: t0.Add(time.Hour)}); life.Still != 0 {
		t.Errorf("one that needs no agitation was still for %v", life.Still)
	}
}

// An allowance covers what lies in its range, to its very edges, as often and as long as
// it says.
func TestTheEdgesOfAnAllowance(t *testing.T) {
	allowance := Profile{ID: "a", LowMC: 1000, HighMC: 20_000, MaxOut: 10 * time.Minute}
	for _, tt := range []struct {
		name      string
		side      Side
		extremeC  float64
		occasions int
		used      Use
		covers    bool
	}{
		{"for as long as it says", High, 12, 0, Use{}, true},
		{"as warm as it says", High, 20, 0, Use{}, true},
		{"warmer", High, 20.1, 0, Use{}, false},
		{"as cold as it says", Low, 1, 0, Use{}, true},
		{"colder", Low, 0.9, 0, Use{}, false},
		{"after it was used in part", High, 12, 0, Use{1, time.Second}, false},
		{"on the last occasion", High, 12, 2, Use{1, time.Hour}, true},
		{"on one occasion too many", High, 12, 2, Use{2, time.Minute}, false},
	} {
		a := allowance
		a.Occasions = tt.occasions
		p := redCells(t)
		p.Allowances, p.HardHighMC, p.HardLowMC = []ProfileID{"a"}, 30_000, 0
		x := Passage{Report: Report{First: t0, Last: t0.Add(time.Hour), Events: event1(tt.side, tt.extremeC)}, From: t0, To: t0.Add(time.Hour)}
		v, life := JudgeUnit(p, map[ProfileID]Profile{"a": a}, Life{Used: map[ProfileID]Use{"a": tt.used}}, x)
		if covered := v.Advice == Usable; covered != tt.covers {
			t.Errorf("%s: %+v", tt.name, v)
		}
		if want := (Use{tt.used.Count + 1, tt.used.Total + 10*time.Minute}); tt.covers && life.Used["a"] != want {
			t.Errorf("%s: used %+v, want %+v", tt.name, life.Used["a"], want)
		}
	}
}

// A line that was lost is time that nobody measured, from the reading before to the one
// after; of a probe beside another one it is not, and a gap counts once.
func TestWhatIsLostIsUnmonitored(t *testing.T) {
	set, err := Profiles()
	if err != nil {
		t.Fatal(err)
	}
	p := set["hemolift-rbc-2-10"]
	at := func(min int) time.Time { return t0.Add(time.Duration(min) * time.Minute) }
	var readings []Reading
	for _, min := range []int{0, 1, 3, 4, 14} {
		readings = append(readings, Reading{At: at(min), Seq: uint64(min), TempMC: 5000, AmbientMC: NoAmbientMC})
	}
	for _, tt := range []struct {
		lost []Lost
		want time.Duration
	}{
		{nil, 10 * time.Minute},
		{[]Lost{{From: at(1), To: at(3)}}, 12 * time.Minute},
		{[]Lost{{From: at(1), To: at(3)}, {From: at(1), To: at(3)}}, 12 * time.Minute},
		{[]Lost{{From: at(1), To: at(3), Part: true}}, 10 * time.Minute},
		{[]Lost{{From: at(4), To: at(14)}}, 10 * time.Minute},
	} {
		if got := PassageOf(p, readings, tt.lost).Gap(p.MaxGap); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.lost, got, tt.want)
		}
	}
}
