package dispatch

import (
	"context"
	"errors"
	"fmt"
	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// Submit takes a hospital's order. It is stored when Submit returns. The same key
// with the same body returns the request that it made the first time.
func (d *Dispatcher) Submit(ctx context.Context, a network.Actor, o delivery.Asked, key string, bodyHash []byte) (delivery.Request, error) {
	now := d.Now()
	if a.Role != network.RoleHospital && a.Role != network.RoleDispatcher || a.Role == network.RoleHospital && a.Site != o.Hospital {
		return delivery.Request{}, refusal.ErrForbidden
	}
	// A repeated key is answered before the times are judged: they were, then.
	if r, err := d.Store.FindRequest(ctx, a.Login, key, bodyHash); !errors.Is(err, refusal.ErrNotFound) {
		return r, err
	}
	if err := o.Check(d.Network, now); err != nil {
		return delivery.Request{}, err
	}
	r := delivery.Request{Asked: o, Class: blood.ClassOf(o.Group, o.Patient), Status: delivery.Open, CreatedAt: now, CreatedBy: a.Login, Automated: a.Automated, Version: 1}
	r, events, err := d.Store.InsertRequest(ctx, r, key, bodyHash)
	if err != nil {
		return delivery.Request{}, fmt.Errorf("submit: %w", err)
	}
	d.publish(events)
	return r, nil
}

// Estimate says what an order would get if it were submitted now.
func (d *Dispatcher) Estimate(ctx context.Context, a network.Actor, o delivery.Asked) (*Proposal, *Impossible, error) {
	now := d.Now()
	if err := o.Check(d.Network, now); err != nil {
		return nil, nil, err
	}
	w, err := d.world(ctx, now)
	if err != nil {
		return nil, nil, err
	}
	const id = "estimate"
	r := delivery.Request{ID: id, Asked: o, Class: blood.ClassOf(o.Group, o.Patient), CreatedBy: a.Login, CreatedAt: now}
	all, err := w.propose(append(w.snap.Requests, r))
	if err != nil {
		return nil, nil, err
	}
	if p, ok := all.proposals[id]; ok {
		return &p, nil, nil
	}
	i := all.impossible[id]
	return nil, &i, nil
}

// Amend changes an open request: units, needed-by, urgency, group and patient
// fields. With a delivery it is refused; cancel first.
func (d *Dispatcher) Amend(ctx context.Context, a network.Actor, id delivery.RequestID, o delivery.Asked) (delivery.Request, error) {
	now := d.Now()
	journeys, err := d.journeysOf(ctx, id, a.Login, "request amended", now)
	if err != nil {
		return delivery.Request{}, fmt.Errorf("amend: %w", err)
	}
	r, events, err := d.Store.ChangeRequest(ctx, id, a, now, func(r delivery.Request, del *delivery.Delivery) (delivery.RequestChange, error) {
		if a.Role == network.RoleHospital && a.Site != r.Hospital || a.Role == network.RoleController {
			return delivery.RequestChange{}, refusal.ErrForbidden
		}
		if r.Status != delivery.Open && r.Status != delivery.Allocated {
			return delivery.RequestChange{}, refusal.OfState("the request", string(r.Status), "amended")
		}
		if o.Hospital != r.Hospital {
			return delivery.RequestChange{}, refusal.OfField("hospital", "cannot be amended")
		}
		if err := o.Check(d.Network, now); err != nil {
			return delivery.RequestChange{}, err
		}
		c := delivery.RequestChange{What: "amended"}
		if del != nil { // what was reserved may not fit any more: back to the queue
			cancel, err := del.Apply(network.Actor{Login: a.Login, Role: network.RoleDispatcher}, delivery.StepCancel, delivery.Scan{Note: "request amended"}, now)
			if err == nil {
				cancel, err = cancel.WithJourneys(*del, journeys)
			}
			if err != nil {
				return delivery.RequestChange{}, err
			}
			cancel.Request = delivery.Open
			c.Delivery, r.Status = &cancel, delivery.Open
		}
		r.Asked, r.Class, r.Version = o, blood.ClassOf(o.Group, o.Patient), r.Version+1
		c.Request = r
		return c, nil
	})
	if err != nil {
		return delivery.Request{}, fmt.Errorf("amend: %w", err)
	}
	d.settle(ctx, now)
	d.publish(events)
	return r, nil
}

// Cancel ends a request until its box is sealed.
func (d *Dispatcher) Cancel(ctx context.Context, a network.Actor, id delivery.RequestID, reason string) (delivery.Request, error) {
	now := d.Now()
	journeys, err := d.journeysOf(ctx, id, a.Login, reason, now)
	if err != nil {
		return delivery.Request{}, fmt.Errorf("cancel: %w", err)
	}
	r, events, err := d.Store.ChangeRequest(ctx, id, a, now, func(r delivery.Request, del *delivery.Delivery) (delivery.RequestChange, error) {
		if a.Role == network.RoleHospital && a.Site != r.Hospital || a.Role == network.RoleController {
			return delivery.RequestChange{}, refusal.ErrForbidden
		}
		if r.Status != delivery.Open && r.Status != delivery.Allocated && r.Status != delivery.ByRoad {
			return delivery.RequestChange{}, refusal.OfState("the request", string(r.Status), "cancelled")
		}
		c := delivery.RequestChange{What: "cancelled"}
		if del != nil {
			cancel, err := del.Apply(a, delivery.StepCancel, delivery.Scan{Note: reason}, now)
			if err == nil {
				cancel, err = cancel.WithJourneys(*del, journeys)
			}
			if err != nil {
				return delivery.RequestChange{}, err
			}
			c.Delivery = &cancel
		}
		r.Status, r.Version = delivery.Cancelled, r.Version+1
		c.Request = r
		return c, nil
	})
	if err != nil {
		return delivery.Request{}, fmt.Errorf("cancel: %w", err)
	}
	d.settle(ctx, now)
	d.publish(events)
	return r, nil
}
