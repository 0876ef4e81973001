package situation_test

import (
	"errors"
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
	if err := situation.CheckDrawn(good, make200(good), s.At); err == nil {
		t.Error("the 201st drawn zone was taken")
	}
}

func make200(z airspace.Zone) []airspace.Zone {
	list := make([]airspace.Zone, 200)
	for i := range list {
		list[i] = z
	}
	return list
}

func asField(err error, f *refusal.Field) bool { return errors.As(err, f) }
