package situation_test

import (
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
	"hemolift/dispatch/situation/scene"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

const drone telemetry.DeviceID = "HL-04"

// halfway is the middle of a track's longest leg.
func halfway(track []orb.Point) orb.Point {
	a, b := track[0], track[1]
	return orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}
}

func charge(pct float64) func(*telemetry.DroneState) {
	return func(d *telemetry.DroneState) { d.Position.BatteryPct = pct }
}

// One row for each check and each purpose that it counts for: taken away, the leg is
// cleared.
func TestALegIsClearedOnlyWhenEverythingHolds(t *testing.T) {
	silent := func(s *scene.Scene) {
		s.Drone(drone, func(d *telemetry.DroneState) { d.Link = telemetry.LinkStale })
	}
	away := func(s *scene.Scene) {
		s.Drone(drone, func(d *telemetry.DroneState) { d.Position.Point = orb.Point{123.5, 41.9} })
	}
	low := func(s *scene.Scene) { s.Drone(drone, charge(21)) }
	otherOnPad := func(s *scene.Scene) {
		other, _ := s.Delivery("HL-05", delivery.DLanded)
		s.Missions[len(s.Missions)-1].ArriveAt = s.At.Add(-10 * time.Minute)
		s.Slots = s.Slots[:len(s.Slots)-1]
		_ = other
	}
	otherSlot := func(s *scene.Scene) {
		s.Slots = append(s.Slots, delivery.Slot{Pad: scene.Pad, Mission: "M-other", From: s.At, To: s.At.Add(time.Hour)})
	}
	zoneAhead := func(s *scene.Scene) { s.Zone("Z", halfway(situation.Points(s.Missions[0].Back)), 500) }
	box := func(state coldchain.State, tempC float64) func(*scene.Scene) {
		return func(s *scene.Scene) { s.Box(s.Deliveries[0].Boxes[0].Box, state, tempC) }
	}
	tests := []struct {
		name   string
		change func(*scene.Scene)
		out    situation.Check // of the way out, loaded
		home   situation.Check // of the way home, delivered
	}{
		{"nothing wrong", func(*scene.Scene) {}, "", ""},
		{"the plan is not in the drone", func(s *scene.Scene) { s.Missions[0].Status = delivery.MPlanned }, situation.CheckPlan, ""},
		{"the drone is silent", silent, situation.CheckLink, situation.CheckLink},
		{"the centre is closed", func(s *scene.Scene) { s.Close(network.Closure{Site: scene.Centre}) }, situation.CheckService, ""},
		{
			"the pad is closed",
			func(s *scene.Scene) { s.Close(network.Closure{Site: scene.Hospital, Pad: scene.Pad}) },
			situation.CheckService,
			"",
		},
		{
			"the drone is out of service", func(s *scene.Scene) { s.Close(network.Closure{Site: scene.Centre, Device: drone}) },
			situation.CheckService, situation.CheckService,
		},
		{
			"the box is out of service", func(s *scene.Scene) {
				s.Close(network.Closure{Site: scene.Centre, Device: s.Deliveries[0].Boxes[0].Box})
			},
			situation.CheckService, "",
		},
		{"a zone on the way", zoneAhead, situation.CheckZone, situation.CheckZone},
		{"a storm", func(s *scene.Scene) { s.Wind(40, 0) }, situation.CheckWind, situation.CheckWind},
		{"an empty battery", low, situation.CheckBattery, situation.CheckBattery},
		{"another drone overstays", otherOnPad, situation.CheckPad, ""},
		{"another mission has the pad", otherSlot, situation.CheckPad, ""},
		{"a silent box", box(coldchain.Unknown, 4), situation.CheckBox, ""},
		{"a warm box", box(coldchain.Excursion, 12), situation.CheckCold, ""},
		{"spoiled units", func(s *scene.Scene) { s.Spoiled = map[delivery.ID]bool{s.Deliveries[0].ID: true} }, situation.CheckCold, ""},
		{
			"a box beyond its validated hold time", func(s *scene.Scene) { s.Deliveries[0].Boxes[0].PackedAt = s.At.Add(-100 * time.Hour) },
			situation.CheckCold, "",
		},
		{"the drone is elsewhere", away, situation.CheckPosition, situation.CheckPosition},
	}
	for _, tt := range tests {
		s := scene.New(t)
		s.Delivery(drone, delivery.DLoaded)
		tt.change(s)
		now := s.Now()
		m := s.Missions[0]
		if got := now.Clear(now.Departure(m, now.Payload(m.ID))); got.Blocked != tt.out || (got.Err == nil) != got.OK() {
			t.Errorf("%s: the way out is kept by %q, %v; want %q", tt.name, got.Blocked, got.Err, tt.out)
		}
		s = scene.New(t)
		s.Delivery(drone, delivery.DClosed)
		tt.change(s)
		now = s.Now()
		m = s.Missions[0]
		if got := now.Clear(now.WayHome(m, now.Payload(m.ID))); got.Blocked != tt.home {
			t.Errorf("%s: the way home is kept by %q, %v; want %q", tt.name, got.Blocked, got.Err, tt.home)
		}
	}
}

// What has not begun is reckoned with the wind's contingency, what is being flown is not.
func TestTheContingencyCountsForWaysThatHaveNotBegun(t *testing.T) {
	s := scene.New(t)
	m, d := s.Delivery(drone, delivery.DLoaded)
	now := s.Now()
	class := now.ClassOf(drone)
	out, _ := class.Fly(situation.Points(m.Out), m.LoadKg, now.Wind)
	back, _ := class.Fly(situation.Points(m.Back), now.HomeKg([]delivery.Delivery{d}), now.Wind)
	c := now.Clear(now.Departure(m, []delivery.Delivery{d}))
	if want := situation.WindContingency * (out.EnergyJ + back.EnergyJ); math.Abs(c.EnergyJ-want) > 1e-3 || c.Flown[0] != out ||
		!c.Arrive.Equal(s.At.Add(out.Duration)) {
		t.Errorf("got %v J, want %v; arrives %v", c.EnergyJ, want, c.Arrive)
	}
	aloft := situation.Leg{
		For:      situation.Rerouting,
		Mission:  m,
		BatteryJ: 1e9,
		Ways:     []situation.Way{{Path: situation.Points(m.Out), LoadKg: m.LoadKg, Aloft: true}},
	}
	if c := now.Clear(aloft); c.EnergyJ != out.EnergyJ {
		t.Errorf("in the air: got %v J, want %v", c.EnergyJ, out.EnergyJ)
	}
	// One joule under what it takes and the reserve is too little.
	short := now.Departure(m, []delivery.Delivery{d})
	short.BatteryJ = c.EnergyJ + m.ReserveJ
	if got := now.Clear(short); !got.OK() {
		t.Errorf("just enough: kept by %q", got.Blocked)
	}
	short.BatteryJ--
	if got := now.Clear(short); got.Blocked != situation.CheckBattery {
		t.Errorf("a joule too little: kept by %q", got.Blocked)
	}
}

func TestWhatIsTheDronesAndWhatPasses(t *testing.T) {
	for check, want := range map[situation.Check][2]bool{
		"": {true, false}, situation.CheckPlan: {true, false}, situation.CheckBattery: {true, false}, situation.CheckPosition: {true, false}, situation.CheckPad: {false, true},
		situation.CheckZone: {false, true}, situation.CheckCold: {false, false}, situation.CheckWind: {false, false},
	} {
		if got := [2]bool{check.ByDrone(), check.Passing()}; got != want {
			t.Errorf("%q: got %v, want %v", check, got, want)
		}
	}
}
