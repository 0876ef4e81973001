package situation_test

import (
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/situation"
	"hemolift/dispatch/situation/scene"
	"hemolift/geo"
	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

func TestTheWindIsAveragedAsVectors(t *testing.T) {
	at := func(speed, from float64) telemetry.Position {
		return telemetry.Position{WindMPS: speed, WindFromDeg: from}
	}
	tests := []struct {
		name      string
		estimates []telemetry.Position
		want      route.Wind
		known     bool
	}{
		{"none", nil, route.Wind{}, false},
		{"nobody has an estimate", []telemetry.Position{at(-1, 0)}, route.Wind{}, false},
		{"calm", []telemetry.Position{at(0, 0)}, route.Wind{}, true},
		{"one", []telemetry.Position{at(8, 270)}, route.Wind{SpeedMPS: 8, FromDeg: 270}, true},
		{"two alike, and one without", []telemetry.Position{at(6, 120), at(6, 120), at(-1, 0)}, route.Wind{SpeedMPS: 6, FromDeg: 120}, true},
		{"across", []telemetry.Position{at(10, 0), at(10, 90)}, route.Wind{SpeedMPS: 10 / math.Sqrt2, FromDeg: 45}, true},
		{"about north", []telemetry.Position{at(4, 350), at(4, 10)}, route.Wind{SpeedMPS: 4 * math.Cos(10*math.Pi/180)}, true},
	}
	for _, tt := range tests {
		got, known := situation.MeanWind(tt.estimates)
		turned := math.Abs(math.Remainder(got.FromDeg-tt.want.FromDeg, 360))
		if known != tt.known || math.Abs(got.SpeedMPS-tt.want.SpeedMPS) > 1e-9 || got.SpeedMPS > 1e-9 && turned > 1e-6 || got.FromDeg < 0 || got.FromDeg >= 360 {
			t.Errorf("%s: got %+v, %v; want %+v", tt.name, got, known, tt.want)
		}
	}
}

func TestATrackIsTimedByDistance(t *testing.T) {
	a, b, c := orb.Point{123.4, 41.8}, orb.Point{123.41, 41.8}, orb.Point{123.44, 41.8}
	from, to := scene.T0, scene.T0.Add(20*time.Minute)
	track := situation.Timed([]orb.Point{a, b, c}, 165, from, to)
	if len(track) != 3 || !track[0].At.Equal(from) || !track[2].At.Equal(to) || track[1].AltM != 165 || track[1].Point != b {
		t.Fatalf("got %+v", track)
	}
	if off := track[1].At.Sub(from.Add(5 * time.Minute)); off.Abs() > 10*time.Millisecond {
		t.Errorf("a quarter of the way after %v", track[1].At.Sub(from))
	}
	for _, f := range situation.Timed([]orb.Point{a, a}, 165, from, to) { // no way at all is gone at once
		if !f.At.Equal(to) {
			t.Errorf("on the spot at %v", f.At)
		}
	}
	now := scene.New(t).Now()
	class := now.ClassOf(drone)
	if got := now.CruiseAltM(class); got != now.Network.GroundAltM()+class.HeightM {
		t.Errorf("cruises at %v", got)
	}
}

// A way around takes longer by what it is longer.
func TestAWayAroundIsReckoned(t *testing.T) {
	s := scene.New(t)
	m, d := s.Delivery(drone, delivery.DLoaded)
	s.Zone("Z", halfway(situation.Points(m.Out)), 300)
	now := s.Now()
	r := now.LeadAround(m, []delivery.Delivery{d})
	if r.Outcome != situation.Replanned {
		t.Fatalf("got %+v", r.Touched)
	}
	longer := 0.0
	for _, way := range [][2][]geo.Fix4D{{m.Out, r.Out}, {m.Back, r.Back}} {
		was, is := geo.PathLength(situation.Points(way[0])), geo.PathLength(situation.Points(way[1]))
		longer += is - was
		took := func(track []geo.Fix4D) float64 { return track[len(track)-1].At.Sub(track[0].At).Seconds() }
		if got, want := took(way[1]), took(way[0])*is/was; math.Abs(got-want) > 1 || !way[1][0].At.Equal(way[0][0].At) {
			t.Errorf("takes %v s from %v, want %v from %v", got, way[1][0].At, want, way[0][0].At)
		}
	}
	if longer < 10 || math.Abs(r.LongerM-longer) > 1 {
		t.Errorf("longer by %v m, said to be %v", longer, r.LongerM)
	}

	s = scene.New(t)
	m, d = s.Delivery(drone, delivery.DAirborne)
	a, b := m.Out[0].Point, m.Out[1].Point
	at, _ := s.Now().Drone(drone)
	rest, _ := telemetry.Ahead(situation.Points(m.Out), at.Position.Point)
	s.Zone("Z", orb.Point{a[0] + 0.8*(b[0]-a[0]), a[1] + 0.8*(b[1]-a[1])}, 400)
	r = s.Now().LeadAround(m, []delivery.Delivery{d})
	if r.Outcome != situation.Rerouted {
		t.Fatalf("in the air: %+v", r.Touched)
	}
	if want := geo.PathLength(r.Path) - geo.PathLength(rest); want < 1 || math.Abs(r.LongerM-want) > 5 {
		t.Errorf("in the air: longer by %v m, said to be %v", want, r.LongerM)
	}
}

func TestWhenAPadIsHeldAndAwaited(t *testing.T) {
	from, to := situation.SlotFor(scene.T0)
	if from.Sub(scene.T0) != -time.Minute || to.Sub(scene.T0) != situation.UnloadTime {
		t.Errorf("held from %v to %v", from, to)
	}
	s := scene.New(t)
	m, _ := s.Delivery(drone, delivery.DLoaded)
	now := s.Now()
	if now.PadTaken("CMU1-P1", m.ArriveAt) || !now.PadTaken(m.Pad, m.ArriveAt) || now.PadTaken(m.Pad, m.ArriveAt.Add(time.Hour)) {
		t.Error("taken at another time, or another pad, or not taken")
	}
	mine := delivery.Mission{ID: "M-mine", Pad: m.Pad}
	if now.Awaited(mine) {
		t.Error("awaits one that lands much later")
	}
	s.Later(m.ArriveAt.Sub(s.At) - situation.HoldAhead)
	if now = s.Now(); !now.Awaited(mine) || now.Awaited(m) || now.Awaited(delivery.Mission{ID: "M-mine", Pad: "CMU1-P1"}) {
		t.Error("does not await the one that was to land by now, or awaits itself, or another pad's")
	}
	s.Missions[0].Status = delivery.MOutbound
	if s.Now().Awaited(mine) {
		t.Error("awaits one that has left")
	}
}

// A box without a forecast has its validated hold time, less what is gone and to come.
func TestTheMarginOfABoxByItsHoldTime(t *testing.T) {
	s := scene.New(t)
	_, d := s.Delivery(drone, delivery.DLoaded)
	packed := d.Boxes[0].PackedAt
	box, _ := s.Network.Box(d.Boxes[0].Box)
	kind, _ := s.Network.BoxType(box.Type)
	s.Later(20 * time.Minute)
	payload := []delivery.Delivery{d}
	const flight = 15 * time.Minute
	margin, out := s.Now().ColdOutlook(drone, payload, flight)
	if want := kind.HoldAt(20) - s.At.Sub(packed) - flight - coldchain.Handover; out || margin != want {
		t.Errorf("got %v, %v; want %v", margin, out, want)
	}
	if longer, _ := s.Now().ColdOutlook(drone, payload, 2*flight); longer != margin-flight {
		t.Errorf("after twice the flight %v, after once %v", longer, margin)
	}
	s.Box(box.ID, coldchain.Excursion, 12)
	if _, out := s.Now().ColdOutlook(drone, payload, flight); !out {
		t.Error("a box beyond its limit is not out")
	}
}

// The wind that a drone estimated counts for five minutes.
func TestHowLongAnEstimateOfTheWindCounts(t *testing.T) {
	for age, known := range map[time.Duration]bool{5 * time.Minute: true, 5*time.Minute + 1: false} {
		s := scene.New(t)
		s.Drone(drone, func(d *telemetry.DroneState) {
			d.Position.WindMPS, d.Position.WindFromDeg, d.At = 8, 270, s.At.Add(-age)
		})
		if now := s.Now(); (now.Wind.SpeedMPS == 8) != known {
			t.Errorf("%v old: a wind of %v m/s", age, now.Wind.SpeedMPS)
		}
	}
}

// What is not said of a drone any more, exactly when.
func TestForHowLongADroneIsCountedOn(t *testing.T) {
	for age, may := range map[time.Duration]bool{15*time.Minute - 1: true, 15 * time.Minute: false} {
		s := scene.New(t)
		s.Delivery(drone, delivery.DAirborne)
		s.Later(age, drone)
		if got := s.Now().MayFly(drone); got != may {
			t.Errorf("heard in the air %v ago: may fly %v", age, got)
		}
	}
	s := scene.New(t)
	m, _ := s.Delivery(drone, delivery.DClosed)
	for since, stranded := range map[time.Duration]bool{20 * time.Minute: false, 20*time.Minute + 1: true} {
		m.ArriveAt = s.At.Add(-since)
		if got := s.Now().Stranded(m); got != stranded {
			t.Errorf("landed %v ago: stranded %v", since, got)
		}
	}
}

// A margin of nothing is enough, and less is not.
func TestNoMarginIsEnough(t *testing.T) {
	for short, blocked := range map[time.Duration]bool{0: false, 1: true} {
		s := scene.New(t)
		m, d := s.Delivery(drone, delivery.DLoaded)
		s.Deliveries[0].Boxes[0].PackedAt = s.At.Add(-holdTime(s, d) + legOut(s, m) + coldchain.Handover - short)
		now := s.Now()
		if c := now.Clear(now.Departure(m, now.Payload(m.ID))); (c.Blocked == situation.CheckCold) != blocked {
			t.Errorf("short by %v: kept by %q", short, c.Blocked)
		}
		s = scene.New(t)
		m, d = s.Delivery(drone, delivery.DSealed)
		flight := m.Out[len(m.Out)-1].At.Sub(m.Out[0].At)
		s.Deliveries[0].Boxes[0].PackedAt = s.At.Add(-holdTime(s, d) + flight + coldchain.Handover - short)
		if failing, _ := s.Now().Failing(); (len(failing) == 1 && failing[0].Failure == situation.BoxWarm) != blocked {
			t.Errorf("short by %v: %+v", short, failing)
		}
	}
}

// The margin of a box with a forecast: aloft in the air that it measures, and then in the
// air of the ground.
func TestTheMarginOfABoxByItsForecast(t *testing.T) {
	design := coldchain.Box{Model: coldchain.Newton1, OuterWPerK: 0.5, PayloadJPerK: 9000}
	s := scene.New(t)
	_, d := s.Delivery(drone, delivery.DLoaded)
	id, payload := d.Boxes[0].Box, []delivery.Delivery{d}
	profile := s.Profiles[d.Boxes[0].Profile]
	m := coldchain.NewForecastingMonitor(profile, design, coldchain.DefaultDoubt())
	m.Fold(coldchain.Reading{At: s.At, ReceivedAt: s.At, Seq: 1, TempMC: 4000, AmbientMC: 20_000})
	s.Box(id, coldchain.InRange, 4)
	if _, known := s.Now().ColdMargin(drone, payload, time.Minute); known {
		t.Error("a margin without a forecast")
	}
	s.Forecast(id, m)
	s.Drone(drone, func(d *telemetry.DroneState) { d.HeightM = 120 })
	const flight = 10 * time.Minute
	now := s.Now()
	early, ok := now.TimeToLimit(id, coldchain.Stretch{S: flight.Seconds(), C: 20}, coldchain.Stretch{C: coldchain.GroundC(20, 120)})
	if !ok || early < flight || early > 10*time.Hour {
		t.Fatalf("comes to its limit in %v, %v", early, ok)
	}
	if got, known := now.ColdMargin(drone, payload, flight); !known || got != early-flight-coldchain.Handover {
		t.Errorf("got %v, %v; want %v", got, known, early-flight-coldchain.Handover)
	}
	s.Drone(drone, func(d *telemetry.DroneState) { d.HeightM = 0 })
	if got, _ := s.Now().ColdMargin(drone, payload, flight); got == early-flight-coldchain.Handover {
		t.Error("the height of the drone counts for nothing")
	}
	// Of several boxes the least margin counts, whichever comes first.
	_, second := s.Delivery("HL-05", delivery.DLoaded)
	warmer := coldchain.NewForecastingMonitor(profile, design, coldchain.DefaultDoubt())
	warmer.Fold(coldchain.Reading{At: s.At, ReceivedAt: s.At, Seq: 1, TempMC: 9000, AmbientMC: 20_000})
	s.Box(second.Boxes[0].Box, coldchain.InRange, 9)
	s.Forecast(second.Boxes[0].Box, warmer)
	now = s.Now()
	first, _ := now.ColdMargin(drone, payload, flight)
	least, _ := now.ColdMargin(drone, []delivery.Delivery{second}, flight)
	one, _ := now.ColdMargin(drone, []delivery.Delivery{d, second}, flight)
	other, _ := now.ColdMargin(drone, []delivery.Delivery{second, d}, flight)
	if least >= first || one != least || other != least {
		t.Errorf("of %v and %v: %v and %v", first, least, one, other)
	}
}
