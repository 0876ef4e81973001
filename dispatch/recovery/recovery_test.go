package recovery_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/plan"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/recovery"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/dispatch/situation/scene"
	"hemolift/geo"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

const drone telemetry.DeviceID = "HL-01"

var (
	anna = network.Actor{Login: "anna", Role: network.RoleDispatcher}
	cleo = network.Actor{Login: "cleo", Role: network.RoleDispatcher}
)

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

// grounded takes the only drone of a delivery out of service.
func grounded(s *scene.Scene) { s.Close(network.Closure{Site: scene.Centre, Device: drone}) }

// waitsForItsPad has a loaded drone wait because another mission has its pad.
func waitsForItsPad(by time.Duration) func(*scene.Scene) {
	return func(s *scene.Scene) {
		s.Slots = append(s.Slots, delivery.Slot{Pad: scene.Pad, Mission: "M-other", From: s.At, To: s.At.Add(2 * time.Hour)})
		_, s.Stays = s.Now().Failing()
		s.Later(by)
		s.Box(s.Deliveries[0].Boxes[0].Box, coldchain.InRange, 4)
	}
}

func TestWhatCanBeDone(t *testing.T) {
	goOn := []recovery.Way{recovery.GoOn}
	tests := []struct {
		name     string
		status   delivery.Status
		change   func(*scene.Scene)
		want     []recovery.Way // the best first
		doubtful []recovery.Way
	}{
		{"its drone is out of service, its box open", delivery.DPacked, grounded, []recovery.Way{
			recovery.OtherDrone, recovery.Replace, recovery.Courier,
		}, nil},
		{"its drone is out of service, its box sealed", delivery.DSealed, grounded, []recovery.Way{
			recovery.OtherDrone, recovery.Replace, recovery.Courier,
		}, nil},
		{"it may be gone", delivery.DLoaded, func(s *scene.Scene) {
			grounded(s)
			s.Deliveries[0].Releases = []delivery.Release{{}}
		}, []recovery.Way{recovery.Replace, recovery.Courier}, nil},
		{"silent in the air", delivery.DAirborne, func(s *scene.Scene) { s.Later(3*time.Minute, drone) }, []recovery.Way{
			recovery.Replace, recovery.Courier, recovery.GoOn,
		}, goOn},
		{"silent, and nothing in stock", delivery.DAirborne, func(s *scene.Scene) {
			s.Stock = nil
			s.Later(3*time.Minute, drone)
		}, []recovery.Way{recovery.Courier, recovery.GoOn}, goOn},
		{"its box is warm", delivery.DAirborne, func(s *scene.Scene) {
			s.Box(s.Deliveries[0].Boxes[0].Box, coldchain.Excursion, 12)
		}, []recovery.Way{recovery.Replace, recovery.Courier, recovery.GoOn}, goOn},
		{"its only pad is closed", delivery.DAirborne, func(s *scene.Scene) {
			s.Close(network.Closure{Site: scene.Hospital, Pad: scene.Pad})
		}, []recovery.Way{recovery.Courier, recovery.Replace}, nil},
		{"it waits for another drone on its pad", delivery.DLoaded, waitsForItsPad(15 * time.Minute), []recovery.Way{recovery.GoOn, recovery.Courier}, nil},
		{"it has waited for long", delivery.DLoaded, waitsForItsPad(15*time.Minute + 1), []recovery.Way{recovery.Courier, recovery.GoOn}, goOn},
		{"it waits for a pad, and there is another", delivery.DLoaded, func(s *scene.Scene) {
			waitsForItsPad(10 * time.Minute)(s)
			s.Network.Pads = append(s.Network.Pads, network.Pad{ID: "SY06-P2", Site: scene.Hospital})
		}, []recovery.Way{recovery.GoOn, recovery.OtherPad, recovery.Courier}, nil},
		{"it waits for its battery, and there is another pad", delivery.DLoaded, func(s *scene.Scene) {
			s.Network.Pads = append(s.Network.Pads, network.Pad{ID: "SY06-P2", Site: scene.Hospital})
			s.Drone(drone, func(d *telemetry.DroneState) { d.Position.BatteryPct = 21 })
			_, s.Stays = s.Now().Failing()
			s.Later(6 * time.Minute)
			s.Box(s.Deliveries[0].Boxes[0].Box, coldchain.InRange, 4)
		}, []recovery.Way{recovery.OtherDrone, recovery.Replace, recovery.Courier, recovery.GoOn}, goOn},
		{"one of two pads is closed", delivery.DAirborne, func(s *scene.Scene) {
			s.Network.Pads = append(s.Network.Pads, network.Pad{ID: "SY06-P2", Site: scene.Hospital})
			s.Close(network.Closure{Site: scene.Hospital, Pad: scene.Pad})
		}, []recovery.Way{recovery.OtherPad, recovery.Replace, recovery.Courier}, nil},
	}
	for _, tt := range tests {
		s, rules := scene.New(t), builtin(t)
		s.Units("A+", 2)
		s.Delivery(drone, tt.status)
		tt.change(s)
		now := s.Now()
		failing, _ := now.Failing()
		all, err := recovery.For(now, rules, failing, nil)
		if err != nil || len(all) != 1 {
			t.Errorf("%s: %+v, %v", tt.name, all, err)
			continue
		}
		got := all[s.Deliveries[0].ID]
		var ways []recovery.Way
		for _, o := range got.Options {
			ways = append(ways, o.Way)
			if doubtful := slices.Contains(tt.doubtful, o.Way); o.Doubtful != doubtful {
				t.Errorf("%s: %s is doubtful: %v", tt.name, o.Way, o.Doubtful)
			}
			if o.Way == recovery.OtherDrone && (o.Proposal.Drone == drone || o.Proposal.Box[0].ID != s.Deliveries[0].Boxes[0].Box) {
				t.Errorf("%s: %+v", tt.name, o.Proposal)
			}
			if o.Way == recovery.OtherPad && o.Pad == scene.Pad {
				t.Errorf("%s: to the pad that is closed", tt.name)
			}
		}
		if !slices.Equal(ways, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, ways, tt.want)
		}
		if events := recovery.Events(nil, all, s.At); len(events) != 1 || events[0].Detail["failure"] != string(failing[0].Failure) ||
			!strings.HasPrefix(events[0].Detail["option_1"], string(tt.want[0])) {
			t.Errorf("%s: %+v", tt.name, events)
		}
		if len(recovery.Events(all, all, s.At)) > 0 || len(recovery.Events(all, nil, s.At)) == 0 {
			t.Errorf("%s: differs from itself", tt.name)
		}
	}
}

func TestNothingFailsNothingIsOffered(t *testing.T) {
	if all, err := recovery.For(scene.New(t).Now(), builtin(t), nil, nil); all != nil || err != nil {
		t.Errorf("got %v, %v", all, err)
	}
}

// What another drone does for a failing delivery is missed elsewhere, and said.
func TestWhatItCostsOthers(t *testing.T) {
	s, rules := scene.New(t), builtin(t)
	s.Units("A+", 1)
	s.Delivery(drone, delivery.DAirborne)
	waits := s.Request(delivery.Routine)
	before, err := propose.For(s.Now(), rules, s.Requests)
	if err != nil {
		t.Fatal(err)
	}
	s.Later(3*time.Minute, drone)
	now := s.Now()
	failing, _ := now.Failing()
	all, err := recovery.For(now, rules, failing, before.Proposals)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all[s.Deliveries[0].ID].Options {
		if o.Way == recovery.Replace && (len(o.Costs) != 1 || o.Costs[0].Request != waits.ID || !o.Costs[0].Unmet) {
			t.Errorf("the last unit costs %+v", o.Costs)
		}
	}
}

func TestAChosenWayIsLookedAtAgain(t *testing.T) {
	s, rules := scene.New(t), builtin(t)
	s.Units("A+", 1)
	_, d := s.Delivery(drone, delivery.DPacked)
	if _, _, err := recovery.Chosen(s.Now(), rules, d.ID, recovery.Replace); err == nil {
		t.Error("a delivery that does not fail was recovered")
	}
	grounded(s)
	f, o, err := recovery.Chosen(s.Now(), rules, d.ID, recovery.Replace)
	if err != nil || o.Way != recovery.Replace || f.Delivery.ID != d.ID {
		t.Errorf("got %+v, %v", o, err)
	}
	if _, first, err := recovery.Chosen(s.Now(), rules, d.ID, recovery.OtherDrone); err != nil || first.Way != recovery.OtherDrone {
		t.Errorf("the first of them: %+v, %v", first, err)
	}
	var field refusal.Field
	for _, way := range []recovery.Way{recovery.GoOn, recovery.OtherPad, "walk"} {
		if _, _, err := recovery.Chosen(s.Now(), rules, d.ID, way); !errors.As(err, &field) || field.Field != "way" {
			t.Errorf("%s: %v", way, err)
		}
	}
}

// What fails holds nothing any more but what is sealed or in the air.
func TestTheWorldWithoutWhatFails(t *testing.T) {
	for _, tt := range []struct {
		name    string
		status  delivery.Status
		failure situation.Failure
		mission bool // it stays
		back    bool // its unit and box are free
	}{
		{"its box is open", delivery.DPacked, situation.DeviceClosed, false, true},
		{"its box is open and warm", delivery.DPacked, situation.BoxWarm, false, false},
		{"sealed", delivery.DSealed, situation.DeviceClosed, false, false},
		{"in the air", delivery.DAirborne, situation.DroneLost, true, false},
	} {
		s := scene.New(t)
		m, d := s.Delivery(drone, tt.status)
		other, _ := s.Delivery("HL-02", delivery.DLoaded)
		f := situation.Failing{Failure: tt.failure, Mission: m, Delivery: d}
		now := s.Now()
		got := recovery.Without(now, f)
		holds := func(id delivery.MissionID) (mission, slot bool) {
			return slices.ContainsFunc(got.Missions, func(m delivery.Mission) bool { return m.ID == id }),
				slices.ContainsFunc(got.Slots, func(h delivery.Slot) bool { return h.Mission == id })
		}
		if mission, slot := holds(m.ID); mission != tt.mission || slot {
			t.Errorf("%s: its mission is there: %v, its slot: %v", tt.name, mission, slot)
		}
		if mission, slot := holds(other.ID); !mission || !slot {
			t.Errorf("%s: another's mission is there: %v, its slot: %v", tt.name, mission, slot)
		}
		if (len(got.Stock) > len(now.Stock)) != tt.back || (len(got.Boxes) > len(now.Boxes)) != tt.back {
			t.Errorf("%s: %d units and %d boxes are free, before %d and %d", tt.name, len(got.Stock), len(got.Boxes), len(now.Stock), len(now.Boxes))
		}
		if tt.back && (got.Stock[len(got.Stock)-1].Site != d.Centre || got.Boxes[len(got.Boxes)-1].ID != d.Boxes[0].Box) {
			t.Errorf("%s: free are %+v and %+v", tt.name, got.Stock, got.Boxes)
		}
	}
}

func TestHowMuchLaterADisplacedRequestIsServed(t *testing.T) {
	for _, tt := range []struct {
		was, instead time.Duration
		want         int
	}{{0, 10 * time.Minute, 10}, {10 * time.Minute, 0, 0}, {0, 90 * time.Second, 1}} {
		turn := recovery.Diversion{Was: scene.T0.Add(tt.was), Instead: scene.T0.Add(tt.instead)}
		if got := turn.LaterMin(); got != tt.want {
			t.Errorf("from %v to %v: got %d, want %d", tt.was, tt.instead, got, tt.want)
		}
	}
}

func TestSinceWhenItFails(t *testing.T) {
	f := situation.Failing{Failure: situation.DroneLost}
	before := map[delivery.ID]recovery.Recovery{"D-1": {Failing: f, Since: scene.T0}}
	now := map[delivery.ID]recovery.Recovery{"D-1": {Failing: f, Since: scene.T0.Add(time.Hour)}, "D-2": {Since: scene.T0.Add(time.Hour)}}
	recovery.KeepSince(before, now)
	if !now["D-1"].Since.Equal(scene.T0) || now["D-2"].Since.Equal(scene.T0) {
		t.Errorf("got %+v", now)
	}
}

func TestHowAFailingDeliveryEnds(t *testing.T) {
	for status, want := range map[delivery.Status]delivery.Step{
		delivery.DAllocated: delivery.StepFree, delivery.DPacked: delivery.StepFree, delivery.DSealed: delivery.StepStandDown,
		delivery.DLoaded: delivery.StepStandDown, delivery.DAirborne: delivery.StepGiveUp,
	} {
		f := situation.Failing{Failure: situation.DroneLost, Delivery: delivery.Delivery{Status: status}}
		if got, scan := recovery.Ends(f); got != want || scan.Note == "" {
			t.Errorf("%s: %s, %q", status, got, scan.Note)
		}
	}
}

func TestADroneThatDidNotLeaveIsSetAside(t *testing.T) {
	for why, want := range map[situation.Failure]bool{situation.DroneSilent: true, situation.PadRefused: false, situation.BoxWarm: false} {
		f := situation.Failing{Failure: why, Mission: delivery.Mission{Drone: drone}}
		if id, reason, ok := recovery.SetAside(f); ok != want || ok && (id != drone || reason == "") {
			t.Errorf("%s: %s %q %v", why, id, reason, ok)
		}
	}
	f := situation.Failing{Failure: situation.NotLeaving, Waits: situation.CheckBattery, Mission: delivery.Mission{Drone: drone}}
	if _, _, ok := recovery.SetAside(f); ok != f.ByDrone() {
		t.Errorf("one without charge: %v", ok)
	}
}

func TestAnExchangeIsWritten(t *testing.T) {
	tests := []struct {
		name   string
		change func(*delivery.Book)
		want   error // nil: it is written
		fails  bool
	}{
		{"as it was", func(*delivery.Book) {}, nil, false},
		{"a second time", func(b *delivery.Book) { only(b).Exchanges = 1 }, nil, false},
		{"another mission has it", func(b *delivery.Book) { only(b).Mission = "M-other" }, refusal.ErrTaken, true},
		{"its request was cancelled", func(b *delivery.Book) { b.Requests[only(b).Request].Status = delivery.Cancelled }, refusal.ErrTaken, true},
		{"its request was amended", func(b *delivery.Book) { b.Requests[only(b).Request].Version++ }, refusal.ErrTaken, true},
		{"its drone may be gone", func(b *delivery.Book) { only(b).Releases = []delivery.Release{{}} }, refusal.ErrReleased, true},
		{"it has had nine drones", func(b *delivery.Book) { only(b).Exchanges = 9 }, nil, true},
		{"it has left", func(b *delivery.Book) { only(b).Status = delivery.DAirborne }, nil, true},
	}
	for _, tt := range tests {
		s, rules := scene.New(t), builtin(t)
		_, d := s.Delivery(drone, delivery.DSealed)
		grounded(s)
		now := s.Now()
		failing, _ := now.Failing()
		p, world, ok, err := recovery.AnotherDrone(now, rules, failing[0])
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		r, _ := now.RequestOf(d)
		m, err := propose.Mission(world, r, p)
		if err != nil {
			t.Fatal(err)
		}
		b := s.Book()
		tt.change(b)
		err = recovery.Exchange{Failing: failing[0], Mission: m, Actor: anna}.Write(b, now.GroundedAt(drone), s.At)
		if (err != nil) != tt.fails || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if tt.fails {
			continue
		}
		got := b.Deliveries[d.ID]
		suffix := map[int]string{1: "b", 2: "c"}[got.Exchanges]
		if len(b.Added.Missions) != 1 || got.Mission != b.Added.Missions[0].Mission.ID || got.Mission == d.Mission ||
			b.Missions[d.Mission].Status != delivery.MAborted || suffix == "" || !strings.HasSuffix(string(got.Mission), suffix) || got.Seal != d.Seal || got.Drone != p.Drone {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

// only is the one delivery of a book.
func only(b *delivery.Book) *delivery.Delivery {
	for _, d := range b.Deliveries {
		return d
	}
	return nil
}

// diverting is a drone that flies to one hospital with the last unit, for an urgent
// request, when a life-threatening one comes from another hospital.
func diverting(t *testing.T) (*scene.Scene, delivery.Request) {
	t.Helper()
	s := scene.New(t)
	s.Delivery(drone, delivery.DAirborne)
	r := s.Request(delivery.STAT, func(r *delivery.Request) {
		r.Hospital, r.Pad, r.NeededBy = "CMU1", "CMU1-P1", s.At.Add(40*time.Minute)
	})
	return s, r
}

func TestADiversionForALifeThreateningRequest(t *testing.T) {
	tests := []struct {
		name   string
		change func(*scene.Scene)
		want   bool
	}{
		{"the last unit", func(*scene.Scene) {}, true},
		{"others are in stock", func(s *scene.Scene) { s.Units("A+", 1) }, false},
		{"others are in stock, and come too late", func(s *scene.Scene) {
			s.Units("A+", 1)
			s.Requests[0].NeededBy = s.At.Add(12 * time.Minute)
		}, true},
		{"of another group", func(s *scene.Scene) { s.Requests[0].Class, s.Requests[0].Group = "O-", "O-" }, false},
		{"for one as urgent", func(s *scene.Scene) { s.Served[0].Urgency = delivery.STAT }, false},
		{"for one less urgent", func(s *scene.Scene) { s.Requests[0].Urgency = delivery.Urgent }, false},
		{"of the same hospital", func(s *scene.Scene) { s.Requests[0].Hospital, s.Requests[0].Pad = scene.Hospital, scene.Pad }, false},
		{"of more units", func(s *scene.Scene) { s.Requests[0].Units = 2 }, false},
		{"of another component", func(s *scene.Scene) { s.Requests[0].Component = blood.Plasma }, false},
		{"by a drone that returns", func(s *scene.Scene) {
			s.Drone(drone, func(d *telemetry.DroneState) { d.Status.Phase = telemetry.Returning })
		}, false},
		{"by a silent drone", func(s *scene.Scene) { s.Later(time.Minute, drone) }, false},
		{"given up", func(s *scene.Scene) { s.Deliveries[0].GivenUpAt = s.At }, false},
		{"with too little in the battery", func(s *scene.Scene) {
			s.Drone(drone, func(d *telemetry.DroneState) { d.Position.BatteryPct = 30 })
		}, false},
		{"to a hospital in a zone", func(s *scene.Scene) {
			h, _ := s.Network.Site("CMU1")
			s.Zone("Z", h.Point, 400)
		}, false},
		{"a unit that runs out", func(s *scene.Scene) { s.Deliveries[0].Units[0].Unit.ExpiresAt = s.At.Add(time.Minute) }, false},
	}
	for _, tt := range tests {
		s, r := diverting(t)
		tt.change(s)
		rules, now := builtin(t), s.Now()
		p, err := propose.For(now, rules, now.Requests)
		if err != nil {
			t.Fatal(err)
		}
		turns, err := recovery.Diversions(now, rules, p)
		turn, ok := turns[r.ID]
		if err != nil || ok != tt.want {
			t.Errorf("%s: %+v, %v", tt.name, turn, err)
		}
		again, err := recovery.Divert(now, rules, now.Requests[0], now.Deliveries[0].ID)
		if (err == nil) != tt.want || tt.want && again.Pad != turn.Pad {
			t.Errorf("%s, chosen: %+v, %v", tt.name, again, err)
		}
		if tt.want && (turn.Displaced != s.Served[0].ID || turn.After.Compare(turn.Before) >= 0 ||
			turn.LaterMin() != 0 && turn.Instead.IsZero()) {
			t.Errorf("%s: %+v", tt.name, turn)
		}
		if state, _ := now.Drone(drone); tt.want {
			m := now.Missions[0]
			if _, was := now.Expected(m, delivery.DAirborne); !turn.Was.Equal(was) {
				t.Errorf("%s: the displaced was to come at %v, not %v", tt.name, was, turn.Was)
			}
			used, home := m.BatteryJ*(100-state.Position.BatteryPct)/100, turn.HomeAt.Sub(turn.ArriveAt)-situation.UnloadTime
			cruise := now.ClassOf(drone).CruiseMPS
			least := time.Duration(geo.PathLength(turn.Back) / (cruise + now.Wind.SpeedMPS) * float64(time.Second))
			if turn.EnergyJ <= used || turn.EnergyJ > m.BatteryJ || home < least || home > least+3*time.Minute {
				t.Errorf("%s: takes %v J of %v, %v of them used, and is home %v after it was unloaded, at best %v", tt.name, turn.EnergyJ, m.BatteryJ, used, home, least)
			}
		}
		if len(recovery.DiversionEvents(turns, turns, s.At)) > 0 || tt.want != (len(recovery.DiversionEvents(turns, nil, s.At)) > 0) {
			t.Errorf("%s: differs from itself", tt.name)
		}
		if events := recovery.DiversionEvents(nil, turns, s.At); len(events) != len(turns) {
			t.Errorf("%s: %v", tt.name, events)
		}
	}
}

// second adds another drone in the air, with the last unit of another request.
func second(s *scene.Scene, urgency delivery.Urgency) {
	s.Delivery("HL-02", delivery.DAirborne)
	s.Served[len(s.Served)-1].Urgency = urgency
}

// A drone turns for one request only, and for each the one turns that costs the least.
func TestWhichDroneTurns(t *testing.T) {
	for _, tt := range []struct {
		name          string
		first, second delivery.Urgency // of what the drones carry; second empty: there is one
		requests      int
		want          []telemetry.DeviceID
	}{
		{"the first carries for the less urgent", delivery.Routine, delivery.Urgent, 1, []telemetry.DeviceID{drone}},
		{"the second does", delivery.Urgent, delivery.Routine, 1, []telemetry.DeviceID{"HL-02"}},
		{"two requests, one drone", delivery.Urgent, "", 2, []telemetry.DeviceID{drone}},
		{"two requests, two drones", delivery.Urgent, delivery.Urgent, 2, []telemetry.DeviceID{drone, "HL-02"}},
	} {
		s, r := diverting(t)
		s.Served[0].Urgency = tt.first
		if tt.second != "" {
			second(s, tt.second)
		}
		if tt.requests == 2 {
			s.Request(delivery.STAT, func(other *delivery.Request) {
				other.Hospital, other.Pad, other.NeededBy = r.Hospital, r.Pad, r.NeededBy.Add(time.Minute)
			})
		}
		rules, now := builtin(t), s.Now()
		p, err := propose.For(now, rules, now.Requests)
		if err != nil {
			t.Fatal(err)
		}
		turns, err := recovery.Diversions(now, rules, p)
		var got []telemetry.DeviceID
		for _, turn := range turns {
			for _, m := range now.Missions {
				if m.ID == turn.Mission {
					got = append(got, m.Drone)
				}
			}
		}
		slices.Sort(got)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v turn, %v; want %v", tt.name, got, err, tt.want)
		}
	}
}

// No more than twelve turns are weighed in one look: each of them is a plan.
func TestHowManyTurnsAreWeighed(t *testing.T) {
	for _, tt := range []struct {
		useless int
		want    bool
	}{{11, true}, {12, false}} {
		s, last := diverting(t)
		for range tt.useless { // due so long ago that a turn makes nothing better
			s.Request(delivery.STAT, func(r *delivery.Request) {
				r.Hospital, r.Pad, r.NeededBy = last.Hospital, last.Pad, s.At.Add(-1000*time.Hour)
			})
		}
		now := s.Now()
		turns, err := recovery.Diversions(now, builtin(t), propose.Proposed{Score: plan.Score{int64(tt.useless), 5}})
		if _, ok := turns[last.ID]; err != nil || ok != tt.want || len(turns) > 1 {
			t.Errorf("after %d that are no use: %+v, %v", tt.useless, turns, err)
		}
	}
}

// What a turn displaces is planned anew: with the pad that comes free, and with the drone
// when it will be home from where it turned to.
func TestWhatATurnDisplacesIsPlannedAnew(t *testing.T) {
	s, r := diverting(t)
	s.Requests[0].Class, s.Requests[0].Group, r.Class, r.Group = "O-", "O-", "O-", "O-"
	s.Served[0].Class, s.Served[0].Group = "AB+", "AB+"
	s.Deliveries[0].Units[0].Unit.Group = "O-"
	s.Units("AB+", 1)
	s.Slots[0].To = s.At.Add(100 * time.Minute) // its pad is held for long
	rules, now := builtin(t), s.Now()
	turn, err := recovery.Divert(now, rules, r, now.Deliveries[0].ID)
	if err != nil || turn.Instead.IsZero() || turn.Instead.After(s.At.Add(90*time.Minute)) {
		t.Errorf("its pad is free, and it is served at %v: %v", turn.Instead, err)
	}
	for _, d := range s.Network.Drones { // no other drone is in service
		if d.ID != drone {
			s.Close(network.Closure{Site: d.Home, Device: d.ID})
		}
	}
	for i := range s.Closures {
		s.Closures[i].Until = s.At.Add(100 * time.Hour)
	}
	now = s.Now()
	turn, err = recovery.Divert(now, rules, r, now.Deliveries[0].ID)
	if err != nil || !turn.Instead.After(turn.HomeAt) {
		t.Errorf("it is home at %v, and serves the other at %v: %v", turn.HomeAt, turn.Instead, err)
	}
}

func TestADiversionIsWritten(t *testing.T) {
	tests := []struct {
		name   string
		by     network.Actor
		two    bool
		change func(*delivery.Book)
		want   error
		fails  bool
	}{
		{"by a third person", cleo, true, func(*delivery.Book) {}, nil, false},
		{"by one of the two", anna, true, func(*delivery.Book) {}, nil, false},
		{"by the only one", anna, true, func(b *delivery.Book) { only(b).CheckedBy = "anna" }, refusal.ErrSamePerson, true},
		{"by the only one, where one is enough", anna, false, func(b *delivery.Book) { only(b).CheckedBy = "anna" }, nil, false},
		{"by a hospital", network.Actor{Login: "w", Role: network.RoleHospital, Site: "CMU1"}, true, func(*delivery.Book) {}, nil, true},
		{"it has landed", cleo, true, func(b *delivery.Book) { b.Missions[only(b).Mission].Status = delivery.MAtPad }, nil, true},
		{"its delivery has landed", cleo, true, func(b *delivery.Book) { only(b).Status = delivery.DLanded }, nil, true},
		{"the request is served", cleo, true, func(b *delivery.Book) {
			for _, r := range b.Requests {
				r.Status = delivery.Allocated
			}
		}, refusal.ErrTaken, true},
	}
	for _, tt := range tests {
		s, r := diverting(t)
		rules, now := builtin(t), s.Now()
		from := s.Deliveries[0]
		turn, err := recovery.Divert(now, rules, r, from.ID)
		if err != nil {
			t.Fatal(err)
		}
		b := s.Book()
		tt.change(b)
		policy := propose.Policy{
			TwoPersons: map[delivery.Urgency]bool{r.Urgency: tt.two},
			PadRule:    map[delivery.Urgency]delivery.PadRule{r.Urgency: delivery.PadBeforeRelease},
		}
		x := recovery.Accepted(now, turn, r, policy, tt.by)
		if k := x.Keys(); k.Delivery != from.ID || len(k.Requests) != 1 {
			t.Errorf("%s: %+v", tt.name, k)
		}
		id, err := x.Write(b, s.At)
		if (err != nil) != tt.fails || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if tt.fails {
			continue
		}
		if len(b.Added.Deliveries) != 1 {
			t.Fatalf("%s: %+v", tt.name, b.Added)
		}
		d, m := b.Added.Deliveries[0].Delivery, b.Missions[from.Mission]
		if d.ID != id || d.Request != r.ID || d.Hospital != "CMU1" || d.DivertedFrom != from.ID || d.Seal != from.Seal || d.CheckedBy == "" || d.PadRule != delivery.PadBeforeDescent ||
			b.Deliveries[from.ID].Status != delivery.DDiverted || m.Hospital != "CMU1" || len(b.Added.Raised) != 1 ||
			b.Requests[from.Request].Status != delivery.Open {
			t.Errorf("%s: %+v, %+v", tt.name, d, m)
		}
	}
}
