package dispatch

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/geo/route"
	"hemolift/telemetry"

	"github.com/samber/lo"
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

// CalibratingLegs is how many of an aircraft's newest legs its calibration is
// fitted to.
const CalibratingLegs = 50

// classOf is a drone's class with its own calibration.
func (d *Dispatcher) classOf(id telemetry.DeviceID) route.Class {
	class, _ := d.Network.ClassOf(id)
	return class.Calibrated(d.Calibrations()[id])
}

// Calibrations returns what is known of each aircraft; the map must not be changed.
func (d *Dispatcher) Calibrations() map[telemetry.DeviceID]route.Calibration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calibrations
}

// Calibration returns what is known of one aircraft.
func (d *Dispatcher) Calibration(a network.Actor, id telemetry.DeviceID) (route.Calibration, error) {
	if a.Role == network.RoleHospital {
		return route.Calibration{}, refusal.ErrForbidden
	}
	if _, ok := d.Network.Drone(id); !ok {
		return route.Calibration{}, refusal.ErrNotFound
	}
	return d.Calibrations()[id], nil
}

// calibrate fits the calibrations of all aircraft to the legs on record.
func (d *Dispatcher) calibrate(ctx context.Context) error {
	all := map[telemetry.DeviceID]route.Calibration{}
	for _, drone := range d.Network.Drones {
		legs, err := d.Store.FlownLegs(ctx, drone.ID, CalibratingLegs)
		if err != nil {
			return fmt.Errorf("calibrate %s: %w", drone.ID, err)
		}
		all[drone.ID] = route.Calibrate(legs)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calibrations = all
	return nil
}

// learn measures the leg that has just ended, keeps it and calibrates its drone
// anew. A flight never depends on it: what fails is logged.
func (d *Dispatcher) learn(ctx context.Context, m delivery.Mission, own []delivery.Delivery, e telemetry.Event) {
	leg, ok, err := d.measure(ctx, m, own, e)
	if err == nil && ok {
		err = d.Store.RecordLeg(ctx, leg)
	}
	if err == nil && ok {
		var legs []route.FlownLeg
		if legs, err = d.Store.FlownLegs(ctx, leg.Drone, CalibratingLegs); err == nil {
			d.mu.Lock()
			d.calibrations = maps.Clone(d.calibrations)
			d.calibrations[leg.Drone] = route.Calibrate(legs)
			d.mu.Unlock()
		}
	}
	if err != nil {
		d.Log.ErrorContext(ctx, "learn from a leg", "mission", m.ID, "err", err)
	}
}

// measure compares the leg that ended with what its class should have taken on its
// planned way, in the mean wind that the drone met. It is false when no leg ended
// or its beginning was not heard.
func (d *Dispatcher) measure(ctx context.Context, m delivery.Mission, own []delivery.Delivery, e telemetry.Event) (FlownLeg, bool, error) {
	leg := FlownLeg{Mission: m.ID, Leg: e.Status.Leg, Drone: m.Drone, LandedAt: e.At, LoadKg: m.LoadKg}
	if _, turned := lo.Find(own, func(del delivery.Delivery) bool { return del.DivertedFrom != "" }); turned && leg.Leg == 0 {
		return leg, false, nil // what is planned begins where it turned
	}
	track, from := m.Out, m.DepartAt
	switch {
	case e.Status.Phase == telemetry.Landed && leg.Leg == 0 && !d.elsewhere(m):
	case e.Status.Phase == telemetry.Parked && leg.Leg == 1:
		track, from, leg.LoadKg = m.Back, m.ArriveAt, d.emptyKg(own)
	default:
		return leg, false, nil
	}
	samples, err := d.History.Positions(ctx, m.Drone, from, e.At)
	flown := climbed(samples)
	if err != nil || len(flown) < 2 {
		return leg, false, err
	}
	var winds windSum
	for _, p := range flown {
		winds.add(p.Position)
	}
	wind, _ := winds.mean()
	class, _ := d.Network.ClassOf(m.Drone)
	reckoned, err := class.Fly(points(track), leg.LoadKg, wind)
	if err != nil {
		return leg, false, nil // a wind that the class cannot fly in, as reported
	}
	first, last := flown[0], flown[len(flown)-1]
	leg.FlownLeg = route.FlownLeg{ReckonedJ: reckoned.EnergyJ, MeasuredJ: class.BatteryJ * (first.BatteryPct - last.BatteryPct) / 100,
		Reckoned: reckoned.Duration, Measured: e.At.Sub(first.at)}
	return leg, true, nil
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
