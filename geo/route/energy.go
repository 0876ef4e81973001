package route

import (
	"errors"
	"math"
	"time"

	"github.com/paulmach/orb"

	"hemolift/geo"
)

// ErrWind is returned when the wind leaves a leg no ground speed, or exceeds the
// class's limit.
var ErrWind = errors.New("the wind is too strong for this aircraft")

// Class is a type of aircraft: its masses, speeds and power. Power is linear in
// payload, the form of Dorling et al. 2017 (IEEE T-SMC 47(1)), which operators
// calibrate per aircraft.
type Class struct {
	ID                    string
	Kind                  string
	EmptyKg, PayloadKg    float64
	Bays                  int     // boxes it can carry
	CruiseMPS             float64 // airspeed
	ClimbMPS, DescentMPS  float64
	BatteryJ              float64
	ReservePct            float64 // of BatteryJ, never planned to be used
	ChargeW               float64
	HoverW, HoverWPerKg   float64
	CruiseW, CruiseWPerKg float64
	WindMaxMPS            float64
	HeightM               float64 // cruising height above ground
	// How far aside of its path, above or below its height, and behind its planned landing it
	// may fly: metres, metres and minutes; 0 where the class says nothing.
	LateralM, VerticalM, DelayMin float64
	// What it does by itself so many seconds after it lost its link: return, land, hold or
	// continue; empty where the class says nothing.
	LostLinkS    float64
	LostLinkDoes string
}

// ReserveJ is the energy that must be left at every landing.
func (c Class) ReserveJ() float64 { return c.BatteryJ * c.ReservePct / 100 }

// NeedPct is the battery in percent that a leg takes, with the reserve.
func (c Class) NeedPct(leg Leg) float64 { return 100*leg.EnergyJ/c.BatteryJ + c.ReservePct }

// Wind is uniform wind. FromDeg is where it blows from, true.
type Wind struct {
	SpeedMPS, FromDeg float64
}

// Leg is what flying one route costs.
type Leg struct {
	Duration time.Duration // from take-off to landing
	EnergyJ  float64
}

// Fly returns time and energy of flying a path with loadKg on board: climb on
// the spot, cruise at the class's airspeed in the wind, descend on the spot.
func (c Class) Fly(path []orb.Point, loadKg float64, wind Wind) (Leg, error) {
	return c.FlyOn(path, 0, loadKg, wind)
}

// FlyOn is Fly for a drone that is heightM above ground already, at most at its
// cruising height.
func (c Class) FlyOn(path []orb.Point, heightM, loadKg float64, wind Wind) (Leg, error) {
	if wind.SpeedMPS > c.WindMaxMPS {
		return Leg{}, ErrWind
	}
	climbM := max(0, c.HeightM-heightM)
	climbS, descentS := climbM/c.ClimbMPS, c.HeightM/c.DescentMPS
	var cruiseS float64
	for i := 1; i < len(path); i++ {
		d, bearing := geo.Inverse(path[i-1], path[i])
		v, err := GroundSpeed(c.CruiseMPS, bearing, wind)
		if err != nil {
			return Leg{}, err
		}
		cruiseS += d / v
	}
	// The potential energy of the climb comes on top; none is won back.
	liftJ := (c.EmptyKg + loadKg) * standardGravity * climbM
	return Leg{
		Duration: time.Duration((climbS + cruiseS + descentS) * float64(time.Second)),
		EnergyJ:  c.hoverW(loadKg)*(climbS+descentS) + (c.CruiseW+c.CruiseWPerKg*loadKg)*cruiseS + liftJ,
	}, nil
}

// Descend is what is left over the goal: the descent from heightM.
func (c Class) Descend(heightM, loadKg float64) Leg {
	s := max(0, heightM) / c.DescentMPS
	return Leg{Duration: time.Duration(s * float64(time.Second)), EnergyJ: c.hoverW(loadKg) * s}
}

// Hovers is how long a full battery hovers with a load.
func (c Class) Hovers(loadKg float64) time.Duration {
	return time.Duration(c.BatteryJ / c.hoverW(loadKg) * float64(time.Second))
}

func (c Class) hoverW(loadKg float64) float64 { return c.HoverW + c.HoverWPerKg*loadKg }

// standardGravity is in m/s² (CGPM 1901).
const standardGravity = 9.80665

// GroundSpeed solves the wind triangle: the speed in m/s along a track of
// trackDeg at a true airspeed, crabbing into the wind. It is ErrWind when less
// than a tenth of the airspeed is left.
func GroundSpeed(airspeedMPS, trackDeg float64, wind Wind) (float64, error) {
	rel := (wind.FromDeg - trackDeg) * math.Pi / 180
	head, cross := wind.SpeedMPS*math.Cos(rel), wind.SpeedMPS*math.Sin(rel)
	if math.Abs(cross) >= airspeedMPS {
		return 0, ErrWind
	}
	v := math.Sqrt(airspeedMPS*airspeedMPS-cross*cross) - head
	if v < airspeedMPS/10 {
		return 0, ErrWind
	}
	return v, nil
}
