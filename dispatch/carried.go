package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hemolift/telemetry"
)

// broughtHome reports whether a drone that had delivered is heard at its centre and not
// in the air, whatever it says of its mission: people carried it, or it began anew there.
func (d *Dispatcher) broughtHome(m Mission, own []Delivery, state telemetry.DroneState) bool {
	return oneOf(m.Status, MAtPad, MInbound) && allEnded(own) && state.Heard && state.Link != telemetry.LinkStale && !state.Status.Phase.InAir() &&
		!d.away(m, m.Back[len(m.Back)-1].Point) && d.away(m, m.Back[0].Point)
}

func allEnded(own []Delivery) bool {
	return !slices.ContainsFunc(own, func(del Delivery) bool { return !del.Status.Ended() })
}

// TakenAway ends the mission of a drone that people took from its pad: it comes home by
// road, or not at all. Its deliveries must have ended, and it must not be in the air.
func (d *Dispatcher) TakenAway(ctx context.Context, a Actor, id MissionID) error {
	if a.Role != RoleDispatcher && a.Role != RoleController {
		return ErrForbidden
	}
	now := d.Now()
	_, events, err := d.Store.ChangeMission(ctx, id, now, func(m Mission, own []Delivery) (MissionChange, error) {
		switch {
		case a.Site != "" && a.Site != m.Centre:
			return MissionChange{}, ErrForbidden
		case !oneOf(m.Status, MAtPad, MInbound):
			return MissionChange{}, StateError{"the mission", string(m.Status), "ended on the ground"}
		case !allEnded(own):
			return MissionChange{}, StateError{"its delivery", "not ended", "left behind"}
		case d.mayFly(m):
			return MissionChange{}, StateError{"drone " + string(m.Drone), "in the air", "taken away"}
		}
		return MissionChange{Status: MDone, LeftAt: now, HomeAt: now, Actor: a.Login, Note: "taken away by people"}, nil
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
func (d *Dispatcher) mayFly(m Mission) bool {
	state, ok := d.Tracker.Drone(m.Drone)
	return ok && state.Status.Phase.InAir() && d.silentFor(m.Drone, d.Now()) < downAfter
}

// occupied are the pads on which drones that are out of service stand: closed as long as
// those are.
func (d *Dispatcher) occupied(missions []Mission, list []Closure, now time.Time) (pads []Closure) {
	for _, m := range missions {
		c, grounded := deviceClosed(list, m.Drone, now)
		if grounded && m.Status == MAtPad && !d.elsewhere(m) {
			pads = append(pads, Closure{Site: m.Hospital, Pad: m.Pad, Reason: string(m.Drone) + ": " + c.Reason, By: c.By, From: m.ArriveAt, Until: c.Until})
		}
	}
	return pads
}
