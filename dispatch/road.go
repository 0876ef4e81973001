package dispatch

import (
	"context"
	"fmt"
	"time"
)

// RoadStep is what happens to a request that goes by road.
type RoadStep string

const (
	RoadSend    RoadStep = "send"    // a courier takes it
	RoadArrived RoadStep = "arrived" // the hospital has it
	RoadRecall  RoadStep = "recall"  // it waits for a drone again
)

// Road hands an open request to a road courier, or takes note of how that ended. What
// the courier carries is the centre's own record.
func (d *Dispatcher) Road(ctx context.Context, a Actor, id RequestID, step RoadStep) (Request, error) {
	now := d.Now()
	w, err := d.world(ctx, now)
	if err != nil {
		return Request{}, err
	}
	r, events, err := d.Store.ChangeRequest(ctx, id, a, now, func(r Request, del *Delivery) (RequestChange, error) {
		if a.Role != RoleDispatcher && (step != RoadArrived || a.Role != RoleHospital || a.Site != r.Order.Hospital) {
			return RequestChange{}, ErrForbidden
		}
		from, to := ByRoad, RequestStatus("")
		switch step {
		case RoadSend:
			from, to, r.RoadAt = Open, ByRoad, w.courier(r, a.Site)
		case RoadArrived:
			to = Fulfilled
		case RoadRecall:
			to, r.RoadAt = Open, time.Time{}
		default:
			return RequestChange{}, FieldError{"step", fmt.Sprintf("%q is none of send, arrived, recall", step)}
		}
		if r.Status != from {
			return RequestChange{}, StateError{"the request", string(r.Status), "by road: " + string(step)}
		}
		r.Status = to
		return RequestChange{Request: r, What: "road_" + string(step)}, nil
	})
	if err != nil {
		return Request{}, fmt.Errorf("by road: %w", err)
	}
	d.publish(events)
	return r, nil
}
