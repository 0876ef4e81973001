package dispatch

import (
	"context"
	"errors"
	"fmt"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"slices"
	"time"
)

// Exchange gives a delivery on the ground another drone, with the box and seal that it has.
type Exchange struct {
	Delivery   delivery.DeliveryID
	Request    delivery.RequestID
	From       delivery.MissionID // that it had when this was planned
	Mission    delivery.Mission   // of the other drone, without its id
	GroundedAt time.Time          // the drone that it had was heard on the ground at that time
	Actor      network.Actor
	Now        time.Time
}

// otherDrone is what another drone of the same centre could do with the units and boxes
// of a delivery that fails by its drone and has not left.
func (d *Dispatcher) otherDrone(ctx context.Context, w *world, f failing) (Proposal, *world, bool, error) {
	del := f.rec.Delivery
	if _, err := del.Status.Next(delivery.StepExchange); err != nil || !slices.Contains([]Failure{DeviceClosed, DroneSilent, NotLeaving}, f.failure) || f.failure == NotLeaving && !f.byDrone() {
		return Proposal{}, nil, false, nil
	}
	if gone, err := d.Store.MayBeGone(ctx, del.Mission, d.groundedAt(del.Drone)); err != nil || gone {
		return Proposal{}, nil, false, err
	}
	other := w.without([]failing{f})
	other.snap.Stock, other.snap.Boxes, other.policy.ReserveUnits, other.policy.Partial = nil, nil, 0, nil
	other.takeBack(del)
	for _, x := range w.net.Drones {
		if x.Home != del.Centre || x.ID == del.Drone {
			delete(other.snap.Drones, x.ID)
		}
	}
	r := f.rec.Request
	r.Units = len(del.Units)
	planned, err := other.propose([]delivery.Request{r})
	p, ok := planned.proposals[r.ID]
	return p, other, ok && len(p.Box) == len(del.Boxes) && len(p.Units) == len(del.Units), err
}

// costsOf is what the requests that wait lose when a drone goes instead of the one that a
// delivery had.
func (w *world) costsOf(p Proposal, f failing, before map[delivery.RequestID]Proposal) ([]Cost, error) {
	other := w.without([]failing{f})
	delete(other.snap.Drones, p.Drone)
	after, err := other.propose(w.snap.Requests)
	return costs(w.snap.Requests, before, after.proposals), err
}

// exchange gives a failing delivery the other drone that was found for it.
func (d *Dispatcher) exchange(ctx context.Context, a network.Actor, w *world, f failing) error {
	del := f.rec.Delivery
	if err := del.May(a, delivery.StepExchange); err != nil {
		return err
	}
	p, other, ok, err := d.otherDrone(ctx, w, f)
	if err != nil {
		return err
	}
	if !ok || p.Waiting {
		return refusal.OfState("the delivery", "without another drone that is ready", "exchanged")
	}
	m, err := other.mission(f.rec.Request, p)
	if err != nil {
		return err
	}
	undo, err := d.setAside(ctx, a, f)
	if err != nil {
		return err
	}
	events, err := d.Store.Exchange(ctx, Exchange{Delivery: del.ID, Request: del.Request, From: del.Mission, Mission: m, GroundedAt: d.groundedAt(del.Drone), Actor: a, Now: w.snap.At},
		func(del delivery.Delivery) (delivery.Change, error) {
			return del.Apply(a, delivery.StepExchange, delivery.Scan{Drone: p.Drone}, w.snap.At)
		})
	if err != nil {
		return errors.Join(fmt.Errorf("exchange: %w", err), undo())
	}
	d.settle(ctx, w.snap.At)
	d.publish(events)
	return nil
}

// groundedFor is for how long a drone is out of service that did not leave.
const groundedFor = 30 * time.Minute

// setAside takes a drone that kept its delivery on the ground out of service: it is not
// to be planned with again before a person has looked at it. undo puts it back.
func (d *Dispatcher) setAside(ctx context.Context, a network.Actor, f failing) (undo func() error, err error) {
	none := func() error { return nil }
	if !f.byDrone() {
		return none, nil
	}
	reason := "未起飞 / did not leave"
	if f.failure == DroneSilent {
		reason = "失联 / was silent"
	}
	before := d.Closures()
	c, err := d.Close(ctx, a, network.Closure{Device: f.rec.Delivery.Drone, Reason: reason, Until: d.Now().Add(groundedFor)})
	if slices.Contains(before, c) {
		return none, err
	}
	return func() error { return d.Reopen(context.WithoutCancel(ctx), a, c.ID) }, err
}
