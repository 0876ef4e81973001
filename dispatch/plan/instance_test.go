package plan

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"hemolift/dispatch/plan/verify"
)

func TestBadInstancesNameTheirField(t *testing.T) {
	for field, change := range map[string]func(in *Instance){
		"format":                         func(in *Instance) { in.Format = "other" },
		"kind":                           func(in *Instance) { in.Kind = "" },
		"horizon_s":                      func(in *Instance) { in.HorizonS = 0 },
		"pack_s":                         func(in *Instance) { in.PackS = -1 },
		"turn_s":                         func(in *Instance) { in.TurnS = 1 << 62 },
		"drones: the fleet is empty":     func(in *Instance) { in.Drones = nil },
		"unit_g: PLT is missing":         func(in *Instance) { delete(in.UnitG, "PLT") },
		"box_units[RBC]":                 func(in *Instance) { in.BoxUnits["RBC"] = 0 },
		"compat[RBC][A+]":                func(in *Instance) { in.Compat["RBC"]["A+"] = []string{"O-", "O-"} },
		"sites: number":                  func(in *Instance) { in.Sites = nil },
		"sites[1].id":                    func(in *Instance) { in.Sites[1].ID = "C" },
		"sites[0].kind":                  func(in *Instance) { in.Sites[0].Kind = "ship" },
		"sites[1].kind: a centre":        func(in *Instance) { in.Sites[0].Kind, in.Sites[1].Kind = Hospital, Centre },
		"sites[0].boxes[RBC]":            func(in *Instance) { in.Sites[0].Boxes["RBC"] = -1 },
		"sites[0].busy[0].to_s":          func(in *Instance) { in.Sites[0].Busy = []Interval{{5, 1}} },
		"time_s: 1 rows":                 func(in *Instance) { in.TimeS = in.TimeS[:1] },
		"energy_j[1]: 1 columns":         func(in *Instance) { in.EnergyJ[1] = in.EnergyJ[1][:1] },
		"time_s[0][1]: -5":               func(in *Instance) { in.TimeS[0][1] = -5 },
		"classes[1].energy_permille":     func(in *Instance) { in.Classes[1].EnergyPermille = 1 << 29 },
		"classes[0].legs: 0 rows":        func(in *Instance) { in.Classes[0].Legs = [][]*Leg{} },
		"classes[0].legs[0][1].time_s":   func(in *Instance) { in.Classes[0].Legs = [][]*Leg{{nil, {TimeS: -1}}, {nil, nil}} },
		"drones[1].id":                   func(in *Instance) { in.Drones[1].ID = "D1" },
		"drones[0].home":                 func(in *Instance) { in.Drones[0].Home = "H" },
		"drones[0].class":                func(in *Instance) { in.Drones[0].Class = "kite" },
		"lots[0].centre":                 func(in *Instance) { in.Lots[0].Centre = "H" },
		"lots[0].units":                  func(in *Instance) { in.Lots[0].Units = -2 },
		"requests[0].hospital":           func(in *Instance) { in.Requests[0].Hospital = "C" },
		"requests[0].component":          func(in *Instance) { in.Requests[0].Component = "milk" },
		"requests[0].type":               func(in *Instance) { in.Requests[0].Type = "Z" },
		"requests[0].units":              func(in *Instance) { in.Requests[0].Units = 0 },
		"requests[0].priority":           func(in *Instance) { in.Requests[0].Priority = 0 },
		"requests[0].due_s: 5 is before": func(in *Instance) { in.Requests[0].ReleaseS, in.Requests[0].DueS = 9, 5 },
	} {
		in := one()
		change(in)
		err := in.Check()
		if err == nil && len(in.Drones) == 0 {
			data, _ := json.Marshal(in)
			_, err = Read(bytes.NewReader(data))
		}
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("want a fault of %s: %v", field, err)
		}
	}
}

func TestReadSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		``:                                   "unexpected end",
		`{"horizon_s":"long"}`:               "horizon_s",
		`{"horizon_s":1.5}`:                  "horizon_s",
		`{"requests":[{"priority":"asap"}]}`: `"asap"`,
		`{} {}`:                              "after top-level value",
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestNothingToServeIsAnAnswer: without units, pads or requests there is a plan.
func TestNothingToServeIsAnAnswer(t *testing.T) {
	for _, change := range []func(*Instance){
		func(in *Instance) { in.Requests = nil },
		func(in *Instance) { in.Lots = nil },
		func(in *Instance) { in.Drones = nil },
		func(in *Instance) { in.Sites[1].Pads = 0 },
		func(in *Instance) { in.HorizonS = 1 },
	} {
		in := one()
		change(in)
		if err := in.Check(); err != nil {
			t.Fatal(err)
		}
		if s := Solve(in, 1, Budget{Rounds: 20}); len(s.Plan.Missions) != 0 || s.Score[0] != int64(len(in.Requests)) {
			t.Errorf("%+v", s)
		}
		if s := Prove(in, Solve(in, 1, Budget{}), Budget{}); !s.Proven {
			t.Error("that nothing can be served was not proven")
		}
	}
}

// FuzzRead: whatever is read as an instance is planned by the rules.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"tiny-01", "tiny-06"} {
		f.Add(text(f, name))
	}
	seed, err := json.Marshal(one())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := Read(bytes.NewReader(data))
		if err != nil || len(in.Requests) > 20 || len(in.Drones) > 20 || len(in.Sites) > 20 {
			return
		}
		s := Solve(in, 1, Budget{Rounds: 5})
		again, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		out, err := json.Marshal(s.Plan)
		if err != nil {
			t.Fatal(err)
		}
		r, err := verify.Plan(again, out)
		if err != nil || r.Score != [9]int64(s.Score) {
			t.Fatalf("%v: planned %v, checked %+v", err, s.Score, r)
		}
		for _, broken := range r.Broken {
			if !strings.HasPrefix(broken, "nothing is flown") {
				t.Fatal(broken)
			}
		}
	})
}
