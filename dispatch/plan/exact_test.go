package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// small makes an instance with little room: few pads, boxes, units and charge.
func small(rng *rand.Rand, requests, drones int) *Instance {
	in := &Instance{
		Format: Format, Name: "small", Kind: "static", HorizonS: 6000 + 600*rng.Int64N(10), PackS: 120, LaunchS: 60, UnloadS: 120, TurnS: 300,
		HoldS: map[string]int64{"RBC": 3000, "PLT": 2400}, UnitG: map[string]int64{"RBC": 350, "PLT": 320},
		BoxUnits: map[string]int64{"RBC": 3, "PLT": 2}, BoxG: map[string]int64{"RBC": 450, "PLT": 400},
		Compat: map[string]map[string][]string{"RBC": {"A+": {"A+", "O-"}, "O-": {"O-"}}, "PLT": {"A+": {"A+"}, "O-": {"O-", "A+"}}},
		Classes: []Class{
			{
				ID:             "hawk",
				PayloadG:       1800,
				Bays:           1,
				BatteryJ:       1_500_000,
				ReserveJ:       300_000,
				ChargeW:        600,
				TimePermille:   1000,
				EnergyPermille: 1000,
				PayloadPPMPerG: 120,
				StopJ:          60_000,
			},
			{
				ID:             "stork",
				PayloadG:       4600,
				Bays:           3,
				BatteryJ:       3_000_000,
				ReserveJ:       500_000,
				ChargeW:        900,
				TimePermille:   1200,
				EnergyPermille: 1700,
				PayloadPPMPerG: 60,
				StopJ:          90_000,
			},
		},
	}
	for c := range 2 {
		in.Sites = append(
			in.Sites,
			Site{ID: fmt.Sprintf("C%d", c), Kind: Centre, LaunchPads: 1, Boxes: map[string]int64{"RBC": 1 + rng.Int64N(3), "PLT": rng.Int64N(3)}},
		)
	}
	for h := range 3 {
		in.Sites = append(in.Sites, Site{ID: fmt.Sprintf("H%d", h), Kind: Hospital, Pads: 1})
	}
	for range in.Sites {
		var t, e []int64
		for range in.Sites {
			s := 300 + 60*rng.Int64N(15)
			t, e = append(t, s), append(e, 700*s)
		}
		in.TimeS, in.EnergyJ = append(in.TimeS, t), append(in.EnergyJ, e)
	}
	for d := range drones {
		c := in.Classes[rng.IntN(2)]
		in.Drones = append(
			in.Drones,
			Drone{
				ID:     fmt.Sprintf("D%d", d),
				Class:  c.ID,
				Home:   fmt.Sprintf("C%d", rng.IntN(2)),
				ReadyS: 60 * rng.Int64N(10),
				SocJ:   c.ReserveJ + rng.Int64N(c.BatteryJ-c.ReserveJ),
			},
		)
	}
	for l := range 6 {
		expires := 1500 + rng.Int64N(20_000)
		in.Lots = append(in.Lots, Lot{
			ID: fmt.Sprintf("L%d", l), Centre: fmt.Sprintf("C%d", rng.IntN(2)), Component: []string{"RBC", "RBC", "PLT"}[l%3],
			Type: []string{"A+", "O-"}[rng.IntN(2)], Units: 1 + rng.Int64N(4), ExpiresS: expires,
		})
	}
	for r := range requests {
		release := 60 * rng.Int64N(30)
		in.Requests = append(in.Requests, Request{
			ID:        fmt.Sprintf("R%d", r),
			Hospital:  fmt.Sprintf("H%d", rng.IntN(3)),
			Component: []string{"RBC", "RBC", "PLT"}[rng.IntN(3)],
			Type:      []string{"A+", "O-"}[rng.IntN(2)],
			Units:     1 + rng.Int64N(3),
			Priority:  Priority(1 + rng.IntN(3)),
			ReleaseS:  release,
			DueS:      release + 600 + rng.Int64N(3000),
		})
	}
	return in
}

// optimum is the proven best score.
func optimum(t *testing.T, in *Instance) Score {
	t.Helper()
	if err := in.Check(); err != nil {
		t.Fatal(err)
	}
	s := Prove(in, Solve(in, 1, Budget{Rounds: 60}), Budget{})
	if !s.Proven {
		t.Fatal("not proven")
	}
	return s.Score
}

// TestExactMode holds what must be true of a best plan, whatever it is.
func TestExactMode(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for n := range 60 {
		in := small(rng, 4, 2)
		best := optimum(t, in)
		check := func(what string, change func(*Instance), ok func(now Score) bool) {
			other := *in
			other.Sites, other.Drones, other.Lots = slices.Clone(in.Sites), slices.Clone(in.Drones), slices.Clone(in.Lots)
			other.Requests, other.Classes = slices.Clone(in.Requests), slices.Clone(in.Classes)
			change(&other)
			if now := optimum(t, &other); !ok(now) {
				t.Errorf("case %d, %s: %v became %v", n, what, best, now)
			}
		}
		stat := func(s Score) Score { return Score{s[0], s[1]} }
		check("a routine request more", func(o *Instance) {
			o.Requests = append(
				o.Requests,
				Request{ID: "more", Hospital: "H1", Component: "RBC", Type: "A+", Units: 1, Priority: Routine, ReleaseS: 0, DueS: 3000},
			)
		}, func(now Score) bool { return stat(now) == stat(best) })
		check("a routine request less", func(o *Instance) {
			o.Requests = slices.DeleteFunc(o.Requests, func(r Request) bool { return r.Priority == Routine })
		}, func(now Score) bool { return stat(now) == stat(best) })
		check("other names and another order", func(o *Instance) {
			slices.Reverse(o.Drones)
			slices.Reverse(o.Requests)
			slices.Reverse(o.Lots)
			slices.Reverse(o.Classes)
			for i := range o.Requests {
				o.Requests[i].ID = "x" + o.Requests[i].ID
			}
		}, func(now Score) bool { return now == best })
		check("a drone more", func(o *Instance) {
			o.Drones = append(o.Drones, Drone{ID: "more", Class: "hawk", Home: "C0", SocJ: 1_500_000})
		}, func(now Score) bool { return now.Compare(best) <= 0 })
		check("a pad more", func(o *Instance) {
			o.Sites[2+n%3].Pads++
			o.Sites[n%2].LaunchPads++
		}, func(now Score) bool { return now.Compare(best) <= 0 })
	}
}

// TestSearchReachesTheOptimum: the search is not exact, but on so little it finds
// what the proof finds.
func TestSearchReachesTheOptimum(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	missed := 0
	for range 60 {
		in := small(rng, 4, 2)
		if got, want := Solve(in, 1, Budget{Rounds: 2000}).Score, optimum(t, in); got != want {
			missed++
			if level := got.Decides(want); level < 6 {
				t.Errorf("%v, the optimum is %v", got, want)
			}
		}
	}
	if missed > 3 {
		t.Errorf("%d of 60 optima missed", missed)
	}
}

func TestProofSaysWhenItGaveUp(t *testing.T) {
	in := read(t, text(t, "medium-01"))
	if s := Prove(in, Solve(in, 1, Budget{}), Budget{}); s.Proven {
		t.Error("forty requests were proven")
	}
	tiny := read(t, text(t, "tiny-01"))
	if s := Prove(tiny, Solve(tiny, 1, Budget{}), Budget{Stop: func() bool { return true }}); s.Proven {
		t.Error("proven in no time")
	}
}

// TestProofWithATimeThatIsTakenTwice: what is busy anyway may be more than there is, and
// circles of precedences end.
func TestProofWithATimeThatIsTakenTwice(t *testing.T) {
	in := one()
	in.Sites[1].Busy = []Interval{{0, 50}, {0, 50}}
	in.HorizonS = MaxSeconds
	second := in.Requests[0]
	second.ID, second.Units, in.Requests[0].Units = "S", 1, 1
	in.Requests = append(in.Requests, second)
	s := Prove(in, Solve(in, 1, Budget{}), Budget{})
	if !s.Proven || s.Score[0] != 0 {
		t.Errorf("%+v", s)
	}
	worst := Prove(in, Solution{Score: Score{2, 0, 0, 0, 0, 0, 2}}, Budget{})
	if !worst.Proven || worst.Score != s.Score {
		t.Errorf("from nothing %v, from a plan %v", worst.Score, s.Score)
	}
}
