package plan

import (
	"strings"
	"testing"
)

func TestWhatIf(t *testing.T) {
	in := read(t, text(t, "medium-02"))
	solve := func(in *Instance) Outcome {
		t.Helper()
		o, err := in.Outcome(Solve(in, 1, Budget{Rounds: 300}).Plan)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	was := solve(in)
	for _, x := range []struct {
		what  string
		v     Variant
		check func(c Comparison) bool
	}{
		{"nothing else", Variant{}, func(c Comparison) bool { return c.Diff == Score{} && len(c.Gained)+len(c.Lost) == 0 }},
		{"every flight takes twice as long", Variant{TimePermille: 2000}, func(c Comparison) bool {
			return c.Is.Score.Compare(c.Was.Score) > 0 && c.Is.StatResponseS > c.Was.StatResponseS
		}},
		{"twice the energy", Variant{EnergyPermille: 2000}, func(c Comparison) bool { return c.Is.Score.Compare(c.Was.Score) > 0 && len(c.Lost) > 0 }},
		{"a centre closed", Variant{Without: []string{in.Sites[0].ID}}, func(c Comparison) bool {
			return len(c.Lost) > 0 && c.Diff[unmet(STAT)]+c.Diff[unmet(Urgent)]+c.Diff[unmet(Routine)] == int64(len(c.Lost)-len(c.Gained))
		}},
		{"no O- to give", Variant{Reserve: 1000, ReserveType: "O-"}, func(c Comparison) bool { return len(c.Lost) > 0 }},
		{"ten drones more", Variant{Add: fleet(in, 10)}, func(c Comparison) bool {
			return c.Is.Score.Decides(c.Was.Score) >= 5 || c.Is.Score.Compare(c.Was.Score) < 0
		}},
	} {
		other, err := in.With(x.v)
		if err != nil {
			t.Fatal(err)
		}
		if c := Compare(in, was, solve(other)); !x.check(c) {
			t.Errorf("%s: %+v", x.what, c)
		}
	}
	if again := solve(in); again.Score != was.Score {
		t.Error("a variant changed the day itself")
	}
	for want, v := range map[string]Variant{"neither a drone nor a centre": {Without: []string{"H1"}}, "home": {Add: []Drone{{ID: "x", Class: "hawk", Home: "nowhere"}}}} {
		if _, err := in.With(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func fleet(in *Instance, n int) (out []Drone) {
	for k := range n {
		out = append(
			out,
			Drone{ID: "more" + string(rune('a'+k)), Class: in.Classes[k%3].ID, Home: in.Sites[k%2].ID, SocJ: in.Classes[k%3].BatteryJ},
		)
	}
	return out
}
