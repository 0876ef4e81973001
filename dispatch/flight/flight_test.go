package flight_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/flight"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/dispatch/situation/scene"
	"hemolift/geo"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

const drone telemetry.DeviceID = "HL-01"

var anna = network.Actor{Login: "anna", Role: network.RoleDispatcher}

// changes are the mission changes among some actions.
func changes(actions []delivery.Action) (out []delivery.MissionChange) {
	for _, a := range actions {
		if c, ok := a.(delivery.ChangeMission); ok {
			out = append(out, c.Change)
		}
	}
	return out
}

// zoneAhead closes the airspace on the last part of a mission's way out.
func zoneAhead(s *scene.Scene) {
	way := situation.Points(s.Missions[0].Out)
	a, b := way[0], way[1]
	s.Zone("Z", [2]float64{a[0] + 0.8*(b[0]-a[0]), a[1] + 0.8*(b[1]-a[1])}, 400)
}

func phase(p telemetry.Phase, leg int) func(*scene.Scene) {
	return func(s *scene.Scene) {
		s.Drone(drone, func(d *telemetry.DroneState) {
			d.Status = telemetry.Status{Phase: p, Mission: string(s.Missions[0].ID), Leg: leg}
		})
	}
}

func TestWhatIsNextForAMission(t *testing.T) {
	tests := []struct {
		name    string
		status  delivery.Status
		change  func(*scene.Scene)
		want    telemetry.CommandKind // empty: no command
		becomes delivery.MissionStatus
		slot    bool // its pad is held for another time
	}{
		{"planned", delivery.DPacked, nil, telemetry.LoadMission, "", false},
		{"planned, a drone unknown", delivery.DPacked, func(s *scene.Scene) { s.Missions[0].Drone = "HL-99" }, "", "", false},
		{"planned, with a plan on its way", delivery.DPacked, func(s *scene.Scene) {
			s.Commands = []telemetry.Command{{Mission: string(s.Missions[0].ID), Kind: telemetry.LoadMission}}
		}, "", "", false},
		{"planned, after a refusal", delivery.DPacked, func(s *scene.Scene) {
			s.RetryAt = map[delivery.MissionID]time.Time{s.Missions[0].ID: s.At.Add(time.Second)}
		}, "", "", false},
		{"planned, long after a refusal", delivery.DPacked, func(s *scene.Scene) {
			s.RetryAt = map[delivery.MissionID]time.Time{s.Missions[0].ID: s.At}
		}, telemetry.LoadMission, "", false},
		{"sealed", delivery.DSealed, nil, "", "", false},
		{"loaded", delivery.DLoaded, nil, telemetry.Release, "", true},
		{"loaded, and released just now", delivery.DLoaded, told, "", "", false},
		{"loaded, and released long enough ago", delivery.DLoaded, func(s *scene.Scene) {
			s.Deliveries[0].Releases = []delivery.Release{{OK: true, AnsweredAt: s.At.Add(-delivery.TakeOffWithin)}}
		}, telemetry.Release, "", true},
		{"loaded, and its release was refused", delivery.DLoaded, func(s *scene.Scene) {
			s.Deliveries[0].Releases = []delivery.Release{{AnsweredAt: s.At, Reason: "another plan"}}
		}, telemetry.Release, "", true},
		{"loaded, silent", delivery.DLoaded, func(s *scene.Scene) { s.Later(time.Minute, drone) }, "", "", false},
		{"loaded, given up", delivery.DLoaded, func(s *scene.Scene) { s.Deliveries[0].GivenUpAt = s.At }, "", "", false},
		{"loaded, a zone on its way", delivery.DLoaded, zoneAhead, "", delivery.MPlanned, false},
		{"loaded, in flight by its drone's word", delivery.DLoaded, phase(telemetry.Airborne, 0), "", "", false},
		{"on its way", delivery.DAirborne, nil, "", "", false},
		{"on its way to a zone", delivery.DAirborne, zoneAhead, telemetry.Reroute, "", true},
		{"returning to a zone", delivery.DAirborne, func(s *scene.Scene) {
			zoneAhead(s)
			phase(telemetry.Returning, 0)(s)
			s.Missions[0].Status = delivery.MInbound
			h, _ := s.Network.Site(scene.Hospital)
			s.Drone(drone, func(d *telemetry.DroneState) { d.Position.Point = h.Point })
		}, telemetry.Return, "", false},
		{"no way on", delivery.DAirborne, func(s *scene.Scene) {
			h, _ := s.Network.Site(scene.Hospital)
			c, _ := s.Network.Site(scene.Centre)
			s.Zone("H", h.Point, 400)
			s.Zone("C", c.Point, 400)
		}, telemetry.Hold, "", false},
		{"landed, its box not opened", delivery.DLanded, nil, "", "", false},
		{"handed over", delivery.DClosed, nil, telemetry.Release, "", false},
		{"handed over, a zone on the way home", delivery.DClosed, zoneAhead, telemetry.LoadMission, "", false},
		{"landed after all", delivery.DAirborne, func(s *scene.Scene) {
			s.Missions[0].Status = delivery.MAtPad
			h, _ := s.Network.Site(scene.Hospital)
			phase(telemetry.Landed, 0)(s)
			s.Drone(drone, func(d *telemetry.DroneState) { d.Position.Point = h.Point })
		}, "", "", false},
	}
	for _, tt := range tests {
		s := scene.New(t)
		s.Delivery(drone, tt.status)
		if tt.change != nil {
			tt.change(s)
		}
		var c delivery.MissionChange
		if all := changes(flight.Next(s.Now())); len(all) > 0 {
			c = all[0]
		}
		var got telemetry.CommandKind
		if len(c.Commands) > 0 {
			got = c.Commands[0].Kind
			if !c.Commands[0].Expires.Equal(s.At.Add(delivery.CommandLife)) {
				t.Errorf("%s: the command ends at %v", tt.name, c.Commands[0].Expires)
			}
		}
		if got != tt.want || c.Status != tt.becomes || c.SlotFrom.IsZero() == tt.slot {
			t.Errorf("%s: got %q %q %v, want %q %q %v", tt.name, got, c.Status, c.SlotFrom, tt.want, tt.becomes, tt.slot)
		}
		if tt.name == "landed after all" && (c.BoxesAt != scene.Hospital || len(c.Deliveries) != 1) {
			t.Errorf("%s: %+v", tt.name, c)
		}
	}
}

// The slot of another drone is left to it, when a way around comes to a pad at its time.
func TestAWayAroundLeavesAnothersSlot(t *testing.T) {
	s := scene.New(t)
	m, _ := s.Delivery(drone, delivery.DAirborne)
	zoneAhead(s)
	s.Slots = append(s.Slots, delivery.Slot{Pad: m.Pad, Mission: "M-other", From: s.At, To: s.At.Add(time.Hour)})
	all := changes(flight.Next(s.Now()))
	if len(all) != 1 || !all[0].SlotFrom.IsZero() || all[0].ArriveAt.IsZero() {
		t.Errorf("got %+v", all)
	}
}

// told has the drone of the scene's delivery have taken its release.
func told(s *scene.Scene) {
	s.Deliveries[0].Releases = []delivery.Release{{OK: true, AnsweredAt: s.At}}
}

func TestAPhaseOfFlight(t *testing.T) {
	tests := []struct {
		name   string
		status delivery.Status
		phase  telemetry.Phase
		leg    int
		want   delivery.MissionStatus
		step   delivery.Status // of its delivery
	}{
		{"takes off", delivery.DLoaded, telemetry.Airborne, 0, delivery.MOutbound, delivery.DAirborne},
		{"takes off again", delivery.DAirborne, telemetry.Airborne, 0, "", ""},
		{"lands", delivery.DAirborne, telemetry.Landed, 0, delivery.MAtPad, delivery.DLanded},
		{"is held", delivery.DAirborne, telemetry.Holding, 0, "", ""},
		{"turns back", delivery.DAirborne, telemetry.Returning, 0, delivery.MInbound, ""},
		{"flies home", delivery.DClosed, telemetry.Airborne, 1, delivery.MInbound, ""},
		{"comes home unopened", delivery.DAirborne, telemetry.Parked, 1, delivery.MDone, ""},
		{"parks before it left", delivery.DLoaded, telemetry.Parked, 0, "", ""},
	}
	for _, tt := range tests {
		s := scene.New(t)
		m, _ := s.Delivery(drone, tt.status)
		told(s)
		d := s.Deliveries[0]
		if tt.phase == telemetry.Landed { // at its goal
			h, _ := s.Network.Site(scene.Hospital)
			s.Drone(drone, func(d *telemetry.DroneState) { d.Position.Point = h.Point })
		}
		if tt.phase == telemetry.Parked && tt.leg == 1 {
			m.Status = delivery.MInbound
		}
		phase(tt.phase, tt.leg)(s)
		e := telemetry.Event{
			Kind: telemetry.PhaseChanged, Device: drone, At: s.At,
			Status: telemetry.Status{Phase: tt.phase, Mission: string(m.ID), Leg: tt.leg},
		}
		came := map[delivery.ID][]delivery.Journey{d.ID: {{Unit: d.Units[0].Unit.Key, Box: d.Boxes[0].Box}}}
		c, err := flight.Phase(s.Now(), m, []delivery.Delivery{d}, e, came)
		if err != nil || c.Status != tt.want || c.Deliveries[d.ID].Status != tt.step && tt.want != delivery.MDone {
			t.Errorf("%s: %q, its delivery %q, %v; want %q %q", tt.name, c.Status, c.Deliveries[d.ID].Status, err, tt.want, tt.step)
		}
		e.Device = "HL-99"
		if c, _ := flight.Phase(s.Now(), m, []delivery.Delivery{d}, e, nil); c.Status != "" {
			t.Errorf("%s by another drone: %q", tt.name, c.Status)
		}
	}
}

// What a drone does that was not let go moves no mission: not its take-off, and nothing that
// it reports afterwards.
func TestAFlightThatWasNotReleasedMovesNoMission(t *testing.T) {
	for name, releases := range map[string][]delivery.Release{
		"never released":       nil,
		"it refused":           {{AnsweredAt: scene.T0, Reason: "another plan"}},
		"the release was void": {{AnsweredAt: scene.T0, Reason: "mission done"}},
	} {
		for _, status := range []delivery.Status{delivery.DAllocated, delivery.DSealed, delivery.DLoaded} {
			s := scene.New(t)
			m, _ := s.Delivery(drone, status)
			s.Deliveries[0].Releases = releases
			for _, x := range []telemetry.Status{
				{Phase: telemetry.Airborne},
				{Phase: telemetry.Holding},
				{Phase: telemetry.Landed},
				{Phase: telemetry.Airborne, Leg: 1},
				{Phase: telemetry.Returning},
				{Phase: telemetry.Parked, Leg: 1},
			} {
				x.Mission = string(m.ID)
				phase(x.Phase, x.Leg)(s)
				e := telemetry.Event{Kind: telemetry.PhaseChanged, Device: drone, At: s.At, StatedAt: s.At, Status: x}
				c, err := flight.Phase(s.Now(), m, s.Deliveries, e, nil)
				if err != nil || c.Status != "" || len(c.Deliveries) > 0 || len(flight.Missed(s.Now())) > 0 {
					t.Errorf("%s, %s, %+v: %+v, %v", name, status, x, c, err)
				}
			}
		}
	}
}

func TestDownElsewhereLandsNobody(t *testing.T) {
	s := scene.New(t)
	m, d := s.Delivery(drone, delivery.DAirborne)
	phase(telemetry.Landed, 0)(s)
	now := s.Now()
	state, _ := now.Drone(drone)
	e := telemetry.Event{Kind: telemetry.PhaseChanged, Device: drone, At: s.At, Status: state.Status}
	c, err := flight.Phase(now, m, []delivery.Delivery{d}, e, nil)
	if err != nil || c.Status != delivery.MAtPad || len(c.Deliveries) != 0 || c.BoxesAt != "" || c.Note != "down elsewhere" {
		t.Errorf("got %+v, %v", c, err)
	}
	if _, ended := flight.LegEnded(now, m, []delivery.Delivery{d}, e); ended {
		t.Error("a landing elsewhere ended a leg")
	}
}

// A diverted drone keeps the plan that it left with, and is told the one to fly home by.
func TestADivertedDroneIsToldItsWayHome(t *testing.T) {
	s := scene.New(t)
	m, d := s.Delivery(drone, delivery.DAirborne)
	d.DivertedFrom = "D-0"
	h, _ := s.Network.Site(scene.Hospital)
	phase(telemetry.Landed, 0)(s)
	s.Drone(drone, func(d *telemetry.DroneState) { d.Position.Point = h.Point })
	now := s.Now()
	state, _ := now.Drone(drone)
	e := telemetry.Event{Kind: telemetry.PhaseChanged, Device: drone, At: s.At, Status: state.Status}
	c, err := flight.Phase(now, m, []delivery.Delivery{d}, e, nil)
	if err != nil || len(c.Commands) != 1 || c.Commands[0].Kind != telemetry.LoadMission || c.Commands[0].Plan.Hash() != c.PlanHash {
		t.Errorf("got %+v, %v", c, err)
	}
	if _, ended := flight.LegEnded(now, m, []delivery.Delivery{d}, e); ended {
		t.Error("a turned leg was compared with its plan")
	}
}

func TestPhasesThatWereMissedAreMadeGood(t *testing.T) {
	tests := []struct {
		name   string
		status delivery.Status
		phase  telemetry.Phase
		leg    int
		want   string // phase of what must have been; empty: nothing was missed
	}{
		{"it left", delivery.DLoaded, telemetry.Airborne, 0, telemetry.Airborne.String()},
		{"it left and landed", delivery.DLoaded, telemetry.Landed, 0, telemetry.Airborne.String()},
		{"it left, landed, and flies home", delivery.DLoaded, telemetry.Airborne, 1, telemetry.Airborne.String()},
		{"it left and returns", delivery.DLoaded, telemetry.Returning, 0, telemetry.Airborne.String()},
		{"it landed and flies home", delivery.DAirborne, telemetry.Airborne, 1, telemetry.Landed.String()},
		{"it flew home", delivery.DClosed, telemetry.Parked, 1, telemetry.Airborne.String()},
		{"it stands", delivery.DLoaded, telemetry.Parked, 0, ""},
		{"it flies", delivery.DAirborne, telemetry.Airborne, 0, ""},
	}
	for _, tt := range tests {
		s := scene.New(t)
		s.Delivery(drone, tt.status)
		told(s)
		phase(tt.phase, tt.leg)(s)
		var got string
		if events := flight.Missed(s.Now()); len(events) > 0 {
			got = events[0].Status.Phase.String()
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		s.Drone(drone, func(d *telemetry.DroneState) { d.Status.Mission = "M-other" })
		if events := flight.Missed(s.Now()); len(events) > 0 {
			t.Errorf("%s on another mission: %v", tt.name, events)
		}
	}
}

func TestLeftGivenUp(t *testing.T) {
	s := scene.New(t)
	m, d := s.Delivery(drone, delivery.DAirborne)
	if flight.LeftGivenUp(m, []delivery.Delivery{d}) {
		t.Error("called home without a reason")
	}
	d.GivenUpAt = s.At
	if !flight.LeftGivenUp(m, []delivery.Delivery{d}) {
		t.Error("not called home")
	}
	if m.Status = delivery.MInbound; flight.LeftGivenUp(m, []delivery.Delivery{d}) {
		t.Error("called home on its way home")
	}
}

func TestWhatAnAnswerMeans(t *testing.T) {
	tests := []struct {
		name   string
		status delivery.Status
		kind   telemetry.CommandKind
		ack    func(m delivery.Mission) telemetry.Ack
		raised delivery.AlarmKind
		retry  bool
		want   delivery.MissionStatus
		load   bool
	}{
		{"it has the plan", delivery.DPacked, telemetry.LoadMission, func(m delivery.Mission) telemetry.Ack {
			return telemetry.Ack{OK: true, Hash: m.PlanHash}
		}, "", false, delivery.MUploaded, false},
		{"it has another plan", delivery.DPacked, telemetry.LoadMission, func(delivery.Mission) telemetry.Ack {
			return telemetry.Ack{OK: true, Hash: "other"}
		}, delivery.PlanMismatch, true, "", false},
		{"it has the plan on the pad", delivery.DClosed, telemetry.LoadMission, func(m delivery.Mission) telemetry.Ack {
			return telemetry.Ack{OK: true, Hash: m.PlanHash}
		}, "", false, "", false},
		{"it refuses the plan", delivery.DPacked, telemetry.LoadMission, func(delivery.Mission) telemetry.Ack {
			return telemetry.Ack{Reason: "full"}
		}, delivery.CommandUnacked, true, "", false},
		{"it goes", delivery.DLoaded, telemetry.Release, func(delivery.Mission) telemetry.Ack { return telemetry.Ack{OK: true} }, "", false, "", false},
		{"it does not go", delivery.DLoaded, telemetry.Release, func(delivery.Mission) telemetry.Ack {
			return telemetry.Ack{Reason: "another plan"}
		}, delivery.CommandUnacked, true, delivery.MPlanned, false},
		{"it does not go home", delivery.DClosed, telemetry.Release, func(delivery.Mission) telemetry.Ack {
			return telemetry.Ack{Reason: "another plan"}
		}, delivery.CommandUnacked, true, "", true},
		{"it refuses in the air", delivery.DAirborne, telemetry.Release, func(delivery.Mission) telemetry.Ack {
			return telemetry.Ack{Reason: "in the air"}
		}, delivery.CommandUnacked, true, "", false},
	}
	for _, tt := range tests {
		s := scene.New(t)
		m, d := s.Delivery(drone, tt.status)
		a := tt.ack(m)
		a.Device = drone
		actions := flight.Answered(s.Now(), m, []delivery.Delivery{d}, tt.kind, a)
		var raised delivery.AlarmKind
		var retry bool
		for _, x := range actions {
			switch x := x.(type) {
			case delivery.RaiseAlarm:
				raised = x.Alarm.Kind
			case delivery.Retry:
				retry = x.At.After(s.At) && x.Mission == m.ID
			}
		}
		var c delivery.MissionChange
		if all := changes(actions); len(all) > 0 {
			c = all[0]
		}
		if raised != tt.raised || retry != tt.retry || c.Status != tt.want || len(c.Commands) > 0 != tt.load {
			t.Errorf("%s: raised %q, retry %v, %q, %v", tt.name, raised, retry, c.Status, c.Commands)
		}
	}
}

func TestCommandsWithoutAnAnswerAreTold(t *testing.T) {
	s := scene.New(t)
	got := flight.Unanswered(s.Now(), []telemetry.Command{{Device: drone, Kind: telemetry.Hold}})
	want := delivery.RaiseAlarm{Alarm: delivery.Alarm{Kind: delivery.CommandUnacked, Device: drone, RaisedAt: s.At, Detail: "hold"}}
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %+v", got)
	}
}

func TestWhatIsSent(t *testing.T) {
	tests := []struct {
		name   string
		status delivery.Status
		cmd    telemetry.Command
		change func(*scene.Scene)
		sent   bool
	}{
		{"a release", delivery.DLoaded, telemetry.Command{Kind: telemetry.Release}, nil, true},
		{"a release not loaded any more", delivery.DSealed, telemetry.Command{Kind: telemetry.Release}, nil, false},
		{"a release into a zone", delivery.DLoaded, telemetry.Command{Kind: telemetry.Release}, zoneAhead, false},
		{"a release home", delivery.DClosed, telemetry.Command{Kind: telemetry.Release, Leg: 1}, nil, true},
		{"a release home into a zone", delivery.DClosed, telemetry.Command{Kind: telemetry.Release, Leg: 1}, zoneAhead, false},
		{"a way home", delivery.DAirborne, telemetry.Command{Kind: telemetry.Return}, nil, true},
		{"a way home of a silent drone", delivery.DAirborne, telemetry.Command{Kind: telemetry.Return}, func(s *scene.Scene) {
			s.Later(time.Minute, drone)
		}, false},
		{"a way around", delivery.DAirborne, telemetry.Command{Kind: telemetry.Reroute}, zoneAhead, true},
		{"a hold", delivery.DAirborne, telemetry.Command{Kind: telemetry.Hold}, nil, true},
		{"for a mission that has ended", delivery.DAirborne, telemetry.Command{Kind: telemetry.Hold}, func(s *scene.Scene) {
			s.Missions = nil
		}, false},
	}
	for _, tt := range tests {
		s := scene.New(t)
		m, _ := s.Delivery(drone, tt.status)
		tt.cmd.Mission, tt.cmd.Device = string(m.ID), drone
		s.Commands = []telemetry.Command{tt.cmd}
		if tt.change != nil {
			tt.change(s)
		}
		now := s.Now()
		switch a := flight.Pending(now)[0].(type) {
		case delivery.Send:
			c := a.Command
			if !tt.sent || c.Kind == telemetry.Release && c.PlanHash != m.PlanHash {
				t.Errorf("%s: sent %+v", tt.name, c)
			}
			if c.Plan == nil {
				continue
			}
			goal, _ := s.Network.Site(map[telemetry.CommandKind]network.SiteID{telemetry.Return: scene.Centre, telemetry.Reroute: scene.Hospital}[c.Kind])
			if way := c.Plan.Legs[0]; way[len(way)-1] != goal.Point {
				t.Errorf("%s: the way ends at %v, not %v", tt.name, way[len(way)-1], goal.Point)
			}
			if bad := now.Airway.Conflicts(c.Plan.Legs[0], now.ClassOf(drone).HeightM, s.At); len(bad) > 0 {
				t.Errorf("%s: through %v", tt.name, bad)
			}
		case delivery.HoldBack:
			if tt.sent || a.Reason == nil {
				t.Errorf("%s: held back: %v", tt.name, a.Reason)
			}
		}
	}
}

// A zone that opens when the drone has landed is no reason for a way around.
func TestAWayOfADroneInTheAirEndsWhereItLands(t *testing.T) {
	for _, tt := range []struct {
		name   string
		kind   telemetry.CommandKind
		status delivery.MissionStatus
		after  time.Duration // that the zone opens, after the drone has landed
		around bool
	}{
		{"opens before it has landed", telemetry.Reroute, delivery.MOutbound, -5 * time.Minute, true},
		{"opens afterwards", telemetry.Reroute, delivery.MOutbound, time.Minute, false},
		{"home, with all zones of the day", telemetry.Return, delivery.MOutbound, time.Minute, true},
		{"home, called back on its way home", telemetry.Return, delivery.MInbound, time.Minute, true},
	} {
		s := scene.New(t)
		m, _ := s.Delivery(drone, delivery.DAirborne)
		s.Missions[0].Status = tt.status
		now := s.Now()
		opens := now.LandsBy(m).Add(tt.after)
		at, _ := now.Drone(drone)
		goal, _ := s.Network.Site(map[telemetry.CommandKind]network.SiteID{telemetry.Return: scene.Centre, telemetry.Reroute: scene.Hospital}[tt.kind])
		a, b := at.Position.Point, goal.Point
		clear, err := now.Airway.Onward(situation.Flight(a, b, now.ClassOf(drone).HeightM, now.At))
		if err != nil {
			t.Fatal(err)
		}
		s.At = opens.Add(time.Minute) // so that the zone opens then
		x, y := longest(clear.Points)
		s.Zone("Z", [2]float64{(x[0] + y[0]) / 2, (x[1] + y[1]) / 2}, 400)
		s.At = now.At
		s.Commands = []telemetry.Command{{Kind: tt.kind, Mission: string(m.ID), Device: drone}}
		send, ok := flight.Pending(s.Now())[0].(delivery.Send)
		if !ok || send.Command.Plan == nil {
			t.Errorf("%s: not sent", tt.name)
			continue
		}
		way := send.Command.Plan.Legs[0]
		if around := geo.PathLength(way) > clear.LengthM+20; around != tt.around {
			t.Errorf("%s: %v m, without the zone %v", tt.name, geo.PathLength(way), clear.LengthM)
		}
	}
}

// longest are the ends of a way's longest part.
func longest(way []orb.Point) (a, b orb.Point) {
	for i := 1; i < len(way); i++ {
		if geo.Distance(way[i-1], way[i]) > geo.Distance(a, b) || i == 1 {
			a, b = way[i-1], way[i]
		}
	}
	return a, b
}

func TestWhatPeopleOrder(t *testing.T) {
	for order, ok := range map[[3]string]bool{
		{"hold"}: true, {"resume"}: true, {"return"}: true, {"land"}: true, {"land", "", "anna"}: true, {"divert", "SY06-P1"}: true,
		{"divert"}: false, {"hold", "SY06-P1"}: false, {"hold", "", "anna"}: false, {"release"}: false, {"reroute", "SY06-P1"}: false,
		{"fly"}: false, {}: false,
	} {
		if _, err := flight.ParseOrder(order[0], network.PadID(order[1]), order[2]); (err == nil) != ok {
			t.Errorf("%s: %v", order, err)
		}
	}
	tests := []struct {
		name   string
		status delivery.Status
		kind   telemetry.CommandKind
		by     network.Actor
		change func(*scene.Scene)
		ok     bool
	}{
		{"hold", delivery.DAirborne, telemetry.Hold, anna, nil, true},
		{"hold on the ground", delivery.DLoaded, telemetry.Hold, anna, nil, false},
		{"hold by a hospital", delivery.DAirborne, telemetry.Hold, network.Actor{Login: "ward", Role: network.RoleHospital, Site: scene.Hospital}, nil, false},
		{"resume", delivery.DAirborne, telemetry.Resume, anna, nil, true},
		{"resume into a zone", delivery.DAirborne, telemetry.Resume, anna, zoneAhead, false},
		{"return", delivery.DAirborne, telemetry.Return, anna, nil, true},
		{"return, silent", delivery.DAirborne, telemetry.Return, anna, func(s *scene.Scene) { s.Later(time.Minute, drone) }, false},
	}
	for _, tt := range tests {
		s := scene.New(t)
		m, _ := s.Delivery(drone, tt.status)
		if tt.change != nil {
			tt.change(s)
		}
		c, err := flight.Order{Kind: tt.kind}.Change(s.Now(), m, s.Now().Payload(m.ID), tt.by)
		if (err == nil) != tt.ok || tt.ok && (len(c.Commands) != 1 || c.Commands[0].Kind != tt.kind || c.Actor != tt.by.Login) {
			t.Errorf("%s: %+v, %v", tt.name, c, err)
		}
		if tt.kind == telemetry.Return && tt.ok {
			takes := geo.PathLength(situation.Points(c.Back)) / s.Now().ClassOf(drone).CruiseMPS
			if got := c.Back[len(c.Back)-1].At.Sub(s.At).Seconds(); len(c.Back) < 2 || math.Abs(got-takes) > 1 {
				t.Errorf("%s: the way home takes %v s, want %v: %v", tt.name, got, takes, c.Back)
			}
		}
	}
}

func TestCalledHome(t *testing.T) {
	s := scene.New(t)
	m, _ := s.Delivery(drone, delivery.DAirborne)
	if !flight.CalledHome(s.Now(), m, s.Now().Payload(m.ID)) {
		t.Error("one in the air cannot be called home")
	}
	s.Later(time.Minute, drone)
	if flight.CalledHome(s.Now(), m, s.Now().Payload(m.ID)) {
		t.Error("a silent one can be called home")
	}
}

func TestADroneTakenFromItsPad(t *testing.T) {
	tests := []struct {
		name   string
		status delivery.Status
		by     network.Actor
		ended  bool
		ok     bool
	}{
		{"after the hand-over", delivery.DClosed, anna, true, true},
		{"with its box aboard", delivery.DLanded, anna, false, false},
		{"in the air", delivery.DAirborne, anna, true, false},
		{"by a hospital", delivery.DClosed, network.Actor{Login: "ward", Role: network.RoleHospital, Site: scene.Hospital}, true, false},
	}
	for _, tt := range tests {
		s := scene.New(t)
		m, d := s.Delivery(drone, tt.status)
		if tt.ended {
			d.Status = delivery.DClosed
		}
		c, err := flight.Taken(s.Now(), m, []delivery.Delivery{d}, tt.by)
		if (err == nil) != tt.ok || tt.ok && (c.Status != delivery.MDone || !c.HomeAt.Equal(s.At)) {
			t.Errorf("%s: %+v, %v", tt.name, c, err)
		}
	}
	s := scene.New(t)
	m, d := s.Delivery(drone, delivery.DClosed)
	m.Status = delivery.MInbound
	phase(telemetry.Airborne, 1)(s)
	if _, err := flight.Taken(s.Now(), m, []delivery.Delivery{d}, anna); err == nil {
		t.Error("one that flies home was taken away")
	}
}

func TestAnotherPad(t *testing.T) {
	s := scene.New(t)
	m, _ := s.Delivery(drone, delivery.DAirborne)
	arrive := s.At.Add(10 * time.Minute)
	c, err := flight.ChangePad(s.Now(), m, arrive, "SY06-P2", anna)
	if err != nil || c.Pad != "SY06-P2" || c.SlotFrom.After(arrive) || c.SlotTo.Before(arrive) {
		t.Errorf("got %+v, %v", c, err)
	}
	if !c.ArriveAt.Equal(arrive) {
		t.Errorf("its pad is held for %v, and it comes at %v", arrive, c.ArriveAt)
	}
	m.Status = delivery.MAtPad
	if _, err := flight.ChangePad(s.Now(), m, arrive, "SY06-P2", anna); err == nil {
		t.Error("one that has landed was led to another pad")
	}
	m.Status = delivery.MOutbound
	if _, err := flight.ChangePad(s.Now(), m, arrive, "SY06-P2", network.Actor{Login: "w", Role: network.RoleHospital}); err == nil {
		t.Error("a hospital led it to another pad")
	}
}

// givenUpAndSilent is a delivery that was given up after a release that was in doubt, whose
// drone has been silent since.
func givenUpAndSilent(by time.Duration) func(*scene.Scene) {
	return func(s *scene.Scene) {
		s.Deliveries[0].GivenUpAt = s.At
		s.Deliveries[0].Releases = []delivery.Release{{ExpiresAt: s.At, AnsweredAt: s.At, Reason: delivery.NotInTime}}
		s.Later(by, drone)
	}
}

func TestWhatTheWorldRefuses(t *testing.T) {
	released := func(s *scene.Scene) {
		s.Deliveries[0].Releases = []delivery.Release{{}}
	}
	tests := []struct {
		name   string
		status delivery.Status
		step   delivery.Step
		change func(*scene.Scene)
		ok     bool
	}{
		{"landed, and heard in the air", delivery.DAirborne, delivery.StepLand, nil, false},
		{"landed, and silent", delivery.DAirborne, delivery.StepLand, func(s *scene.Scene) { s.Later(time.Minute, drone) }, true},
		{"lost, and heard in the air", delivery.DAirborne, delivery.StepLose, nil, false},
		{"lost, and heard where it stands", delivery.DLoaded, delivery.StepLose, nil, false},
		{"lost, and silent for long", delivery.DLoaded, delivery.StepLose, func(s *scene.Scene) { s.Later(time.Hour, drone) }, true},
		{"stood down, never released", delivery.DLoaded, delivery.StepStandDown, nil, true},
		{"stood down, released since it was heard", delivery.DLoaded, delivery.StepStandDown, released, false},
		{"stood down, given up and long silent", delivery.DLoaded, delivery.StepStandDown, func(s *scene.Scene) {
			s.Deliveries[0].GivenUpAt = s.At
			s.Deliveries[0].Releases = []delivery.Release{{ExpiresAt: s.At.Add(time.Minute), AnsweredAt: s.At, Reason: delivery.NotInTime}}
			s.Later(time.Hour, drone)
		}, true},
		{"stood down, given up and silent just for so long", delivery.DLoaded, delivery.StepStandDown, givenUpAndSilent(situation.LostAfter), true},
		{"stood down, given up and silent for less", delivery.DLoaded, delivery.StepStandDown, givenUpAndSilent(situation.LostAfter - 1), false},
	}
	for _, tt := range tests {
		s := scene.New(t)
		s.Delivery(drone, tt.status)
		if tt.change != nil {
			tt.change(s)
		}
		err := flight.Refuses(s.Now(), s.Deliveries[0], tt.step)
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
		if tt.step == delivery.StepStandDown && !tt.ok && !errors.Is(err, refusal.ErrReleased) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestAlternates(t *testing.T) {
	s := scene.New(t)
	m, d := s.Delivery(drone, delivery.DAirborne)
	s.Box(d.Boxes[0].Box, coldchain.InRange, 4)
	pads := flight.Alternates(s.Now(), m)
	if len(pads) != 3 {
		t.Fatalf("got %d pads: %+v", len(pads), pads)
	}
	for i, a := range pads {
		if a.Site == scene.Hospital || a.LengthM <= 0 || a.FrugalPct < a.MarginPct-1e-9 || i > 0 && (pads[i-1].Duration > a.Duration || pads[i-1].NeedPct > a.NeedPct) {
			t.Errorf("%d: %+v", i, a)
		}
	}
	class := s.Now().ClassOf(drone)
	for _, a := range pads {
		if a.MarginPct+a.NeedPct != 100 || a.FrugalPct >= 100 || a.FrugalPct <= a.MarginPct || a.FrugalMPS == class.CruiseMPS {
			t.Errorf("with a full battery: %+v", a)
		}
	}
	m.Status = delivery.MInbound
	for _, a := range flight.Alternates(s.Now(), m) {
		if a.Site == scene.Centre {
			t.Error("home is an alternate of the way home")
		}
	}
	// A hospital without a pad is none; a blood centre's own ground is.
	m.Status = delivery.MOutbound
	s.Network.Pads = slices.DeleteFunc(slices.Clone(s.Network.Pads), func(p network.Pad) bool { return p.Site == pads[0].Site || p.Site == pads[1].Site })
	then := flight.Alternates(s.Now(), m)
	for _, gone := range pads[:2] {
		site, _ := s.Network.Site(gone.Site)
		still := slices.ContainsFunc(then, func(a flight.Alternate) bool { return a.Site == gone.Site })
		if still != (site.Kind == network.BloodCentre) {
			t.Errorf("without its pad %s (%s) is among %+v: %v", gone.Site, site.Kind, then, still)
		}
	}
	s.Later(time.Minute, drone)
	if pads := flight.Alternates(s.Now(), m); len(pads) != 0 {
		t.Errorf("a silent drone has %v", pads)
	}
}

func TestWhatALegTook(t *testing.T) {
	s := scene.New(t)
	m, d := s.Delivery(drone, delivery.DAirborne)
	h, _ := s.Network.Site(scene.Hospital)
	phase(telemetry.Landed, 0)(s)
	s.Drone(drone, func(d *telemetry.DroneState) { d.Position.Point = h.Point })
	landed := s.At.Add(15 * time.Minute)
	e := telemetry.Event{Kind: telemetry.PhaseChanged, Device: drone, At: landed.Add(time.Second), StatedAt: landed, Status: telemetry.Status{Phase: telemetry.Landed}}
	ended, ok := flight.LegEnded(s.Now(), m, []delivery.Delivery{d}, e)
	if !ok || !ended.From.Equal(m.DepartAt.Add(-time.Minute)) {
		t.Fatalf("got %+v, %v", ended, ok)
	}
	sample := func(after time.Duration, pct, climb float64) telemetry.Sample {
		return telemetry.Sample{At: s.At.Add(after), Reading: telemetry.Position{Point: h.Point, BatteryPct: pct, ClimbMPS: climb, WindMPS: -1}}
	}
	leg, ok := ended.Measure(s.Now(), []telemetry.Sample{
		sample(0, 99, 0), sample(10*time.Second, 98, 0), sample(20*time.Second, 97, 3), sample(14*time.Minute, 60, 0),
	})
	class := s.Now().ClassOf(drone)
	if !ok || leg.Measured != landed.Sub(s.At.Add(10*time.Second)) || leg.MeasuredJ != class.BatteryJ*0.38 {
		t.Errorf("got %+v, %v", leg, ok)
	}
	if leg.ReckonedJ <= 0 || leg.Reckoned <= 0 || leg.Leg != 0 || leg.LoadKg != m.LoadKg {
		t.Errorf("got %+v", leg)
	}
	short := []telemetry.Sample{sample(0, 99, 3), sample(14*time.Minute, 60, 0)} // heard from when it climbed
	if leg, ok := ended.Measure(s.Now(), short); !ok || leg.MeasuredJ != class.BatteryJ*0.39 || leg.Measured != landed.Sub(s.At) {
		t.Errorf("from two positions: %+v, %v", leg, ok)
	}
	if _, ok := ended.Measure(s.Now(), []telemetry.Sample{sample(0, 99, 0)}); ok {
		t.Error("a leg without a climb was measured")
	}
	e.Status = telemetry.Status{Phase: telemetry.Parked, Leg: 1}
	if home, ok := flight.LegEnded(s.Now(), m, []delivery.Delivery{d}, e); !ok || !home.From.Equal(m.ArriveAt) {
		t.Errorf("home: %+v, %v", home, ok)
	}
	e.Status = telemetry.Status{Phase: telemetry.Airborne}
	if _, ok := flight.LegEnded(s.Now(), m, []delivery.Delivery{d}, e); ok {
		t.Error("a take-off ended a leg")
	}
}

// A release whose first sending was lost is sent again, though the next slot of its pad
// adjoins the one that is held for it.
func TestALostReleaseIsSentAgain(t *testing.T) {
	s := scene.New(t)
	m, _ := s.Delivery(drone, delivery.DLoaded)
	s.Commands = []telemetry.Command{{Kind: telemetry.Release, Mission: string(m.ID), Device: drone}}
	own := s.Slots[0]
	s.Slots = append(s.Slots, delivery.Slot{Pad: m.Pad, Mission: "M-next", From: own.To, To: own.To.Add(3 * time.Minute)})
	for range 5 {
		s.Later(10 * time.Second)
		s.Box(s.Deliveries[0].Boxes[0].Box, coldchain.InRange, 4)
		if a, sent := flight.Pending(s.Now())[0].(delivery.Send); !sent {
			t.Fatalf("after %v: %+v", s.At.Sub(scene.T0), a)
		}
	}
}

// A drone that leaves has followed its release, whoever lost its answer: nothing is sent to
// it again, and nobody is told of an answer that is missing.
func TestLeavingFollowsARelease(t *testing.T) {
	for _, tt := range []struct {
		status delivery.Status
		leg    int
		open   bool
	}{
		{delivery.DLoaded, 0, true}, {delivery.DAirborne, 0, false}, {delivery.DLanded, 0, false}, {delivery.DClosed, 0, false}, {delivery.DClosed, 1, true},
	} {
		s := scene.New(t)
		m, _ := s.Delivery(drone, tt.status)
		c := telemetry.Command{Kind: telemetry.Release, Mission: string(m.ID), Device: drone, Leg: tt.leg}
		s.Commands = []telemetry.Command{c}
		if got := len(flight.Pending(s.Now())) > 0; got != tt.open {
			t.Errorf("%s, leg %d: waits to be sent: %v", tt.status, tt.leg, got)
		}
		if got := len(flight.Unanswered(s.Now(), s.Commands)) > 0; got != tt.open {
			t.Errorf("%s, leg %d: told: %v", tt.status, tt.leg, got)
		}
	}
}

// The pad under a drone that overstays is held from now on where its time was over.
func TestAnOverstayedPadIsHeld(t *testing.T) {
	for name, over := range map[string]bool{"its time runs": false, "its time is over": true} {
		s := scene.New(t)
		m, _ := s.Delivery(drone, delivery.DLanded)
		s.Missions[0].ArriveAt = s.At.Add(-10 * time.Minute)
		s.Slots[0].From, s.Slots[0].To = s.At.Add(-12*time.Minute), s.At.Add(30*time.Second)
		if over {
			s.Slots = []delivery.Slot{{Pad: m.Pad, Mission: "M-past", From: s.At.Add(-4 * time.Minute), To: s.At.Add(-time.Minute)}}
		}
		all := changes(flight.Next(s.Now()))
		if len(all) != 1 || !all[0].SlotTo.After(s.At) || all[0].SlotFrom.Equal(s.At) != over {
			t.Errorf("%s: %+v", name, all)
		}
	}
}
