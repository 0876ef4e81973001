package situation_test

import (
	"testing"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
	"hemolift/dispatch/situation/scene"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

func TestWhatIsWrongWithADelivery(t *testing.T) {
	silent := func(by time.Duration) func(*scene.Scene) {
		return func(s *scene.Scene) { s.Later(by, drone) }
	}
	tests := []struct {
		name   string
		status delivery.Status
		change func(*scene.Scene)
		want   situation.Failure
	}{
		{"nothing", delivery.DAirborne, func(*scene.Scene) {}, ""},
		{"silent in the air for two minutes", delivery.DAirborne, silent(2 * time.Minute), situation.DroneLost},
		{"for less", delivery.DAirborne, silent(2*time.Minute - time.Second), ""},
		{"turned back", delivery.DAirborne, func(s *scene.Scene) { s.Missions[0].Status = delivery.MInbound }, situation.TurnedBack},
		{"down elsewhere", delivery.DAirborne, func(s *scene.Scene) { s.Missions[0].Status = delivery.MAtPad }, situation.DownElsewhere},
		{"a warm box", delivery.DAirborne, func(s *scene.Scene) {
			s.Box(s.Deliveries[0].Boxes[0].Box, coldchain.Excursion, 12)
		}, situation.BoxWarm},
		{"its pad is closed", delivery.DAirborne, func(s *scene.Scene) {
			s.Close(network.Closure{Site: scene.Hospital, Pad: scene.Pad})
		}, situation.PadRefused},
		{"its centre is closed, and it has left", delivery.DAirborne, func(s *scene.Scene) { s.Close(network.Closure{Site: scene.Centre}) }, ""},
		{"its centre is closed", delivery.DPacked, func(s *scene.Scene) { s.Close(network.Closure{Site: scene.Centre}) }, situation.CentreClosed},
		{"its drone is out of service", delivery.DPacked, func(s *scene.Scene) {
			s.Close(network.Closure{Site: scene.Centre, Device: drone})
		}, situation.DeviceClosed},
		{"its drone is silent on the ground", delivery.DPacked, silent(2 * time.Minute), situation.DroneSilent},
		{"the hospital has it", delivery.DLanded, silent(time.Hour), ""},
		{"given up", delivery.DAirborne, func(s *scene.Scene) {
			s.Later(time.Hour, drone)
			s.Deliveries[0].GivenUpAt = s.At
		}, ""},
	}
	for _, tt := range tests {
		s := scene.New(t)
		s.Delivery(drone, tt.status)
		tt.change(s)
		failing, _ := s.Now().Failing()
		var got situation.Failure
		if len(failing) > 0 {
			got = failing[0].Failure
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// A zone leaves a silent drone in the air no way on.
func TestNoWayOnIsAFailure(t *testing.T) {
	s := scene.New(t)
	m, _ := s.Delivery(drone, delivery.DAirborne)
	s.Drone(drone, func(d *telemetry.DroneState) { d.Link = telemetry.LinkStale; d.At = s.At })
	way := situation.Points(m.Out)
	s.Zone("Z", way[len(way)/2], 800)
	failing, _ := s.Now().Failing()
	if len(failing) != 1 || failing[0].Failure != situation.NoWayOn {
		t.Errorf("got %+v", failing)
	}
}

// A loaded drone has five minutes, from when nothing else is wrong, and from when nothing
// keeps it any more.
func TestALoadedDroneHasFiveMinutes(t *testing.T) {
	tests := []struct {
		name  string
		keeps func(*scene.Scene)
		after time.Duration
		fails bool
		waits situation.Check
	}{
		{"nothing keeps it", func(*scene.Scene) {}, 5 * time.Minute, true, ""},
		{"not yet", func(*scene.Scene) {}, 5*time.Minute - time.Second, false, ""},
		{"its battery", func(s *scene.Scene) { s.Drone(drone, charge(21)) }, 5 * time.Minute, true, situation.CheckBattery},
		{"not yet, its battery", func(s *scene.Scene) { s.Drone(drone, charge(21)) }, 5*time.Minute - time.Second, false, ""},
		{"the wind", func(s *scene.Scene) { s.Wind(40, 0) }, 5 * time.Minute, true, situation.CheckWind},
	}
	for _, tt := range tests {
		s := scene.New(t)
		m, _ := s.Delivery(drone, delivery.DLoaded)
		tt.keeps(s)
		failing, stays := s.Now().Failing()
		if len(failing) != 0 || !stays[m.ID].Since.Equal(s.At) {
			t.Errorf("%s: at once: %+v, %+v", tt.name, failing, stays)
		}
		s.Stays = stays
		s.Later(tt.after)
		failing, _ = s.Now().Failing()
		if (len(failing) == 1) != tt.fails || tt.fails && (failing[0].Failure != situation.NotLeaving || failing[0].Waits != tt.waits) {
			t.Errorf("%s: after %v: %+v", tt.name, tt.after, failing)
		}
		if tt.fails && failing[0].ByDrone() != tt.waits.ByDrone() {
			t.Errorf("%s: by its drone %v", tt.name, failing[0].ByDrone())
		}
	}
	// What kept it is over: it has five minutes again.
	s := scene.New(t)
	m, _ := s.Delivery(drone, delivery.DLoaded)
	s.Wind(40, 0)
	_, s.Stays = s.Now().Failing()
	s.Later(10 * time.Minute)
	s.Wind(0, 0)
	failing, stays := s.Now().Failing()
	if len(failing) != 0 || !stays[m.ID].Free.Equal(s.At) {
		t.Errorf("the storm is over: %+v, %+v", failing, stays)
	}
	// Silence is a failure of its own soon.
	s.Stays = map[delivery.MissionID]situation.Stay{m.ID: {Since: s.At.Add(-time.Hour)}}
	s.Drone(drone, func(d *telemetry.DroneState) { d.Link, d.At = telemetry.LinkStale, s.At.Add(-time.Minute) })
	if failing, _ := s.Now().Failing(); len(failing) != 0 {
		t.Errorf("silent for a minute: %+v", failing)
	}
}

func TestWhereADroneIs(t *testing.T) {
	s := scene.New(t)
	m, d := s.Delivery(drone, delivery.DAirborne)
	now := s.Now()
	if !now.Aloft(drone) || !now.MayFly(drone) || !now.GroundedAt(drone).IsZero() || now.SilentFor(drone) != 0 {
		t.Error("in the air and heard")
	}
	if flight, arrive := now.Expected(m, d.Status); !arrive.Equal(m.ArriveAt) || flight != m.ArriveAt.Sub(s.At) {
		t.Errorf("in the air: lands in %v at %v", flight, arrive)
	}
	if flight, arrive := now.Expected(m, delivery.DLoaded); arrive.Sub(s.At) < flight || arrive.Before(m.ArriveAt) {
		t.Errorf("loaded: %v until %v", flight, arrive)
	}
	s.Later(14*time.Minute, drone)
	if now := s.Now(); now.Aloft(drone) || !now.MayFly(drone) || now.SilentFor(drone) != 14*time.Minute {
		t.Errorf("silent for %v", now.SilentFor(drone))
	}
	s.Later(16*time.Minute, drone)
	if s.Now().MayFly(drone) {
		t.Error("not heard in the air for a quarter of an hour, and may fly")
	}
	s.Since = s.At.Add(-time.Minute)
	if got := s.Now().SilentFor(drone); got != time.Minute {
		t.Errorf("the program listens for a minute: silent for %v", got)
	}

	s = scene.New(t)
	m, _ = s.Delivery(drone, delivery.DClosed)
	now = s.Now()
	if now.Elsewhere(m) || now.BroughtHome(m, now.Payload(m.ID)) || now.Stranded(m) {
		t.Error("it stands on its pad")
	}
	home, _ := s.Network.Site(scene.Centre)
	s.Drone(drone, func(d *telemetry.DroneState) { d.Position.Point = home.Point })
	if now := s.Now(); !now.BroughtHome(m, now.Payload(m.ID)) || !now.Elsewhere(m) {
		t.Error("it was payload home")
	}
	s.Missions[0].ArriveAt = s.At.Add(-21 * time.Minute)
	if now := s.Now(); !now.Stranded(now.Missions[0]) {
		t.Error("on its pad for 21 minutes")
	}
}
