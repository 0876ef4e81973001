package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/flight"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/recovery"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

// deliveryDesk serves those who fulfil requests.
type deliveryDesk struct {
	*desk
	flights flightDesk
	places  placeDesk
}

// Accept turns a request's proposal into a delivery. drone chooses another
// candidate than the proposed one; empty takes the best of those that the actor
// may send: a centre's dispatcher sends its own drones only. The world is read anew: what
// was shown may have been taken meanwhile. When seen is given and the world has moved on,
// the refusal is a propose.MovedOn with what is there now.
func (d deliveryDesk) Accept(
	ctx context.Context,
	a network.Actor,
	id delivery.RequestID,
	drone telemetry.DeviceID,
	seen *propose.Seen,
) (delivery.Delivery, error) {
	if err := delivery.Permit(a, delivery.OpAccept); err != nil {
		return delivery.Delivery{}, err
	}
	s, r, err := d.waiting(ctx, id, d.Now())
	if err != nil {
		return delivery.Delivery{}, err
	}
	p, ok, err := propose.Acceptable(s, d.layout.Load().rules, a, r, drone)
	switch {
	case err != nil:
		return delivery.Delivery{}, err
	case !ok:
		return delivery.Delivery{}, refusal.OfState("the request", "without a possible flight", "allocated")
	}
	if seen != nil {
		if err := seen.Still(p); err != nil {
			return delivery.Delivery{}, err
		}
	}
	if p.Waiting {
		return delivery.Delivery{}, refusal.OfState("drone "+string(p.Drone), "not ready yet", "allocated")
	}
	return d.allocate(ctx, a, s, r, p)
}

// waiting surveys the world, with a request that is open in it.
func (d deliveryDesk) waiting(ctx context.Context, id delivery.RequestID, now time.Time) (*situation.Situation, delivery.Request, error) {
	s, err := d.survey(ctx, now)
	if err != nil {
		return nil, delivery.Request{}, err
	}
	for _, r := range s.Requests {
		if r.ID == id {
			return s, r, nil
		}
	}
	return nil, delivery.Request{}, fmt.Errorf("open request %s: %w", id, refusal.ErrNotFound)
}

// allocate writes an accepted proposal.
func (d deliveryDesk) allocate(
	ctx context.Context,
	a network.Actor,
	s *situation.Situation,
	r delivery.Request,
	p propose.Proposal,
) (delivery.Delivery, error) {
	allocation, keys, err := propose.Allocate(s, d.layout.Load().rules, r, p, a)
	if err != nil {
		return delivery.Delivery{}, err
	}
	var made delivery.ID
	if err := d.change(ctx, keys, func(b *delivery.Book) (err error) {
		made, err = allocation.Write(b, s.At)
		return err
	}); err != nil {
		d.rouse()
		return delivery.Delivery{}, fmt.Errorf("allocate: %w", err)
	}
	d.settle(ctx, s.At)
	return d.readDelivery(ctx, made)
}

func (d deliveryDesk) readDelivery(ctx context.Context, id delivery.ID) (delivery.Delivery, error) {
	rec, err := d.Books.Delivery(ctx, id)
	return rec.Delivery, err
}

// acceptByPolicy turns into deliveries the proposals that need no person.
func (d deliveryDesk) acceptByPolicy(ctx context.Context, s *situation.Situation, p propose.Proposed) error {
	var errs []error
	for _, r := range propose.NeedNobody(s, d.layout.Load().rules, p) {
		_, err := d.allocate(ctx, network.System, s, r, p.Proposals[r.ID])
		if !errors.Is(err, refusal.ErrTaken) { // what was taken meanwhile is planned anew
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Do takes one ground step of a person.
func (d deliveryDesk) Do(
	ctx context.Context,
	a network.Actor,
	id delivery.ID,
	step delivery.Step,
	scan delivery.Scan,
) (delivery.Delivery, error) {
	return d.do(ctx, a, id, step, scan, nil)
}

// do is Do with a last say, if then is not nil, in what is written.
func (d deliveryDesk) do(
	ctx context.Context,
	a network.Actor,
	id delivery.ID,
	step delivery.Step,
	scan delivery.Scan,
	then func(*delivery.Change),
) (delivery.Delivery, error) {
	now := d.Now()
	journeys, err := d.journeys(ctx, a, id, step, scan, now)
	if err != nil {
		return delivery.Delivery{}, d.noteRefused(ctx, a, id, step, err, now)
	}
	s := d.picture(now)
	var done delivery.Delivery
	err = d.change(ctx, delivery.Keys{Delivery: id}, func(b *delivery.Book) error {
		del := b.Deliveries[id]
		c, err := del.Apply(a, step, scan, now)
		if err == nil {
			err = flight.Refuses(s, *del, step)
		}
		if err != nil {
			return err
		}
		if step.Frees() {
			c, err = c.WithJourneys(*del, journeys)
		} else {
			c.Journeys = journeys
		}
		if err != nil {
			return err
		}
		if then != nil {
			then(&c)
		}
		err = b.Step(id, c)
		done = *del
		return err
	})
	if err != nil {
		return delivery.Delivery{}, d.noteRefused(ctx, a, id, step, err, now)
	}
	if step == delivery.StepPack || done.Status.Ended() {
		d.settle(ctx, now)
	}
	return done, nil
}

// noteRefused logs a scan that was refused: an attempt is part of the record.
func (d deliveryDesk) noteRefused(
	ctx context.Context,
	a network.Actor,
	id delivery.ID,
	step delivery.Step,
	err error,
	now time.Time,
) error {
	var scan refusal.Scan
	if !errors.As(err, &scan) && !errors.Is(err, refusal.ErrSamePerson) {
		return err
	}
	logErr := d.Log.Append(ctx, delivery.Event{
		At: now, Kind: delivery.EvScanRefused, Actor: a.Login, Subject: string(id),
		Detail: map[string]string{"step": string(step), "why": err.Error()},
	})
	d.announce()
	return errors.Join(err, logErr)
}

// Recover does what a person chose of a failing delivery's options; the world is read
// anew. It returns the request as it stands then: served by another delivery, waiting for
// its drone, or with the courier.
func (d deliveryDesk) Recover(ctx context.Context, a network.Actor, id delivery.ID, way recovery.Way) (delivery.RequestID, error) {
	op := delivery.OpRecoverElse
	if way == recovery.OtherPad {
		op = delivery.OpRecoverPad
	}
	if !delivery.May(a, op) {
		return "", refusal.ErrForbidden
	}
	s, err := d.survey(ctx, d.Now())
	if err != nil {
		return "", err
	}
	f, o, err := recovery.Chosen(s, d.layout.Load().rules, id, way)
	if err != nil {
		return "", err
	}
	switch way {
	case recovery.OtherPad:
		err = d.changePad(ctx, a, s, f, o.Pad)
	case recovery.Courier:
		err = d.end(ctx, a, f, func(c *delivery.Change) { c.Request, c.RoadAt, c.RoadFrom = delivery.ByRoad, o.ArriveAt, a.Site })
	case recovery.OtherDrone:
		err = d.exchange(ctx, a, s, f)
	case recovery.Replace:
		err = d.replace(ctx, a, s, f)
	case recovery.GoOn:
	}
	return f.Delivery.Request, err
}

// replace ends a delivery when the actor can have another one, and accepts that.
func (d deliveryDesk) replace(ctx context.Context, a network.Actor, s *situation.Situation, f situation.Failing) error {
	other := recovery.Without(s, f) // others that fail hold what they have
	other.Requests = recovery.Together(s, f)
	r, _ := s.RequestOf(f.Delivery)
	p, ok, err := propose.Acceptable(other, d.layout.Load().rules, a, r, "")
	switch {
	case err != nil:
		return err
	case !ok:
		return refusal.OfState("the request", "without a possible flight of yours", "replaced")
	}
	if err := d.end(ctx, a, f, nil); err != nil || p.Waiting {
		return err // in the queue, until its drone is ready
	}
	_, err = d.Accept(ctx, a, r.ID, "", nil)
	if now, readErr := d.Books.Delivery(ctx, f.Delivery.ID); err != nil && readErr == nil && now.Request.Status == delivery.Allocated {
		return nil // the policy was quicker
	}
	return err
}

// end takes a delivery off its request, and calls home a drone that may be gone. A drone
// that did not leave is set aside.
func (d deliveryDesk) end(ctx context.Context, a network.Actor, f situation.Failing, then func(*delivery.Change)) error {
	undo, err := d.setAside(ctx, a, f)
	if err != nil {
		return err
	}
	step, scan := recovery.Ends(f)
	_, err = d.do(ctx, a, f.Delivery.ID, step, scan, then)
	if errors.Is(err, refusal.ErrReleased) { // its units go where the drone goes
		step = delivery.StepGiveUp
		_, err = d.do(ctx, a, f.Delivery.ID, step, scan, then)
	}
	if err != nil {
		return errors.Join(err, undo())
	}
	if step == delivery.StepGiveUp {
		d.flights.callHome(ctx, a, f.Mission, []delivery.Delivery{f.Delivery})
	}
	return nil
}

// exchange gives a failing delivery the other drone that is found for it.
func (d deliveryDesk) exchange(ctx context.Context, a network.Actor, s *situation.Situation, f situation.Failing) error {
	if err := f.Delivery.Permit(a, delivery.StepExchange); err != nil {
		return err
	}
	p, other, ok, err := recovery.AnotherDrone(s, d.layout.Load().rules, f)
	if err != nil {
		return err
	}
	if !ok || p.Waiting {
		return refusal.OfState("the delivery", "without another drone that is ready", "exchanged")
	}
	r, _ := s.RequestOf(f.Delivery)
	m, err := propose.Mission(other, r, p)
	if err != nil {
		return err
	}
	undo, err := d.setAside(ctx, a, f)
	if err != nil {
		return err
	}
	x := recovery.Exchange{Failing: f, Mission: m, Actor: a}
	if err := d.change(ctx, x.Keys(), func(b *delivery.Book) error { return x.Write(b, s.GroundedAt(f.Delivery.Drone), s.At) }); err != nil {
		return errors.Join(fmt.Errorf("exchange: %w", err), undo())
	}
	d.settle(ctx, s.At)
	return nil
}

// setAside takes a drone that kept its delivery on the ground out of service. undo puts it
// back.
func (d deliveryDesk) setAside(ctx context.Context, a network.Actor, f situation.Failing) (undo func() error, err error) {
	none := func() error { return nil }
	drone, reason, ok := recovery.SetAside(f)
	if !ok {
		return none, nil
	}
	c, already, err := d.places.close(ctx, a, network.Closure{Device: drone, Reason: reason, Until: d.Now().Add(recovery.GroundedFor)})
	if already || err != nil {
		return none, err
	}
	return func() error { return d.places.reopen(context.WithoutCancel(ctx), a, c.ID) }, nil
}

// changePad has a mission land on another pad of its hospital.
func (d deliveryDesk) changePad(
	ctx context.Context,
	a network.Actor,
	s *situation.Situation,
	f situation.Failing,
	pad network.PadID,
) error {
	_, arrive := s.Expected(f.Mission, f.Delivery.Status)
	err := d.change(ctx, delivery.Keys{Mission: f.Mission.ID}, func(b *delivery.Book) error {
		c, err := flight.ChangePad(s, *b.Missions[f.Mission.ID], arrive, pad, a)
		if err != nil {
			return err
		}
		return b.Fly(f.Mission.ID, c, s.At)
	})
	if err != nil {
		return fmt.Errorf("change pad: %w", err)
	}
	return nil
}

// Divert turns a drone in the air to a life-threatening request. The world is read anew:
// it is done only while it still betters the plan. The hospital that loses its delivery
// is told at once, with what it costs.
func (d deliveryDesk) Divert(ctx context.Context, a network.Actor, id delivery.RequestID, from delivery.ID) (delivery.Delivery, error) {
	if !delivery.May(a, delivery.OpDivert) {
		return delivery.Delivery{}, refusal.ErrForbidden
	}
	s, r, err := d.waiting(ctx, id, d.Now())
	if err != nil {
		return delivery.Delivery{}, err
	}
	t, err := recovery.Divert(s, d.layout.Load().rules, r, from)
	if err != nil {
		return delivery.Delivery{}, err
	}
	turn := recovery.Accepted(s, t, r, d.layout.Load().rules.Policy, a)
	var made delivery.ID
	if err := d.change(ctx, turn.Keys(), func(b *delivery.Book) (err error) {
		made, err = turn.Write(b, s.At)
		return err
	}); err != nil {
		return delivery.Delivery{}, fmt.Errorf("divert: %w", err)
	}
	d.settle(ctx, s.At)
	return d.readDelivery(ctx, made)
}
