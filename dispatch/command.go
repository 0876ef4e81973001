package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"

	"github.com/samber/lo"
)

// commandLife is how long a command is sent again before it counts as unheard.
const commandLife = 60 * time.Second

// retryAfter is how long a mission waits after its drone refused a command.
const retryAfter = 20 * time.Second

func (d *Dispatcher) mayRetry(id delivery.MissionID, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !now.Before(d.retryAt[id])
}

func (d *Dispatcher) retryLater(id delivery.MissionID, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.retryAt[id] = now.Add(retryAfter)
}

// command stores a command with a mission's change; sendPending sends it.
func (d *Dispatcher) command(ctx context.Context, m delivery.Mission, a network.Actor, now time.Time, c delivery.MissionChange, cmd telemetry.Command) error {
	cmd.Expires = now.Add(commandLife)
	c.Commands, c.Actor = []telemetry.Command{cmd}, a.Login
	_, events, err := d.Store.ChangeMission(ctx, m.ID, now, func(locked delivery.Mission, own []delivery.Delivery) (delivery.MissionChange, error) {
		if locked.Status != m.Status { // aborted or moved on meanwhile
			return delivery.MissionChange{}, nil
		}
		if cmd.Kind == telemetry.Release && cmd.Leg == 0 && !ready(own) { // given up meanwhile
			return delivery.MissionChange{}, nil
		}
		return c, nil
	})
	if err != nil {
		return fmt.Errorf("command %s to %s: %w", cmd.Kind, m.Drone, err)
	}
	d.publish(events)
	return nil
}

// Command is a person's order to a drone in flight: hold, resume or return.
func (d *Dispatcher) Command(ctx context.Context, a network.Actor, id delivery.MissionID, kind telemetry.CommandKind) error {
	if a.Role != network.RoleDispatcher && a.Role != network.RoleController {
		return refusal.ErrForbidden
	}
	now := d.Now()
	if !slices.Contains([]telemetry.CommandKind{telemetry.Hold, telemetry.Resume, telemetry.Return}, kind) {
		return refusal.OfField("kind", fmt.Sprintf("%q is neither hold, resume nor return", kind))
	}
	_, events, err := d.Store.ChangeMission(ctx, id, now, func(m delivery.Mission, _ []delivery.Delivery) (delivery.MissionChange, error) {
		if a.Site != "" && a.Site != m.Centre {
			return delivery.MissionChange{}, refusal.ErrForbidden
		}
		if m.Status != delivery.MOutbound && m.Status != delivery.MInbound {
			return delivery.MissionChange{}, refusal.OfState("the mission", string(m.Status), "told to "+string(kind))
		}
		cmd := telemetry.Command{Kind: kind, Expires: now.Add(commandLife)}
		if kind == telemetry.Return {
			home, _ := d.Network.Site(m.Centre)
			p, err := d.wayTo(m, home, now)
			if err != nil {
				return delivery.MissionChange{}, err
			}
			cmd.Plan = &p
			back := timed(p.Legs[0], d.Network.GroundAltM()+p.HeightM, now, now.Add(time.Duration(pathLengthM(p.Legs[0])/p.CruiseMPS*float64(time.Second))))
			return delivery.MissionChange{Commands: []telemetry.Command{cmd}, Actor: a.Login, Back: back}, nil
		}
		if kind == telemetry.Resume && d.blocked(m, now) {
			return delivery.MissionChange{}, refusal.OfState("the way on", "closed by a zone", "resumed; order its return")
		}
		return delivery.MissionChange{Commands: []telemetry.Command{cmd}, Actor: a.Login}, nil
	})
	if err != nil {
		return fmt.Errorf("command: %w", err)
	}
	d.publish(events) // the flight loop sends it
	return nil
}

// wayTo plans from where the drone is to a site, around the zones.
func (d *Dispatcher) wayTo(m delivery.Mission, goal network.Site, now time.Time) (telemetry.FlightPlan, error) {
	state, ok := d.Tracker.Drone(m.Drone)
	class := d.classOf(m.Drone)
	if !ok || !state.Heard || state.Link == telemetry.LinkStale {
		return telemetry.FlightPlan{}, refusal.OfState("drone "+string(m.Drone), "silent", "given another way")
	}
	f := flight(state.Position.Point, goal.Point, class.HeightM, now)
	if goal.ID == m.Hospital && m.Status == delivery.MOutbound { // as redirect judged it: zones that open after the landing do not count
		f.Until = d.inAir(m, now).until
	}
	r, err := d.router.home(f)
	if err != nil {
		return telemetry.FlightPlan{}, fmt.Errorf("way of %s to %s: %w", m.Drone, goal.ID, err)
	}
	return flightPlan(class, r.Points), nil
}

// sendPending sends every command that waits for its ack, and turns those whose
// time is over into alarms.
func (d *Dispatcher) sendPending(ctx context.Context, missions []delivery.Mission, deliveries []delivery.Delivery, now time.Time) error {
	expired, err := d.Store.ExpireCommands(ctx, now)
	if err != nil {
		return err
	}
	for _, c := range expired {
		d.raise(ctx, delivery.Alarm{Kind: delivery.CommandUnacked, Device: c.Device, RaisedAt: now, Detail: string(c.Kind)})
	}
	pending, err := d.Store.PendingCommands(ctx, now)
	if err != nil {
		return err
	}
	for _, c := range pending {
		if c, err = d.fit(c, missions, deliveries, now); err != nil {
			d.Log.WarnContext(ctx, "command not sent", "device", c.Device, "kind", c.Kind, "err", err)
			continue // it is fit again when zones end or the drone is heard, or it expires with an alarm
		}
		if err := d.Uplink.Send(ctx, c); err != nil {
			d.Log.WarnContext(ctx, "send command", "device", c.Device, "err", err)
		}
	}
	return nil
}

// fit makes a command right for the moment at which it is sent: a way is planned
// from where the drone is now, and a release names the plan it is for and is kept
// back while its leg leads through a zone.
func (d *Dispatcher) fit(c telemetry.Command, missions []delivery.Mission, deliveries []delivery.Delivery, now time.Time) (telemetry.Command, error) {
	m, ok := lo.Find(missions, func(m delivery.Mission) bool { return string(m.ID) == c.Mission })
	if !ok {
		return c, errors.New("its mission is not under way")
	}
	switch c.Kind {
	case telemetry.Return, telemetry.Reroute:
		goal, _ := d.Network.Site(m.Centre)
		if c.Kind == telemetry.Reroute && m.Status == delivery.MOutbound {
			goal, _ = d.Network.Site(m.Hospital)
		}
		p, err := d.wayTo(m, goal, now)
		c.Plan = &p
		return c, err
	case telemetry.Release:
		c.PlanHash = m.PlanHash
		class := d.classOf(m.Drone)
		track := m.Out
		if c.Leg > 0 {
			track = m.Back
		}
		if hit := d.router.conflicts(points(track), class.HeightM, now); hit != nil {
			return c, fmt.Errorf("its leg enters zones %v", hit)
		}
		own := deliveriesOf(m.ID, deliveries)
		if err := d.shut(m, own, m.ArriveAt, now); c.Leg == 0 && err != nil {
			return c, err
		}
		if c.Leg == 0 && !ready(own) {
			return c, errors.New("its delivery is not loaded, or given up")
		}
		if _, closed := network.DeviceClosed(d.Closures(), m.Drone, now); closed {
			return c, errors.New("the drone is out of service")
		}
		if c.Leg > 0 && d.away(m, m.Back[0].Point) {
			return c, errors.New("the drone is not where its way home begins")
		}
		for _, del := range own {
			for _, b := range del.Boxes {
				if live, _ := d.Tracker.Box(now, b.Box); c.Leg == 0 && (live.State == coldchain.Excursion || live.State == coldchain.Unknown) {
					return c, fmt.Errorf("its box %s is %s", b.Box, live.State)
				}
			}
		}
	}
	return c, nil
}

// Acknowledge takes a drone's answer to a command.
func (d *Dispatcher) Acknowledge(ctx context.Context, a telemetry.Ack) error {
	now := d.Now()
	mission, kind, events, err := d.Store.AckCommand(ctx, a)
	if errors.Is(err, refusal.ErrNotFound) {
		return &telemetry.RefusedError{Err: fmt.Errorf("command %d was not given to this device", a.Command)}
	}
	if err != nil {
		return fmt.Errorf("acknowledge: %w", err)
	}
	d.publish(events)
	if !a.OK {
		d.raise(ctx, delivery.Alarm{Kind: delivery.CommandUnacked, Device: a.Device, RaisedAt: now, Detail: string(kind) + ": " + a.Reason})
		return d.planAgain(ctx, mission, kind, now)
	}
	d.lower(ctx, a.Device, "", []delivery.AlarmKind{delivery.CommandUnacked}, now)
	if kind != telemetry.LoadMission {
		return nil
	}
	return d.confirmPlan(ctx, mission, a, now)
}

// planAgain has the plan sent anew, after a while, to a drone that would not fly it.
func (d *Dispatcher) planAgain(ctx context.Context, id delivery.MissionID, kind telemetry.CommandKind, now time.Time) error {
	d.retryLater(id, now)
	if kind != telemetry.Release {
		return nil
	}
	_, events, err := d.Store.ChangeMission(ctx, id, now, func(m delivery.Mission, _ []delivery.Delivery) (delivery.MissionChange, error) {
		switch m.Status {
		case delivery.MUploaded:
			return delivery.MissionChange{Status: delivery.MPlanned, Actor: string(m.Drone)}, nil
		case delivery.MAtPad: // it keeps another plan than the one to fly home by
			class := d.classOf(m.Drone)
			p := flightPlan(class, points(m.Out), points(m.Back))
			return delivery.MissionChange{Actor: string(m.Drone), Commands: []telemetry.Command{{Kind: telemetry.LoadMission, Plan: &p, Expires: now.Add(commandLife)}}}, nil
		}
		return delivery.MissionChange{}, nil
	})
	if err != nil {
		return fmt.Errorf("plan again: %w", err)
	}
	d.publish(events)
	return nil
}

// confirmPlan compares the drone's plan with the approved one.
func (d *Dispatcher) confirmPlan(ctx context.Context, id delivery.MissionID, a telemetry.Ack, now time.Time) error {
	mismatch := false
	_, events, err := d.Store.ChangeMission(ctx, id, now, func(m delivery.Mission, _ []delivery.Delivery) (delivery.MissionChange, error) {
		mismatch = m.Status.In(delivery.MPlanned, delivery.MAtPad) && m.PlanHash != a.Hash
		if m.Status != delivery.MPlanned || mismatch { // an aborted mission's plan does not matter any more
			return delivery.MissionChange{}, nil
		}
		return delivery.MissionChange{Status: delivery.MUploaded, Actor: string(a.Device)}, nil
	})
	if err != nil {
		return fmt.Errorf("confirm plan: %w", err)
	}
	if mismatch {
		d.retryLater(id, now)
		d.raise(ctx, delivery.Alarm{Kind: delivery.PlanMismatch, Device: a.Device, RaisedAt: now, Detail: string(id)})
		return nil
	}
	d.lower(ctx, a.Device, "", []delivery.AlarmKind{delivery.PlanMismatch}, now)
	d.publish(events)
	return nil
}
