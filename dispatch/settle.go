package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

// settle tells the tracker at once what a step changed; should that fail, Run does
// it soon after. The caller's going away does not stop it.
func (d *desk) settle(ctx context.Context, now time.Time) {
	if err := d.tellTracker(context.WithoutCancel(ctx), now); err != nil {
		d.Logger.ErrorContext(ctx, "settle", "err", err)
	}
}

// tellTracker tells the tracker what every drone flies and which boxes are watched.
func (d *desk) tellTracker(ctx context.Context, now time.Time) error {
	flights, err := d.World.Flights(ctx, now)
	if err != nil {
		return err
	}
	s := d.parts(now)
	s.Flights = flights
	t := d.apply(situation.Observed(s))
	var errs []error
	for _, drone := range t.anew {
		errs = append(errs, d.clear(ctx, drone, legAlarms, now))
	}
	for _, box := range t.ended {
		errs = append(errs, d.clear(ctx, box, delivery.AlarmKinds(delivery.ByReading), now))
	}
	for _, b := range t.begun {
		errs = append(errs, d.readBox(ctx, b, now))
	}
	return errors.Join(errs...)
}

// legAlarms are judged anew when a drone begins another leg.
var legAlarms = []delivery.AlarmKind{delivery.LowEnergy, delivery.OffRoute, delivery.OffHeight, delivery.Behind}

// tracked is what is new to the tracker.
type tracked struct {
	anew  []telemetry.DeviceID // drones on another leg
	begun []delivery.Box       // boxes that are watched from now on
	ended []telemetry.DeviceID // boxes that are not watched any more
}

// apply gives the tracker what the record says, unless it was given newer already: it is
// told in the order of the record's commits.
func (d *desk) apply(s *situation.Situation) (t tracked) {
	d.settled.Lock()
	defer d.settled.Unlock()
	if s.Seq < d.applied {
		return t
	}
	d.applied = s.Seq
	guides := activeLegs(s)
	for _, drone := range d.Network().Drones {
		if d.Tracker.SetActiveLeg(drone.ID, guides[drone.ID]) {
			t.anew = append(t.anew, drone.ID)
		}
	}
	bound, watched := boundFor(s)
	d.mu.Lock()
	d.bound = bound
	d.mu.Unlock()
	for _, b := range d.Network().Boxes {
		state, _ := d.Tracker.Box(s.At, b.ID)
		holds, on := watched[b.ID]
		switch {
		case on && !state.Watched:
			// Before its readings are read, so that none falls between.
			d.Tracker.Watch(b.ID, d.decided.at(holds.PackedAt).Profiles[holds.Profile], holds.PackedAt)
			t.begun = append(t.begun, holds)
		case !on && state.Watched:
			d.Tracker.Unwatch(b.ID)
			t.ended = append(t.ended, b.ID)
		}
	}
	return t
}

// activeLegs is what drones are meant to fly now.
func activeLegs(s *situation.Situation) map[telemetry.DeviceID]*telemetry.ActiveLeg {
	guides := map[telemetry.DeviceID]*telemetry.ActiveLeg{}
	for _, m := range s.Missions {
		payload := s.Payload(m.ID)
		g := &telemetry.ActiveLeg{
			Mission: string(m.ID),
			Path:    situation.Points(m.Out),
			Class:   s.ClassOf(m.Drone),
			LoadKg:  s.PayloadKg(m, payload),
			Wind:    s.Wind,
		}
		if m.Status == delivery.MOutbound {
			g.Due = m.ArriveAt
		}
		for _, del := range payload {
			for _, b := range del.Boxes {
				g.Boxes = append(g.Boxes, b.Box)
			}
		}
		if m.Status.In(delivery.MAtPad, delivery.MInbound) {
			g.Leg, g.Path = 1, situation.Points(m.Back)
		}
		guides[m.Drone] = g
	}
	return guides
}

// boundFor are the devices that are under way to each hospital, and the boxes that hold
// units.
func boundFor(s *situation.Situation) (bound map[network.SiteID]map[telemetry.DeviceID]bool, watched map[telemetry.DeviceID]delivery.Box) {
	bound, watched = map[network.SiteID]map[telemetry.DeviceID]bool{}, map[telemetry.DeviceID]delivery.Box{}
	for _, del := range s.Deliveries {
		if del.Status.Ended() {
			continue
		}
		if bound[del.Hospital] == nil {
			bound[del.Hospital] = map[telemetry.DeviceID]bool{}
		}
		for _, id := range del.Devices() {
			bound[del.Hospital][id] = true
		}
		for _, b := range del.Boxes {
			if !b.PackedAt.IsZero() {
				watched[b.Box] = b
			}
		}
	}
	return bound, watched
}

// readBox gives the tracker what a box reported since it was packed, and tells what that
// means now: the change may have been stored but not told before the program died. An
// alarm that is open already stays one.
func (d *desk) readBox(ctx context.Context, b delivery.Box, now time.Time) error {
	readings, err := d.History.Temperatures(ctx, b.Box, b.PackedAt, now)
	if err != nil {
		d.Tracker.Unwatch(b.Box) // tried again soon
		return fmt.Errorf("readings of box %s: %w", b.Box, err)
	}
	for _, s := range readings {
		d.Tracker.Observe(now, s)
	}
	state, ok := d.Tracker.Box(now, b.Box)
	if !ok || !state.Watched {
		return nil
	}
	return d.tellBox(ctx, telemetry.Event{Kind: telemetry.TempChanged, Device: b.Box, At: now, Temp: state.Summary, Profile: state.Profile})
}
