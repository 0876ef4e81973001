package route

import (
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"hemolift/geo/airspace"
)

// Two classes of the demonstration network.
var (
	rotor = Class{
		Kind:         "multirotor",
		EmptyKg:      22,
		PayloadKg:    10,
		CruiseMPS:    14,
		ClimbMPS:     3,
		DescentMPS:   2.5,
		BatteryJ:     8.64e6,
		ReservePct:   20,
		HoverW:       2600,
		HoverWPerKg:  110,
		CruiseW:      2300,
		CruiseWPerKg: 100,
		WindMaxMPS:   12,
		HeightM:      120,
	}
	wing = Class{
		Kind:         "lift-and-cruise wing",
		EmptyKg:      28,
		PayloadKg:    6,
		CruiseMPS:    26,
		ClimbMPS:     4,
		DescentMPS:   3,
		BatteryJ:     7.2e6,
		ReservePct:   20,
		HoverW:       3500,
		HoverWPerKg:  200,
		CruiseW:      900,
		CruiseWPerKg: 30,
		WindMaxMPS:   14,
		HeightM:      150,
	}
)

func TestPowerAtCruiseIsTheClassesOwn(t *testing.T) {
	for _, c := range []Class{rotor, wing} {
		for _, load := range []float64{0, 4, c.PayloadKg} {
			want := c.CruiseW + c.CruiseWPerKg*load
			if got := c.PowerW(c.CruiseMPS, load); math.Abs(got-want) > 1e-9*want {
				t.Errorf("%s with %v kg: got %v W, want %v", c.Kind, load, got, want)
			}
			at := c.At(c.CruiseMPS*1.1, load)
			if got, want := at.CruiseW+at.CruiseWPerKg*load, c.PowerW(c.CruiseMPS*1.1, load); math.Abs(got-want) > 1e-9*want {
				t.Errorf("%s at another airspeed: got %v W, want %v", c.Kind, got, want)
			}
		}
	}
}

func TestTheFrugalFlightTakesLeast(t *testing.T) {
	wall := []airspace.Zone{zoneXY("W", orb.Ring{{-100, -1000}, {100, -1000}, {100, 1500}, {-100, 1500}})}
	p := planner(t, wall, 50)
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]Class{rotor, wing}).Draw(t, "class")
		f := ask(orb.Point{-4000, 0}, orb.Point{4000, 300})
		f.Wind = Wind{SpeedMPS: rapid.Float64Range(0, 11.9).Draw(t, "wind"), FromDeg: rapid.Float64Range(0, 360).Draw(t, "from")}
		load := rapid.Float64Range(0, c.PayloadKg).Draw(t, "load")
		got, err := p.Chart().PlanFrugal(f, c, c.HeightM, load)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 200 { // by brute force
			v := c.CruiseMPS * (0.8 + 0.45*float64(i)/199)
			f.CruiseMPS = v
			r, err := p.Plan(f)
			if err != nil {
				continue
			}
			if leg, err := c.At(v, load).FlyOn(r.Points, c.HeightM, load, f.Wind); err == nil && leg.EnergyJ < got.Leg.EnergyJ*(1-1e-5) {
				t.Fatalf("%.0f J at %.2f m/s, but %.0f J at %.2f", got.Leg.EnergyJ, got.AirspeedMPS, leg.EnergyJ, v)
			}
		}
	})
}

func TestTheFrugalAirspeedIsHigherIntoTheWind(t *testing.T) {
	p := planner(t, nil, 0)
	for _, c := range []Class{rotor, wing} {
		f := ask(orb.Point{-4000, 0}, orb.Point{4000, 0}) // eastwards
		f.Wind = Wind{8, 90}
		into, err1 := p.Chart().PlanFrugal(f, c, 0, 3)
		f.Wind = Wind{8, 270}
		with, err2 := p.Chart().PlanFrugal(f, c, 0, 3)
		if err1 != nil || err2 != nil || into.AirspeedMPS <= with.AirspeedMPS {
			t.Errorf("%s: %.2f m/s into the wind, %.2f with it; %v, %v", c.Kind, into.AirspeedMPS, with.AirspeedMPS, err1, err2)
		}
	}
	if _, err := p.Chart().PlanFrugal(
		ask(orb.Point{0, 0}, orb.Point{200, 0}),
		Class{Kind: "multirotor", CruiseMPS: 14, ClimbMPS: 3, DescentMPS: 2, HoverW: 1, CruiseW: 1, EmptyKg: 1, HeightM: 120, WindMaxMPS: -1},
		0,
		0,
	); err == nil {
		t.Error("a wind over the class's limit was not refused")
	}
}

func TestCalibrationLearnsFromLegsAlone(t *testing.T) {
	minute := time.Minute
	leg := func(factor float64) FlownLeg {
		return FlownLeg{ReckonedJ: 1e6, MeasuredJ: factor * 1e6, Reckoned: 10 * minute, Measured: 10 * minute}
	}
	legs := []FlownLeg{leg(1.1), leg(1.2), leg(1.1), leg(1.2)}
	if k := Calibrate(legs); k.Known() || rotor.Calibrated(k) != rotor {
		t.Errorf("four legs were enough: %+v", k)
	}
	held := FlownLeg{ReckonedJ: 1e6, MeasuredJ: 3e6, Reckoned: 10 * minute, Measured: 13 * minute}
	swapped := FlownLeg{ReckonedJ: 1e6, MeasuredJ: -2e6, Reckoned: 10 * minute, Measured: 10 * minute}
	hop := FlownLeg{ReckonedJ: 1e4, MeasuredJ: 9e4, Reckoned: minute, Measured: minute}
	k := Calibrate(append(legs, leg(1.15), held, swapped, hop))
	if k.Legs != 5 || math.Abs(k.Factor-1.15) > 1e-12 || math.Abs(k.Spread-0.05) > 1e-12 || !k.Known() {
		t.Errorf("got %+v, want 5 legs, 1.15 and 0.05", k)
	}
	path := ask(orb.Point{0, 0}, orb.Point{3000, 0})
	line := []orb.Point{path.From, path.To}
	plain, _ := rotor.FlyOn(line, rotor.HeightM, 2, Wind{})
	own, _ := rotor.Calibrated(k).FlyOn(line, rotor.HeightM, 2, Wind{})
	if math.Abs(own.EnergyJ/plain.EnergyJ-1.15) > 1e-12 || own.Duration != plain.Duration {
		t.Errorf("calibrated %+v, plain %+v", own, plain)
	}
	absurd := Calibrate([]FlownLeg{leg(9), leg(9), leg(9), leg(9), leg(9)})
	if absurd.Known() || !absurd.Doubtful() || rotor.Calibrated(absurd) != rotor {
		t.Errorf("absurd: %+v", absurd)
	}
}
