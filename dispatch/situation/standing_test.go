package situation_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
	"hemolift/dispatch/situation/scene"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// One row for each kind of alarm that is a condition.
func TestConditionsThatAreAlarms(t *testing.T) {
	tests := []struct {
		kind   delivery.AlarmKind
		status delivery.Status
		change func(*scene.Scene)
		detail string
	}{
		{delivery.OutOfService, delivery.DPacked, func(s *scene.Scene) { s.Close(network.Closure{Site: scene.Centre}) }, string(scene.Pad)},
		{delivery.OutOfService, delivery.DPacked, func(s *scene.Scene) {
			s.Close(network.Closure{Site: scene.Centre, Device: s.Deliveries[0].Boxes[0].Box})
		}, string(scene.Pad)},
		{delivery.Overdue, delivery.DAirborne, func(s *scene.Scene) { s.Deliveries[0].NeededBy = s.At.Add(-time.Minute) }, ""},
		{delivery.PadTaken, delivery.DClosed, func(s *scene.Scene) {
			s.Missions[0].ArriveAt = s.At.Add(-3 * time.Minute)
			s.Slots = append(s.Slots, delivery.Slot{Pad: scene.Pad, Mission: "M-other", From: s.At.Add(time.Minute), To: s.At.Add(time.Hour)})
		}, string(scene.Pad)},
		{delivery.PadTaken, delivery.DAirborne, func(s *scene.Scene) {
			s.Slots = append(s.Slots, delivery.Slot{Pad: scene.Pad, Mission: "M-other", From: s.At, To: s.At.Add(time.Hour)})
		}, string(scene.Pad)},
		{delivery.NoWay, delivery.DAirborne, func(s *scene.Scene) {
			s.Drone(drone, func(d *telemetry.DroneState) { d.Link, d.At = telemetry.LinkStale, s.At })
			way := situation.Points(s.Missions[0].Out)
			s.Zone("Z", way[len(way)/2], 800)
		}, "unheard"},
		{delivery.ColdMargin, delivery.DLoaded, func(s *scene.Scene) {
			s.Box(s.Deliveries[0].Boxes[0].Box, coldchain.Excursion, 12)
		}, ""},
		{delivery.OutOfService, delivery.DAirborne, func(s *scene.Scene) {
			s.Close(network.Closure{Site: scene.Hospital, Pad: scene.Pad})
		}, string(scene.Pad)},
		{delivery.OutOfService, delivery.DAirborne, func(s *scene.Scene) {
			s.Close(network.Closure{Site: scene.Centre, Device: drone})
		}, string(scene.Pad)},
		{delivery.AstrayDown, delivery.DAirborne, func(s *scene.Scene) { s.Missions[0].Status = delivery.MAtPad }, string(scene.Pad)},
		{delivery.NotLeft, delivery.DLoaded, func(s *scene.Scene) {
			_, s.Stays = s.Now().Failing()
			s.Later(5 * time.Minute)
			s.Box(s.Deliveries[0].Boxes[0].Box, coldchain.InRange, 4)
		}, string(scene.Pad)},
		{delivery.NotLeft, delivery.DLoaded, func(s *scene.Scene) { s.Deliveries[0].GivenUpAt = s.At }, string(scene.Pad)},
		{delivery.Stranded, delivery.DLanded, func(s *scene.Scene) { s.Missions[0].ArriveAt = s.At.Add(-21 * time.Minute) }, "receipt"},
		{delivery.Stranded, delivery.DClosed, func(s *scene.Scene) {
			s.Missions[0].ArriveAt = s.At.Add(-21 * time.Minute)
			s.Drone(drone, charge(21))
		}, "battery"},
		{delivery.TempUnknown, delivery.DLoaded, func(s *scene.Scene) {
			s.Box(s.Deliveries[0].Boxes[0].Box, coldchain.Unknown, 0)
			s.Deliveries[0].Boxes[0].PackedAt = s.At.Add(-time.Hour)
		}, ""},
	}
	for _, tt := range tests {
		s := scene.New(t)
		s.Delivery(drone, tt.status)
		holds := func() (delivery.Alarm, bool) {
			now := s.Now()
			failing, _ := now.Failing()
			for _, a := range now.Standing(failing) {
				if a.Kind == tt.kind {
					return a, true
				}
			}
			return delivery.Alarm{}, false
		}
		if a, ok := holds(); ok {
			t.Errorf("%s: before anything is wrong: %+v", tt.kind, a)
		}
		tt.change(s)
		a, ok := holds()
		if !ok || a.Detail != tt.detail || tt.kind != delivery.TempUnknown && a.Device != drone {
			t.Errorf("%s: got %+v, %v; want detail %q", tt.kind, a, ok, tt.detail)
		}
	}
}

// What fails for another reason is not told as out of service.
func TestWhatIsOutOfServiceIsSaidOfNothingElse(t *testing.T) {
	s := scene.New(t)
	s.Delivery(drone, delivery.DAirborne)
	s.Later(3*time.Minute, drone)
	now := s.Now()
	failing, _ := now.Failing()
	if len(failing) != 1 {
		t.Fatalf("got %+v", failing)
	}
	for _, a := range now.Standing(failing) {
		if a.Kind == delivery.OutOfService {
			t.Errorf("got %+v", a)
		}
	}
}

// A loaded box may be silent since it was packed for as long as its profile bears.
func TestASilenceSinceThePacking(t *testing.T) {
	for _, tt := range []struct {
		over time.Duration
		want bool
	}{{0, false}, {1, true}} {
		s := scene.New(t)
		_, d := s.Delivery(drone, delivery.DLoaded)
		s.Box(d.Boxes[0].Box, coldchain.Unknown, 0)
		s.Deliveries[0].Boxes[0].PackedAt = s.At.Add(-s.Profiles[d.Boxes[0].Profile].MaxGap - tt.over)
		told := slices.ContainsFunc(s.Now().Standing(nil), func(a delivery.Alarm) bool { return a.Kind == delivery.TempUnknown })
		if told != tt.want {
			t.Errorf("silent for %v more than is borne: told %v", tt.over, told)
		}
	}
}

// The alarm of a box that is too warm to leave says by how many minutes.
func TestByHowMuchABoxIsTooWarmToLeave(t *testing.T) {
	s := scene.New(t)
	m, d := s.Delivery(drone, delivery.DLoaded)
	flight := legOut(s, m)
	s.Deliveries[0].Boxes[0].PackedAt = s.At.Add(-holdTime(s, d) + flight + coldchain.Handover - 10*time.Minute)
	for _, a := range s.Now().Standing(nil) {
		if a.Kind == delivery.ColdMargin && math.Abs(a.Value-10) < 1e-6 {
			return
		}
	}
	t.Errorf("got %+v", s.Now().Standing(nil))
}

// legOut is how long a mission's way out takes.
func legOut(s *scene.Scene, m delivery.Mission) time.Duration {
	now := s.Now()
	leg, _ := now.ClassOf(m.Drone).Fly(situation.Points(m.Out), m.LoadKg, now.Wind)
	return leg.Duration
}

// holdTime is the validated hold time of a delivery's box in the air of the scenes.
func holdTime(s *scene.Scene, d delivery.Delivery) time.Duration {
	box, _ := s.Network.Box(d.Boxes[0].Box)
	kind, _ := s.Network.BoxType(box.Type)
	return kind.HoldAt(20)
}

// A drone that flies what it was not told is told of while it is in the air.
func TestAFlightThatWasNotOrdered(t *testing.T) {
	released := []delivery.Release{{OK: true, AnsweredAt: scene.T0}}
	for _, tt := range []struct {
		name     string
		status   delivery.Status // empty: it has no mission
		releases []delivery.Release
		does     telemetry.Status // of its own mission, but where it names another
		want     string
		silent   time.Duration
	}{
		{"stands", delivery.DLoaded, nil, telemetry.Status{Phase: telemetry.Parked}, "", 0},
		{"released", delivery.DLoaded, released, telemetry.Status{Phase: telemetry.Airborne}, "", 0},
		{"released, and not acknowledged", delivery.DLoaded, []delivery.Release{{}}, telemetry.Status{Phase: telemetry.Airborne}, "", 0},
		{"loaded, and not released", delivery.DLoaded, nil, telemetry.Status{Phase: telemetry.Airborne}, "unreleased", 0},
		{"sealed, and not loaded", delivery.DSealed, nil, telemetry.Status{Phase: telemetry.Airborne}, "unreleased", 0},
		{"not even packed, and hovers", delivery.DAllocated, nil, telemetry.Status{Phase: telemetry.Holding}, "unreleased", 0},
		{"under way", delivery.DAirborne, released, telemetry.Status{Phase: telemetry.Airborne}, "", 0},
		{"from the pad with the box", delivery.DLanded, released, telemetry.Status{Phase: telemetry.Airborne, Leg: 1}, "unreleased", 0},
		{"from the pad, its box opened", delivery.DOpened, released, telemetry.Status{Phase: telemetry.Airborne, Leg: 1}, "unreleased", 0},
		{"from the pad home", delivery.DClosed, released, telemetry.Status{Phase: telemetry.Airborne, Leg: 1}, "", 0},
		{"from the pad on", delivery.DClosed, released, telemetry.Status{Phase: telemetry.Airborne}, "out_again", 0},
		{"another mission", delivery.DLoaded, released, telemetry.Status{Phase: telemetry.Airborne, Mission: "M-other"}, "other_mission", 0},
		{"not released, and silent since", delivery.DSealed, nil, telemetry.Status{Phase: telemetry.Airborne}, "unreleased", time.Minute},
		{"not released, and silent for long", delivery.DSealed, nil, telemetry.Status{Phase: telemetry.Airborne}, "", time.Hour},
		{"without a mission", "", nil, telemetry.Status{Phase: telemetry.Airborne, Mission: "M-over"}, "other_mission", 0},
	} {
		s := scene.New(t)
		if tt.status != "" {
			s.Delivery(drone, tt.status)
			s.Deliveries[0].Releases = tt.releases
			if tt.does.Mission == "" {
				tt.does.Mission = string(s.Missions[0].ID)
			}
		}
		s.Drone(drone, func(d *telemetry.DroneState) { d.Status = tt.does })
		s.Later(tt.silent, drone)
		var got string
		for _, a := range s.Now().Standing(nil) {
			if a.Kind == delivery.UntoldFlight && a.Device == drone {
				got = a.Detail
			}
		}
		if got != tt.want {
			t.Errorf("%s: told %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestEveryConditionHasItsRow(t *testing.T) {
	for _, k := range delivery.AlarmKinds(delivery.ByCondition) {
		standing := []delivery.Alarm{{ID: 7, Kind: k, Device: drone}}
		if c := situation.Reconcile(standing, nil); !slices.Equal(c.Clear, []int64{7}) || len(c.Raise) != 0 {
			t.Errorf("%s ended: got %+v", k, c)
		}
		if c := situation.Reconcile(nil, standing); len(c.Raise) != 1 || len(c.Clear) != 0 {
			t.Errorf("%s began: got %+v", k, c)
		}
		if c := situation.Reconcile(standing, standing); len(c.Raise)+len(c.Clear) != 0 {
			t.Errorf("%s goes on: got %+v", k, c)
		}
	}
	late := []delivery.Alarm{{ID: 7, Kind: delivery.Overdue, Device: drone, Delivery: "D-1"}}
	other := []delivery.Alarm{{Kind: delivery.Overdue, Device: drone, Delivery: "D-2"}}
	if c := situation.Reconcile(late, other); len(c.Clear) != 1 || len(c.Raise) != 1 {
		t.Errorf("a condition of another delivery: got %+v", c)
	}
	for _, k := range []delivery.AlarmKind{delivery.LinkLoss, delivery.TempExcursion, delivery.InZone, delivery.Diverted} {
		if c := situation.Reconcile([]delivery.Alarm{{ID: 7, Kind: k, Device: drone}}, nil); len(c.Clear) != 0 {
			t.Errorf("%s is no condition, and was cleared", k)
		}
	}
}

func TestWhatTelemetryTells(t *testing.T) {
	profile := coldchain.Profile{LowMC: 2000, HighMC: 10_000}
	temp := func(state coldchain.State, mc int32, heard bool) telemetry.Event {
		return telemetry.Event{
			Kind: telemetry.TempChanged, Device: "BX-001", Profile: profile,
			Temp: coldchain.Summary{State: state, HasReading: heard, Newest: coldchain.Reading{TempMC: mc, At: scene.T0.Add(-90 * time.Second)}},
		}
	}
	late := temp(coldchain.InRange, 4000, true)
	late.LateBreach = true
	near := temp(coldchain.NearLimit, 9000, true)
	near.Temp.HasOutlook, near.Temp.Outlook = true, coldchain.Outlook{Early: 12 * time.Minute, LimitC: 10}
	tests := []struct {
		name    string
		event   telemetry.Event
		raise   delivery.AlarmKind
		limit   float64
		detail  string
		clear   delivery.AlarmKind
		cleared bool
	}{
		{"link lost", telemetry.Event{Kind: telemetry.LinkLost}, delivery.LinkLoss, 0, "", "", false},
		{"link back", telemetry.Event{Kind: telemetry.LinkRestored}, "", 0, "", delivery.LinkLoss, false},
		{"zone entered", telemetry.Event{Kind: telemetry.ZoneEntered, Zone: "Z"}, delivery.InZone, 0, "Z", "", false},
		{"zone left", telemetry.Event{Kind: telemetry.ZoneLeft}, "", 0, "", delivery.InZone, false},
		{"energy low", telemetry.Event{Kind: telemetry.EnergyLow, Limit: 30}, delivery.LowEnergy, 30, "", "", false},
		{"energy well", telemetry.Event{Kind: telemetry.EnergyOK}, "", 0, "", delivery.LowEnergy, false},
		{"off route", telemetry.Event{Kind: telemetry.OffRoute}, delivery.OffRoute, 0, "", "", false},
		{"on route", telemetry.Event{Kind: telemetry.OnRoute}, "", 0, "", delivery.OffRoute, false},
		{"too low", telemetry.Event{Kind: telemetry.OffHeight, Limit: 30}, delivery.OffHeight, 30, "", "", false},
		{"at its height", telemetry.Event{Kind: telemetry.OnHeight}, "", 0, "", delivery.OffHeight, false},
		{"behind", telemetry.Event{Kind: telemetry.FellBehind, Limit: 3}, delivery.Behind, 3, "", "", false},
		{"on time", telemetry.Event{Kind: telemetry.OnTime}, "", 0, "", delivery.Behind, false},
		{"too warm", temp(coldchain.Excursion, 12_000, true), delivery.TempExcursion, 10, "", delivery.TempUnknown, false},
		{"too cold", temp(coldchain.Excursion, 1000, true), delivery.TempExcursion, 2, "", delivery.TempNearLimit, false},
		{"soon too warm", near, delivery.TempNearLimit, 10, "forecast:12", delivery.TempExcursion, false},
		{"fell silent", temp(coldchain.Unknown, 4000, true), delivery.TempUnknown, 0, "", delivery.TempExcursion, false},
		{"never heard", temp(coldchain.Unknown, 0, false), "", 0, "", delivery.TempExcursion, false},
		{"in range again", temp(coldchain.InRange, 4000, true), "", 0, "", delivery.TempExcursion, false},
		{"a breach found late", late, delivery.TempExcursion, 2, "late", delivery.TempExcursion, true},
		{
			"a sensor's fault",
			telemetry.Event{Kind: telemetry.SensorFault, Sensor: coldchain.SensorEvent{Fault: coldchain.Stuck, Limit: 3}},
			delivery.SensorFault, 3, string(coldchain.Stuck), delivery.SensorFault, false,
		},
		{"a phase", telemetry.Event{Kind: telemetry.PhaseChanged}, "", 0, "", "", false},
	}
	for _, tt := range tests {
		tt.event.At = scene.T0
		told := situation.Tell(tt.event)
		if tt.clear != "" && !slices.Contains(told.Clear, tt.clear) {
			t.Errorf("%s: clears %v, not %s", tt.name, told.Clear, tt.clear)
		}
		switch {
		case tt.raise == "" && told.Raise != nil:
			t.Errorf("%s: raised %+v", tt.name, told.Raise)
		case tt.raise != "" && (told.Raise == nil || told.Raise.Kind != tt.raise || told.Raise.Limit != tt.limit || told.Raise.Detail != tt.detail):
			t.Errorf("%s: got %+v, want %s with %v %q", tt.name, told.Raise, tt.raise, tt.limit, tt.detail)
		case tt.raise == delivery.TempUnknown && told.Raise.Value != 90:
			t.Errorf("%s: silent for %v s", tt.name, told.Raise.Value)
		case tt.event.Kind == telemetry.TempChanged && told.Raise != nil && tt.raise != delivery.TempUnknown && told.Raise.Value != float64(tt.event.Temp.Newest.TempMC)/1000:
			t.Errorf("%s: at %v °C", tt.name, told.Raise.Value)
		case tt.raise != "" && told.Raise.ClearedAt.IsZero() == tt.cleared:
			t.Errorf("%s: cleared at %v", tt.name, told.Raise.ClearedAt)
		}
	}
}

// Another fault of a sensor takes the place of the one that was told; the same one stands.
func TestASensorsFaultIsToldOnce(t *testing.T) {
	fault := func(f coldchain.SensorFault) situation.Told {
		return situation.Tell(
			telemetry.Event{Kind: telemetry.SensorFault, Device: "BX-001", At: scene.T0, Sensor: coldchain.SensorEvent{Fault: f}},
		)
	}
	standing := []delivery.Alarm{{ID: 1, Kind: delivery.SensorFault, Device: "BX-001", Detail: string(coldchain.Stuck)}}
	if c := fault(coldchain.Stuck).Against(standing); len(c.Raise)+len(c.Clear) != 0 {
		t.Errorf("the same again: %+v", c)
	}
	if c := fault(coldchain.Gap).Against(standing); len(c.Raise) != 1 || !slices.Equal(c.Clear, []int64{1}) {
		t.Errorf("another: %+v", c)
	}
	lost := situation.Tell(telemetry.Event{Kind: telemetry.LinkLost, Device: drone})
	if c := lost.Against([]delivery.Alarm{{ID: 2, Kind: delivery.LinkLoss, Device: drone}}); len(c.Raise) != 0 {
		t.Errorf("lost again: %+v", c)
	}
}

// A drone that says it stands is heard in the air: what it measures counts.
func TestADroneThatContradictsItself(t *testing.T) {
	for _, tt := range []struct {
		name string
		does telemetry.DroneState
		want bool
	}{
		{"flies and says parked", telemetry.DroneState{Status: telemetry.Status{Phase: telemetry.Parked}, HeightM: 100, Position: telemetry.Position{SpeedMPS: 14}}, true},
		{"flies and says landed", telemetry.DroneState{Status: telemetry.Status{Phase: telemetry.Landed}, HeightM: 100, Position: telemetry.Position{SpeedMPS: 14}}, true},
		{"stands on a roof", telemetry.DroneState{Status: telemetry.Status{Phase: telemetry.Parked}, HeightM: 40}, false},
		{"is carried", telemetry.DroneState{Status: telemetry.Status{Phase: telemetry.Parked}, HeightM: 1, Position: telemetry.Position{SpeedMPS: 14}}, false},
	} {
		s := scene.New(t)
		s.Drone(drone, func(d *telemetry.DroneState) {
			d.Status, d.HeightM, d.Position.SpeedMPS = tt.does.Status, tt.does.HeightM, tt.does.Position.SpeedMPS
			d.StatusAt = d.At.Add(-time.Minute)
		})
		told := slices.ContainsFunc(s.Now().Standing(nil), func(a delivery.Alarm) bool {
			return a.Kind == delivery.UntoldFlight && a.Device == drone && a.Detail == "says_ground"
		})
		if told != tt.want {
			t.Errorf("%s: told %v", tt.name, told)
		}
	}
}
