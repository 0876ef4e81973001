package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"

	"github.com/samber/lo"
)

// guideAll tells the tracker what every drone flies and which boxes are watched.
func (d *Dispatcher) guideAll(ctx context.Context, now time.Time) error {
	d.guiding.Lock()
	defer d.guiding.Unlock()
	missions, deliveries, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return err
	}
	guides := map[telemetry.DeviceID]*telemetry.Guide{}
	wind, _ := d.Wind(now)
	for _, m := range missions {
		class := d.classOf(m.Drone)
		g := &telemetry.Guide{Mission: string(m.ID), Path: points(m.Out), Class: class, LoadKg: m.LoadKg, Wind: wind}
		for _, del := range deliveriesOf(m.ID, deliveries) {
			for _, b := range del.Boxes {
				g.Boxes = append(g.Boxes, b.Box)
			}
		}
		if m.Status == delivery.MAtPad || m.Status == delivery.MInbound {
			g.Leg, g.Path, g.LoadKg = 1, points(m.Back), d.emptyKg(deliveriesOf(m.ID, deliveries))
		}
		guides[m.Drone] = g
	}
	for _, drone := range d.Network.Drones {
		if d.Tracker.SetGuide(drone.ID, guides[drone.ID]) { // judged anew on the new leg
			d.lower(ctx, drone.ID, "", []delivery.AlarmKind{delivery.LowEnergy, delivery.OffRoute, delivery.ColdMargin}, now)
		}
	}
	d.noteCarriers(deliveries)
	return d.watchBoxes(ctx, deliveries, now)
}

// emptyKg is the mass of the deliveries' boxes without units.
func (d *Dispatcher) emptyKg(own []delivery.Delivery) float64 {
	var boxes []network.Box
	for _, del := range own {
		for _, b := range del.Boxes {
			if known, ok := lo.Find(d.Network.Boxes, func(x network.Box) bool { return x.ID == b.Box }); ok {
				boxes = append(boxes, known)
			}
		}
	}
	return emptyKg(d.Network, boxes)
}

func (d *Dispatcher) noteCarriers(deliveries []delivery.Delivery) {
	to := map[network.SiteID]map[telemetry.DeviceID]bool{}
	for _, del := range deliveries {
		if del.Status.Ended() {
			continue
		}
		if to[del.Hospital] == nil {
			to[del.Hospital] = map[telemetry.DeviceID]bool{}
		}
		to[del.Hospital][del.Drone] = true
		for _, b := range del.Boxes {
			to[del.Hospital][b.Box] = true
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.carriers = to
}

// watchBoxes starts the record of boxes that hold units, with what they reported
// since packing, and ends that of others.
func (d *Dispatcher) watchBoxes(ctx context.Context, deliveries []delivery.Delivery, now time.Time) error {
	watched := map[telemetry.DeviceID]delivery.Box{}
	for _, del := range deliveries {
		if del.Status.Ended() {
			continue
		}
		for _, b := range del.Boxes {
			if !b.PackedAt.IsZero() {
				watched[b.Box] = b
			}
		}
	}
	for _, b := range d.Network.Boxes {
		state, _ := d.Tracker.Box(now, b.ID)
		holds, on := watched[b.ID]
		switch {
		case on && !state.Watched:
			if err := d.watch(ctx, holds, now); err != nil {
				return err
			}
		case !on && state.Watched:
			d.Tracker.Unwatch(b.ID)
			d.forgetFault(b.ID)
			d.lower(ctx, b.ID, "", []delivery.AlarmKind{delivery.TempExcursion, delivery.TempNearLimit, delivery.TempUnknown, delivery.SensorFault}, now)
		}
	}
	return nil
}

func (d *Dispatcher) watch(ctx context.Context, b delivery.Box, now time.Time) error {
	d.Tracker.Watch(b.Box, d.Profiles[b.Profile], b.PackedAt) // before the readings, so that none falls between
	readings, err := d.History.Temperatures(ctx, b.Box, b.PackedAt, now)
	if err != nil {
		d.Tracker.Unwatch(b.Box) // tried again soon
		return fmt.Errorf("readings of box %s: %w", b.Box, err)
	}
	for _, s := range readings {
		d.Tracker.Observe(now, s)
	}
	d.retell(ctx, b.Box, now)
	return nil
}

// retell raises what a box's record means now: the change may have been stored but
// not told before the program died. An alarm that is open already stays one.
func (d *Dispatcher) retell(ctx context.Context, box telemetry.DeviceID, now time.Time) {
	if state, ok := d.Tracker.Box(now, box); ok && state.Watched {
		d.Heard(ctx, []telemetry.Event{{Kind: telemetry.TempChanged, Device: box, At: now, Temp: state.Summary, Profile: state.Profile}})
	}
}

// history reads stored samples for Restore.
type history interface {
	// Newest returns the newest sample of each kind of every device.
	Newest(ctx context.Context) ([]telemetry.Sample, error)
	// Temperatures returns a box's readings since a time, in order.
	Temperatures(ctx context.Context, box telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error)
	// Positions returns a drone's positions between two times, in order.
	Positions(ctx context.Context, drone telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error)
}

// Restore brings the tracker to where the record stands: known devices, newest
// samples, guides, and the boxes' records since packing. Alarms that are open stay
// one; those that only a new sample can judge are cleared and raised again by it.
func (d *Dispatcher) Restore(ctx context.Context) error {
	now := d.Now()
	d.since = now
	for _, drone := range d.Network.Drones {
		d.Tracker.Know(drone.ID)
	}
	for _, b := range d.Network.Boxes {
		bt, _ := d.Network.BoxType(b.Type)
		d.Tracker.KnowBox(b.ID, d.Profiles[bt.Profile], bt.Thermal)
	}
	d.Tracker.SetZones(d.Zones())
	newest, err := d.History.Newest(ctx)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for _, s := range newest {
		d.Tracker.Observe(now, s)
	}
	if err := errors.Join(d.calibrate(ctx), d.guideAll(ctx, now)); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	missions, _, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := d.readClosures(ctx, now); err != nil { // known before anything is released
		return fmt.Errorf("restore: %w", err)
	}
	for _, drone := range d.Network.Drones { // what holds still is told again soon
		if !slices.ContainsFunc(missions, func(m delivery.Mission) bool { return m.Drone == drone.ID && m.Status == delivery.MOutbound }) {
			d.lower(ctx, drone.ID, "", []delivery.AlarmKind{delivery.PadTaken}, now)
		}
		d.lower(ctx, drone.ID, "", []delivery.AlarmKind{delivery.LowEnergy, delivery.OffRoute, delivery.InZone, delivery.ColdMargin, delivery.NoWay, delivery.OutOfService, delivery.AstrayDown, delivery.NotLeft, delivery.Stranded}, now)
	}
	for _, m := range missions {
		if state, ok := d.Tracker.Drone(m.Drone); ok && state.Heard && state.Link == telemetry.LinkStale && state.Status.Phase.InAir() {
			d.raise(ctx, delivery.Alarm{Kind: delivery.LinkLoss, Device: m.Drone, RaisedAt: now, Value: now.Sub(state.At).Seconds()})
		}
	}
	return nil
}
