package dispatch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/paulmach/orb"

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
		if _, waits := find(pending, func(c telemetry.Command) bool { return c.Mission == string(m.ID) }); !waits && d.mayRetry(m.ID, now) {
			errs = append(errs, d.advance(ctx, m, own, missions, now))
		}
	}
	return errors.Join(append(errs, d.sendPending(ctx, missions, deliveries, now))...)
}

// forgetEnded drops what is remembered of missions that are not active any more.
func (d *Dispatcher) forgetEnded(ctx context.Context, missions []Mission, now time.Time) {
	for _, drone := range d.strandedWithout(missions) {
		d.lower(ctx, drone, "", []AlarmKind{NoWay}, now)
	}
	ended := func(id MissionID, _ time.Time) bool {
		_, active := find(missions, func(m Mission) bool { return m.ID == id })
		return !active
	}
	maps.DeleteFunc(d.held, ended)
	d.mu.Lock()
	defer d.mu.Unlock()
	maps.DeleteFunc(d.retryAt, ended)
	maps.DeleteFunc(d.stays, func(id MissionID, _ stay) bool { return ended(id, now) })
	maps.DeleteFunc(d.waitsHome, func(id MissionID, _ Wait) bool { return ended(id, now) })
	maps.DeleteFunc(d.turnedDown, func(id MissionID, _ bool) bool { return ended(id, now) })
}

// strandedWithout forgets which drones had no way on whose missions have ended.
func (d *Dispatcher) strandedWithout(missions []Mission) []telemetry.DeviceID {
	d.mu.Lock()
	defer d.mu.Unlock()
	var ended []telemetry.DeviceID
	for drone := range d.noWay {
		if _, active := find(missions, func(m Mission) bool { return m.Drone == drone }); !active {
			ended = append(ended, drone)
			delete(d.noWay, drone)
		}
	}
	return ended
}

func deliveriesOf(id MissionID, all []Delivery) []Delivery {
	var own []Delivery
	for _, del := range all {
		if del.Mission == id {
			own = append(own, del)
		}
	}
	return own
}

// advance releases a mission's next leg when all is ready for it, and keeps its
// pad while the drone stands there. It is called while no command waits.
func (d *Dispatcher) advance(ctx context.Context, m Mission, own []Delivery, missions []Mission, now time.Time) error {
	state, ok := d.Tracker.Drone(m.Drone)
	if !ok {
		return nil
	}
	if oneOf(m.Status, MOutbound, MInbound) {
		t, err := d.redirect(ctx, m, own, now)
		d.tellTouched(ctx, t, now)
		return err
	}
	if oneOf(m.Status, MPlanned, MUploaded, MAtPad) {
		if t, err := d.replan(ctx, m, own, now); t.Outcome == Replanned || err != nil {
			return err // on with the new plan the next time
		}
	}
	switch {
	case m.Status == MAtPad && state.Status.Phase == telemetry.Landed && anyAirborne(own) && !d.elsewhere(m):
		return d.landed(ctx, m, now)
	case m.Status == MPlanned:
		return d.upload(ctx, m, now)
	case m.Status == MUploaded && ready(own):
		return d.releaseOut(ctx, m, own, missions, now)
	case m.Status == MAtPad && all(own, DClosed, DRejected) && state.Status.Phase == telemetry.Landed:
		return d.releaseBack(ctx, m, own, now)
	case m.Status == MAtPad:
		d.noteHome(m.ID, WaitReceipt)
		return d.holdPad(ctx, m, now)
	}
	return nil
}

// landed makes good a landing that was taken for one elsewhere: a later position is at
// the goal.
func (d *Dispatcher) landed(ctx context.Context, m Mission, now time.Time) error {
	_, events, err := d.Store.ChangeMission(ctx, m.ID, now, func(locked Mission, own []Delivery) (MissionChange, error) {
		if locked.Status != m.Status { // it has moved on meanwhile
			return MissionChange{}, nil
		}
		c := MissionChange{Actor: string(m.Drone), BoxesAt: m.Hospital, Deliveries: map[DeliveryID]Change{}, Note: "at its goal after all"}
		for _, del := range own {
			if ch, err := del.Apply(System, StepLand, Scan{}, now); err == nil {
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
func ready(own []Delivery) bool {
	return all(own, DLoaded) && !slices.ContainsFunc(own, Delivery.GivenUp)
}

func anyAirborne(own []Delivery) bool {
	_, ok := find(own, func(del Delivery) bool { return del.Status == DAirborne })
	return ok
}

func all(own []Delivery, any ...DeliveryStatus) bool {
	for _, del := range own {
		if !oneOf(del.Status, any...) {
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
func (d *Dispatcher) upload(ctx context.Context, m Mission, now time.Time) error {
	class := d.classOf(m.Drone)
	p := flightPlan(class, points(m.Out), points(m.Back))
	return d.command(ctx, m, System, now, MissionChange{}, telemetry.Command{Kind: telemetry.LoadMission, Plan: &p})
}

// releaseOut lets a loaded drone go when nothing keeps it.
func (d *Dispatcher) releaseOut(ctx context.Context, m Mission, own []Delivery, missions []Mission, now time.Time) error {
	if state, _ := d.Tracker.Drone(m.Drone); state.Status.Phase != telemetry.Parked {
		return nil
	}
	flight, why := d.mayLeave(ctx, m, own, missions, now)
	d.tellCold(ctx, m, own, why, flight, now)
	if why != "" {
		return nil
	}
	arrive := now.Add(flight)
	err := d.command(ctx, m, System, now, MissionChange{DepartAt: now, ArriveAt: arrive, SlotFrom: arrive.Add(-slotSlack), SlotTo: arrive.Add(unloadTime)},
		telemetry.Command{Kind: telemetry.Release})
	d.noteSlot(m.ID, err)
	if errors.Is(err, ErrTaken) {
		return nil // the pad is taken then; tried again until it is free
	}
	return err
}

// noteHome keeps what a drone on its pad waits for.
func (d *Dispatcher) noteHome(id MissionID, why Wait) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waitsHome[id] = why
}

// noteSlot keeps whether the pad was refused to a mission that asked to leave for it.
func (d *Dispatcher) noteSlot(id MissionID, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.turnedDown, id)
	if errors.Is(err, ErrTaken) {
		d.turnedDown[id] = true
	}
}

// releaseBack lets a drone leave its pad for home under the same conditions, unless it
// is out of service itself.
func (d *Dispatcher) releaseBack(ctx context.Context, m Mission, own []Delivery, now time.Time) error {
	why := d.mayGoHome(m, own, now)
	d.noteHome(m.ID, why)
	if why != "" {
		return d.holdPad(ctx, m, now)
	}
	return d.command(ctx, m, System, now, MissionChange{}, telemetry.Command{Kind: telemetry.Release, Leg: 1})
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
func (d *Dispatcher) holdPad(ctx context.Context, m Mission, now time.Time) error {
	if now.Before(m.ArriveAt.Add(unloadTime-holdAhead)) || now.Before(d.held[m.ID]) || d.elsewhere(m) {
		return nil
	}
	_, events, err := d.Store.ChangeMission(ctx, m.ID, now, func(locked Mission, _ []Delivery) (MissionChange, error) {
		if locked.Status != MAtPad { // it has left meanwhile
			return MissionChange{}, nil
		}
		return MissionChange{SlotTo: now.Add(2 * holdAhead)}, nil
	})
	if errors.Is(err, ErrTaken) { // another drone is to land here: people must decide
		d.raise(ctx, Alarm{Kind: PadTaken, Device: m.Drone, RaisedAt: now, Detail: string(m.Pad)})
		err = nil
	}
	d.held[m.ID] = now.Add(holdAhead)
	d.announce(events)
	return err
}
