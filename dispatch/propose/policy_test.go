package propose

import (
	"encoding/csv"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/geo/route"
)

func builtin(t *testing.T) (Policy, blood.Compatibility) {
	t.Helper()
	p, err := BuiltinPolicy()
	if err != nil {
		t.Fatal(err)
	}
	c, err := blood.LoadCompatibility()
	if err != nil {
		t.Fatal(err)
	}
	return p, c
}

func TestPolicyOrdersDonors(t *testing.T) {
	p, c := builtin(t)
	yes := false
	adult := blood.ClassOf(blood.UnknownGroup, blood.Patient{Sex: blood.Male, Age: blood.Adult, AntiD: &yes})
	for _, x := range []struct {
		what string
		comp blood.Component
		r    blood.RecipientClass
		u    delivery.Urgency
		want []string
	}{
		{"group unknown, sex unknown", blood.RedCells, blood.RecipientClass(blood.UnknownGroup), delivery.STAT, []string{"O-", keptGroup}},
		{"group unknown, man without anti-D", blood.RedCells, adult, delivery.STAT, []string{"O+", "O-", keptGroup}},
		{"the reserve is for STAT", blood.RedCells, "A-", delivery.STAT, []string{"A-", "O-", keptGroup}},
		{"urgent, other groups may be given", blood.RedCells, "A-", delivery.Urgent, []string{"A-", "O-"}},
		{"urgent, nothing else may be given", blood.RedCells, "O-", delivery.Urgent, []string{"O-", keptGroup}},
		{"routine, nothing else may be given", blood.RedCells, "O-", delivery.Routine, []string{"O-"}},
		{"no reserve of plasma", blood.Plasma, "O-", delivery.STAT, nil},
	} {
		got := p.donors(c, x.comp, x.r, x.u)
		if x.want != nil && !slices.Equal(got, x.want) || x.want == nil && slices.Contains(got, keptGroup) {
			t.Errorf("%s: %v, want %v", x.what, got, x.want)
		}
	}
	if got := p.donors(c, blood.RedCells, "AB+", delivery.Routine); len(got) != 4 || slices.Contains(got, "O-") {
		t.Errorf("routine AB+: %v, want the four best", got)
	}
	// Whatever a policy says, nothing incompatible is listed.
	for _, u := range []delivery.Urgency{delivery.STAT, delivery.Urgent, delivery.Routine} {
		for _, comp := range blood.Components() {
			for _, g := range append(blood.Groups(), blood.UnknownGroup) {
				for _, d := range p.donors(c, comp, blood.RecipientClass(g), u) {
					if _, ok := c.Rank(comp, blood.RecipientClass(g), blood.Group(strings.TrimSuffix(d, "/kept"))); !ok {
						t.Errorf("%s %s for %s", comp, d, g)
					}
				}
			}
		}
	}
}

func TestTheReserveIsWhatLivesLongest(t *testing.T) {
	p, _ := builtin(t)
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	unit := func(din string, g blood.Group, c blood.Component, site network.SiteID, days int) blood.Unit {
		return blood.Unit{
			Key:       blood.UnitKey{DIN: din, ProductCode: "E0336V00"},
			Group:     g,
			Component: c,
			Site:      site,
			ExpiresAt: day.AddDate(0, 0, days),
		}
	}
	stock := []blood.Unit{
		unit(
			"1",
			"O-",
			blood.RedCells,
			"A",
			3,
		),
		unit("2", "O-", blood.RedCells, "A", 30),
		unit("3", "O-", blood.RedCells, "A", 20),
		unit("4", "O-", blood.RedCells, "B", 1),
		unit("5", "O+", blood.RedCells, "B", 40),
		unit("6", "O-", blood.Platelets, "B", 2),
	}
	kept := p.kept(stock)
	for i, want := range []bool{false, true, true, true, false, false} {
		if kept[stock[i].Key] != want {
			t.Errorf("unit %s: kept %v", stock[i].Key.DIN, !want)
		}
	}
}

func TestParsePolicyNamesTheLine(t *testing.T) {
	for _, x := range []struct{ old, new, want string }{
		{"rule,of,value", "rule,what,value", "policy:1: of"},
		{"reserve_units,,2", "reserve_units,,-1", "policy:4: reserve_units"},
		{"reserve_units,,2", "reserve_units,,many", "not a number"},
		{"reserve_open,stat,all", "reserve_open,stat,some", "none of all, only, none"},
		{"reserve_open,stat,all", "reserve_open,later,all", "not among"},
		{"substitutes,stat,8", "substitutes,stat,0", "from 1"},
		{"substitutes,urgent,8", "substitutes,stat,8", "stands twice"},
		{"version,,2", "version,,", "empty"},
		{"version,,2", "version,stat,2", "not among"},
		{"partial,stat,yes", "partial,stat,perhaps", "neither yes nor no"},
		{"auto_accept,stat,no", "auto_accept,stat,", "neither yes nor no"},
		{"two_persons,stat,yes", "two_persons,,yes", "not among"},
		{"review_units,,4", "review_units,,-4", "not a number"},
		{"two_persons,routine,yes", "wind_max_mps,,8,,,\ntwo_persons,routine,yes", "not a wind"},
		{"two_persons,routine,yes", "wind_max_mps,HL-L4,NaN,,,\ntwo_persons,routine,yes", "not a wind"},
		{"approved_by,,", "approver,,", "no such rule"},
		{"positive_first,,yes", "positive_first,,maybe", "neither yes nor no"},
	} {
		text := strings.Replace(PolicyText(), x.old, x.new, 1)
		if text == PolicyText() {
			t.Fatalf("%s is not in the built-in policy", x.old)
		}
		if _, err := ParsePolicy(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", x.new, err)
		}
	}
	lines := strings.SplitAfter(PolicyText(), "\n")
	for i := 1; i < len(lines)-1; i++ {
		text := strings.Join(slices.Concat(lines[:i], lines[i+1:]), "")
		if _, err := ParsePolicy(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "missing") {
			t.Errorf("without %s: %v", strings.TrimSpace(lines[i]), err)
		}
	}
	if _, err := ParsePolicy(strings.NewReader("")); err == nil {
		t.Error("an empty file is a policy")
	}
}

func TestAPolicyLimitsClassesOnlyFurther(t *testing.T) {
	p, _ := builtin(t)
	n := &network.Network{Classes: []route.Class{{ID: "A", WindMaxMPS: 12}, {ID: "B", WindMaxMPS: 12}, {ID: "C", WindMaxMPS: 12}}}
	p.WindMaxMPS = map[string]float64{"A": 8, "B": 15}
	got, err := p.Limit(n)
	if err != nil || got.Classes[0].WindMaxMPS != 8 || got.Classes[1].WindMaxMPS != 12 || got.Classes[2].WindMaxMPS != 12 ||
		n.Classes[0].WindMaxMPS != 12 {
		t.Errorf("got %+v, %v", got, err)
	}
	p.WindMaxMPS["D"] = 8
	if _, err := p.Limit(n); err == nil {
		t.Error("a limit for a class that nobody has was taken in")
	}
}

// What a spreadsheet makes of the file is the same policy.
func TestAPolicyAsSpreadsheetsWriteIt(t *testing.T) {
	want, err := ParsePolicy(strings.NewReader(strings.Replace(PolicyText(), "version,,2", "wind_max_mps,MR-10,7.5,,,\nversion,,2", 1)))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(PolicyText())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = ';', true
	if err := w.WriteAll(append(rows, []string{"wind_max_mps", "MR-10", "7,5", "", "", ""})); err != nil {
		t.Fatal(err)
	}
	if got, err := ParsePolicy(strings.NewReader("\ufeff" + b.String())); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

// FuzzParsePolicy: whatever is accepted names every urgency, keeps its bounds, and lists
// nothing incompatible.
func FuzzParsePolicy(f *testing.F) {
	c, err := blood.LoadCompatibility()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(PolicyText())
	f.Add(strings.Replace(PolicyText(), "substitutes,stat,8", "substitutes,stat,1000", 1))
	f.Add(strings.Replace(PolicyText(), "version,,2", "wind_max_mps,MR-10,7.5,,,\nversion,,2", 1))
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePolicy(strings.NewReader(text))
		if err != nil {
			return
		}
		if p.Version == "" || p.ReserveUnits < 0 || p.ReserveUnits > 1000 || p.ReviewUnits < 0 || p.ReviewUnits > 1000 {
			t.Errorf("got %+v", p)
		}
		for class, mps := range p.WindMaxMPS {
			if class == "" || !(mps >= 0 && mps <= maxWindMPS) {
				t.Errorf("wind %q %v", class, mps)
			}
		}
		for _, u := range []delivery.Urgency{delivery.STAT, delivery.Urgent, delivery.Routine} {
			for _, g := range blood.Groups() {
				for _, d := range p.donors(c, blood.RedCells, blood.RecipientClass(g), u) {
					if _, ok := c.Rank(blood.RedCells, blood.RecipientClass(g), blood.Group(strings.TrimSuffix(d, "/kept"))); !ok {
						t.Errorf("%s for %s", d, g)
					}
				}
			}
		}
	})
}
