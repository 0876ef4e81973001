package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
)

// broughtHome reports whether a drone that had delivered is heard at its centre and not
// in the air, whatever it says of its mission: people carried it, or it began anew there.
func (d *Dispatcher) broughtHome(m delivery.Mission, own []delivery.Delivery, state telemetry.DroneState) bool {
	return m.Status.In(delivery.MAtPad, delivery.MInbound) && allEnded(own) && state.Heard && state.Link != telemetry.LinkStale && !state.Status.Phase.InAir() &&
		!d.away(m, m.Back[len(m.Back)-1].Point) && d.away(m, m.Back[0].Point)
}

func allEnded(own []delivery.Delivery) bool {
	return !slices.ContainsFunc(own, func(del delivery.Delivery) bool { return !del.Status.Ended() })
}

// TakenAway ends the mission of a drone that people took from its pad: it comes home by
// road, or not at all. Its deliveries must have ended, and it must not be in the air.
func (d *Dispatcher) TakenAway(ctx context.Context, a network.Actor, id delivery.MissionID) error {
	if a.Role != network.RoleDispatcher && a.Role != network.RoleController {
		return refusal.ErrForbidden
	}
	now := d.Now()
	_, events, err := d.Store.ChangeMission(ctx, id, now, func(m delivery.Mission, own []delivery.Delivery) (delivery.MissionChange, error) {
		switch {
		case a.Site != "" && a.Site != m.Centre:
			return delivery.MissionChange{}, refusal.ErrForbidden
		case !m.Status.In(delivery.MAtPad, delivery.MInbound):
			return delivery.MissionChange{}, refusal.OfState("the mission", string(m.Status), "ended on the ground")
		case !allEnded(own):
			return delivery.MissionChange{}, refusal.OfState("its delivery", "not ended", "left behind")
		case d.mayFly(m):
			return delivery.MissionChange{}, refusal.OfState("drone "+string(m.Drone), "in the air", "taken away")
		}
		return delivery.MissionChange{Status: delivery.MDone, LeftAt: now, HomeAt: now, Actor: a.Login, Note: "taken away by people"}, nil
	})
	if err != nil {
		return fmt.Errorf("taken away: %w", err)
	}
	d.settle(ctx, now)
	d.publish(events)
	return nil
}

// downAfter is how long after a drone was heard in the air people may say that it is down.
const downAfter = 15 * time.Minute

// mayFly reports whether a drone may be in the air by what it said last.
func (d *Dispatcher) mayFly(m delivery.Mission) bool {
	state, ok := d.Tracker.Drone(m.Drone)
	return ok && state.Status.Phase.InAir() && d.silentFor(m.Drone, d.Now()) < downAfter
}

// strandedAfter is how long after its landing a drone is not counted on any more, nor its
// pad for freeIn from any moment on.
const (
	strandedAfter = 20 * time.Minute
	freeIn        = time.Hour
)

// stranded reports whether a mission's drone has stood on its pad for too long.
func stranded(m delivery.Mission, now time.Time) bool {
	return m.Status == delivery.MAtPad && now.Sub(m.ArriveAt) > strandedAfter
}

// occupied are the pads on which drones stand that are out of service, as long as they are
// that, or that are stranded, for nobody knows how long.
func (d *Dispatcher) occupied(missions []delivery.Mission, list []network.Closure, now time.Time) (pads []network.Closure) {
	for _, m := range missions {
		if m.Status != delivery.MAtPad || d.elsewhere(m) {
			continue
		}
		pad := network.Closure{Site: m.Hospital, Pad: m.Pad, Reason: string(m.Drone), By: network.System.Login, From: m.ArriveAt}
		if c, grounded := network.DeviceClosed(list, m.Drone, now); grounded {
			pad.Reason, pad.By, pad.Until = string(m.Drone)+": "+c.Reason, c.By, c.Until
		} else if stranded(m, now) {
			pad.Until = now.Add(freeIn)
		}
		if !pad.Until.IsZero() {
			pads = append(pads, pad)
		}
	}
	return pads
}

// strandedBy is what keeps a drone on its pad, once the flight loop has looked.
func (d *Dispatcher) strandedBy(m delivery.MissionID) (why Wait, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	why, known = d.waitsHome[m]
	return why, known
}
