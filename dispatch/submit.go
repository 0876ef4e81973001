package dispatch

import (
	"context"
	"errors"
	"fmt"
)

// Submit takes a hospital's order. It is stored when Submit returns. The same key
// with the same body returns the request that it made the first time.
func (d *Dispatcher) Submit(ctx context.Context, a Actor, o Order, key string, bodyHash []byte) (Request, error) {
	now := d.Now()
	if a.Role != RoleHospital && a.Role != RoleDispatcher || a.Role == RoleHospital && a.Site != o.Hospital {
		return Request{}, ErrForbidden
	}
	// A repeated key is answered before the times are judged: they were, then.
	if r, err := d.Store.FindRequest(ctx, a.Login, key, bodyHash); !errors.Is(err, ErrNotFound) {
		return r, err
	}
	if err := o.Check(d.Network, now); err != nil {
		return Request{}, err
	}
	r := Request{Order: o, Class: ClassOf(o.Group, o.Patient), Status: Open, CreatedAt: now, CreatedBy: a.Login, Automated: a.Automated, Version: 1}
	r, events, err := d.Store.InsertRequest(ctx, r, key, bodyHash)
	if err != nil {
		return Request{}, fmt.Errorf("submit: %w", err)
	}
	d.publish(events)
	return r, nil
}

// Estimate says what an order would get if it were submitted now.
func (d *Dispatcher) Estimate(ctx context.Context, a Actor, o Order) (*Proposal, *Impossible, error) {
	now := d.Now()
	if err := o.Check(d.Network, now); err != nil {
		return nil, nil, err
	}
	w, err := d.world(ctx, now)
	if err != nil {
		return nil, nil, err
	}
	const id = "estimate"
	r := Request{ID: id, Order: o, Class: ClassOf(o.Group, o.Patient), CreatedBy: a.Login, CreatedAt: now}
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
func (d *Dispatcher) Amend(ctx context.Context, a Actor, id RequestID, o Order) (Request, error) {
	now := d.Now()
	journeys, err := d.journeysOf(ctx, id, a.Login, "request amended", now)
	if err != nil {
		return Request{}, fmt.Errorf("amend: %w", err)
	}
	r, events, err := d.Store.ChangeRequest(ctx, id, a, now, func(r Request, del *Delivery) (RequestChange, error) {
		if a.Role == RoleHospital && a.Site != r.Order.Hospital || a.Role == RoleController {
			return RequestChange{}, ErrForbidden
		}
		if r.Status != Open && r.Status != Allocated {
			return RequestChange{}, StateError{"the request", string(r.Status), "amended"}
		}
		if o.Hospital != r.Order.Hospital {
			return RequestChange{}, FieldError{"hospital", "cannot be amended"}
		}
		if err := o.Check(d.Network, now); err != nil {
			return RequestChange{}, err
		}
		c := RequestChange{What: "amended"}
		if del != nil { // what was reserved may not fit any more: back to the queue
			cancel, err := del.Apply(Actor{Login: a.Login, Role: RoleDispatcher}, StepCancel, Scan{Note: "request amended"}, now)
			if err == nil {
				cancel, err = cancel.withJourneys(*del, journeys)
			}
			if err != nil {
				return RequestChange{}, err
			}
			cancel.Request = Open
			c.Delivery, r.Status = &cancel, Open
		}
		r.Order, r.Class, r.Version = o, ClassOf(o.Group, o.Patient), r.Version+1
		c.Request = r
		return c, nil
	})
	if err != nil {
		return Request{}, fmt.Errorf("amend: %w", err)
	}
	d.settle(ctx, now)
	d.publish(events)
	return r, nil
}

// Cancel ends a request until its box is sealed.
func (d *Dispatcher) Cancel(ctx context.Context, a Actor, id RequestID, reason string) (Request, error) {
	now := d.Now()
	journeys, err := d.journeysOf(ctx, id, a.Login, reason, now)
	if err != nil {
		return Request{}, fmt.Errorf("cancel: %w", err)
	}
	r, events, err := d.Store.ChangeRequest(ctx, id, a, now, func(r Request, del *Delivery) (RequestChange, error) {
		if a.Role == RoleHospital && a.Site != r.Order.Hospital || a.Role == RoleController {
			return RequestChange{}, ErrForbidden
		}
		if r.Status != Open && r.Status != Allocated && r.Status != ByRoad {
			return RequestChange{}, StateError{"the request", string(r.Status), "cancelled"}
		}
		c := RequestChange{What: "cancelled"}
		if del != nil {
			cancel, err := del.Apply(a, StepCancel, Scan{Note: reason}, now)
			if err == nil {
				cancel, err = cancel.withJourneys(*del, journeys)
			}
			if err != nil {
				return RequestChange{}, err
			}
			c.Delivery = &cancel
		}
		r.Status, r.Version = Cancelled, r.Version+1
		c.Request = r
		return c, nil
	})
	if err != nil {
		return Request{}, fmt.Errorf("cancel: %w", err)
	}
	d.settle(ctx, now)
	d.publish(events)
	return r, nil
}
