package propose_test

import (
	"errors"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/plan"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/dispatch/situation/scene"
	"hemolift/geo/airspace"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

var anna = network.Actor{Login: "anna", Role: network.RoleDispatcher}

func builtin(t *testing.T) propose.Rules {
	t.Helper()
	p, err := propose.BuiltinPolicy()
	if err != nil {
		t.Fatal(err)
	}
	c, err := blood.LoadCompatibility()
	if err != nil {
		t.Fatal(err)
	}
	return propose.Rules{Compat: c, Policy: p}
}

func planned(t *testing.T, s *situation.Situation, rules propose.Rules) propose.Proposed {
	t.Helper()
	p, err := propose.For(s, rules, s.Requests)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAProposalKeepsEveryPromise(t *testing.T) {
	s, rules := scene.New(t), builtin(t)
	s.Units("A+", 3)
	s.Units("B+", 3)
	one, two := s.Request(delivery.STAT), s.Request(delivery.Urgent)
	s.Zone("Z", [2]float64{123.42, 41.79}, 500)
	now := s.Now()
	got := planned(t, now, rules)
	used := map[blood.UnitKey]bool{}
	for _, r := range []delivery.Request{one, two} {
		p, ok := got.Proposals[r.ID]
		if !ok {
			t.Fatalf("%s: %+v", r.ID, got.Impossible[r.ID])
		}
		for _, u := range p.Units {
			if used[u.Key] || u.Group != "A+" {
				t.Errorf("%s is given %s of %s", r.ID, u.Key, u.Group)
			}
			used[u.Key] = true
		}
		class := now.ClassOf(p.Drone)
		for _, way := range [][]airspace.ZoneID{
			now.Airway.Conflicts(p.Out, class.HeightM, p.DepartAt), now.Airway.Conflicts(p.Back, class.HeightM, p.DepartAt),
		} {
			if len(way) > 0 {
				t.Errorf("%s flies through %v", r.ID, way)
			}
		}
		if p.BatteryJ-p.EnergyJ < p.ReserveJ || p.LateMin > 0 || len(p.Box) != 1 || p.Courier.Before(p.ArriveAt) {
			t.Errorf("%s: %+v", r.ID, p)
		}
	}
	again := planned(t, now, rules)
	if len(propose.Events(got.Proposals, again.Proposals, s.At)) > 0 || got.Score != again.Score {
		t.Error("the same situation gave another plan")
	}
	if events := propose.Events(nil, got.Proposals, s.At); len(events) != 2 || events[0].Kind != delivery.EvProposal {
		t.Errorf("got %+v", events)
	}
}

func TestWhatMakesARequestImpossible(t *testing.T) {
	tests := []struct {
		name   string
		change func(*scene.Scene)
		want   plan.Reason
	}{
		{"no units", func(s *scene.Scene) { s.Stock = nil }, plan.NoUnits},
		{"no box", func(s *scene.Scene) { s.Boxes = nil }, plan.NoBox},
		{"no drone is heard", func(s *scene.Scene) {
			for _, d := range s.Network.Drones {
				s.Drone(d.ID, func(d *telemetry.DroneState) { d.Link = telemetry.LinkStale })
			}
		}, ""},
		{"no drone is charged", func(s *scene.Scene) {
			for _, d := range s.Network.Drones {
				s.Drone(d.ID, func(d *telemetry.DroneState) { d.Position.BatteryPct = 10 })
			}
		}, ""},
		{"the wind", func(s *scene.Scene) { s.Wind(30, 90) }, propose.TooWindy},
		{"the hospital is in a zone", func(s *scene.Scene) {
			h, _ := s.Network.Site(scene.Hospital)
			s.Zone("Z", h.Point, 400)
		}, plan.NoRoute},
		{"the hospital is not in the network", func(s *scene.Scene) { s.Requests[0].Hospital = "GONE" }, plan.NoPad},
		{"no box type carries it", func(s *scene.Scene) { s.Requests[0].Component = "granulocytes" }, plan.NoBox},
	}
	for _, tt := range tests {
		s, rules := scene.New(t), builtin(t)
		s.Units("A+", 1)
		r := s.Request(delivery.Routine)
		tt.change(s)
		got := planned(t, s.Now(), rules)
		if tt.want == "" {
			if p, ok := got.Proposals[r.ID]; ok && !p.Waiting {
				t.Errorf("%s: ready at once: %+v", tt.name, p)
			}
			continue
		}
		no, ok := got.Impossible[r.ID]
		var reasons []plan.Reason
		for _, c := range no.Changes {
			reasons = append(reasons, c.Reason)
		}
		for _, c := range no.Considered {
			reasons = append(reasons, c.Reason)
		}
		found := false
		for _, why := range reasons {
			found = found || why == tt.want
		}
		if !ok || !found {
			t.Errorf("%s: %v, want %s; %+v", tt.name, reasons, tt.want, got.Proposals)
		}
	}
}

func TestTheReserveIsCounted(t *testing.T) {
	s, rules := scene.New(t), builtin(t)
	rules.Policy.ReserveUnits = 2
	s.Units("O-", 2)
	r := s.Request(delivery.Routine)
	if no := planned(t, s.Now(), rules).Impossible[r.ID]; no.Reserved != 2 {
		t.Errorf("got %+v", no)
	}
}

func TestAPartNowAndTheRestLater(t *testing.T) {
	s, rules := scene.New(t), builtin(t)
	rules.Policy.Partial = map[delivery.Urgency]bool{delivery.STAT: true}
	s.Units("A+", 2)
	r := s.Request(delivery.STAT, func(r *delivery.Request) { r.Units = 3 })
	now := s.Now()
	p, ok := planned(t, now, rules).Proposals[r.ID]
	if !ok || p.Rest != 1 || len(p.Units) != 2 {
		t.Fatalf("got %+v, %v", p, ok)
	}
	a, keys, err := propose.Allocate(now, rules, r, p, anna)
	if err != nil || keys.Numbers != 1 || len(keys.Units) != 2 {
		t.Fatalf("got %+v, %v", keys, err)
	}
	b := s.Book()
	if _, err := a.Write(b, s.At); err != nil {
		t.Fatal(err)
	}
	if rest := b.Added.Rests; len(rest) != 1 || rest[0].Units != 1 || rest[0].RestOf != r.ID || b.Requests[r.ID].Units != 2 {
		t.Errorf("got %+v", rest)
	}
}

func TestAnAllocationTakesWhatItWasShown(t *testing.T) {
	tests := []struct {
		name   string
		change func(*delivery.Book, propose.Proposal)
		ok     bool
	}{
		{"as it was", func(*delivery.Book, propose.Proposal) {}, true},
		{"its request is another's", func(b *delivery.Book, p propose.Proposal) { b.Requests[p.Request].Status = delivery.Allocated }, false},
		{"its request was amended", func(b *delivery.Book, p propose.Proposal) { b.Requests[p.Request].Version++ }, false},
		{"its request is gone", func(b *delivery.Book, p propose.Proposal) { delete(b.Requests, p.Request) }, false},
		{"its unit is another's", func(b *delivery.Book, p propose.Proposal) { b.Units[p.Units[0].Key].Status = blood.Reserved }, false},
		{"its unit is gone", func(b *delivery.Book, p propose.Proposal) { delete(b.Units, p.Units[0].Key) }, false},
		{"its unit runs out", func(b *delivery.Book, p propose.Proposal) { b.Units[p.Units[0].Key].ExpiresAt = p.ArriveAt }, false},
	}
	for _, tt := range tests {
		s, rules := scene.New(t), builtin(t)
		s.Units("A+", 1)
		r := s.Request(delivery.STAT)
		now := s.Now()
		p := planned(t, now, rules).Proposals[r.ID]
		a, _, err := propose.Allocate(now, rules, r, p, anna)
		if err != nil {
			t.Fatal(err)
		}
		b := s.Book()
		tt.change(b, p)
		id, err := a.Write(b, s.At)
		if tt.ok && (err != nil || id != delivery.ID("D"+string(r.ID)[1:]) || len(b.Added.Missions) != 1 || len(b.Added.Deliveries) != 1 ||
			b.Units[p.Units[0].Key].Status != blood.Reserved || b.Requests[r.ID].Status != delivery.Allocated) {
			t.Errorf("%s: %v %v %+v", tt.name, id, err, b.Added)
		}
		if !tt.ok && !errors.Is(err, refusal.ErrTaken) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// A mission is looked at once more, whatever proposed it.
func TestAProposalThatIsNotClearedIsNoMission(t *testing.T) {
	s, rules := scene.New(t), builtin(t)
	s.Units("A+", 1)
	r := s.Request(delivery.STAT)
	p := planned(t, s.Now(), rules).Proposals[r.ID]
	s.Zone("Z", [2]float64{(p.Out[0][0] + p.Out[1][0]) / 2, (p.Out[0][1] + p.Out[1][1]) / 2}, 400)
	if _, _, err := propose.Allocate(s.Now(), rules, r, p, anna); err == nil {
		t.Error("a way through a zone became a mission")
	}
}

func TestWhatAnActorMayAccept(t *testing.T) {
	s, rules := scene.New(t), builtin(t)
	s.Units("A+", 1)
	r := s.Request(delivery.STAT)
	now := s.Now()
	shown := planned(t, now, rules).Proposals[r.ID]
	for _, tt := range []struct {
		name  string
		by    network.Actor
		drone telemetry.DeviceID
		ok    bool
	}{
		{"what is shown", anna, "", true},
		{"by the centre", network.Actor{Login: "c", Role: network.RoleDispatcher, Site: scene.Centre}, "", true},
		{"by another centre", network.Actor{Login: "x", Role: network.RoleDispatcher, Site: "TLBC"}, "", false},
		{"a drone of one's own choice", anna, "HL-02", true},
		{"the shown drone, another centre's", network.Actor{Login: "x", Role: network.RoleDispatcher, Site: "TLBC"}, shown.Drone, false},
		{"the shown drone", anna, shown.Drone, true},
		{"a drone of another centre's", network.Actor{Login: "x", Role: network.RoleDispatcher, Site: "TLBC"}, "HL-02", false},
	} {
		p, ok, err := propose.Acceptable(now, rules, tt.by, r, tt.drone)
		if err != nil || ok != tt.ok || ok && tt.drone == "" && p.Drone != shown.Drone || ok && tt.drone != "" && p.Drone != tt.drone {
			t.Errorf("%s: %s, %v, %v", tt.name, p.Drone, ok, err)
		}
	}
	var field refusal.Field
	if _, ok, err := propose.Acceptable(now, rules, anna, r, "HL-99"); ok || !errors.As(err, &field) || field.Field != "drone" {
		t.Errorf("a drone that is not there: %v, %v", ok, err)
	}
}

func TestWhatNeedsNobody(t *testing.T) {
	rules := builtin(t)
	rules.Policy.AutoAccept = map[delivery.Urgency]bool{delivery.STAT: true}
	in := func(change func(*propose.Proposal)) bool {
		s := scene.New(t)
		s.Units("A+", 1)
		r := s.Request(delivery.STAT)
		got := planned(t, s.Now(), rules)
		p := got.Proposals[r.ID]
		change(&p)
		got.Proposals[r.ID] = p
		return len(propose.NeedNobody(s.Now(), rules, got)) == 1
	}
	if !in(func(*propose.Proposal) {}) {
		t.Error("one that is ready and in time needs a person")
	}
	for name, change := range map[string]func(*propose.Proposal){
		"waiting":     func(p *propose.Proposal) { p.Waiting = true },
		"held":        func(p *propose.Proposal) { p.Held = true },
		"to review":   func(p *propose.Proposal) { p.Review = true },
		"with a rest": func(p *propose.Proposal) { p.Rest = 1 },
		"late":        func(p *propose.Proposal) { p.ArriveAt = p.ArriveAt.Add(2 * time.Hour) },
	} {
		if in(change) {
			t.Errorf("one that is %s needs nobody", name)
		}
	}
	rules.Policy.AutoAccept = nil
	if in(func(*propose.Proposal) {}) {
		t.Error("the policy accepts nothing by itself")
	}
}

func TestALateHandOverCountsBegunMinutes(t *testing.T) {
	r := delivery.Request{Asked: delivery.Asked{NeededBy: scene.T0}}
	for late, want := range map[time.Duration]int{-time.Hour: 0, 0: 0, time.Second: 1, time.Minute: 1, time.Minute + 1: 2} {
		if got := propose.LateMin(r, scene.T0.Add(late-situation.UnloadTime)); got != want {
			t.Errorf("%v late: %d min, want %d", late, got, want)
		}
	}
}

func TestTheCourier(t *testing.T) {
	s := scene.New(t)
	r := s.Request(delivery.STAT)
	open := propose.Courier(s.Now(), r, scene.Centre)
	if !open.After(s.At.Add(10 * time.Minute)) {
		t.Errorf("by road at %v", open)
	}
	if best := propose.Courier(s.Now(), r, ""); best.After(open) {
		t.Errorf("the best centre is slower: %v", best)
	}
	night := scene.New(t)
	night.At = time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC) // midnight in Shenyang
	if d := propose.Courier(night.Now(), r, scene.Centre).Sub(night.At); d >= open.Sub(s.At) {
		t.Errorf("slower at night: %v", d)
	}
	s.Close(network.Closure{Site: scene.Centre})
	if got := propose.Courier(s.Now(), r, scene.Centre); got.Sub(open) < 59*time.Minute {
		t.Errorf("a closed centre sends somebody at %v", got)
	}
}

// Drones at work, in trouble or away are planned with as far as something is known of them.
func TestDronesThatAreNotAtHome(t *testing.T) {
	const drone = telemetry.DeviceID("HL-01")
	ready := func(change func(*scene.Scene)) (propose.Proposal, bool) {
		s, rules := scene.New(t), builtin(t)
		s.Units("A+", 4)
		s.Delivery(drone, delivery.DAirborne)
		change(s)
		r := s.Request(delivery.Routine, func(r *delivery.Request) { r.NeededBy = s.At.Add(6 * time.Hour) })
		var others []telemetry.DeviceID
		for _, d := range s.Network.Drones {
			if d.ID != drone {
				others = append(others, d.ID)
			}
		}
		p, err := propose.For(s.Now().But(others...), rules, s.Requests)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := p.Proposals[r.ID]
		return got, ok
	}
	if p, ok := ready(func(*scene.Scene) {}); !ok || !p.Waiting {
		t.Errorf("one in the air: %+v, %v", p, ok)
	}
	for name, change := range map[string]func(*scene.Scene){
		"given up with its box aboard": func(s *scene.Scene) {
			s.Deliveries[0].GivenUpAt, s.Deliveries[0].Status, s.Missions[0].Status = s.At, delivery.DLoaded, delivery.MUploaded
		},
		"stranded": func(s *scene.Scene) {
			s.Missions[0].Status, s.Missions[0].ArriveAt = delivery.MAtPad, s.At.Add(-24*time.Hour)
		},
		"out of service": func(s *scene.Scene) { s.Close(network.Closure{Site: scene.Centre, Device: drone}) },
		"astray": func(s *scene.Scene) {
			s.Missions, s.Deliveries, s.Slots = nil, nil, nil
			s.Drone(drone, func(d *telemetry.DroneState) { d.Status.Phase = telemetry.Landed })
		},
	} {
		if p, ok := ready(change); ok {
			t.Errorf("one that is %s is planned with: %+v", name, p)
		}
	}
	if p, ok := ready(func(s *scene.Scene) {
		s.Missions, s.Deliveries, s.Slots = nil, nil, nil
		s.Drone(drone, func(d *telemetry.DroneState) {
			home, _ := s.Network.Site(scene.Centre)
			d.Position.Point, d.Status = home.Point, telemetry.Status{Phase: telemetry.Parked}
		})
		s.Close(network.Closure{Site: scene.Centre})
	}); ok && !p.Waiting {
		t.Errorf("a closed centre sends at once: %+v", p)
	}
}

func TestADayIsPlayedAgain(t *testing.T) {
	s, rules := scene.New(t), builtin(t)
	units := s.Units("A+", 2)
	r := s.Request(delivery.STAT)
	record := propose.DayRecord{Date: scene.T0, Requests: []delivery.Request{r}, Stock: units}
	in, err := propose.Day(s.Now(), s.Network, rules, record, propose.DayVariant{})
	if err != nil || in.Kind != plan.KindOnline || len(in.Requests) != 1 || len(in.Drones) != len(s.Network.Drones) {
		t.Fatalf("got %+v, %v", in, err)
	}
	came := s.At.Sub(propose.DayStart(scene.T0))
	if q := in.Requests[0]; q.ReleaseS != int64(came.Seconds()) || q.DueS != q.ReleaseS+3600 {
		t.Errorf("got %+v", q)
	}
	calmer := rules.Policy
	calmer.WindMaxMPS = map[string]float64{s.Network.Classes[0].ID: 2}
	windy := propose.DayVariant{Policy: &calmer, Wind: &route.Wind{SpeedMPS: 5}}
	in, err = propose.Day(s.Now(), s.Network, rules, record, windy)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range in.Classes {
		for _, row := range c.Legs {
			for _, leg := range row {
				if c.ID == s.Network.Classes[0].ID && leg != nil {
					t.Fatalf("class %s flies in more wind than the policy lets it", c.ID)
				}
			}
		}
	}
	calmer.WindMaxMPS = map[string]float64{"nothing": 2}
	var field refusal.Field
	if _, err = propose.Day(s.Now(), s.Network, rules, record, windy); !errors.As(err, &field) {
		t.Errorf("a policy for a class that is not there: %v", err)
	}
}

// A desk that has no network yet plans nothing, and says so when it is asked for a day.
func TestADeskWithoutANetwork(t *testing.T) {
	s, rules := scene.New(t), builtin(t)
	s.Network = &network.Network{}
	if p, err := propose.For(s.Now(), rules, nil); err != nil || len(p.Proposals)+len(p.Impossible) > 0 {
		t.Errorf("got %+v, %v", p, err)
	}
	var state refusal.State
	if _, err := propose.Day(s.Now(), s.Network, rules, propose.DayRecord{Date: s.At}, propose.DayVariant{}); !errors.As(err, &state) {
		t.Errorf("a day: %v", err)
	}
}

// While no drone is heard, a request is told that, and not nothing.
func TestNoDroneIsHeard(t *testing.T) {
	s := scene.New(t)
	s.Units("A+", 3)
	r := s.Request(delivery.STAT)
	all := make([]telemetry.DeviceID, 0, len(s.Network.Drones))
	for _, d := range s.Network.Drones {
		all = append(all, d.ID)
	}
	s.Later(time.Hour, all...)
	got := planned(t, s.Now(), builtin(t)).Impossible[r.ID].Changes
	if len(got) != 1 || got[0].Reason != propose.NoDrone || got[0].Have != 0 || got[0].Want != int64(len(all)) {
		t.Errorf("it is told %+v", got)
	}
}

// BenchmarkCalibrated plans six requests around zones, for drones as their class is stated and for the
// same with a calibration each, which makes each a class of its own.
func BenchmarkCalibrated(b *testing.B) {
	for name, calibrated := range map[string]bool{"stated": false, "calibrated": true} {
		b.Run(name, func(b *testing.B) {
			s := scene.New(b)
			s.Wind(5, 200)
			s.Units("A+", 10)
			for range 6 {
				s.Request(delivery.Urgent)
			}
			now := s.Now()
			if now.Calibrations = map[telemetry.DeviceID]route.Calibration{}; calibrated {
				for i, d := range now.Network.Drones {
					now.Calibrations[d.ID] = route.Calibration{Factor: 1 + float64(i)/100, Legs: 20}
				}
			}
			rules := propose.Rules{}
			var err error
			if rules.Policy, err = propose.BuiltinPolicy(); err != nil {
				b.Fatal(err)
			}
			if rules.Compat, err = blood.LoadCompatibility(); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := propose.For(now, rules, now.Requests); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
