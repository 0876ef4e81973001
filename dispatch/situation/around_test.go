package situation_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/dispatch/situation/scene"
	"hemolift/geo/airspace"
	"hemolift/telemetry"
)

func TestAZoneOnTheWay(t *testing.T) {
	ahead := func(s *scene.Scene) {
		way := situation.Points(s.Missions[0].Out)
		a, b := way[0], way[1]
		s.Zone("Z", [2]float64{a[0] + 0.8*(b[0]-a[0]), a[1] + 0.8*(b[1]-a[1])}, 400)
	}
	tests := []struct {
		name   string
		status delivery.Status
		change func(*scene.Scene)
		want   situation.Outcome
	}{
		{"clear in the air", delivery.DAirborne, func(*scene.Scene) {}, ""},
		{"clear on the ground", delivery.DLoaded, func(*scene.Scene) {}, ""},
		{"ahead of one in the air", delivery.DAirborne, ahead, situation.Rerouted},
		{"ahead of one that is silent", delivery.DAirborne, func(s *scene.Scene) {
			ahead(s)
			s.Drone(drone, func(d *telemetry.DroneState) { d.Link = telemetry.LinkStale })
		}, situation.Unheard},
		{"ahead of one that hovers", delivery.DAirborne, func(s *scene.Scene) {
			ahead(s)
			s.Drone(drone, func(d *telemetry.DroneState) { d.Status.Phase = telemetry.Holding })
		}, situation.Held},
		{"ahead of one with too little left", delivery.DAirborne, func(s *scene.Scene) {
			ahead(s)
			s.Drone(drone, charge(21))
		}, situation.Held},
		{"about one in the air", delivery.DAirborne, func(s *scene.Scene) {
			d, _ := s.Now().Drone(drone)
			s.Zone("Z", d.Position.Point, 300)
		}, situation.Inside},
		{"far off its way", delivery.DAirborne, func(s *scene.Scene) {
			s.Drone(drone, func(d *telemetry.DroneState) { d.Position.Point[0] -= 0.03; d.Position.Point[1] -= 0.03 })
		}, situation.Rerouted},
		{"on the way of one on the ground", delivery.DLoaded, ahead, situation.Replanned},
		{"about the hospital of one on the ground", delivery.DLoaded, func(s *scene.Scene) {
			h, _ := s.Network.Site(scene.Hospital)
			s.Zone("Z", h.Point, 300)
		}, situation.Grounded},
		{"on the way home from the pad", delivery.DClosed, ahead, situation.Replanned},
		{"it stands", delivery.DAirborne, func(s *scene.Scene) {
			ahead(s)
			s.Drone(drone, func(d *telemetry.DroneState) { d.Status.Phase = telemetry.Landed })
		}, ""},
		{"it has left, and its mission has not followed", delivery.DLoaded, func(s *scene.Scene) {
			ahead(s)
			s.Drone(drone, func(d *telemetry.DroneState) {
				d.Status = telemetry.Status{Phase: telemetry.Airborne, Mission: string(s.Missions[0].ID)}
			})
		}, ""},
	}
	for _, tt := range tests {
		s := scene.New(t)
		s.Delivery(drone, tt.status)
		tt.change(s)
		now := s.Now()
		m := s.Missions[0]
		r := now.LeadAround(m, now.Payload(m.ID))
		if r.Outcome != tt.want {
			t.Errorf("%s: got %q (%s), want %q", tt.name, r.Outcome, r.Reason, tt.want)
			continue
		}
		class := now.ClassOf(drone)
		switch r.Outcome {
		case situation.Rerouted:
			if now.Airway.ClosedAhead(r.Path, class.HeightM, s.At, s.At.Add(time.Hour)) || r.Leg.EnergyJ <= 0 {
				t.Errorf("%s: led into a zone, or for nothing", tt.name)
			}
		case situation.Replanned:
			if now.Airway.Conflicts(situation.Points(r.Back), class.HeightM, s.At) != nil || r.LongerM <= 0 || r.EnergyJ <= 0 {
				t.Errorf("%s: planned into a zone; %v m longer", tt.name, r.LongerM)
			}
		case situation.Inside:
			if r.EscapeM <= 0 || !r.NoWayOn() {
				t.Errorf("%s: %v m out", tt.name, r.EscapeM)
			}
		case situation.Held, situation.Unheard:
			if !r.NoWayOn() {
				t.Errorf("%s: there is a way on", tt.name)
			}
		case situation.Grounded:
		}
	}
}

// An outbound drone that is led around must also come home, by the way that is open; one on
// its way home only has to come there.
func TestWhatIsLeftForAWayAround(t *testing.T) {
	outcome := func(inbound bool, pct float64, more ...func(*scene.Scene)) (*situation.Situation, situation.Around) {
		s := scene.New(t)
		s.Delivery(drone, delivery.DAirborne)
		m := &s.Missions[0]
		first := situation.Points(m.Out)
		share := 0.8 // of the first leg, of which the drone has flown half
		if inbound {
			m.Status, share = delivery.MInbound, 0.25
			s.Drone(drone, func(d *telemetry.DroneState) { d.Status.Phase, d.Status.Leg = telemetry.Airborne, 1 })
		}
		a, b := first[0], first[1]
		s.Zone("Z", [2]float64{a[0] + share*(b[0]-a[0]), a[1] + share*(b[1]-a[1])}, 300)
		for _, f := range more {
			f(s)
		}
		s.Drone(drone, charge(pct))
		now := s.Now()
		return now, now.LeadAround(s.Missions[0], now.Payload(s.Missions[0].ID))
	}
	need := func(inbound bool) float64 { // of the battery, in percent
		now, r := outcome(inbound, 100)
		if r.Outcome != situation.Rerouted {
			t.Fatalf("with a full battery: %+v", r.Touched)
		}
		m := now.Missions[0]
		energyJ := r.Leg.EnergyJ + m.ReserveJ
		if !inbound {
			class, home := now.ClassOf(drone), situation.Points(m.Back)
			open, err := now.Airway.Route(home[0], home[len(home)-1], class, now.Wind, now.At)
			if err != nil {
				t.Fatal(err)
			}
			back, _ := class.Fly(open.Points, now.HomeKg(now.Payload(m.ID)), now.Wind)
			energyJ += situation.WindContingency * back.EnergyJ
		}
		return 100 * energyJ / m.BatteryJ
	}
	for _, inbound := range []bool{false, true} {
		pct := need(inbound)
		if _, r := outcome(inbound, pct+1e-6); r.Outcome != situation.Rerouted {
			t.Errorf("inbound %v, with just enough: %+v", inbound, r.Touched)
		}
		if _, r := outcome(inbound, pct-1e-6); r.Outcome != situation.Held {
			t.Errorf("inbound %v, with just too little: %+v", inbound, r.Touched)
		}
	}
	_, r := outcome(false, 100, func(s *scene.Scene) {
		c, _ := s.Network.Site(scene.Centre)
		s.Zone("C", c.Point, 400)
	})
	if r.Outcome != situation.Held {
		t.Errorf("there is no way home: %+v", r.Touched)
	}
}

// What is planned anew takes the load of each of its ways, and a drone on the pad has only
// the way home before it.
func TestWhatAMissionPlannedAnewTakes(t *testing.T) {
	for _, status := range []delivery.Status{delivery.DLoaded, delivery.DClosed} {
		s := scene.New(t)
		m, _ := s.Delivery(drone, status)
		s.Zone("Z", halfway(situation.Points(m.Out)), 300)
		now := s.Now()
		payload := now.Payload(m.ID)
		r := now.LeadAround(m, payload)
		class := now.ClassOf(drone)
		out, _ := class.Fly(situation.Points(r.Out), m.LoadKg, now.Wind)
		back, _ := class.Fly(situation.Points(r.Back), now.HomeKg(payload), now.Wind)
		want, same := out.EnergyJ+back.EnergyJ, false
		if status == delivery.DClosed {
			want, same = back.EnergyJ, true
		}
		if got := slices.Equal(r.Out, m.Out); r.Outcome != situation.Replanned || got != same || math.Abs(r.EnergyJ-situation.WindContingency*want) > 1e-3 {
			t.Errorf("%s: %+v takes %v J, want %v; the way out is the same: %v", status, r.Touched, r.EnergyJ, situation.WindContingency*want, got)
		}
	}
}

// A slot is extended while nobody is to land within two minutes.
func TestASlotThatAnotherWaitsFor(t *testing.T) {
	for in, want := range map[time.Duration]bool{90 * time.Second: false, 150 * time.Second: true} {
		s := scene.New(t)
		s.Delivery(drone, delivery.DClosed)
		s.Missions[0].ArriveAt = s.At.Add(-3 * time.Minute)
		s.Slots[0].To = s.At.Add(30 * time.Second)
		s.Slots = append(s.Slots, delivery.Slot{Pad: scene.Pad, Mission: "M-other", From: s.At.Add(in), To: s.At.Add(time.Hour)})
		if now := s.Now(); now.OverstaysFreely(now.Missions[0]) != want {
			t.Errorf("another lands in %v: extended %v", in, !want)
		}
	}
}

// A drone that landed, but elsewhere, stands on nobody's pad.
func TestADroneDownElsewhereStandsOnNoPad(t *testing.T) {
	s := scene.New(t)
	s.Delivery(drone, delivery.DClosed)
	s.Missions[0].ArriveAt = s.At.Add(-10 * time.Minute)
	other := delivery.Mission{ID: "M-other", Pad: scene.Pad}
	if !s.Now().StoodOn(other, s.At.Add(time.Minute)) {
		t.Error("it overstays, and nobody waits")
	}
	s.Drone(drone, func(d *telemetry.DroneState) { d.Position.Point[0] += 0.02 })
	if s.Now().StoodOn(other, s.At.Add(time.Minute)) {
		t.Error("it is elsewhere, and is waited for")
	}
}

func TestPads(t *testing.T) {
	s := scene.New(t)
	m, _ := s.Delivery(drone, delivery.DClosed)
	arrive := s.At.Add(30 * time.Minute)
	if id, ok := s.Now().FreePad(scene.Pad, arrive); !ok || id != scene.Pad {
		t.Errorf("free: got %s, %v", id, ok)
	}
	if got := s.Now().SlotOf(m.ID); got.Mission != m.ID || s.Now().SlotOf("M-none") != (delivery.Slot{}) {
		t.Errorf("its slot: %+v", got)
	}
	s.Missions[0].ArriveAt = s.At.Add(-30 * time.Minute) // stranded: nobody knows for how long
	if s.Now().PadTaken(scene.Pad, arrive) != true {
		t.Error("a stranded drone's pad is counted on")
	}
	if _, ok := s.Now().FreePad(scene.Pad, arrive); ok {
		t.Error("the hospital has one pad, and it is free")
	}
	if !s.Now().StoodOn(delivery.Mission{ID: "M-other", Pad: scene.Pad}, arrive) {
		t.Error("a drone overstays there")
	}
	s.Close(network.Closure{Site: scene.Centre, Device: drone})
	blocked := s.Now().Blocked()
	if got := blocked[len(blocked)-1]; got.Pad != scene.Pad || got.By != "anna" || !got.Until.Equal(s.Closures[0].Until) {
		t.Errorf("it is out of service on its pad: %+v", got)
	}
	s = scene.New(t)
	m, _ = s.Delivery(drone, delivery.DClosed)
	s.Missions[0].ArriveAt = s.At.Add(-3 * time.Minute)
	s.Slots[0].To = s.At.Add(30 * time.Second)
	if now := s.Now(); !now.OverstaysFreely(now.Missions[0]) {
		t.Error("its slot ends, and is not to be extended")
	}
	s.Slots[0].To = s.At.Add(90 * time.Second)
	if now := s.Now(); now.OverstaysFreely(now.Missions[0]) {
		t.Error("its slot is long enough")
	}
	if now := s.Now(); now.StoodOn(m, arrive) {
		t.Error("its own drone stands there")
	}
}

func TestDrawnZonesAreCheckedByField(t *testing.T) {
	s := scene.New(t)
	good := s.Zone("Z", s.Network.Sites[0].Point, 300)
	good.DrawnBy = "anna"
	tests := []struct {
		field  string
		change func(*airspace.Zone)
	}{
		{"", func(*airspace.Zone) {}},
		{"name", func(z *airspace.Zone) { z.NameZH = "" }},
		{"ring", func(z *airspace.Zone) { z.Polygon = nil }},
		{"until", func(z *airspace.Zone) { z.Until = s.At }},
		{"until", func(z *airspace.Zone) { z.Until = s.At.Add(31 * 24 * time.Hour) }},
		{"until", func(z *airspace.Zone) { z.Until = time.Time{} }},
		{"from", func(z *airspace.Zone) { z.From = z.Until }},
		{"ring", func(z *airspace.Zone) { z.UpperM = -1 }},
	}
	for _, tt := range tests {
		z := good
		tt.change(&z)
		err := situation.CheckDrawn(z, nil, s.At)
		var f refusal.Field
		if tt.field == "" && err != nil || tt.field != "" && !asField(err, &f) || f.Field != tt.field {
			t.Errorf("%s: got %v", tt.field, err)
		}
	}
}

// The zones of one person, and of one role, do not use up the map of another.
func TestHowManyZonesPeopleDraw(t *testing.T) {
	s := scene.New(t)
	z := s.Zone("Z", s.Network.Sites[0].Point, 300)
	drawn := func(n, people int, role network.Role) (list []airspace.Zone) {
		for i := range n {
			z.DrawnBy, z.DrawnRole = fmt.Sprint(role, i%people), string(role)
			list = append(list, z)
		}
		return list
	}
	past := drawn(300, 1, network.RoleDispatcher)
	for i := range past {
		past[i].Until = s.At
	}
	published := drawn(300, 1, "")
	for i := range published {
		published[i].DrawnBy = ""
	}
	for _, tt := range []struct {
		name string
		have []airspace.Zone
		by   string
		role network.Role
		ok   bool
	}{
		{"one short of what one may", drawn(99, 1, network.RoleDispatcher), "dispatcher0", network.RoleDispatcher, true},
		{"as many as one may", drawn(100, 1, network.RoleDispatcher), "dispatcher0", network.RoleDispatcher, false},
		{"a colleague's", drawn(100, 1, network.RoleDispatcher), "dispatcher1", network.RoleDispatcher, true},
		{"as many as a role may", drawn(200, 4, network.RoleDispatcher), "dispatcher9", network.RoleDispatcher, false},
		{"another role's", drawn(200, 4, network.RoleDispatcher), "controller0", network.RoleController, true},
		{"run out", past, "dispatcher0", network.RoleDispatcher, true},
		{"published", published, "dispatcher0", network.RoleDispatcher, true},
	} {
		x := z
		x.DrawnBy, x.DrawnRole = tt.by, string(tt.role)
		if err := situation.CheckDrawn(x, tt.have, s.At); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func asField(err error, f *refusal.Field) bool { return errors.As(err, f) }
