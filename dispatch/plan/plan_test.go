package plan

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// base is one centre, one hospital with one pad, two drones and four units.
func base() Instance {
	leg := Leg{TimeS: 900, EnergyJ: 2_000_000}
	return Instance{
		HorizonS: 86400, PackS: 120, LaunchS: 60, UnloadS: 180, TurnS: 300,
		HoldS: map[string]int64{"red_cells": 6 * 3600}, UnitG: map[string]int64{"red_cells": 350},
		BoxUnits: map[string]int64{"red_cells": 10}, BoxG: map[string]int64{"red_cells": 4500},
		Compat: map[string]map[string][]Donor{"red_cells": {"A+": {{"A+", 1}, {"O+", 2}}, "O-": {{"O-", 1}}}},
		Sites:  []Site{{ID: "C", Centre: true, LaunchPads: 2, Boxes: map[string]int64{"red_cells": 5}}, {ID: "H", Pads: 1}},
		Classes: map[string]Class{"M": {PayloadG: 10_000, Bays: 1, BatteryJ: 8_640_000, ReserveJ: 1_728_000, ChargeW: 1500,
			PayloadPPMPerG: 43, Legs: map[[2]int]Leg{{0, 1}: leg, {1, 0}: leg}}},
		Drones: []Drone{{ID: "D1", Class: "M", SocJ: 8_640_000}, {ID: "D2", Class: "M", SocJ: 8_640_000}},
		Lots: []Lot{{ID: "late", Component: "red_cells", Type: "A+", Units: 1, ExpiresS: 90000}, {ID: "soon", Component: "red_cells", Type: "A+", Units: 1, ExpiresS: 80000},
			{ID: "gone", Component: "red_cells", Type: "A+", Units: 1, ExpiresS: 600}, {ID: "o", Component: "red_cells", Type: "O+", Units: 1, ExpiresS: 70000}},
		Requests: []Request{{ID: "R1", Hospital: 1, Component: "red_cells", Recipient: "A+", Units: 1, Priority: STAT, DueS: 3600}},
	}
}

func TestUnitsGoByRankThenFirstExpired(t *testing.T) {
	in := base()
	in.Requests[0].Units = 3
	p, _ := Solve(in)
	if len(p.Missions) != 1 {
		t.Fatalf("got %d missions, want 1", len(p.Missions))
	}
	want := []Use{{"soon", 1}, {"late", 1}, {"o", 1}}
	if got := p.Missions[0].Stops[0].Serve[0].Lots; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOnePadSeparatesTwoDrones(t *testing.T) {
	in := base()
	r2 := in.Requests[0]
	r2.ID, r2.DueS = "R2", 4000
	in.Requests = append(in.Requests, r2)
	p, _ := Solve(in)
	if len(p.Missions) != 2 || p.Missions[0].Drone == p.Missions[1].Drone {
		t.Fatalf("got %+v, want two drones", p.Missions)
	}
	if gap := p.Missions[1].Stops[0].ArriveS - p.Missions[0].Stops[0].ArriveS; gap != in.UnloadS {
		t.Errorf("arrivals %d s apart, want %d", gap, in.UnloadS)
	}
}

func TestEachRuleIsNamed(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Instance)
		want   Reason
	}{
		{"fits", func(in *Instance) {}, ""},
		{"no compatible units", func(in *Instance) { in.Requests[0].Recipient = "O-" }, NoUnits},
		{"no box", func(in *Instance) { in.Sites[0].Boxes["red_cells"] = 0 }, NoBox},
		{"too heavy", func(in *Instance) { in.BoxG["red_cells"] = 9800 }, TooHeavy},
		{"two boxes, one bay", func(in *Instance) { in.Requests[0].Units, in.BoxUnits["red_cells"] = 3, 2 }, TooManyBoxes},
		{"no way back", func(in *Instance) { delete(in.Classes["M"].Legs, [2]int{1, 0}) }, NoRoute},
		{"too far", func(in *Instance) { in.Classes["M"].Legs[[2]int{0, 1}] = Leg{900, 5_000_000} }, NoEnergy},
		{"too warm", func(in *Instance) { in.HoldS["red_cells"] = 1000 }, TooWarm},
		{"night", func(in *Instance) { in.HorizonS = 2000 }, TooLate},
	}
	for _, tt := range tests {
		in := base()
		tt.change(&in)
		_, why := Solve(in)
		if got := why["R1"][0].Reason; got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestUrgentGoesFirst(t *testing.T) {
	in := base()
	in.Drones = in.Drones[:1]
	routine := in.Requests[0]
	routine.ID, routine.Priority, routine.DueS = "R0", Routine, 10
	in.Requests = append([]Request{routine}, in.Requests...)
	p, _ := Solve(in)
	if got := p.Missions[0].Stops[0].Serve[0].Request; got != "R1" {
		t.Errorf("first mission serves %s, want the STAT request", got)
	}
	if m := p.Missions; m[1].DepartS < m[0].HomeS+in.TurnS {
		t.Errorf("the drone leaves at %d, before it is back at %d", m[1].DepartS, m[0].HomeS)
	}
}

// TestPlansKeepTheRules recounts every resource without the solver's own books.
func TestPlansKeepTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := base()
		for i := range rapid.IntRange(0, 6).Draw(t, "lots") {
			in.Lots = append(in.Lots, Lot{ID: fmt.Sprint("l", i), Component: "red_cells", Type: rapid.SampledFrom([]string{"A+", "O+", "O-", "B+"}).Draw(t, "type"),
				Units: rapid.Int64Range(1, 4).Draw(t, "units"), ExpiresS: rapid.Int64Range(0, 90000).Draw(t, "expires")})
		}
		in.Requests = nil
		for i := range rapid.IntRange(1, 6).Draw(t, "requests") {
			in.Requests = append(in.Requests, Request{ID: fmt.Sprint("R", i), Hospital: 1, Component: "red_cells", Recipient: rapid.SampledFrom([]string{"A+", "O-"}).Draw(t, "recipient"),
				Units: rapid.Int64Range(1, 4).Draw(t, "need"), Priority: Priority(rapid.IntRange(1, 3).Draw(t, "priority")), ReleaseS: rapid.Int64Range(0, 4000).Draw(t, "release")})
		}
		if err := in.Check(); err != nil {
			t.Fatal(err)
		}
		p, _ := Solve(in)
		used, served := map[string]int64{}, map[string]bool{}
		for i, m := range p.Missions {
			stop := m.Stops[0]
			s := stop.Serve[0]
			if served[s.Request] {
				t.Fatalf("%s served twice", s.Request)
			}
			served[s.Request] = true
			r := in.Requests[slices.IndexFunc(in.Requests, func(r Request) bool { return r.ID == s.Request })]
			var n int64
			for _, u := range s.Lots {
				l := in.Lots[slices.IndexFunc(in.Lots, func(l Lot) bool { return l.ID == u.Lot })]
				if !slices.ContainsFunc(in.Compat["red_cells"][r.Recipient], func(d Donor) bool { return d.Type == l.Type }) {
					t.Fatalf("%s given %s", r.Recipient, l.Type)
				}
				if l.ExpiresS <= stop.ArriveS+in.UnloadS {
					t.Fatalf("%s has expired at hand-over", l.ID)
				}
				n, used[l.ID] = n+u.Units, used[l.ID]+u.Units
				if used[l.ID] > l.Units {
					t.Fatalf("lot %s given %d of %d", l.ID, used[l.ID], l.Units)
				}
			}
			if n != r.Units || m.DepartS-in.LaunchS < r.ReleaseS+in.PackS {
				t.Fatalf("%s: %d units of %d, departs at %d", r.ID, n, r.Units, m.DepartS)
			}
			for _, o := range p.Missions[:i] {
				if a, b := stop.ArriveS, o.Stops[0].ArriveS; a < b+in.UnloadS && b < a+in.UnloadS {
					t.Fatalf("arrivals %d and %d share the pad", a, b)
				}
				if o.Drone == m.Drone && m.DepartS-in.LaunchS < o.HomeS+in.TurnS && o.DepartS-in.LaunchS < m.HomeS+in.TurnS {
					t.Fatalf("%s flies two missions at once", m.Drone)
				}
			}
		}
	})
}
