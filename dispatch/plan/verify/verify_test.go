package verify

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"testing"

	"hemolift/dispatch/plan"
)

// mutations each break a rule of any plan that they can be applied to.
var mutations = map[string]func(b *book, ms []plan.Mission) []plan.Mission{
	"nothing is flown":      func(*book, []plan.Mission) []plan.Mission { return []plan.Mission{} },
	"a mission twice":       func(_ *book, ms []plan.Mission) []plan.Mission { return append(ms, ms[0]) },
	"an unknown drone":      func(_ *book, ms []plan.Mission) []plan.Mission { ms[0].Drone = "nobody"; return ms },
	"no stops":              func(_ *book, ms []plan.Mission) []plan.Mission { ms[0].Stops = nil; return ms },
	"a stop for nothing":    func(_ *book, ms []plan.Mission) []plan.Mission { ms[0].Stops[0].Serve = nil; return ms },
	"before time zero":      func(_ *book, ms []plan.Mission) []plan.Mission { ms[0].DepartS = -1; return ms },
	"loading before packed": func(b *book, ms []plan.Mission) []plan.Mission { ms[0].DepartS = b.Launch; return ms },
	"landing too late":      func(b *book, ms []plan.Mission) []plan.Mission { ms[0].DepartS = b.Horizon - 1; return ms },
	"one unit less": func(_ *book, ms []plan.Mission) []plan.Mission {
		ms[0].Stops[0].Serve[0].Lots[0].Units--
		return ms
	},
	"one unit more": func(_ *book, ms []plan.Mission) []plan.Mission {
		ms[0].Stops[0].Serve[0].Lots[0].Units++
		return ms
	},
	"an unknown lot": func(_ *book, ms []plan.Mission) []plan.Mission {
		ms[0].Stops[0].Serve[0].Lots[0].Lot = "none"
		return ms
	},
	"an unknown request": func(_ *book, ms []plan.Mission) []plan.Mission {
		ms[0].Stops[0].Serve[0].Request = "none"
		return ms
	},
	"the wrong hospital": func(b *book, ms []plan.Mission) []plan.Mission {
		for _, s := range b.Sites {
			if s.Kind == "hospital" && s.ID != ms[0].Stops[0].Hospital {
				ms[0].Stops[0].Hospital = s.ID
				return ms
			}
		}
		return nil
	},
	"a centre to land at": func(b *book, ms []plan.Mission) []plan.Mission {
		ms[0].Stops[0].Hospital = b.Sites[0].ID
		return ms
	},
	"a stop twice": func(_ *book, ms []plan.Mission) []plan.Mission {
		ms[0].Stops = append(ms[0].Stops, ms[0].Stops[len(ms[0].Stops)-1])
		return ms
	},
	"units from elsewhere": func(b *book, ms []plan.Mission) []plan.Mission {
		return give(b, ms, func(l lot, r *ask, home string) bool { return l.Centre != home && l.Component == r.Component })
	},
	"incompatible units": func(b *book, ms []plan.Mission) []plan.Mission {
		return give(b, ms, func(l lot, r *ask, home string) bool {
			return l.Centre == home && l.Component == r.Component && !contains(b.Compat[r.Component][r.Type], l.Type)
		})
	},
	"another component": func(b *book, ms []plan.Mission) []plan.Mission {
		return give(b, ms, func(l lot, r *ask, home string) bool { return l.Centre == home && l.Component != r.Component })
	},
	"two drones swap homes": func(b *book, ms []plan.Mission) []plan.Mission {
		for _, m := range ms[1:] {
			if b.drone[m.Drone].Home != b.drone[ms[0].Drone].Home {
				ms[0].Drone = m.Drone
				return ms
			}
		}
		return nil
	},
	"units brought back without a diversion": func(b *book, ms []plan.Mission) []plan.Mission {
		ms[0].Returned = []plan.Use{{Lot: b.Lots[0].ID, Units: 1}}
		return ms
	},
	"a diversion in a static instance": func(b *book, ms []plan.Mission) []plan.Mission {
		ms[0].Stops[0].Divert = &plan.Divert{AtS: ms[0].DepartS + 10, From: b.Sites[len(b.Sites)-1].ID}
		return ms
	},
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// give has a request served from a lot that it may not have.
func give(b *book, ms []plan.Mission, wrong func(lot, *ask, string) bool) []plan.Mission {
	for i, m := range ms {
		for _, l := range b.Lots {
			v := &ms[i].Stops[0].Serve[0]
			if wrong(l, b.ask[v.Request], b.drone[m.Drone].Home) {
				v.Lots[0].Lot = l.ID
				return ms
			}
		}
	}
	return nil
}

func load(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open("../testdata/" + name + ".json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestEveryPlanPassesAndEveryMutatedOneFails(t *testing.T) {
	applied := map[string]int{}
	for _, name := range []string{"tiny-01", "tiny-04", "tiny-07", "medium-01", "medium-02", "medium-03", "medium-04", "large-02"} {
		data := load(t, name)
		in, err := plan.Read(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		b := &book{}
		if err := json.Unmarshal(data, b); err != nil {
			t.Fatal(err)
		}
		b.index()
		solved := plan.Solve(in, 1, plan.Budget{Rounds: 30})
		text, err := json.Marshal(solved.Plan)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := Plan(data, text); err != nil || len(r.Broken) > 0 || r.Score != [9]int64(solved.Score) || r.Served == 0 {
			t.Errorf("%s: %v, %v, score %v, planned %v", name, err, r.Broken, r.Score, solved.Score)
		}
		for what, mutate := range mutations {
			for k := range min(len(solved.Plan.Missions), 20) {
				var p plan.Plan
				if err := json.Unmarshal(text, &p); err != nil {
					t.Fatal(err)
				}
				p.Missions[0], p.Missions[k] = p.Missions[k], p.Missions[0]
				if p.Missions = mutate(b, p.Missions); p.Missions == nil {
					continue
				}
				applied[what]++
				changed, err := json.Marshal(p)
				if err != nil {
					t.Fatal(err)
				}
				if r, err := Plan(data, changed); err != nil || len(r.Broken) == 0 {
					t.Errorf("%s, mission %d, %s: %v, nothing broken", name, k, what, err)
				}
			}
		}
	}
	for what := range mutations {
		if applied[what] == 0 {
			t.Errorf("%s: never applied", what)
		}
	}
}

// TestTightenedInstancesFail: a plan that just fits breaks a rule once there is less.
func TestTightenedInstancesFail(t *testing.T) {
	data := load(t, "medium-01")
	in, err := plan.Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(plan.Solve(in, 1, plan.Budget{Rounds: 300}).Plan)
	if err != nil {
		t.Fatal(err)
	}
	for what, tighten := range map[string]func(*plan.Instance){
		"hold time":     func(in *plan.Instance) { in.HoldS["RBC"] = 600 },
		"bays":          func(in *plan.Instance) { in.Classes[0].Bays = 0 },
		"payload":       func(in *plan.Instance) { in.Classes[0].PayloadG = 700 },
		"battery":       func(in *plan.Instance) { in.Classes[0].BatteryJ = 900_000 },
		"charging":      func(in *plan.Instance) { in.Classes[0].ChargeW, in.Classes[1].ChargeW = 1, 1 },
		"landing pads":  func(in *plan.Instance) { in.UnloadS = 900 },
		"launch pads":   func(in *plan.Instance) { in.Sites[0].LaunchPads = 0 },
		"boxes":         func(in *plan.Instance) { in.Sites[0].Boxes["RBC"] = 1 },
		"stock":         func(in *plan.Instance) { in.Lots = append(in.Lots[:0:0], in.Lots...); halve(in.Lots) },
		"turning round": func(in *plan.Instance) { in.TurnS = 3000 },
		"a busy pad": func(in *plan.Instance) {
			for i := range in.Sites {
				in.Sites[i].Busy = []plan.Interval{{FromS: 0, ToS: 100_000}}
			}
		},
		"no way": func(in *plan.Instance) {
			for i := range in.Classes {
				in.Classes[i].Legs = make([][]*plan.Leg, len(in.Sites))
				for k := range in.Sites {
					in.Classes[i].Legs[k] = make([]*plan.Leg, len(in.Sites))
				}
			}
		},
	} {
		tight, err := plan.Read(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		tighten(tight)
		changed, err := json.Marshal(tight)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := Plan(changed, text); err != nil || len(r.Broken) == 0 {
			t.Errorf("%s: %v, nothing broken", what, err)
		}
	}
}

func halve(lots []plan.Lot) {
	for i := range lots {
		lots[i].Units /= 2
	}
}
