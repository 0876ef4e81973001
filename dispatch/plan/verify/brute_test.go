package verify

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"hemolift/dispatch/plan"
)

// grid is the step of every time in the cases, so that best departures lie on it too.
const grid = 120

// tiny makes a case whose times are all multiples of grid and whose charging takes
// multiples of it.
func tiny(rng *rand.Rand, requests, lots int) *plan.Instance {
	in := &plan.Instance{
		Format:   plan.Format,
		Name:     "brute",
		Kind:     "static",
		HorizonS: 2640,
		PackS:    grid,
		LaunchS:  grid,
		UnloadS:  grid,
		TurnS:    grid,
		HoldS: map[string]int64{
			"RBC": 1800,
		},
		UnitG:    map[string]int64{"RBC": 300},
		BoxUnits: map[string]int64{"RBC": 2},
		BoxG:     map[string]int64{"RBC": 400},
		Compat:   map[string]map[string][]string{"RBC": {"A+": {"A+", "O-"}, "O-": {"O-"}}},
		Classes: []plan.Class{
			{ID: "c", PayloadG: 2000, Bays: 2, BatteryJ: 1200_000, ReserveJ: 120_000, ChargeW: 1000, TimePermille: 1000, EnergyPermille: 1000},
		},
		Sites: []plan.Site{
			{ID: "C", Kind: plan.Centre, LaunchPads: 1, Boxes: map[string]int64{"RBC": 1 + rng.Int64N(3)}},
			{ID: "G", Kind: plan.Hospital, Pads: 1},
			{ID: "H", Kind: plan.Hospital, Pads: 1},
		},
	}
	for range in.Sites {
		var t, e []int64
		for range in.Sites {
			s := grid * (1 + rng.Int64N(3))
			t, e = append(t, s), append(e, 1000*s)
		}
		in.TimeS, in.EnergyJ = append(in.TimeS, t), append(in.EnergyJ, e)
	}
	for d := range 2 {
		in.Drones = append(
			in.Drones,
			plan.Drone{ID: fmt.Sprintf("D%d", d), Class: "c", Home: "C", ReadyS: grid * rng.Int64N(4), SocJ: 120_000 * (2 + rng.Int64N(8))},
		)
	}
	for l, expires := range []int64{1_000_000, grid * (8 + rng.Int64N(12))}[:lots] {
		in.Lots = append(
			in.Lots,
			plan.Lot{
				ID:        fmt.Sprintf("L%d", l),
				Centre:    "C",
				Component: "RBC",
				Type:      []string{"A+", "O-"}[rng.IntN(2)],
				Units:     1 + rng.Int64N(4),
				ExpiresS:  expires,
			},
		)
	}
	for r := range requests {
		release := grid * rng.Int64N(6)
		in.Requests = append(in.Requests, plan.Request{
			ID: fmt.Sprintf("R%d", r), Hospital: []string{"G", "H"}[rng.IntN(2)], Component: "RBC", Type: []string{"A+", "O-"}[rng.IntN(2)],
			Units: 1, Priority: plan.Priority(1 + rng.IntN(3)), ReleaseS: release, DueS: release + grid*(4+rng.Int64N(12)),
		})
	}
	return in
}

// brute is every plan there is with departures on the grid: each request unserved,
// on a flight of its own, or anywhere on another's, each flight by either drone at any
// time, each unit from either lot. Only this package's rules judge them.
type brute struct {
	book *book
	best [9]int64
	m    []sortie
	seen int
}

func (b *brute) judge() {
	c := &checker{book: b.book, used: map[string]int64{}, received: map[string]int64{}, handed: map[string]int64{}}
	for i := range b.m {
		c.sortie(i, &b.m[i])
	}
	c.drones()
	c.resources()
	c.stock()
	b.seen++
	if len(c.broken) > 0 {
		return
	}
	s := c.score()
	for i := range s {
		if s[i] != b.best[i] {
			if s[i] < b.best[i] {
				b.best = s
			}
			return
		}
	}
}

func (b *brute) request(n int) {
	if n == len(b.book.Requests) {
		b.judge()
		return
	}
	b.request(n + 1)
	r := b.book.Requests[n]
	for _, l := range b.book.Lots {
		s := halt{Hospital: r.Hospital, Serve: []serving{{r.ID, []portion{{l.ID, 1}}}}}
		b.alone(n, s)
		for i := range b.m {
			b.along(n, i, s)
		}
	}
}

func (b *brute) alone(n int, s halt) {
	for _, d := range b.book.Drones {
		for t := d.Ready + b.book.Launch; t < b.book.Horizon; t += grid {
			m := sortie{Drone: d.ID, Depart: t, Stops: []halt{s}}
			try := &checker{book: b.book, used: map[string]int64{}, received: map[string]int64{}, handed: map[string]int64{}}
			if try.sortie(0, &m); len(try.broken) > 0 && b.book.Requests[n].Release+b.book.Pack > t-b.book.Launch {
				continue // too early however it goes on
			}
			b.m = append(b.m, m)
			b.request(n + 1)
			b.m = b.m[:len(b.m)-1]
		}
	}
}

// along puts a stop anywhere into a mission, or its request into a stop there.
func (b *brute) along(n, i int, s halt) {
	was := b.m[i].Stops
	for k := range len(was) + 1 {
		b.m[i].Stops = append(append(append([]halt{}, was[:k]...), s), was[k:]...)
		b.request(n + 1)
	}
	for k, at := range was {
		if at.Hospital == s.Hospital {
			stops := append([]halt{}, was...)
			stops[k].Serve = append(append([]serving{}, at.Serve...), s.Serve...)
			b.m[i].Stops = stops
			b.request(n + 1)
		}
	}
	b.m[i].Stops = was
}

func TestProofAgainstBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	flown := 0
	for n := range 16 {
		in := tiny(rng, 2+n%2, 2-n%2)
		if err := in.Check(); err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		b := &brute{book: &book{}, best: [9]int64{1 << 60}}
		if err := json.Unmarshal(data, b.book); err != nil {
			t.Fatal(err)
		}
		b.book.index()
		b.request(0)
		got := plan.Prove(in, plan.Solve(in, 1, plan.Budget{}), plan.Budget{})
		if !got.Proven || got.Score != b.best {
			t.Errorf("case %d: proof %v, %d plans by brute force %v\n%s", n, got.Score, b.seen, b.best, data)
		}
		flown += len(got.Plan.Missions)
	}
	if flown < 12 {
		t.Errorf("%d missions in all: the cases say too little", flown)
	}
}
