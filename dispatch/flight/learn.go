package flight

import (
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
	"hemolift/geo"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// FlownLeg is one leg of a mission with what it took.
type FlownLeg struct {
	Mission  delivery.MissionID
	Leg      int
	Drone    telemetry.DeviceID
	LandedAt time.Time
	LoadKg   float64
	route.FlownLeg
}

// CalibratingLegs is how many of an aircraft's newest legs its calibration is fitted to.
const CalibratingLegs = 50

// Ended is a leg that has just ended: what was planned, and when it began.
type Ended struct {
	leg   FlownLeg
	track []geo.Fix4D
	From  time.Time // of the samples to look at, by the drone's clock
}

// LegEnded tells whether a phase of flight ends a leg that can be compared with its plan.
// A drone that was led another way in the air flew another one, which begins at no pad.
func LegEnded(s *situation.Situation, m delivery.Mission, payload []delivery.Delivery, e telemetry.Event) (Ended, bool) {
	leg := FlownLeg{Mission: m.ID, Leg: e.Status.Leg, Drone: m.Drone, LandedAt: e.StatedAt, LoadKg: m.LoadKg}
	switch {
	case leg.Leg == 0 && (delivery.Turned(payload) || !beginsAt(s, m.Out, m.Centre)):
	case leg.Leg == 1 && !beginsAt(s, m.Back, m.Hospital):
	case e.Status.Phase == telemetry.Landed && leg.Leg == 0 && !s.Elsewhere(m):
		return Ended{leg, m.Out, m.DepartAt.Add(-sooner)}, true
	case e.Status.Phase == telemetry.Parked && leg.Leg == 1:
		leg.LoadKg = s.HomeKg(payload)
		return Ended{leg, m.Back, m.ArriveAt}, true
	}
	return Ended{}, false
}

func beginsAt(s *situation.Situation, track []geo.Fix4D, id network.SiteID) bool {
	site, _ := s.Network.Site(id)
	return geo.Distance(track[0].Point, site.Point) < situation.AstrayM
}

// sooner is how long before the record has it a drone may have left by its own clock.
const sooner = time.Minute

// Measure compares a leg with what its class should have taken on its planned way, in the
// mean wind that the drone met. It is false when its beginning was not heard.
func (e Ended) Measure(s *situation.Situation, samples []telemetry.Sample) (FlownLeg, bool) {
	flown := climbed(samples)
	if len(flown) < 2 {
		return e.leg, false
	}
	estimates := make([]telemetry.Position, len(flown))
	for i, p := range flown {
		estimates[i] = p.Position
	}
	wind, _ := situation.MeanWind(estimates)
	class, _ := s.Network.ClassOf(e.leg.Drone)
	reckoned, err := class.Fly(situation.Points(e.track), e.leg.LoadKg, wind)
	if err != nil {
		return e.leg, false // a wind that the class cannot fly in, as reported
	}
	first, last := flown[0], flown[len(flown)-1]
	e.leg.FlownLeg = route.FlownLeg{
		ReckonedJ: reckoned.EnergyJ, MeasuredJ: class.BatteryJ * (first.BatteryPct - last.BatteryPct) / 100,
		Reckoned: reckoned.Duration, Measured: e.leg.LandedAt.Sub(first.at),
	}
	return e.leg, true
}

// fix is a position with its time.
type fix struct {
	telemetry.Position
	at time.Time
}

// climbed is the positions from the last one on the ground before the climb.
func climbed(samples []telemetry.Sample) []fix {
	var all []fix
	for _, s := range samples {
		if p, ok := s.Reading.(telemetry.Position); ok {
			all = append(all, fix{p, s.At})
		}
	}
	up := slices.IndexFunc(all, func(f fix) bool { return f.ClimbMPS > 0 })
	if up < 0 {
		return nil
	}
	return all[max(0, up-1):]
}
