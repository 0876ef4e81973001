package dispatch

import (
	"context"
	"fmt"

	"hemolift/dispatch/delivery"
	"hemolift/telemetry"
)

// Restore brings the tracker to where the record stands: known devices, newest
// samples, what is flown, and the boxes' records since packing. Alarms that stand stay;
// those that only a new position can judge are cleared and raised again by it.
func (d *Dispatcher) Restore(ctx context.Context) error {
	now := d.Now()
	d.since = now
	if err := d.readDocuments(ctx); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	d.takeDue(ctx, now)
	d.know()
	d.Tracker.SetZones(d.Zones())
	touched, err := d.Stores.Zones.Touched(ctx)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	d.mu.Lock()
	d.touched = touched
	d.mu.Unlock()
	newest, err := d.History.Newest(ctx)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for _, s := range newest {
		d.Tracker.Observe(now, s)
	}
	var drones []telemetry.DeviceID
	for _, drone := range d.Network().Drones {
		drones = append(drones, drone.ID)
	}
	if err := d.calibrate(ctx, drones...); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	d.logFlights(ctx, now, drones...)
	if err := d.tellTracker(ctx, now); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	s, err := d.observe(ctx, now)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for _, drone := range d.Network().Drones {
		if err := d.clear(ctx, drone.ID, delivery.AlarmKinds(delivery.ByPosition), now); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
	}
	for _, m := range s.Missions {
		if state, ok := s.Drone(m.Drone); ok && state.Located && state.Link == telemetry.LinkStale && state.Status.Phase.InAir() {
			if err := d.raise(
				ctx,
				s,
				delivery.Alarm{Kind: delivery.LinkLoss, Device: m.Drone, RaisedAt: now, Value: max(0, now.Sub(state.At).Seconds())},
			); err != nil {
				return fmt.Errorf("restore: %w", err)
			}
		}
	}
	return nil
}
