package coldchain

import (
	"math"
	"slices"
	"testing"
	"time"
)

// passage makes readings every interval from packing on, warm by temp.
func passage(p Profile, hours float64, temp func(min float64) float64) Passage {
	var rs []Reading
	to := t0.Add(time.Duration(hours * float64(time.Hour)))
	for at := t0; !at.After(to); at = at.Add(p.Interval) {
		if c := temp(at.Sub(t0).Minutes()); !math.IsNaN(c) {
			rs = append(rs, Reading{At: at, TempMC: int32(math.Round(1000 * c)), AmbientMC: 20_000})
		}
	}
	pass := PassageOf(p, rs, nil)
	return Passage{Report: pass.Report, From: t0, To: to}
}

func steady(c float64) func(float64) float64 { return func(float64) float64 { return c } }

// bump is c but for some minutes from the tenth on.
func bump(c, out, minutes float64) func(float64) float64 {
	return func(m float64) float64 {
		if m >= 10 && m < 10+minutes {
			return out
		}
		return c
	}
}

func rules(v Verdict) []RuleName {
	var names []RuleName
	for _, f := range v.Findings {
		names = append(names, f.Rule)
	}
	return names
}

func TestVerdictsFollowTheRules(t *testing.T) {
	set, err := Profiles()
	if err != nil {
		t.Fatal(err)
	}
	rbc, plt, ln2, uk := set["hemolift-rbc-2-10"], set["hemolift-plt-20-24"], set["hemolift-ln2-150"], set["uk-rbc-transport"]
	silence := func(c, from, to float64) func(float64) float64 {
		return func(m float64) float64 {
			if m > from && m < to {
				return math.NaN()
			}
			return c
		}
	}
	late := passage(rbc, 1, steady(5))
	late.CalibrationDue = t0.Add(-24 * time.Hour)
	stuck := passage(rbc, 1, steady(5))
	stuck.Faults = []SensorEvent{{Fault: Spike}, {Fault: Stuck, Value: 900, Limit: 900}}
	tests := []struct {
		name    string
		profile Profile
		life    Life
		pass    Passage
		want    Advice
		rules   []RuleName
	}{
		{"in range", rbc, Life{}, passage(rbc, 1, steady(5)), Usable, nil},
		{"a moment out", rbc, Life{}, passage(rbc, 1, bump(5, 10.4, 0.5)), Usable, nil},
		{"an excursion", rbc, Life{}, passage(rbc, 1, bump(5, 12, 10)), Quarantine, []RuleName{RuleExcursionHigh}},
		{"too long above", rbc, Life{}, passage(rbc, 2, bump(5, 12, 40)), DiscardAdvised, []RuleName{RuleExcursionHigh, RuleHardOut}},
		{
			"too long over its life",
			rbc,
			Life{OutHigh: 25 * time.Minute},
			passage(rbc, 1, bump(5, 12, 10)),
			DiscardAdvised,
			[]RuleName{RuleExcursionHigh, RuleHardOut},
		},
		{"cold but not frozen", rbc, Life{}, passage(rbc, 1, bump(5, 1.5, 10)), Quarantine, []RuleName{RuleExcursionLow}},
		{"frozen", rbc, Life{}, passage(rbc, 1, bump(5, 0.5, 10)), DiscardAdvised, []RuleName{RuleHardLow}},
		{"silent for long", rbc, Life{}, passage(rbc, 1, silence(5, 20, 40)), Quarantine, []RuleName{RuleUnmonitored}},
		{"silent at the end", rbc, Life{}, passage(rbc, 1, silence(5, 40, 70)), Quarantine, []RuleName{RuleUnmonitored}},
		{"never a reading", rbc, Life{}, passage(rbc, 1, steady(math.NaN())), Quarantine, []RuleName{RuleNoReadings}},
		{"too long under way", rbc, Life{}, passage(rbc, 12.1, steady(5)), Quarantine, []RuleName{RuleTransit}},
		{"calibration run out", rbc, Life{}, late, Quarantine, []RuleName{RuleCalibration}},
		{"stuck sensor", rbc, Life{}, stuck, Quarantine, []RuleName{RuleSensor}},
		{"platelets at rest", plt, Life{}, passage(plt, 6.5, steady(22)), UseWithin, []RuleName{RuleStillWarn}},
		{"platelets at rest too long", plt, Life{}, passage(plt, 7.9, steady(22)), UseWithin, []RuleName{RuleStillWarn}},
		{"platelets over their life", plt, Life{Still: 20 * time.Hour}, passage(plt, 5, steady(22)), Quarantine, []RuleName{RuleStillTotal}},
		{
			"cells that nobody can replace",
			ln2,
			Life{},
			passage(ln2, 10, bump(-190, -130, 60)),
			Quarantine,
			[]RuleName{RuleHardHigh, RuleIrreplaceable},
		},
		{"one occasion", uk, Life{}, passage(uk, 2, bump(5, 1.5, 30)), Usable, []RuleName{RuleAllowance}},
		{
			"one occasion too many",
			uk,
			Life{Used: map[ProfileID]Use{"uk-rbc-equipfail": {1, time.Hour}}},
			passage(uk, 2, bump(5, 1.5, 30)),
			Quarantine,
			[]RuleName{RuleExcursionLow},
		},
		{"one occasion too long", uk, Life{}, passage(uk, 8, bump(5, 1.5, 301)), Quarantine, []RuleName{RuleExcursionLow}},
		{"one occasion too warm", uk, Life{}, passage(uk, 2, bump(5, 11, 30)), Quarantine, []RuleName{RuleExcursionHigh}},
	}
	for _, tt := range tests {
		v, _ := JudgeUnit(tt.profile, set, tt.life, tt.pass)
		if v.Advice != tt.want || !slices.Equal(rules(v), tt.rules) || v.Version != tt.profile.Version ||
			v.Final != slices.Contains(tt.rules, RuleHardLow) {
			t.Errorf("%s: got %s by %v, final %v; want %s by %v", tt.name, v.Advice, rules(v), v.Final, tt.want, tt.rules)
		}
	}
	v, life := JudgeUnit(plt, set, Life{Still: 17 * time.Hour}, passage(plt, 6.5, steady(22)))
	if v.Within != 30*time.Minute || life.Still != 23*time.Hour+30*time.Minute {
		t.Errorf("within %v, still for %v; want 30m, 23h30m", v.Within, life.Still)
	}
}

// Stacking allowances share their time, and what was used is carried on.
func TestAllowancesAreCarriedOverAUnitsLife(t *testing.T) {
	set, err := Profiles()
	if err != nil {
		t.Fatal(err)
	}
	p := set["uk-rbc-transport"]
	stack := set["uk-rbc-60min"]
	stack.Occasions = 0
	set[stack.ID] = stack
	p.Allowances = []ProfileID{stack.ID}
	var life Life
	for i, want := range []Advice{Usable, Usable, Quarantine} { // 25, 50, 75 min of 60
		var v Verdict
		before := life
		v, life = JudgeUnit(p, set, life, passage(p, 2, bump(5, 11, 25)))
		if v.Advice != want {
			t.Errorf("journey %d: got %s, want %s: %+v", i+1, v.Advice, want, v.Findings)
		}
		if before.Used[stack.ID].Count != min(i, 2) {
			t.Errorf("journey %d: the life before was changed: %+v", i+1, before)
		}
	}
	if u := life.Used[stack.ID]; u.Count != 2 || u.Total < 48*time.Minute || u.Total > 54*time.Minute || life.OutHigh < 72*time.Minute {
		t.Errorf("got %+v", life)
	}
}
