package dronesim

import (
	"math"

	"github.com/paulmach/orb"

	"hemolift/geo"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// aircraft is a drone's state: all of it survives in the fleet's memory.
type aircraft struct {
	Point    orb.Point
	HeightM  float64
	EnergyJ  float64
	Phase    telemetry.Phase
	Mission  string
	Leg      int
	Plan     *telemetry.FlightPlan
	Path     []orb.Point // what it flies now
	GoneM    float64     // along Path
	ToHome   bool        // Path ends at home
	TrackDeg float64
	SpeedMPS float64
	ClimbMPS float64
	Acked    []telemetry.Ack // answers to the newest commands, to repeat
}

// maxAcked bounds the answers that a drone remembers.
const maxAcked = 32

// obey carries out a command once and returns its answer.
func (a *aircraft) obey(c telemetry.Command) telemetry.Ack {
	for _, old := range a.Acked {
		if old.Command == c.ID {
			return old
		}
	}
	ack := telemetry.Ack{Command: c.ID, OK: true}
	refuse := func(why string) { ack.OK, ack.Reason = false, why }
	switch c.Kind {
	case telemetry.LoadMission:
		if c.Plan == nil || len(c.Plan.Legs) != 2 || a.Phase.InAir() {
			refuse("no plan of two legs, or in the air")
			break
		}
		a.Plan, a.Mission, a.Leg = c.Plan, c.Mission, 0
		ack.Hash = c.Plan.Hash()
	case telemetry.Release:
		if a.Phase == telemetry.Airborne && c.Mission == a.Mission && c.Leg == a.Leg {
			break // the first release's answer was lost; it is flying
		}
		if a.Plan == nil || c.Mission != a.Mission || c.Leg < 0 || c.Leg >= len(a.Plan.Legs) || a.Phase.InAir() {
			refuse("another mission, no such leg, or in the air")
			break
		}
		if c.PlanHash != "" && c.PlanHash != a.Plan.Hash() {
			refuse("another plan")
			break
		}
		a.Leg, a.Path, a.GoneM, a.Phase, a.ToHome = c.Leg, a.Plan.Legs[c.Leg], 0, telemetry.Airborne, c.Leg == len(a.Plan.Legs)-1
	case telemetry.Hold:
		if a.Phase != telemetry.Airborne && a.Phase != telemetry.Landing {
			refuse("not on a leg")
			break
		}
		a.Phase = telemetry.Holding
	case telemetry.Resume:
		if a.Phase != telemetry.Holding {
			refuse("not holding")
			break
		}
		a.Phase = telemetry.Airborne
	case telemetry.Return:
		if !a.Phase.InAir() || c.Plan == nil || len(c.Plan.Legs) != 1 {
			refuse("not in the air, or no way home")
			break
		}
		a.Path, a.GoneM, a.Phase, a.ToHome = append([]orb.Point{a.Point}, c.Plan.Legs[0][1:]...), 0, telemetry.Returning, true
	case telemetry.Reroute:
		if !a.Phase.InAir() || c.Plan == nil || len(c.Plan.Legs) != 1 {
			refuse("not in the air, or no way")
			break
		}
		a.Path, a.GoneM, a.Phase = append([]orb.Point{a.Point}, c.Plan.Legs[0][1:]...), 0, telemetry.Airborne
		a.ToHome = a.Plan != nil && geo.Distance(a.Path[len(a.Path)-1], home(*a.Plan)) < samePadM
	case telemetry.Land:
		if !a.Phase.InAir() {
			refuse("not in the air")
			break
		}
		a.Phase = telemetry.Landing
	default:
		refuse("unknown command")
	}
	a.Acked = append(a.Acked, ack)
	if drop := len(a.Acked) - maxAcked; drop > 0 {
		a.Acked = a.Acked[drop:]
	}
	return ack
}

// samePadM is how near two points are of one pad.
const samePadM = 20

// home is where the last leg of a plan ends.
func home(p telemetry.FlightPlan) orb.Point {
	last := p.Legs[len(p.Legs)-1]
	return last[len(last)-1]
}

// carry puts it down at home, switched on anew; not from the air.
func (a *aircraft) carry(home orb.Point) bool {
	if a.Phase.InAir() {
		return false
	}
	*a = aircraft{Point: home, EnergyJ: a.EnergyJ, Phase: telemetry.Parked}
	return true
}

// step flies or charges for some seconds and reports whether the phase changed.
func (a *aircraft) step(c route.Class, loadKg, seconds float64, w route.Wind) bool {
	if !a.Phase.InAir() {
		a.SpeedMPS, a.ClimbMPS = 0, 0
		if a.Phase == telemetry.Parked {
			a.EnergyJ = min(c.BatteryJ, a.EnergyJ+c.ChargeW*seconds)
		}
		return false
	}
	hover := c.HoverW + c.HoverWPerKg*loadKg
	a.SpeedMPS, a.ClimbMPS = 0, 0
	end := pathLength(a.Path)
	switch {
	case a.GoneM >= end || a.Phase == telemetry.Landing: // over the pad, or wherever it is
		a.ClimbMPS = -c.DescentMPS
		a.HeightM -= c.DescentMPS * seconds
		a.EnergyJ -= hover * seconds
		if a.HeightM <= 0 {
			a.land()
			return true
		}
	case a.HeightM < c.HeightM:
		a.ClimbMPS = c.ClimbMPS
		a.HeightM = min(c.HeightM, a.HeightM+c.ClimbMPS*seconds)
		a.EnergyJ -= hover*seconds + (c.EmptyKg+loadKg)*9.80665*c.ClimbMPS*seconds
	case a.Phase == telemetry.Holding:
		a.EnergyJ -= hover * seconds
	default:
		a.cruise(c, end, seconds, w)
		a.EnergyJ -= (c.CruiseW + c.CruiseWPerKg*loadKg) * seconds
	}
	a.EnergyJ = max(0, a.EnergyJ)
	return false
}

func (a *aircraft) land() {
	a.HeightM, a.SpeedMPS, a.ClimbMPS = 0, 0, 0
	switch {
	case a.Phase == telemetry.Landing: // where it is
		a.Phase = telemetry.Landed
		return
	case a.ToHome:
		a.Phase = telemetry.Parked
	default:
		a.Phase = telemetry.Landed
	}
	a.Point = a.Path[len(a.Path)-1]
}

func (a *aircraft) cruise(c route.Class, end, seconds float64, w route.Wind) {
	_, track := along(a.Path, a.GoneM)
	v, err := route.GroundSpeed(c.CruiseMPS, track, w)
	if err != nil {
		v = c.CruiseMPS / 10 // barely making way
	}
	a.GoneM = min(end, a.GoneM+v*seconds)
	a.Point, a.TrackDeg = along(a.Path, a.GoneM)
	a.SpeedMPS = v
}

// along returns the point a distance along the path, and the track there.
func along(path []orb.Point, m float64) (orb.Point, float64) {
	for i := 1; i < len(path); i++ {
		d, bearing := geo.Inverse(path[i-1], path[i])
		if m <= d || i == len(path)-1 {
			return geo.Direct(path[i-1], bearing, math.Min(m, d)), bearing
		}
		m -= d
	}
	return path[0], 0
}

func pathLength(path []orb.Point) float64 {
	var sum float64
	for i := 1; i < len(path); i++ {
		sum += geo.Distance(path[i-1], path[i])
	}
	return sum
}
