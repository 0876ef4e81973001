package dronesim

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

var (
	class = route.Class{
		CruiseMPS:    14,
		ClimbMPS:     3,
		DescentMPS:   2.5,
		BatteryJ:     8.64e6,
		HoverW:       2600,
		HoverWPerKg:  110,
		CruiseW:      2300,
		CruiseWPerKg: 100,
		EmptyKg:      22,
		WindMaxMPS:   12,
		HeightM:      120,
		ChargeW:      1500,
	}
	path = []orb.Point{{123.497, 41.706}, {123.45, 41.73}, {123.395, 41.769}}
	back = []orb.Point{{123.395, 41.769}, {123.497, 41.706}}
)

func loaded(t *testing.T) *aircraft {
	t.Helper()
	a := &aircraft{Point: path[0], EnergyJ: class.BatteryJ, Phase: telemetry.Parked}
	plan := &telemetry.FlightPlan{Legs: [][]orb.Point{path, back}, HeightM: 120, CruiseMPS: 14}
	ack := a.obey(telemetry.Command{ID: 1, Kind: telemetry.LoadMission, Mission: "M-1", Plan: plan})
	if !ack.OK || ack.Hash != plan.Hash() {
		t.Fatalf("got %+v", ack)
	}
	return a
}

// TestFlightTakesWhatWasPlanned flies the leg in steps and compares time and energy
// with what route reckons.
func TestFlightTakesWhatWasPlanned(t *testing.T) {
	a := loaded(t)
	wind := route.Wind{SpeedMPS: 5, FromDeg: 240}
	want, err := class.Fly(path, 5.5, wind)
	if err != nil {
		t.Fatal(err)
	}
	a.obey(telemetry.Command{ID: 2, Kind: telemetry.Release, Mission: "M-1"})
	seconds := 0.0
	for a.Phase == telemetry.Airborne && seconds < 3600 {
		a.step(class, 5.5, 0.4, wind)
		seconds += 0.4
	}
	if a.Phase != telemetry.Landed || a.Point != path[2] {
		t.Fatalf("ended %v at %v", a.Phase, a.Point)
	}
	if math.Abs(seconds-want.Duration.Seconds()) > 0.01*want.Duration.Seconds() {
		t.Errorf("flew %.0f s, planned %.0f s", seconds, want.Duration.Seconds())
	}
	if used := class.BatteryJ - a.EnergyJ; math.Abs(used-want.EnergyJ) > 0.01*want.EnergyJ {
		t.Errorf("used %.0f kJ, planned %.0f kJ", used/1000, want.EnergyJ/1000)
	}
}

func TestCommandsAreObeyedOnceAndRefusedWithAReason(t *testing.T) {
	a := loaded(t)
	do := func(id int64, k telemetry.CommandKind, mission string, leg int) telemetry.Ack {
		return a.obey(telemetry.Command{ID: id, Kind: k, Mission: mission, Leg: leg})
	}
	tests := []struct {
		name    string
		id      int64
		kind    telemetry.CommandKind
		mission string
		leg     int
		ok      bool
		phase   telemetry.Phase
	}{
		{"another mission", 2, telemetry.Release, "M-2", 0, false, telemetry.Parked},
		{"no such leg", 3, telemetry.Release, "M-1", 2, false, telemetry.Parked},
		{"hold on the ground", 4, telemetry.Hold, "M-1", 0, false, telemetry.Parked},
		{"release", 5, telemetry.Release, "M-1", 0, true, telemetry.Airborne},
		{"release again under a new id", 6, telemetry.Release, "M-1", 0, true, telemetry.Airborne},
		{"hold", 7, telemetry.Hold, "M-1", 0, true, telemetry.Holding},
		{"the refused one again", 4, telemetry.Hold, "M-1", 0, false, telemetry.Holding},
		{"resume", 8, telemetry.Resume, "M-1", 0, true, telemetry.Airborne},
		{"hold repeated: the same answer, nothing done", 7, telemetry.Hold, "M-1", 0, true, telemetry.Airborne},
		{"return without a way", 9, telemetry.Return, "M-1", 0, false, telemetry.Airborne},
		{"unknown", 10, "dance", "M-1", 0, false, telemetry.Airborne},
		{"land", 11, telemetry.Land, "M-1", 0, true, telemetry.Landing},
		{"hold on the way down", 12, telemetry.Hold, "M-1", 0, true, telemetry.Holding},
	}
	for _, tt := range tests {
		ack := do(tt.id, tt.kind, tt.mission, tt.leg)
		if ack.OK != tt.ok || a.Phase != tt.phase || !ack.OK && ack.Reason == "" {
			t.Errorf("%s: got %+v, phase %v; want ok %v, %v", tt.name, ack, a.Phase, tt.ok, tt.phase)
		}
	}
}

func TestReturnLandsAtHome(t *testing.T) {
	a := loaded(t)
	a.obey(telemetry.Command{ID: 2, Kind: telemetry.Release, Mission: "M-1"})
	for range 300 {
		a.step(class, 5, 1, route.Wind{})
	}
	here := a.Point
	a.obey(telemetry.Command{ID: 3, Kind: telemetry.Return, Mission: "M-1", Plan: &telemetry.FlightPlan{Legs: [][]orb.Point{{here, path[0]}}}})
	for i := 0; a.Phase.InAir() && i < 3600; i++ {
		a.step(class, 5, 1, route.Wind{})
	}
	if a.Phase != telemetry.Parked || a.Point != path[0] {
		t.Errorf("ended %v at %v", a.Phase, a.Point)
	}
}

// A drone that is told to land comes down where it is; one that is led to another pad, also on
// its way home, is not at home there.
func TestLandingElsewhereIsNotHome(t *testing.T) {
	elsewhere := orb.Point{123.45, 41.80}
	for name, tt := range map[string]struct {
		orders []telemetry.Command
		want   orb.Point // none: where it was
		phase  telemetry.Phase
	}{
		"land":      {[]telemetry.Command{{ID: 3, Kind: telemetry.Land}}, orb.Point{}, telemetry.Landed},
		"alternate": {[]telemetry.Command{{ID: 3, Kind: telemetry.Reroute, Plan: way(elsewhere)}}, elsewhere, telemetry.Landed},
		"alternate on the way back": {
			[]telemetry.Command{{ID: 3, Kind: telemetry.Return, Plan: way(path[0])}, {ID: 4, Kind: telemetry.Reroute, Plan: way(elsewhere)}},
			elsewhere, telemetry.Landed,
		},
		"home after all": {
			[]telemetry.Command{{ID: 3, Kind: telemetry.Reroute, Plan: way(elsewhere)}, {ID: 4, Kind: telemetry.Reroute, Plan: way(path[0])}},
			path[0], telemetry.Parked,
		},
	} {
		a := loaded(t)
		a.obey(telemetry.Command{ID: 2, Kind: telemetry.Release, Mission: "M-1"})
		for range 300 {
			a.step(class, 5, 1, route.Wind{})
		}
		here := a.Point
		for _, c := range tt.orders {
			if ack := a.obey(c); !ack.OK {
				t.Fatalf("%s: %+v", name, ack)
			}
		}
		for i := 0; a.Phase.InAir() && i < 3600; i++ {
			a.step(class, 5, 1, route.Wind{})
		}
		if tt.want == (orb.Point{}) {
			tt.want = here
		}
		if a.Phase != tt.phase || a.Point != tt.want {
			t.Errorf("%s: ended %v at %v", name, a.Phase, a.Point)
		}
	}
}

// way is a flight plan that ends at a place.
func way(to orb.Point) *telemetry.FlightPlan {
	return &telemetry.FlightPlan{Legs: [][]orb.Point{{path[0], to}}}
}

// TestRedCellBoxKeepsItsBandForItsHoldTime warms the demonstration's box at 30 °C.
func TestRedCellBoxKeepsItsBandForItsHoldTime(t *testing.T) {
	design := coldchain.Box{
		Model:        coldchain.PCM2,
		OuterWPerK:   0.3,
		PayloadJPerK: 9000,
		InnerWPerK:   6,
		MeltC:        5,
		LatentJ:      200e3,
		SolidJPerK:   9000,
		LiquidJPerK:  9000,
	}
	for _, id := range []telemetry.DeviceID{"BX-01", "BX-02", "BX-03"} {
		c := newCooler(Box{ID: id, Design: design, PackedAtC: 4.2}, 1)
		h := c.condition()
		for s := 0; s < 6*3600; s += 60 {
			h = c.Step(h, 60, 30)
			if h.PayloadC < 2 || h.PayloadC > 10 {
				t.Fatalf("%s: %.2f °C after %v", id, h.PayloadC, time.Duration(s)*time.Second)
			}
		}
		if h = c.Step(h, 24*3600, 30); h.PayloadC < 10 {
			t.Errorf("%s: %.2f °C after 30 h at 30 °C: the coolant cannot last for ever", id, h.PayloadC)
		}
	}
}

func TestAForgottenBoxWarmsWithinAFlight(t *testing.T) {
	c := newCooler(
		Box{
			ID: "BX-01",
			Design: coldchain.Box{
				Model:        coldchain.PCM2,
				OuterWPerK:   0.3,
				PayloadJPerK: 9000,
				InnerWPerK:   6,
				MeltC:        5,
				LatentJ:      200e3,
				SolidJPerK:   9000,
				LiquidJPerK:  9000,
			},
			PackedAtC: 4.2,
		},
		1,
	)
	c.forget()
	if s := c.TimeTo(c.condition(), 10, 21+c.sunK); s < 300 || s > 1800 {
		t.Errorf("10 °C after %.0f s", s)
	}
}

func TestWindStaysWithinItsBounds(t *testing.T) {
	w := newWeather(7)
	for m := range 2000 {
		v := w.wind(time.Unix(int64(m)*37, 0))
		if v.SpeedMPS < 2 || v.SpeedMPS > 12 || v.FromDeg < 0 || v.FromDeg >= 360 {
			t.Fatalf("got %+v", v)
		}
	}
}

func TestADroneIsCarriedHomeFromTheGroundOnly(t *testing.T) {
	a := loaded(t)
	a.obey(telemetry.Command{ID: 2, Kind: telemetry.Release, Mission: "M-1"})
	for a.Phase != telemetry.Landed {
		if a.carry(path[0]) {
			t.Fatalf("carried while %v", a.Phase)
		}
		if !a.step(class, 5.5, 0.4, route.Wind{}) && a.EnergyJ <= 0 {
			t.Fatal("it never landed")
		}
	}
	left := a.EnergyJ
	if !a.carry(path[0]) || a.Point != path[0] || a.Phase != telemetry.Parked || a.Mission != "" || a.EnergyJ != left {
		t.Errorf("got %+v", a)
	}
}

// told passes on what is logged.
type told chan string

func (c told) Write(b []byte) (int, error) {
	c <- string(b)
	return len(b), nil
}

// A memory that cannot be written, as on a full disk, keeps no device from flying.
func TestAFleetFliesOnWithoutItsMemory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	said := make(told, 8)
	f, err := New(Config{Memory: filepath.Join(t.TempDir(), "fleet.json"), Log: slog.New(slog.NewTextHandler(said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	f.cfg.Memory = filepath.Join(file, "fleet.json") // within what is no directory
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	for range 2 {
		select {
		case line := <-said:
			if !strings.Contains(line, "fleet memory not written") {
				t.Errorf("said %q", line)
			}
		case err := <-ended:
			t.Fatalf("it ended: %v", err)
		case <-time.After(time.Minute):
			t.Fatal("it says nothing")
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}
