package dispatch

import (
	"context"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
)

// condition is what an alarm of the planner's stands for.
type condition struct {
	drone telemetry.DeviceID
	kind  delivery.AlarmKind
}

// alarm is the kind of alarm of failures of which nothing else gives one.
func (r Recovery) alarm() delivery.AlarmKind {
	switch r.Failure {
	case PadRefused, CentreClosed, DeviceClosed:
		return delivery.OutOfService
	case DownElsewhere:
		return delivery.AstrayDown
	case NotLeaving:
		return delivery.NotLeft
	case DroneLost, TurnedBack, NoWayOn, BoxWarm, DroneSilent:
	}
	return ""
}

// conditions are those of deliveries that fail, of drones with a box on board that was
// given up, that are stranded, or whose mission goes on though they are out of service; each
// with the pad, or what keeps it there.
func (d *Dispatcher) conditions(w *world, failed map[delivery.DeliveryID]Recovery) map[condition]string {
	out := map[condition]string{}
	for _, r := range failed {
		if kind := r.alarm(); kind != "" {
			out[condition{r.Drone, kind}] = string(r.Pad)
		}
	}
	for _, m := range w.snap.Missions {
		if slices.Contains(w.snap.GivenUp, m.ID) {
			out[condition{m.Drone, delivery.NotLeft}] = string(m.Pad)
		}
		if why, known := d.strandedBy(m.ID); known && stranded(m, w.snap.At) && !d.elsewhere(m) {
			out[condition{m.Drone, delivery.Stranded}] = string(why)
		}
		if _, closed := network.DeviceClosed(w.snap.Closures, m.Drone, w.snap.At); closed {
			out[condition{m.Drone, delivery.OutOfService}] = string(m.Pad)
		}
	}
	return out
}

// tellStanding raises an alarm when a condition begins, and lowers it when it ends; what
// could not be stored is tried again.
func (d *Dispatcher) tellStanding(ctx context.Context, now map[condition]string, at time.Time) {
	for c := range d.standing {
		if _, still := now[c]; !still && d.lower(ctx, c.drone, "", []delivery.AlarmKind{c.kind}, at) {
			delete(d.standing, c)
		}
	}
	for c, detail := range now {
		if !d.standing[c] && d.raise(ctx, delivery.Alarm{Kind: c.kind, Device: c.drone, RaisedAt: at, Detail: detail}) {
			d.standing[c] = true
		}
	}
}
