package dispatch

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/samber/lo"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/plan"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
)

// Diversion is a drone in the air that would serve a life-threatening request with what
// it carries for a less urgent one, where the whole plan is better for that on the
// levels of STAT. People decide.
type Diversion struct {
	Request  delivery.RequestID // gains
	Delivery delivery.DeliveryID
	Mission  delivery.MissionID
	Drone    telemetry.DeviceID
	Pad      network.PadID
	ArriveAt time.Time
	Without  time.Time // when the request is served otherwise; zero: not at all
	Units    int
	// The request that loses its units, when they would have come and when others would
	// come; zero when none are in sight.
	Displaced    delivery.RequestID
	Hospital     network.SiteID
	Was, Instead time.Time
	// Before and After are the scores of the whole plan, what is in the air included.
	Before, After plan.Score

	out, back []orb.Point
	energyJ   float64 // of the whole mission
	home      time.Time
}

// LaterMin is by how many minutes the displaced request is served later.
func (t Diversion) LaterMin() int { return int(max(0, t.Instead.Sub(t.Was)) / time.Minute) }

// diverting bounds how many turns are weighed in one look at the world, each of which
// is a plan for all that waits.
const diverting = 12

// diversions looks, for each STAT request that is not served in time, at the drones in
// the air.
func (d *Dispatcher) diversions(ctx context.Context, w *world, p proposed) (map[delivery.RequestID]Diversion, error) {
	out := map[delivery.RequestID]Diversion{}
	troubled := slices.DeleteFunc(slices.Clone(w.snap.Requests), func(r delivery.Request) bool { return !troubled(p, r) })
	if len(troubled) == 0 {
		return out, nil
	}
	slices.SortFunc(troubled, func(a, b delivery.Request) int { return a.NeededBy.Compare(b.NeededBy) })
	air, err := d.inFlight(ctx)
	if err != nil {
		return nil, err
	}
	left := diverting
	for _, r := range troubled {
		t, ok, err := d.diversionFor(ctx, w, p, r, air, &left)
		if err != nil {
			return nil, err
		}
		if ok { // a drone turns to one of them
			out[r.ID] = t
			air = slices.DeleteFunc(air, func(c carrying) bool { return c.mission.ID == t.Mission })
		}
	}
	return out, nil
}

// troubled reports whether a life-threatening request is not served in time.
func troubled(p proposed, r delivery.Request) bool {
	without, served := p.proposals[r.ID]
	return r.Urgency == delivery.STAT && (!served || lateMin(r, without.ArriveAt) > 0)
}

// carrying is a mission on its way out and the one delivery that it carries.
type carrying struct {
	mission delivery.Mission
	rec     delivery.Record
}

// inFlight reads what is on its way to a hospital.
func (d *Dispatcher) inFlight(ctx context.Context) ([]carrying, error) {
	missions, deliveries, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return nil, err
	}
	var out []carrying
	for _, m := range missions {
		for _, del := range deliveriesOf(m.ID, deliveries) {
			if m.Status != delivery.MOutbound || del.Status != delivery.DAirborne || del.GivenUp() || len(del.Boxes) == 0 {
				continue
			}
			rec, err := d.Store.Delivery(ctx, del.ID)
			if err != nil {
				return nil, err
			}
			out = append(out, carrying{m, rec})
		}
	}
	return out, nil
}

// diversionFor is the best turn for a request, if one betters the plan. left bounds how
// many are weighed.
func (d *Dispatcher) diversionFor(ctx context.Context, w *world, p proposed, r delivery.Request, air []carrying, left *int) (best Diversion, ok bool, err error) {
	for _, c := range air {
		if *left == 0 || !d.displaceable(w, c, r) {
			continue
		}
		t, err := d.turn(ctx, w, c, r)
		if err != nil {
			continue // out of reach, or too warm
		}
		*left--
		if t, err = d.weigh(w, p, t, r, c.rec.Request); err != nil {
			return best, false, err
		}
		if better(t.After, t.Before) && (!ok || t.After.Compare(best.After) < 0) {
			best, ok = t, true
		}
	}
	return best, ok, nil
}

// displaceable reports whether what a mission carries may serve r instead: compatible
// under the policy, enough of it, and for somebody who waits less urgently elsewhere; by a
// drone and in boxes that are heard and in service.
func (d *Dispatcher) displaceable(w *world, c carrying, r delivery.Request) bool {
	del, loses := c.rec.Delivery, c.rec.Request
	state, heard := d.Tracker.Drone(c.mission.Drone)
	if del.Component != r.Component || len(del.Units) < r.Units || priorityOf[loses.Urgency] <= priorityOf[r.Urgency] || loses.Hospital == r.Hospital ||
		!heard || state.Link == telemetry.LinkStale || state.Status.Phase != telemetry.Airborne || state.Status.Leg != 0 {
		return false
	}
	if _, closed := lo.Find(devicesOf(c.mission, []delivery.Delivery{del}), func(id telemetry.DeviceID) bool {
		_, closed := network.DeviceClosed(w.snap.Closures, id, w.snap.At)
		return closed
	}); closed {
		return false
	}
	if _, silent := d.silentBox([]delivery.Delivery{del}, w.snap.At); silent {
		return false
	}
	donors := w.policy.donors(w.compat, r.Component, r.Class, r.Urgency)
	_, unfit := lo.Find(del.Units, func(u delivery.Unit) bool {
		return !slices.Contains(donors, string(u.Unit.Group)) || !u.Unit.ExpiresAt.After(w.snap.At.Add(longestFlight))
	})
	return !unfit
}

// turn reckons the flight from where the drone is, and home from there.
func (d *Dispatcher) turn(ctx context.Context, w *world, c carrying, r delivery.Request) (Diversion, error) {
	m, del := c.mission, c.rec.Delivery
	class := d.classOf(m.Drone)
	state, _ := d.Tracker.Drone(m.Drone)
	hospital, _ := d.Network.Site(r.Hospital)
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
	again, err := class.Fly(back.Points, d.emptyKg([]delivery.Delivery{del}), w.snap.Wind)
	if err != nil {
		return Diversion{}, err
	}
	t := Diversion{Request: r.ID, Delivery: del.ID, Mission: m.ID, Drone: m.Drone, Units: len(del.Units), ArriveAt: w.snap.At.Add(there.Duration), out: out.Points, back: back.Points}
	t.home = t.ArriveAt.Add(unloadTime + again.Duration)
	left := m.BatteryJ * state.Position.BatteryPct / 100
	if there.EnergyJ+windContingency*again.EnergyJ+m.ReserveJ > left {
		return Diversion{}, refusal.OfState("the battery", "too low", "diverted with")
	}
	t.energyJ = m.BatteryJ - left + there.EnergyJ + windContingency*again.EnergyJ
	if margin, warm := d.coldOutlook(ctx, m, []delivery.Delivery{del}, there.Duration, w.snap.At); warm || margin < 0 {
		return Diversion{}, refusal.OfState("the box", "too warm", "diverted")
	}
	var free bool
	if t.Pad, free = w.freePad(r.Pad, t.ArriveAt); !free {
		return Diversion{}, refusal.ErrTaken
	}
	return t, nil
}

// weigh plans all that waits anew as if the drone had turned, and scores both ways with
// what is in the air.
func (d *Dispatcher) weigh(w *world, p proposed, t Diversion, r, loses delivery.Request) (Diversion, error) {
	t.Displaced, t.Hospital = loses.ID, loses.Hospital
	other := *w
	other.snap.Missions, other.snap.Slots = slices.Clone(w.snap.Missions), slices.Clone(w.snap.Slots)
	for i := range other.snap.Missions {
		if m := &other.snap.Missions[i]; m.ID == t.Mission {
			_, t.Was = d.expected(*m, delivery.Delivery{Status: delivery.DAirborne}, w.snap.At)
			m.EnergyJ = t.energyJ
			m.Back = timed(t.back, 0, t.ArriveAt.Add(unloadTime), t.home)
		}
	}
	for i := range other.snap.Slots {
		if s := &other.snap.Slots[i]; s.Mission == t.Mission {
			*s = delivery.Slot{Pad: t.Pad, Mission: t.Mission, From: t.ArriveAt.Add(-slotSlack), To: t.ArriveAt.Add(unloadTime)}
		}
	}
	requests := []delivery.Request{loses}
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
	t.Before[lateLevel(loses)] += int64(lateMin(loses, t.Was))
	t.After[lateLevel(r)] += int64(lateMin(r, t.ArriveAt))
	return t, nil
}

// lateLevel is the level of the score that counts a request's late minutes.
func lateLevel(r delivery.Request) int { return 2*int(priorityOf[r.Urgency]-plan.STAT) + 1 }

// better reports whether a plan serves STAT requests better than another.
func better(after, before plan.Score) bool {
	return after.Decides(before) <= lateLevel(delivery.Request{Asked: delivery.Asked{Urgency: delivery.STAT}}) && after.Compare(before) < 0
}

// turnsDiffer reports whether people would see another diversion.
func turnsDiffer(a, b map[delivery.RequestID]Diversion) bool {
	return !maps.EqualFunc(a, b, func(x, y Diversion) bool { return x.Delivery == y.Delivery })
}

func diversionEvents(turns map[delivery.RequestID]Diversion, now time.Time) []delivery.Event {
	var events []delivery.Event
	for id, t := range turns {
		events = append(events, delivery.Event{At: now, Kind: delivery.EvDiversion, Subject: string(id), Detail: t.detail()})
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
func (d *Dispatcher) Diversions() map[delivery.RequestID]Diversion {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.turns // replaced, never changed
}

// Divert turns a drone in the air to a life-threatening request. The world is read anew:
// it is done only while it still betters the plan. The hospital that loses its delivery
// is told at once, with what it costs.
func (d *Dispatcher) Divert(ctx context.Context, a network.Actor, id delivery.RequestID, from delivery.DeliveryID) (delivery.Delivery, error) {
	if a.Role != network.RoleDispatcher {
		return delivery.Delivery{}, refusal.ErrForbidden
	}
	now := d.Now()
	w, r, err := d.waiting(ctx, id, now)
	if err != nil {
		return delivery.Delivery{}, err
	}
	p, err := w.propose(w.snap.Requests)
	if err != nil {
		return delivery.Delivery{}, err
	}
	air, err := d.inFlight(ctx)
	if err != nil {
		return delivery.Delivery{}, err
	}
	air = slices.DeleteFunc(air, func(c carrying) bool { return c.rec.Delivery.ID != from })
	left := 1
	t, ok, err := d.diversionFor(ctx, w, p, r, air, &left)
	if err != nil {
		return delivery.Delivery{}, err
	}
	if !ok || !troubled(p, r) {
		return delivery.Delivery{}, refusal.OfState("delivery "+string(from), "no better use for this request now", "diverted")
	}
	del, events, err := d.Store.Divert(ctx, d.order(a, t, r, now))
	if err != nil {
		return delivery.Delivery{}, fmt.Errorf("divert: %w", err)
	}
	d.settle(ctx, now)
	d.publish(events)
	return del, nil
}

// order is a diversion as it is written: the new ways, and the command to fly them.
func (d *Dispatcher) order(a network.Actor, t Diversion, r delivery.Request, now time.Time) Turn {
	class := d.classOf(t.Drone)
	alt := d.Network.GroundAltM() + class.HeightM
	way := flightPlan(class, t.out)
	c := delivery.MissionChange{Actor: a.Login, Note: "diverted to " + string(r.ID), Hospital: r.Hospital, Pad: t.Pad, ArriveAt: t.ArriveAt, EnergyJ: t.energyJ,
		SlotFrom: t.ArriveAt.Add(-slotSlack), SlotTo: t.ArriveAt.Add(unloadTime), PlanHash: flightPlan(class, t.out, t.back).Hash(),
		Out: timed(t.out, alt, now, t.ArriveAt), Back: timed(t.back, alt, t.ArriveAt.Add(unloadTime), t.home),
		Commands: []telemetry.Command{{Kind: telemetry.Reroute, Plan: &way, Expires: now.Add(commandLife)}}}
	two := d.Policy.TwoPersons[r.Urgency]
	return Turn{Diversion: t, Gains: r, Mission: c, Alarm: t.displaced(now), TwoPersons: two, Checked: checkedBy(a, two), Actor: a, Now: now, Decide: func(m delivery.Mission, del delivery.Delivery) (delivery.Change, error) {
		if a.Site != "" && a.Site != m.Centre {
			return delivery.Change{}, refusal.ErrForbidden
		}
		if m.Status != delivery.MOutbound {
			return delivery.Change{}, refusal.OfState("the mission", string(m.Status), "diverted")
		}
		change, err := del.Apply(network.System, delivery.StepDivert, delivery.Scan{Note: "to " + string(r.ID)}, now)
		change.Custody.Actor = a.Login
		return change, err
	}}
}

// displaced is the alarm of the hospital that waits longer now; it stands until its
// request is served again.
func (t Diversion) displaced(now time.Time) delivery.Alarm {
	detail := "none"
	if !t.Instead.IsZero() {
		detail = t.Instead.Format(time.RFC3339)
	}
	return delivery.Alarm{Kind: delivery.Diverted, Priority: delivery.Priorities[delivery.Diverted], Device: t.Drone, Delivery: t.Delivery, Site: t.Hospital, RaisedAt: now, Value: float64(t.LaterMin()), Detail: detail}
}

// checkedBy is the person whose check of the units stands for a diversion: of the two who
// handled them, one who does not divert now where two persons are wanted.
func checkedBy(a network.Actor, two bool) func(delivery.Delivery) (string, error) {
	return func(del delivery.Delivery) (string, error) {
		for _, login := range []string{del.CheckedBy, del.AllocatedBy} {
			if login != "" && login != network.System.Login && (!two || login != a.Login) {
				return login, nil
			}
		}
		return "", refusal.ErrSamePerson
	}
}

// homePlan is what a drone that was diverted must be given before it can fly home: it
// keeps the plan that it left with.
func (d *Dispatcher) homePlan(m delivery.Mission, own []delivery.Delivery, c delivery.MissionChange, now time.Time) delivery.MissionChange {
	if _, turned := lo.Find(own, func(del delivery.Delivery) bool { return del.DivertedFrom != "" }); !turned || c.Status != delivery.MAtPad {
		return c
	}
	p := flightPlan(d.classOf(m.Drone), points(m.Out), points(m.Back))
	c.Out, c.Back, c.PlanHash = m.Out, m.Back, p.Hash()
	c.Commands = append(c.Commands, telemetry.Command{Kind: telemetry.LoadMission, Plan: &p, Expires: now.Add(commandLife)})
	return c
}
