package dispatch

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/plan"
	"hemolift/telemetry"
)

// Diversion is a drone in the air that would serve a life-threatening request with what
// it carries for a less urgent one, where the whole plan is better for that on the
// levels of STAT. People decide.
type Diversion struct {
	Request  RequestID // gains
	Delivery DeliveryID
	Mission  MissionID
	Drone    telemetry.DeviceID
	Pad      PadID
	ArriveAt time.Time
	Without  time.Time // when the request is served otherwise; zero: not at all
	Units    int
	// The request that loses its units, when they would have come and when others would
	// come; zero when none are in sight.
	Displaced    RequestID
	Hospital     SiteID
	Was, Instead time.Time
	// Before and After are the scores of the whole plan, what is in the air included.
	Before, After plan.Score

	out, back []orb.Point
	energyJ   float64 // of the whole mission
	home      time.Time
}

// LaterMin is by how many minutes the displaced request is served later.
func (t Diversion) LaterMin() int { return int(max(0, t.Instead.Sub(t.Was)) / time.Minute) }

// diverting bounds how many drones in the air are tried for one request.
const diverting = 8

// diversions looks, for each STAT request that is not served in time, at the drones in
// the air.
func (d *Dispatcher) diversions(ctx context.Context, w *world, p proposed) (map[RequestID]Diversion, error) {
	out := map[RequestID]Diversion{}
	for _, r := range w.snap.Requests {
		without, served := p.proposals[r.ID]
		if r.Order.Urgency != STAT || served && lateMin(r, without.ArriveAt) == 0 {
			continue
		}
		t, ok, err := d.diversionFor(ctx, w, p, r)
		if err != nil {
			return nil, err
		}
		if ok {
			out[r.ID] = t
		}
	}
	return out, nil
}

// diversionFor is the best turn for a request, if one betters the plan.
func (d *Dispatcher) diversionFor(ctx context.Context, w *world, p proposed, r Request) (best Diversion, ok bool, err error) {
	missions, deliveries, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return best, false, err
	}
	tried := 0
	for _, m := range missions {
		own := deliveriesOf(m.ID, deliveries)
		if len(own) == 0 || tried >= diverting {
			continue
		}
		loses, err := d.displaceable(ctx, w, m, own, r)
		if err != nil || loses == nil {
			continue
		}
		t, err := d.turn(ctx, w, m, own[len(own)-1], r)
		if err != nil {
			continue // out of reach, or too warm
		}
		tried++
		if t, err = d.weigh(w, p, t, r, loses); err != nil {
			return best, false, err
		}
		if better(t.After, t.Before) && (!ok || t.After.Compare(best.After) < 0) {
			best, ok = t, true
		}
	}
	return best, ok, nil
}

// displaceable returns the request that a mission in the air serves, when its units may
// serve r instead: compatible under the policy, enough of them, and for somebody who
// waits less urgently.
func (d *Dispatcher) displaceable(ctx context.Context, w *world, m Mission, own []Delivery, r Request) (*Request, error) {
	del := own[len(own)-1]
	state, heard := d.Tracker.Drone(m.Drone)
	if m.Status != MOutbound || del.Status != DAirborne || del.GivenUp() || len(del.Boxes) == 0 || del.Component != r.Order.Component || len(del.Units) < r.Order.Units ||
		!heard || state.Link == telemetry.LinkStale || state.Status.Phase != telemetry.Airborne || state.Status.Leg != 0 {
		return nil, nil
	}
	donors := w.policy.donors(w.compat, r.Order.Component, r.Class, r.Order.Urgency)
	for _, u := range del.Units {
		if !slices.Contains(donors, string(u.Unit.Group)) || !u.Unit.ExpiresAt.After(w.snap.At.Add(longestFlight)) {
			return nil, nil
		}
	}
	rec, err := d.Store.Delivery(ctx, del.ID)
	if err != nil || priorityOf[rec.Request.Order.Urgency] <= priorityOf[r.Order.Urgency] || rec.Request.Order.Hospital == r.Order.Hospital {
		return nil, err
	}
	return &rec.Request, nil
}

// turn reckons the flight from where the drone is, and home from there.
func (d *Dispatcher) turn(ctx context.Context, w *world, m Mission, del Delivery, r Request) (Diversion, error) {
	class := d.classOf(m.Drone)
	state, _ := d.Tracker.Drone(m.Drone)
	hospital, _ := d.Network.Site(r.Order.Hospital)
	centre, _ := d.Network.Site(m.Centre)
	f := flight(state.Position.Point, hospital.Point, class.HeightM, w.snap.At)
	f.CruiseMPS, f.Wind = class.CruiseMPS, w.snap.Wind
	out, err := d.router.home(f)
	if err != nil {
		return Diversion{}, err
	}
	back, err := d.router.route(hospital.Point, centre.Point, class, w.snap.Wind, w.snap.At)
	if err != nil {
		return Diversion{}, err
	}
	there, err := class.FlyOn(out.Points, state.HeightM, m.LoadKg, w.snap.Wind)
	if err != nil {
		return Diversion{}, err
	}
	again, err := class.Fly(back.Points, d.emptyKg([]Delivery{del}), w.snap.Wind)
	if err != nil {
		return Diversion{}, err
	}
	t := Diversion{Request: r.ID, Delivery: del.ID, Mission: m.ID, Drone: m.Drone, Units: len(del.Units), ArriveAt: w.snap.At.Add(there.Duration), out: out.Points, back: back.Points}
	t.home = t.ArriveAt.Add(unloadTime + again.Duration)
	left := m.BatteryJ * state.Position.BatteryPct / 100
	if there.EnergyJ+windContingency*again.EnergyJ+m.ReserveJ > left {
		return Diversion{}, StateError{"the battery", "too low", "diverted with"}
	}
	t.energyJ = m.BatteryJ - left + there.EnergyJ + windContingency*again.EnergyJ
	if margin, warm := d.coldOutlook(ctx, m, []Delivery{del}, there.Duration, w.snap.At); warm || margin < 0 {
		return Diversion{}, StateError{"the box", "too warm", "diverted"}
	}
	var free bool
	if t.Pad, free = w.freePad(r.Order.Pad, t.ArriveAt); !free {
		return Diversion{}, ErrTaken
	}
	return t, nil
}

// weigh plans all that waits anew as if the drone had turned, and scores both ways with
// what is in the air.
func (d *Dispatcher) weigh(w *world, p proposed, t Diversion, r Request, loses *Request) (Diversion, error) {
	t.Displaced, t.Hospital = loses.ID, loses.Order.Hospital
	other := *w
	other.snap.Missions, other.snap.Slots = slices.Clone(w.snap.Missions), slices.Clone(w.snap.Slots)
	for i := range other.snap.Missions {
		if m := &other.snap.Missions[i]; m.ID == t.Mission {
			_, t.Was = d.expected(*m, Delivery{Status: DAirborne}, w.snap.At)
			m.EnergyJ = t.energyJ
			m.Back = timed(t.back, 0, t.ArriveAt.Add(unloadTime), t.home)
		}
	}
	for i := range other.snap.Slots {
		if s := &other.snap.Slots[i]; s.Mission == t.Mission {
			*s = Slot{Pad: t.Pad, Mission: t.Mission, From: t.ArriveAt.Add(-slotSlack), To: t.ArriveAt.Add(unloadTime)}
		}
	}
	requests := []Request{*loses}
	for _, waits := range w.snap.Requests {
		if waits.ID != r.ID {
			requests = append(requests, waits)
		}
	}
	anew, err := other.propose(requests)
	if err != nil {
		return t, err
	}
	t.Instead = anew.proposals[loses.ID].ArriveAt
	t.Without = p.proposals[r.ID].ArriveAt
	t.Before, t.After = p.score, anew.score
	t.Before[lateLevel(*loses)] += int64(lateMin(*loses, t.Was))
	t.After[lateLevel(r)] += int64(lateMin(r, t.ArriveAt))
	return t, nil
}

// lateLevel is the level of the score that counts a request's late minutes.
func lateLevel(r Request) int { return 2*int(priorityOf[r.Order.Urgency]-plan.STAT) + 1 }

// better reports whether a plan serves STAT requests better than another.
func better(after, before plan.Score) bool {
	return after.Decides(before) <= lateLevel(Request{Order: Order{Urgency: STAT}}) && after.Compare(before) < 0
}

// turnsDiffer reports whether people would see another diversion.
func turnsDiffer(a, b map[RequestID]Diversion) bool {
	return !maps.EqualFunc(a, b, func(x, y Diversion) bool { return x.Delivery == y.Delivery })
}

func diversionEvents(turns map[RequestID]Diversion, now time.Time) []Event {
	var events []Event
	for id, t := range turns {
		events = append(events, Event{At: now, Kind: EvDiversion, Subject: string(id), Detail: t.detail()})
	}
	return events
}

func (t Diversion) detail() map[string]string {
	detail := map[string]string{"delivery": string(t.Delivery), "drone": string(t.Drone), "arrive_at": t.ArriveAt.Format(time.RFC3339), "displaced": string(t.Displaced),
		"was": t.Was.Format(time.RFC3339), "before": fmt.Sprint(t.Before), "after": fmt.Sprint(t.After)}
	if !t.Instead.IsZero() {
		detail["instead"], detail["later_min"] = t.Instead.Format(time.RFC3339), fmt.Sprint(t.LaterMin())
	}
	return detail
}

// Diversions returns what could be diverted for requests that wait.
func (d *Dispatcher) Diversions() map[RequestID]Diversion {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.turns // replaced, never changed
}

// Divert turns a drone in the air to a life-threatening request. The world is read anew:
// it is done only while it still betters the plan. The hospital that loses its delivery
// is told at once, with what it costs.
func (d *Dispatcher) Divert(ctx context.Context, a Actor, id RequestID, from DeliveryID) (Delivery, error) {
	if a.Role != RoleDispatcher {
		return Delivery{}, ErrForbidden
	}
	now := d.Now()
	w, err := d.world(ctx, now)
	if err != nil {
		return Delivery{}, err
	}
	r, ok := find(w.snap.Requests, func(r Request) bool { return r.ID == id })
	if !ok {
		return Delivery{}, fmt.Errorf("open request %s: %w", id, ErrNotFound)
	}
	p, err := w.propose(w.snap.Requests)
	if err != nil {
		return Delivery{}, err
	}
	turns, err := d.diversions(ctx, w, p)
	if err != nil {
		return Delivery{}, err
	}
	t, ok := turns[id]
	if !ok || t.Delivery != from {
		return Delivery{}, StateError{"delivery " + string(from), "no better use for this request now", "diverted"}
	}
	del, events, err := d.Store.Divert(ctx, d.order(a, t, r, now))
	if err != nil {
		return Delivery{}, fmt.Errorf("divert: %w", err)
	}
	d.settle(ctx, now)
	d.publish(events)
	d.tellDisplaced(ctx, t, now)
	return del, nil
}

// order is a diversion as it is written: the new ways, and the command to fly them.
func (d *Dispatcher) order(a Actor, t Diversion, r Request, now time.Time) Turn {
	class := d.classOf(t.Drone)
	alt := d.Network.GroundAltM() + class.HeightM
	way := flightPlan(class, t.out)
	c := MissionChange{Actor: a.Login, Note: "diverted to " + string(r.ID), Hospital: r.Order.Hospital, Pad: t.Pad, ArriveAt: t.ArriveAt, EnergyJ: t.energyJ,
		SlotFrom: t.ArriveAt.Add(-slotSlack), SlotTo: t.ArriveAt.Add(unloadTime), PlanHash: flightPlan(class, t.out, t.back).Hash(),
		Out: timed(t.out, alt, now, t.ArriveAt), Back: timed(t.back, alt, t.ArriveAt.Add(unloadTime), t.home),
		Commands: []telemetry.Command{{Kind: telemetry.Reroute, Plan: &way, Expires: now.Add(commandLife)}}}
	return Turn{Diversion: t, Gains: r, Mission: c, Actor: a, Now: now, Decide: func(m Mission, del Delivery) (Change, error) {
		if a.Site != "" && a.Site != m.Centre {
			return Change{}, ErrForbidden
		}
		if m.Status != MOutbound {
			return Change{}, StateError{"the mission", string(m.Status), "diverted"}
		}
		change, err := del.Apply(System, StepDivert, Scan{Note: "to " + string(r.ID)}, now)
		change.Custody.Actor = a.Login
		return change, err
	}}
}

// tellDisplaced raises the alarm of the hospital that waits longer now; it stands until
// somebody has seen it.
func (d *Dispatcher) tellDisplaced(ctx context.Context, t Diversion, now time.Time) {
	detail := "none"
	if !t.Instead.IsZero() {
		detail = t.Instead.Format(time.RFC3339)
	}
	events, err := d.Store.RaiseAlarm(ctx, Alarm{Kind: Diverted, Priority: priorities[Diverted], Device: t.Drone, Delivery: t.Delivery, Site: t.Hospital, RaisedAt: now, Value: float64(t.LaterMin()), Detail: detail})
	if err != nil {
		d.Log.ErrorContext(ctx, "tell the displaced hospital", "delivery", t.Delivery, "err", err)
		return
	}
	d.publish(events)
}

// homePlan is what a drone that was diverted must be given before it can fly home: it
// keeps the plan that it left with.
func (d *Dispatcher) homePlan(m Mission, own []Delivery, c MissionChange, now time.Time) MissionChange {
	if _, turned := find(own, func(del Delivery) bool { return del.DivertedFrom != "" }); !turned || c.Status != MAtPad {
		return c
	}
	p := flightPlan(d.classOf(m.Drone), points(m.Out), points(m.Back))
	c.Out, c.Back, c.PlanHash = m.Out, m.Back, p.Hash()
	c.Commands = append(c.Commands, telemetry.Command{Kind: telemetry.LoadMission, Plan: &p, Expires: now.Add(commandLife)})
	return c
}
