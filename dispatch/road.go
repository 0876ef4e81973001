package dispatch

import (
	"context"
	"fmt"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/geo"
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
func (d *Dispatcher) Road(ctx context.Context, a network.Actor, id delivery.RequestID, step RoadStep) (delivery.Request, error) {
	now := d.Now()
	w, err := d.world(ctx, now)
	if err != nil {
		return delivery.Request{}, err
	}
	r, events, err := d.Store.ChangeRequest(ctx, id, a, now, func(r delivery.Request, del *delivery.Delivery) (delivery.RequestChange, error) {
		if a.Role != network.RoleDispatcher && (step != RoadArrived || a.Role != network.RoleHospital || a.Site != r.Hospital) {
			return delivery.RequestChange{}, refusal.ErrForbidden
		}
		from, to := delivery.ByRoad, delivery.RequestStatus("")
		switch step {
		case RoadSend:
			from, to, r.RoadAt = delivery.Open, delivery.ByRoad, w.courier(r, a.Site)
		case RoadArrived:
			to = delivery.Fulfilled
		case RoadRecall:
			to, r.RoadAt = delivery.Open, time.Time{}
		default:
			return delivery.RequestChange{}, refusal.OfField("step", fmt.Sprintf("%q is none of send, arrived, recall", step))
		}
		if r.Status != from {
			return delivery.RequestChange{}, refusal.OfState("the request", string(r.Status), "by road: "+string(step))
		}
		r.Status = to
		return delivery.RequestChange{Request: r, What: "road_" + string(step)}, nil
	})
	if err != nil {
		return delivery.Request{}, fmt.Errorf("by road: %w", err)
	}
	d.publish(events)
	return r, nil
}

// Road courier: straight distance times 1.5, at 20 km/h by day and 30 km/h by
// night, with 10 minutes of handling.
const (
	roadFactor   = 1.5
	dayMPS       = 20 / 3.6
	nightMPS     = 30 / 3.6
	roadHandling = 10 * time.Minute
)

// courier is when a road courier from a centre, or from the best, would arrive; one that
// is out of service sends nobody before it opens.
func (w *world) courier(r delivery.Request, from network.SiteID) time.Time {
	to, _ := w.net.Site(r.Hospital)
	var best time.Time
	for _, s := range w.net.Sites {
		if s.Kind != network.BloodCentre || from != "" && s.ID != from {
			continue
		}
		leave := w.snap.At
		if c, closed := network.SiteClosed(w.snap.Closures, s.ID, leave); closed {
			leave = c.Until
		}
		if at := leave.Add(roadHandling + onRoad(geo.Distance(s.Point, to.Point), leave)); best.IsZero() || at.Before(best) {
			best = at
		}
	}
	return best.Truncate(time.Second)
}

// onRoad is how long a courier takes for a straight distance.
func onRoad(straightM float64, at time.Time) time.Duration {
	speed := dayMPS
	if h := at.In(localZone).Hour(); h < 6 || h >= 22 {
		speed = nightMPS
	}
	return time.Duration(straightM * roadFactor / speed * float64(time.Second))
}

// localZone is China standard time, which has no summer time.
var localZone = time.FixedZone("UTC+8", 8*3600)
