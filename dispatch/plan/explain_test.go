package plan

import (
	"slices"
	"strings"
	"testing"
)

// TestExplanationAgreesWithForbidding: the runner-up is what one gets when the chosen
// drone is forbidden, all else stays, and the request is planned again.
func TestExplanationAgreesWithForbidding(t *testing.T) {
	in := read(t, text(t, "medium-01"))
	solved := Solve(in, 1, Budget{Rounds: 200})
	runners := 0
	for _, r := range in.Requests {
		e, err := Explain(in, solved.Plan, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if e.Score != solved.Score || len(e.Others) < len(in.Drones)-1 {
			t.Fatalf("request %s: score %v, %d others", r.ID, e.Score, len(e.Others))
		}
		again, ok := forbidden(t, in, solved.Plan, e, r.ID)
		first := e.Others[0]
		if ok != (first.Score != nil) {
			t.Fatalf("request %s: planned again %v, runner-up %+v", r.ID, ok, first)
		}
		if !ok {
			continue
		}
		runners++
		if again != *first.Score {
			t.Errorf("request %s: planned again %v, runner-up %v", r.ID, again, *first.Score)
		}
		level := again.Decides(e.Score)
		if level < len(Levels) && (first.Level != Levels[level] || first.By != again[level]-e.Score[level]) {
			t.Errorf("request %s: loses on %s by %d, not %s by %d", r.ID, Levels[level], again[level]-e.Score[level], first.Level, first.By)
		}
	}
	if runners < 20 {
		t.Errorf("%d runners-up only", runners)
	}
}

// forbidden plans one request again without the chosen drone.
func forbidden(t *testing.T, in *Instance, p Plan, e Explanation, id string) (Score, bool) {
	t.Helper()
	s := newSearch(newState(compile(in)), 1)
	if err := s.load(p); err != nil {
		t.Fatal(err)
	}
	r := int32(s.p.requestsByID[id])
	if m := s.where[r]; m != nil {
		s.without(m, r)
	}
	if e.Choice != nil {
		d := s.p.dronesByID[e.Choice.Drone]
		g := &s.p.groups[s.p.drones[d].group]
		g.drones = slices.DeleteFunc(slices.Clone(g.drones), func(x int32) bool { return int(x) == d })
		q := &s.p.requests[r]
		q.order = slices.DeleteFunc(q.order, func(x int32) bool { return len(s.p.groups[x].drones) == 0 })
		for _, m := range s.routes[d] {
			m.frozen = true
		}
	}
	ok := s.in.serve(r)
	return s.score.score(), ok
}

func TestReasonsWithNumbers(t *testing.T) {
	in := read(t, text(t, "tiny-03"))
	plan := Solve(in, 1, Budget{Rounds: 100}).Plan
	unserved := ""
	for _, r := range in.Requests {
		e, err := Explain(in, plan, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if e.Choice == nil {
			unserved = r.ID
			if len(e.Changes) == 0 {
				t.Errorf("request %s is not served and nothing would change that", r.ID)
			}
			for _, c := range e.Others {
				if c.Reason == "" || c.Have == c.Want {
					t.Errorf("request %s, drone %s: %+v", r.ID, c.Drone, c)
				}
			}
		}
	}
	if unserved == "" {
		t.Error("all are served: choose another instance")
	}
	if _, err := Explain(in, plan, "nobody"); err == nil {
		t.Error("an unknown request was explained")
	}
	plan.Missions[0].DepartS = 0
	if _, err := Explain(in, plan, in.Requests[0].ID); err == nil {
		t.Error("a plan that breaks rules was explained")
	}
}

// TestEachReason makes each rule the first that is broken.
func TestEachReason(t *testing.T) {
	for want, change := range map[Reason]func(*Instance){
		TooManyBoxes: func(in *Instance) { in.Classes[0].Bays, in.Classes[1].Bays = 0, 0 },
		TooHeavy:     func(in *Instance) { in.Classes[0].PayloadG, in.Classes[1].PayloadG = 1, 1 },
		NoRoute: func(in *Instance) {
			for i := range in.Classes {
				in.Classes[i].Legs = make([][]*Leg, len(in.Sites))
				for k := range in.Sites {
					in.Classes[i].Legs[k] = make([]*Leg, len(in.Sites))
				}
			}
		},
		NoEnergy: func(in *Instance) { in.Classes[0].BatteryJ, in.Classes[1].BatteryJ = 600_000, 600_000 },
		TooWarm:  func(in *Instance) { in.HoldS = map[string]int64{"RBC": 10, "PLT": 10} },
		NoUnits:  func(in *Instance) { in.Lots = nil },
		NoBox: func(in *Instance) {
			for i := range in.Sites {
				in.Sites[i].Boxes = nil
			}
		},
		NoPad: func(in *Instance) {
			for i := range in.Sites {
				in.Sites[i].Pads, in.Sites[i].LaunchPads = 0, 0
			}
		},
		// these three keep every rule but for what is there
		NoEnergy + " on the day": func(in *Instance) {
			for i := range in.Drones {
				in.Drones[i].SocJ, in.Classes[i].ChargeW = 100_000, 1
			}
		},
		NoPad + " for ever":           func(in *Instance) { in.Sites[1].Busy = []Interval{{0, 100_000}} },
		NoUnits + " when handed over": func(in *Instance) { in.Lots[0].ExpiresS = 200 },
		TooLate:                       func(in *Instance) { in.HorizonS = 500 },
		Overdue:                       func(in *Instance) { in.HardDue = true; in.Requests[0].DueS = in.Requests[0].ReleaseS + 1 },
	} {
		in := one()
		change(in)
		if err := in.Check(); err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(string(want), " ")
		want = Reason(name)
		s := Solve(in, 1, Budget{Rounds: 5})
		e, err := Explain(in, s.Plan, "R")
		if err != nil {
			t.Fatal(err)
		}
		if e.Choice != nil || e.Others[0].Reason != want || e.Changes[0].Reason != want {
			t.Errorf("want %s: %+v", want, e)
		}
	}
}

// one is an instance with one request that both drones could serve.
func one() *Instance {
	return &Instance{
		Format:   Format,
		Name:     "one",
		Kind:     "static",
		HorizonS: 20_000,
		PackS:    120,
		LaunchS:  60,
		UnloadS:  120,
		TurnS:    300,
		HoldS: map[string]int64{
			"RBC": 3000,
			"PLT": 3000,
		},
		UnitG:    map[string]int64{"RBC": 350, "PLT": 320},
		BoxUnits: map[string]int64{"RBC": 3, "PLT": 2},
		BoxG:     map[string]int64{"RBC": 450, "PLT": 400},
		Compat:   map[string]map[string][]string{"RBC": {"A+": {"A+"}}, "PLT": {}},
		Classes: []Class{
			{ID: "hawk", PayloadG: 1800, Bays: 1, BatteryJ: 1_500_000, ReserveJ: 300_000, ChargeW: 600, TimePermille: 1000, EnergyPermille: 1000},
			{ID: "stork", PayloadG: 4600, Bays: 3, BatteryJ: 3_000_000, ReserveJ: 500_000, ChargeW: 900, TimePermille: 1200, EnergyPermille: 1000},
		},
		Sites:    []Site{{ID: "C", Kind: Centre, LaunchPads: 1, Boxes: map[string]int64{"RBC": 2}}, {ID: "H", Kind: Hospital, Pads: 1}},
		TimeS:    [][]int64{{0, 600}, {600, 0}},
		EnergyJ:  [][]int64{{0, 400_000}, {400_000, 0}},
		Drones:   []Drone{{ID: "D1", Class: "hawk", Home: "C", SocJ: 1_500_000}, {ID: "D2", Class: "stork", Home: "C", SocJ: 3_000_000}},
		Lots:     []Lot{{ID: "L", Centre: "C", Component: "RBC", Type: "A+", Units: 2, ExpiresS: 100_000}},
		Requests: []Request{{ID: "R", Hospital: "H", Component: "RBC", Type: "A+", Units: 2, Priority: STAT, DueS: 2000}},
	}
}
