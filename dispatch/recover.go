package dispatch

import (
	"context"
	"errors"
	"fmt"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"

	"github.com/samber/lo"
)

// Recover does what a person chose of a failing delivery's options; the world is read
// anew. It returns the request as it stands then: served by another delivery, waiting for
// its drone, or with the courier.
func (d *Dispatcher) Recover(ctx context.Context, a network.Actor, id delivery.DeliveryID, way Way) (delivery.RequestID, error) {
	if a.Role != network.RoleDispatcher && (a.Role != network.RoleController || way != OtherPad) {
		return "", refusal.ErrForbidden
	}
	w, err := d.world(ctx, d.Now())
	if err != nil {
		return "", err
	}
	fs, err := d.failures(ctx, w)
	if err != nil {
		return "", err
	}
	f, ok := lo.Find(fs, func(f failing) bool { return f.rec.Delivery.ID == id })
	if !ok {
		return "", refusal.OfState("the delivery", "not failing any more", "recovered")
	}
	all, err := d.recoveries(ctx, w, fs, nil)
	if err != nil {
		return "", err
	}
	o, ok := lo.Find(all[id].Options, func(o Option) bool { return o.Way == way })
	if !ok || way == GoOn {
		return "", refusal.OfField("way", fmt.Sprintf("%q is not among the options", way))
	}
	switch way {
	case OtherPad:
		err = d.changePad(ctx, a, id, o.Pad)
	case Courier:
		err = d.end(ctx, a, f, func(c delivery.Change) delivery.Change {
			c.Request, c.RoadAt = delivery.ByRoad, o.ArriveAt
			return c
		})
	case OtherDrone:
		err = d.exchange(ctx, a, w, f)
	case Replace:
		err = d.replace(ctx, a, w, f)
	}
	return f.rec.Request.ID, err
}

// replace ends a delivery when the actor can have another one, and accepts that.
func (d *Dispatcher) replace(ctx context.Context, a network.Actor, w *world, f failing) error {
	alone := []failing{f} // others that fail hold what they have
	other := w.without(alone)
	other.snap.Requests = together(w.snap.Requests, alone)
	p, ok, err := d.acceptable(other, a, f.rec.Request, "")
	switch {
	case err != nil:
		return err
	case !ok:
		return refusal.OfState("the request", "without a possible flight of yours", "replaced")
	}
	if err := d.end(ctx, a, f, func(c delivery.Change) delivery.Change { return c }); err != nil || p.Waiting {
		return err // in the queue, until its drone is ready
	}
	_, err = d.Accept(ctx, a, f.rec.Request.ID, "")
	if now, readErr := d.Store.Delivery(ctx, f.rec.Delivery.ID); err != nil && readErr == nil && now.Request.Status == delivery.Allocated {
		return nil // the policy was quicker
	}
	return err
}

// end takes a delivery off its request: freed or stood down on the ground, given up when
// its drone may be gone, and called home. A drone that did not leave is set aside.
func (d *Dispatcher) end(ctx context.Context, a network.Actor, f failing, then func(delivery.Change) delivery.Change) error {
	undo, err := d.setAside(ctx, a, f)
	if err != nil {
		return err
	}
	scan, id := delivery.Scan{Note: "failed: " + string(f.failure)}, f.rec.Delivery.ID
	step := delivery.StepFree
	switch f.rec.Delivery.Status {
	case delivery.DSealed, delivery.DLoaded:
		step = delivery.StepStandDown
	case delivery.DAirborne:
		step = delivery.StepGiveUp
	}
	_, err = d.doThen(ctx, a, id, step, scan, then)
	if errors.Is(err, refusal.ErrReleased) { // its units go where the drone goes
		step = delivery.StepGiveUp
		_, err = d.doThen(ctx, a, id, step, scan, then)
	}
	if err != nil {
		return errors.Join(err, undo())
	}
	if step == delivery.StepGiveUp {
		d.callHome(ctx, a, f.rec.Mission)
	}
	return nil
}

// callHome orders a drone that can be heard back; should that fail, people see the drone
// where it is and may order it again.
func (d *Dispatcher) callHome(ctx context.Context, a network.Actor, m delivery.Mission) {
	state, ok := d.Tracker.Drone(m.Drone)
	if !ok || state.Link == telemetry.LinkStale || m.Status != delivery.MOutbound {
		return
	}
	if err := d.Command(ctx, a, m.ID, telemetry.Return); err != nil {
		d.Log.WarnContext(ctx, "call home", "mission", m.ID, "err", err)
	}
}

// changePad has a mission land on another pad of its hospital.
func (d *Dispatcher) changePad(ctx context.Context, a network.Actor, id delivery.DeliveryID, pad network.PadID) error {
	if a.Role != network.RoleDispatcher && a.Role != network.RoleController {
		return refusal.ErrForbidden
	}
	rec, err := d.Store.Delivery(ctx, id)
	if err != nil {
		return err
	}
	now := d.Now()
	_, arrive := d.expected(rec.Mission, rec.Delivery, now)
	_, events, err := d.Store.ChangeMission(ctx, rec.Mission.ID, now, func(m delivery.Mission, _ []delivery.Delivery) (delivery.MissionChange, error) {
		if a.Site != "" && a.Site != m.Centre {
			return delivery.MissionChange{}, refusal.ErrForbidden
		}
		if !m.Status.In(delivery.MPlanned, delivery.MUploaded, delivery.MOutbound) {
			return delivery.MissionChange{}, refusal.OfState("the mission", string(m.Status), "led to another pad")
		}
		return delivery.MissionChange{Pad: pad, SlotFrom: arrive.Add(-slotSlack), SlotTo: arrive.Add(unloadTime), Actor: a.Login, Note: "led to another pad"}, nil
	})
	if err != nil {
		return fmt.Errorf("change pad: %w", err)
	}
	d.publish(events)
	return nil
}
