package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// How far from every zone a route in the air must stay at least: less than the
// tight margin that routes from within the full one are planned with.
const leastInAirM = tightMarginM - 1

// astrayM is how far off its route a drone is that never took the newest one.
const astrayM = 300

// airborne is what redirect looks at.
type airborne struct {
	class route.Class
	state telemetry.DroneState
	heard bool
	ahead []orb.Point
	offM  float64
	until time.Time // surely landed
}

func (d *Dispatcher) inAir(m delivery.Mission, now time.Time) airborne {
	f := airborne{class: d.classOf(m.Drone), until: now.Add(longestFlight)}
	state, ok := d.Tracker.Drone(m.Drone)
	f.state, f.heard = state, ok && state.Heard && state.Link != telemetry.LinkStale
	track := m.Out
	if m.Status == delivery.MInbound {
		track = m.Back
	}
	f.ahead, f.offM = telemetry.Ahead(points(track), state.Position.Point)
	if eta := state.ETA; !eta.IsZero() {
		f.until = eta.Add(landedWithin)
	}
	return f
}

// landedWithin is added to an expected landing when windows of zones are compared
// with a flight.
const landedWithin = 15 * time.Minute

// closed reports whether the rest of the flight leads through a zone.
func (d *Dispatcher) closed(f airborne, now time.Time) bool {
	return d.router.enters(f.ahead, f.class.HeightM, now, f.until, leastInAirM)
}

// blocked reports whether a mission's drone in the air has a zone ahead.
func (d *Dispatcher) blocked(m delivery.Mission, now time.Time) bool {
	return d.closed(d.inAir(m, now), now)
}

// redirect tells a drone in the air another way to its goal when a zone lies ahead,
// or when it never took the way it was told. One that hovers is left to people.
func (d *Dispatcher) redirect(ctx context.Context, m delivery.Mission, own []delivery.Delivery, now time.Time) (Touched, error) {
	t := Touched{Mission: m.ID, Drone: m.Drone, Hospital: m.Hospital}
	f := d.inAir(m, now)
	phase := f.state.Status.Phase
	strayed := f.heard && phase == telemetry.Airborne && f.offM > astrayM
	if !d.closed(f, now) && !strayed {
		return t, nil
	}
	if !f.heard {
		t.Outcome = Unheard
		return t, nil
	}
	if !phase.InAir() {
		return t, nil // it stands; its mission follows within a moment
	}
	ask := flight(f.state.Position.Point, f.ahead[len(f.ahead)-1], f.class.HeightM, now)
	ask.Until = f.until
	r, err := d.router.home(ask)
	if errors.Is(err, route.ErrStartInside) {
		t.Outcome = Inside
		if out, err := d.router.tight.Escape(ask); err == nil {
			t.EscapeM = out.LengthM
		}
		return t, nil
	}
	if err == nil {
		err = d.affordable(m, own, f, r.Points, now)
	}
	if phase == telemetry.Holding {
		t.Outcome, t.Reason = Held, "it hovers; order its return or another way"
		return t, nil
	}
	if err != nil {
		t.Outcome, t.Reason = Held, err.Error()
		return t, d.changeRoute(ctx, m, delivery.MissionChange{Actor: network.System.Login, Note: "no way around a zone",
			Commands: []telemetry.Command{{Kind: telemetry.Hold, Expires: now.Add(commandLife)}}}, now)
	}
	t.Outcome, t.LongerM = Rerouted, r.LengthM-pathLengthM(f.ahead)
	return t, d.reroute(ctx, m, own, f, r.Points, now)
}

// reroute stores the way around and tells it to the drone.
func (d *Dispatcher) reroute(ctx context.Context, m delivery.Mission, own []delivery.Delivery, f airborne, path []orb.Point, now time.Time) error {
	wind, _ := d.Wind(now)
	leg, err := f.class.FlyOn(path, f.state.HeightM, d.carriedKg(m, own), wind)
	if err != nil {
		return err
	}
	plan := flightPlan(f.class, path)
	kind := telemetry.Reroute
	if f.state.Status.Phase == telemetry.Returning {
		kind = telemetry.Return
	}
	c := delivery.MissionChange{Actor: network.System.Login, Note: "led around a zone", Commands: []telemetry.Command{{Kind: kind, Plan: &plan, Expires: now.Add(commandLife)}}}
	around := timed(path, d.Network.GroundAltM()+f.class.HeightM, now, now.Add(leg.Duration))
	if m.Status == delivery.MInbound {
		c.Back = around
		return d.changeRoute(ctx, m, c, now)
	}
	c.Out, c.ArriveAt = around, now.Add(leg.Duration)
	c.SlotFrom, c.SlotTo = c.ArriveAt.Add(-slotSlack), c.ArriveAt.Add(unloadTime)
	err = d.changeRoute(ctx, m, c, now)
	if errors.Is(err, refusal.ErrTaken) { // another drone is to land then: the way is safe, the pad is for people to decide
		c.SlotFrom, c.SlotTo = time.Time{}, time.Time{}
		d.raise(ctx, delivery.Alarm{Kind: delivery.PadTaken, Device: m.Drone, RaisedAt: now, Detail: string(m.Pad)})
		err = d.changeRoute(ctx, m, c, now)
	}
	return err
}

// tellTouched raises an alarm while a drone in the air has no way on that it has
// been told, and lowers it again.
func (d *Dispatcher) tellTouched(ctx context.Context, t Touched, now time.Time) {
	switch t.Outcome {
	case Held, Inside, Unheard:
		detail := string(t.Outcome)
		if t.Reason != "" {
			detail += ": " + t.Reason
		}
		d.mu.Lock()
		told := d.noWay[t.Drone]
		d.noWay[t.Drone] = true
		d.mu.Unlock()
		if !told {
			d.raise(ctx, delivery.Alarm{Kind: delivery.NoWay, Device: t.Drone, RaisedAt: now, Detail: detail})
		}
	default:
		d.mu.Lock()
		told := d.noWay[t.Drone]
		delete(d.noWay, t.Drone)
		d.mu.Unlock()
		if told {
			d.lower(ctx, t.Drone, "", []delivery.AlarmKind{delivery.NoWay}, now)
		}
	}
}

// affordable reports why a drone in the air cannot fly a path, and on an outbound
// leg home again by the way that is open, with what it has left.
func (d *Dispatcher) affordable(m delivery.Mission, own []delivery.Delivery, f airborne, path []orb.Point, now time.Time) error {
	wind, _ := d.Wind(now)
	leg, err := f.class.FlyOn(path, f.state.HeightM, d.carriedKg(m, own), wind)
	if err != nil {
		return err
	}
	needJ := leg.EnergyJ + m.ReserveJ
	if m.Status == delivery.MOutbound {
		home := points(m.Back)
		if d.router.conflicts(home, f.class.HeightM, now) != nil {
			r, err := d.router.route(home[0], home[len(home)-1], f.class, wind, now)
			if err != nil {
				return fmt.Errorf("the way home: %w", err)
			}
			home = r.Points
		}
		back, err := f.class.Fly(home, d.emptyKg(own), wind)
		if err != nil {
			return err
		}
		needJ += back.EnergyJ
	}
	if needJ > m.BatteryJ*f.state.Position.BatteryPct/100 {
		return errors.New("the way around leaves less than the reserve")
	}
	return nil
}
