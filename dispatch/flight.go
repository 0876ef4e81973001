package dispatch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/samber/lo"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/geo"
	"hemolift/telemetry"
)

// slotSlack is added to a planned arrival when the pad is held for it.
const slotSlack = 60 * time.Second

// FlyOnce moves every active mission on and sends what waits to be sent. Run calls
// it; a simulation on a virtual clock may call it instead.
func (d *Dispatcher) FlyOnce(ctx context.Context, now time.Time) error {
	missions, deliveries, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return fmt.Errorf("missions: %w", err)
	}
	pending, err := d.Store.PendingCommands(ctx, now)
	if err != nil {
		return fmt.Errorf("commands: %w", err)
	}
	d.tellOverdue(ctx, deliveries, now)
	d.forgetEnded(ctx, missions, now)
	var errs []error
	for _, m := range missions {
		own := deliveriesOf(m.ID, deliveries)
		errs = append(errs, d.reconcile(ctx, m, own))
		if _, waits := lo.Find(pending, func(c telemetry.Command) bool { return c.Mission == string(m.ID) }); !waits && d.mayRetry(m.ID, now) {
			errs = append(errs, d.advance(ctx, m, own, missions, now))
		}
	}
	return errors.Join(append(errs, d.sendPending(ctx, missions, deliveries, now))...)
}

// forgetEnded drops what is remembered of missions that are not active any more.
func (d *Dispatcher) forgetEnded(ctx context.Context, missions []delivery.Mission, now time.Time) {
	for _, drone := range d.strandedWithout(missions) {
		d.lower(ctx, drone, "", []delivery.AlarmKind{delivery.NoWay}, now)
	}
	ended := func(id delivery.MissionID, _ time.Time) bool {
		_, active := lo.Find(missions, func(m delivery.Mission) bool { return m.ID == id })
		return !active
	}
	maps.DeleteFunc(d.held, ended)
	d.mu.Lock()
	defer d.mu.Unlock()
	maps.DeleteFunc(d.retryAt, ended)
	maps.DeleteFunc(d.stays, func(id delivery.MissionID, _ stay) bool { return ended(id, now) })
	maps.DeleteFunc(d.waitsHome, func(id delivery.MissionID, _ Wait) bool { return ended(id, now) })
	maps.DeleteFunc(d.turnedDown, func(id delivery.MissionID, _ bool) bool { return ended(id, now) })
}

// strandedWithout forgets which drones had no way on whose missions have ended.
func (d *Dispatcher) strandedWithout(missions []delivery.Mission) []telemetry.DeviceID {
	d.mu.Lock()
	defer d.mu.Unlock()
	var ended []telemetry.DeviceID
	for drone := range d.noWay {
		if _, active := lo.Find(missions, func(m delivery.Mission) bool { return m.Drone == drone }); !active {
			ended = append(ended, drone)
			delete(d.noWay, drone)
		}
	}
	return ended
}

func deliveriesOf(id delivery.MissionID, all []delivery.Delivery) []delivery.Delivery {
	var own []delivery.Delivery
	for _, del := range all {
		if del.Mission == id {
			own = append(own, del)
		}
	}
	return own
}

// advance releases a mission's next leg when all is ready for it, and keeps its
// pad while the drone stands there. It is called while no command waits.
func (d *Dispatcher) advance(ctx context.Context, m delivery.Mission, own []delivery.Delivery, missions []delivery.Mission, now time.Time) error {
	state, ok := d.Tracker.Drone(m.Drone)
	if !ok {
		return nil
	}
	if m.Status.In(delivery.MOutbound, delivery.MInbound) {
		t, err := d.redirect(ctx, m, own, now)
		d.tellTouched(ctx, t, now)
		return err
	}
	if m.Status.In(delivery.MPlanned, delivery.MUploaded, delivery.MAtPad) {
		if t, err := d.replan(ctx, m, own, now); t.Outcome == Replanned || err != nil {
			return err // on with the new plan the next time
		}
	}
	switch {
	case m.Status == delivery.MAtPad && state.Status.Phase == telemetry.Landed && anyAirborne(own) && !d.elsewhere(m):
		return d.landed(ctx, m, now)
	case m.Status == delivery.MPlanned:
		return d.upload(ctx, m, now)
	case m.Status == delivery.MUploaded && ready(own):
		return d.releaseOut(ctx, m, own, missions, now)
	case m.Status == delivery.MAtPad && all(own, delivery.DClosed, delivery.DRejected) && state.Status.Phase == telemetry.Landed:
		return d.releaseBack(ctx, m, own, now)
	case m.Status == delivery.MAtPad:
		d.noteHome(m.ID, WaitReceipt)
		return d.holdPad(ctx, m, now)
	}
	return nil
}

// landed makes good a landing that was taken for one elsewhere: a later position is at
// the goal.
func (d *Dispatcher) landed(ctx context.Context, m delivery.Mission, now time.Time) error {
	_, events, err := d.Store.ChangeMission(ctx, m.ID, now, func(locked delivery.Mission, own []delivery.Delivery) (delivery.MissionChange, error) {
		if locked.Status != m.Status { // it has moved on meanwhile
			return delivery.MissionChange{}, nil
		}
		c := delivery.MissionChange{Actor: string(m.Drone), BoxesAt: m.Hospital, Deliveries: map[delivery.DeliveryID]delivery.Change{}, Note: "at its goal after all"}
		for _, del := range own {
			if ch, err := del.Apply(network.System, delivery.StepLand, delivery.Scan{}, now); err == nil {
				ch.Custody.Actor = string(m.Drone)
				c.Deliveries[del.ID] = ch
			}
		}
		return c, nil
	})
	if err != nil {
		return fmt.Errorf("landed: %w", err)
	}
	d.settle(ctx, now)
	d.publish(events)
	return nil
}

// ready reports whether a mission carries what it is to take.
func ready(own []delivery.Delivery) bool {
	return all(own, delivery.DLoaded) && !slices.ContainsFunc(own, delivery.Delivery.GivenUp)
}

func anyAirborne(own []delivery.Delivery) bool {
	_, ok := lo.Find(own, func(del delivery.Delivery) bool { return del.Status == delivery.DAirborne })
	return ok
}

func all(own []delivery.Delivery, any ...delivery.Status) bool {
	for _, del := range own {
		if !del.Status.In(any...) {
			return false
		}
	}
	return len(own) > 0
}

func points(track []geo.Fix4D) []orb.Point {
	pts := make([]orb.Point, len(track))
	for i, f := range track {
		pts[i] = f.Point
	}
	return pts
}

// upload sends the approved plan; the drone's answer makes the mission uploaded.
func (d *Dispatcher) upload(ctx context.Context, m delivery.Mission, now time.Time) error {
	class := d.classOf(m.Drone)
	p := flightPlan(class, points(m.Out), points(m.Back))
	return d.command(ctx, m, network.System, now, delivery.MissionChange{}, telemetry.Command{Kind: telemetry.LoadMission, Plan: &p})
}

// releaseOut lets a loaded drone go when nothing keeps it.
func (d *Dispatcher) releaseOut(ctx context.Context, m delivery.Mission, own []delivery.Delivery, missions []delivery.Mission, now time.Time) error {
	if state, _ := d.Tracker.Drone(m.Drone); state.Status.Phase != telemetry.Parked {
		return nil
	}
	flight, why := d.mayLeave(ctx, m, own, missions, now)
	d.tellCold(ctx, m, own, why, flight, now)
	if why != "" {
		return nil
	}
	arrive := now.Add(flight)
	err := d.command(ctx, m, network.System, now, delivery.MissionChange{DepartAt: now, ArriveAt: arrive, SlotFrom: arrive.Add(-slotSlack), SlotTo: arrive.Add(unloadTime)},
		telemetry.Command{Kind: telemetry.Release})
	d.noteSlot(m.ID, err)
	if errors.Is(err, refusal.ErrTaken) {
		return nil // the pad is taken then; tried again until it is free
	}
	return err
}

// noteHome keeps what a drone on its pad waits for.
func (d *Dispatcher) noteHome(id delivery.MissionID, why Wait) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waitsHome[id] = why
}

// noteSlot keeps whether the pad was refused to a mission that asked to leave for it.
func (d *Dispatcher) noteSlot(id delivery.MissionID, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.turnedDown, id)
	if errors.Is(err, refusal.ErrTaken) {
		d.turnedDown[id] = true
	}
}

// releaseBack lets a drone leave its pad for home under the same conditions, unless it
// is out of service itself.
func (d *Dispatcher) releaseBack(ctx context.Context, m delivery.Mission, own []delivery.Delivery, now time.Time) error {
	why := d.mayGoHome(m, own, now)
	d.noteHome(m.ID, why)
	if why != "" {
		return d.holdPad(ctx, m, now)
	}
	return d.command(ctx, m, network.System, now, delivery.MissionChange{}, telemetry.Command{Kind: telemetry.Release, Leg: 1})
}

// groundedAt is when a drone was last heard while it stood at home; zero when it was not,
// or is silent.
func (d *Dispatcher) groundedAt(id telemetry.DeviceID) time.Time {
	state, ok := d.Tracker.Drone(id)
	if !ok || !state.Heard || state.Link == telemetry.LinkStale || state.Status.Phase != telemetry.Parked {
		return time.Time{}
	}
	return state.At
}

// holdAhead is how long before its end a slot is extended, and by how much more.
const holdAhead = time.Minute

// holdPad extends the slot of a drone that stands on its pad longer than planned.
func (d *Dispatcher) holdPad(ctx context.Context, m delivery.Mission, now time.Time) error {
	if now.Before(m.ArriveAt.Add(unloadTime-holdAhead)) || now.Before(d.held[m.ID]) || d.elsewhere(m) {
		return nil
	}
	_, events, err := d.Store.ChangeMission(ctx, m.ID, now, func(locked delivery.Mission, _ []delivery.Delivery) (delivery.MissionChange, error) {
		if locked.Status != delivery.MAtPad { // it has left meanwhile
			return delivery.MissionChange{}, nil
		}
		return delivery.MissionChange{SlotTo: now.Add(2 * holdAhead)}, nil
	})
	if errors.Is(err, refusal.ErrTaken) { // another drone is to land here: people must decide
		d.raise(ctx, delivery.Alarm{Kind: delivery.PadTaken, Device: m.Drone, RaisedAt: now, Detail: string(m.Pad)})
		err = nil
	}
	d.held[m.ID] = now.Add(holdAhead)
	d.announce(events)
	return err
}
