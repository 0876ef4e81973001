package dispatch

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/refusal"
)

// requestDesk serves those who ask.
type requestDesk struct{ *desk }

// Submit takes what a hospital asks for. It is stored when Submit returns. The same key
// with the same body returns the request that it made the first time.
func (d requestDesk) Submit(
	ctx context.Context,
	a network.Actor,
	asked delivery.Asked,
	key string,
	bodyHash []byte,
) (delivery.Request, error) {
	now := d.Now()
	if err := delivery.Permit(a, delivery.OpSubmit, asked.Hospital); err != nil {
		return delivery.Request{}, err
	}
	// A repeated key is answered before the times are judged: they were, then.
	if r, err := d.Requests.FindRequest(ctx, a.Login, key, bodyHash); !errors.Is(err, refusal.ErrNotFound) {
		return r, err
	}
	if err := asked.Check(d.Network(), now); err != nil {
		return delivery.Request{}, err
	}
	r, err := d.Requests.InsertRequest(ctx, delivery.NewRequest(asked, a, now), key, bodyHash)
	if err != nil {
		return delivery.Request{}, fmt.Errorf("submit: %w", err)
	}
	d.publish()
	return r, nil
}

// Amend changes an open request: units, needed-by, urgency, group and patient
// fields, by somebody who saw a version of it. With a sealed delivery it is refused; cancel first.
func (d requestDesk) Amend(
	ctx context.Context,
	a network.Actor,
	id delivery.RequestID,
	asked delivery.Asked,
	seen int,
) (delivery.Request, error) {
	const why = "request amended"
	return d.changeRequest(ctx, a, delivery.OpAmend, id, why, func(r delivery.Request, now time.Time) (delivery.Request, string, error) {
		amended, err := r.Amend(asked, seen)
		if err == nil {
			err = asked.Check(d.Network(), now)
		}
		return amended, "amended", err
	})
}

// Cancel ends a request until its box is sealed.
func (d requestDesk) Cancel(ctx context.Context, a network.Actor, id delivery.RequestID, reason string) (delivery.Request, error) {
	return d.changeRequest(ctx, a, delivery.OpCancel, id, reason, func(r delivery.Request, _ time.Time) (delivery.Request, string, error) {
		cancelled, err := r.Cancel()
		return cancelled, "cancelled", err
	})
}

// permitOn refuses a change of a request to those whose it is not: its hospital and, while
// nobody serves it, any centre by telephone; else the centre of the delivery that serves it.
func permitOn(a network.Actor, op delivery.Operation, r delivery.Request, held *delivery.Delivery) error {
	if held == nil {
		return delivery.Permit(a, op, r.Hospital)
	}
	return delivery.Permit(a, delivery.Held(op), r.Hospital, held.Centre)
}

// changeRequest writes what decide makes of a request, and cancels its delivery.
func (d requestDesk) changeRequest(
	ctx context.Context,
	a network.Actor,
	op delivery.Operation,
	id delivery.RequestID,
	why string,
	decide func(r delivery.Request, now time.Time) (delivery.Request, string, error),
) (delivery.Request, error) {
	now := d.Now()
	journeys, err := d.journeysOf(ctx, id, a.Login, why, now)
	if err != nil {
		return delivery.Request{}, err
	}
	var changed delivery.Request
	err = d.change(ctx, delivery.Keys{Requests: []delivery.RequestID{id}}, func(b *delivery.Book) error {
		r := b.Requests[id]
		if err := permitOn(a, op, *r, b.Serving(id)); err != nil {
			return err
		}
		next, what, err := decide(*r, now)
		if err != nil {
			return err
		}
		if changed = *r; reflect.DeepEqual(next, changed) {
			return nil // it is so already: what serves it goes on
		}
		if err := b.CancelServing(id, a, why, journeys, now); err != nil {
			return err
		}
		detail := next.Changed(r.Asked)
		detail["what"], detail["reason"] = what, why
		if a.Site != r.Hospital {
			detail["ordered"] = "by telephone" // nobody of the hospital did it
		}
		changed = b.ChangeRequest(next, a, now, detail)
		return nil
	})
	if err != nil {
		return delivery.Request{}, fmt.Errorf("change request: %w", err)
	}
	d.settle(ctx, now)
	return changed, nil
}

// Road hands an open request to a road courier, or takes note of how that ended. What
// the courier carries is the centre's own record.
func (d requestDesk) Road(ctx context.Context, a network.Actor, id delivery.RequestID, step delivery.RoadStep) (delivery.Request, error) {
	now := d.Now()
	s, err := d.survey(ctx, now)
	if err != nil {
		return delivery.Request{}, err
	}
	var changed delivery.Request
	err = d.change(ctx, delivery.Keys{Requests: []delivery.RequestID{id}}, func(b *delivery.Book) error {
		r := *b.Requests[id]
		if err := step.Check(); err != nil {
			return err
		}
		if err := delivery.Permit(a, delivery.OfRoad(step), r.Hospital, r.RoadFrom); err != nil {
			return err
		}
		next, err := r.Road(step, propose.Courier(s, r, a.Site), a.Site)
		if err != nil {
			return err
		}
		changed = b.ChangeRequest(next, a, now, map[string]string{"what": "road_" + string(step)})
		return nil
	})
	if err != nil {
		return delivery.Request{}, fmt.Errorf("by road: %w", err)
	}
	return changed, nil
}
