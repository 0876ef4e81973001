package route

import (
	"errors"
	"math"
)

// The slowest and fastest airspeeds that are planned, as shares of the cruising
// airspeed. A wing must not come near its stall.
const (
	slowestRotor, slowestWing = 0.5, 0.8
	fastest                   = 1.25
)

// figureOfMerit is the share of hover power that makes the air move; the rest is
// lost in profile drag, motors and electronics whatever the speed. Recalled, a
// usual figure for multirotors of this size; calibration corrects the sum.
const figureOfMerit = 0.6

// PowerW is the power of level flight at an airspeed above 0 with loadKg on board.
// At the cruising airspeed it is what the class states.
//
// A rotor's is induced power after Glauert's momentum theory, losses, and a drag
// that grows with the cube of airspeed (the form of Zeng, Xu and Zhang, IEEE Trans.
// Wireless Comm. 18(4), 2019). A wing's is A v³ + B/v with its best range at the
// cruising airspeed, where both terms are equal (Anderson, Introduction to Flight).
func (c Class) PowerW(airspeedMPS, loadKg float64) float64 {
	cruiseW := c.CruiseW + c.CruiseWPerKg*loadKg
	ratio := airspeedMPS / c.CruiseMPS
	if c.wing() {
		return cruiseW / 2 * (ratio*ratio*ratio + 1/ratio)
	}
	drag := max(0, cruiseW-c.rotorW(c.CruiseMPS, loadKg))
	lift := cruiseW - drag // the class's own figures may leave no drag
	return lift*c.rotorW(airspeedMPS, loadKg)/c.rotorW(c.CruiseMPS, loadKg) + drag*ratio*ratio*ratio
}

// rotorW is a rotor's power without the drag of the body.
func (c Class) rotorW(airspeedMPS, loadKg float64) float64 {
	hover := c.hoverW(loadKg)
	induced := figureOfMerit * hover
	atHover := induced / ((c.EmptyKg + loadKg) * standardGravity) // velocity of the air through the rotors
	x := airspeedMPS * airspeedMPS / (2 * atHover * atHover)
	return hover - induced + induced*math.Sqrt(math.Sqrt(1+x*x)-x)
}

func (c Class) wing() bool { return c.Kind != "multirotor" }

// At is the class when it cruises at another airspeed with loadKg on board.
func (c Class) At(airspeedMPS, loadKg float64) Class {
	c.CruiseW = c.PowerW(airspeedMPS, loadKg) - c.CruiseWPerKg*loadKg
	c.CruiseMPS = airspeedMPS
	return c
}

// Frugal is a route at the airspeed that takes the least energy.
type Frugal struct {
	Route
	AirspeedMPS float64
	Leg         Leg
}

// PlanFrugal returns the route and the one airspeed, held all the way, with which a
// drone that is heightM above ground now lands with the most energy left. The
// airspeed is found to 0.01 m/s; f's own is not looked at.
func (ch Chart) PlanFrugal(f Flight, c Class, heightM, loadKg float64) (Frugal, error) {
	low, high := slowestRotor*c.CruiseMPS, fastest*c.CruiseMPS
	if c.wing() {
		low = slowestWing * c.CruiseMPS
	}
	try := func(v float64) (Frugal, error) {
		f.CruiseMPS = v
		r, err := ch.Plan(f)
		if err != nil {
			return Frugal{}, err
		}
		leg, err := c.At(v, loadKg).FlyOn(r.Points, heightM, loadKg, f.Wind)
		return Frugal{Route: r, AirspeedMPS: v, Leg: leg}, err
	}
	return leastEnergy(low, high, try)
}

// leastEnergy looks at airspeeds about 4 % apart, and then narrows the best one down by
// golden sections. An airspeed at which the wind is too strong is passed over.
func leastEnergy(low, high float64, try func(airspeedMPS float64) (Frugal, error)) (Frugal, error) {
	const steps, within = 16, 0.01
	best, failure := Frugal{Leg: Leg{EnergyJ: math.Inf(1)}}, ErrWind
	look := func(v float64) (float64, error) {
		got, err := try(v)
		switch {
		case errors.Is(err, ErrWind):
			return math.Inf(1), nil
		case err != nil:
			return 0, err
		}
		if failure = nil; got.Leg.EnergyJ < best.Leg.EnergyJ {
			best = got
		}
		return got.Leg.EnergyJ, nil
	}
	step := (high - low) / steps
	for i := range steps + 1 {
		if _, err := look(low + float64(i)*step); err != nil {
			return Frugal{}, err
		}
	}
	if failure != nil {
		return Frugal{}, failure
	}
	const section = 0.6180339887498949 // (√5 - 1)/2
	for a, b := max(low, best.AirspeedMPS-step), min(high, best.AirspeedMPS+step); b-a > within; {
		x, y := b-section*(b-a), a+section*(b-a)
		ex, err := look(x)
		if err != nil {
			return Frugal{}, err
		}
		ey, err := look(y)
		if err != nil {
			return Frugal{}, err
		}
		if ex <= ey {
			b = y
		} else {
			a = x
		}
	}
	return best, nil
}
