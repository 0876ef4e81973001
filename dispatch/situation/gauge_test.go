package situation_test

import (
	"testing"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/situation"
	"hemolift/dispatch/situation/scene"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// What an alarm says follows what is measured; what was worst stays.
func TestGaugesOfAlarms(t *testing.T) {
	s := scene.New(t)
	s.Delivery(drone, delivery.DAirborne)
	d := s.Deliveries[0]
	box := d.Boxes[0].Box
	alarm := func(k delivery.AlarmKind, id telemetry.DeviceID, first, limit, worst float64) delivery.Alarm {
		return delivery.Alarm{ID: 7, Kind: k, Device: id, Delivery: d.ID, Site: d.Hospital, Value: first, Limit: limit, Worst: worst}
	}
	for _, tt := range []struct {
		name   string
		alarm  delivery.Alarm
		change func()
		want   delivery.Gauge
		keeps  bool // what was worst has to be kept anew
	}{
		{
			"warmer still", alarm(delivery.TempExcursion, box, 10.1, 10, 10.4), func() { s.Box(box, coldchain.Excursion, 11.73) },
			delivery.Gauge{Value: 11.7, Limit: 10, Worst: 11.7, Left: delivery.NoLeft, Known: true},
			true,
		},
		{
			"cooler, but too warm", alarm(delivery.TempExcursion, box, 10.1, 10, 12), func() { s.Box(box, coldchain.Excursion, 10.5) },
			delivery.Gauge{Value: 10.5, Limit: 10, Worst: 12, Left: delivery.NoLeft, Known: true},
			false,
		},
		{
			"colder still", alarm(delivery.TempExcursion, box, 1.9, 2, 1.5), func() { s.Box(box, coldchain.Excursion, 0.5) },
			delivery.Gauge{Value: 0.5, Limit: 2, Worst: 0.5, Left: delivery.NoLeft, Known: true},
			true,
		},
		{
			"silent: what was known last", alarm(delivery.TempExcursion, box, 10.1, 10, 12), func() { s.Box(box, coldchain.Unknown, 4) },
			delivery.Gauge{Value: 10.1, Limit: 10, Worst: 12, Left: delivery.NoLeft},
			false,
		},
		{"battery", alarm(delivery.LowEnergy, drone, 30, 31, 29), func() {
			s.Drone(drone, func(x *telemetry.DroneState) { x.Position.BatteryPct, x.NeedPct = 24, 33 })
		}, delivery.Gauge{Value: 24, Limit: 33, Worst: 24, Left: delivery.NoLeft, Known: true}, true},
		{"aside", alarm(delivery.OffRoute, drone, 151, 150, 180), func() {
			s.Drone(drone, func(x *telemetry.DroneState) { x.OffM = 320.4 })
		}, delivery.Gauge{Value: 320, Limit: 150, Worst: 320, Left: delivery.NoLeft, Known: true}, true},
		{"low", alarm(delivery.OffHeight, drone, 31, 30, 40), func() {
			s.Drone(drone, func(x *telemetry.DroneState) { x.OffHeightM = -52.2 })
		}, delivery.Gauge{Value: 52, Limit: 30, Worst: 52, Left: delivery.NoLeft, Known: true}, true},
		{"behind", alarm(delivery.Behind, drone, 3, 3, 5), func() {
			s.Drone(drone, func(x *telemetry.DroneState) { x.Behind = 250 * time.Second })
		}, delivery.Gauge{Value: 4, Limit: 3, Worst: 5, Left: delivery.NoLeft, Known: true}, false},
		{
			"late", alarm(delivery.Overdue, drone, 0, 0, 0), func() { s.Deliveries[0].NeededBy = s.At.Add(-3*time.Minute - 40*time.Second) },
			delivery.Gauge{Value: 3, Worst: 3, Left: delivery.NoLeft, Known: true},
			false,
		},
		{"lost", alarm(delivery.LinkLoss, drone, 10, 10, 10), func() {
			s.Drone(drone, func(x *telemetry.DroneState) { x.Link, x.At = telemetry.LinkStale, s.At.Add(-93*time.Second) })
		}, delivery.Gauge{Value: 93, Worst: 93, Left: delivery.NoLeft, Known: true}, false},
		{"lost, and about to act by itself", alarm(delivery.LinkLoss, drone, 10, 10, 10), func() {
			for i := range s.Network.Classes {
				s.Network.Classes[i].LostLinkS = 120
			}
		}, delivery.Gauge{Value: 93, Worst: 93, Left: 27 * time.Second, Known: true}, false},
		{"nothing to measure", alarm(delivery.Stranded, drone, 0, 0, 0), func() {}, delivery.Gauge{Left: delivery.NoLeft}, false},
	} {
		tt.change()
		s.Alarms = []delivery.Alarm{tt.alarm}
		tt.want.Alarm, tt.want.Site = 7, d.Hospital
		got := situation.Gauges(s.Now())
		if len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
		if keeps := len(situation.Worsened(s.Alarms, got)) == 1; keeps != tt.keeps {
			t.Errorf("%s: to be kept anew: %v", tt.name, keeps)
		}
	}
}

// While no drone is heard of several that were, one alarm says so, and those of the drones
// are suppressed; one that is heard shows that the server's link holds.
func TestTheServersOwnLink(t *testing.T) {
	lost := func(s *scene.Scene) bool {
		for _, a := range s.Now().Standing(nil) {
			if a.Kind == delivery.LinksLost {
				return a.Device == situation.TheServer
			}
		}
		return false
	}
	s := scene.New(t)
	if lost(s) {
		t.Error("told while all are heard")
	}
	var all []telemetry.DeviceID
	for _, d := range s.Network.Drones {
		all = append(all, d.ID)
	}
	s.Later(time.Minute, all...)
	if !lost(s) {
		t.Error("not told while none is heard")
	}
	for i, id := range all { // all but one have been off for hours
		s.Drone(id, func(d *telemetry.DroneState) { d.At = s.At.Add(-time.Duration(i) * time.Hour) })
	}
	if lost(s) {
		t.Error("told of one that is silent while others are switched off")
	}
	s.Drone(all[0], func(d *telemetry.DroneState) { d.Link, d.At = telemetry.LinkLive, s.At })
	if lost(s) {
		t.Error("told while one is heard")
	}
}
