package recovery

import (
	"fmt"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/plan"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

// Diversion is a drone in the air that would serve a life-threatening request with what
// it carries for a less urgent one, where the whole plan is better for that on the
// levels of STAT. People decide.
type Diversion struct {
	Request  delivery.RequestID // gains
	Delivery delivery.ID
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

	Out, Back []orb.Point // the ways from where the drone is
	EnergyJ   float64     // of the whole mission
	HomeAt    time.Time
}

// LaterMin is by how many minutes the displaced request is served later.
func (t Diversion) LaterMin() int { return int(max(0, t.Instead.Sub(t.Was)) / time.Minute) }

// diverting bounds how many turns are weighed in one look at the world, each of which
// is a plan for all that waits.
const diverting = 12

// Diversions looks, for each STAT request that is not served in time, at the drones in
// the air.
func Diversions(s *situation.Situation, rules propose.Rules, p propose.Proposed) (map[delivery.RequestID]Diversion, error) {
	out := map[delivery.RequestID]Diversion{}
	troubled := slices.DeleteFunc(slices.Clone(s.Requests), func(r delivery.Request) bool { return !troubled(p, r) })
	slices.SortFunc(troubled, func(a, b delivery.Request) int { return a.NeededBy.Compare(b.NeededBy) })
	air, left := inFlight(s), diverting
	for _, r := range troubled {
		t, ok, err := best(s, rules, p, r, air, &left)
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

// Divert is the diversion of one delivery to a request, if that betters the plan now.
func Divert(s *situation.Situation, rules propose.Rules, r delivery.Request, from delivery.ID) (Diversion, error) {
	p, err := propose.For(s, rules, s.Requests)
	if err != nil {
		return Diversion{}, err
	}
	air := slices.DeleteFunc(inFlight(s), func(c carrying) bool { return c.delivery.ID != from })
	left := 1
	t, ok, err := best(s, rules, p, r, air, &left)
	if err == nil && (!ok || !troubled(p, r)) {
		err = refusal.OfState("delivery "+string(from), "no better use for this request now", "diverted")
	}
	return t, err
}

// troubled reports whether a life-threatening request is not served in time.
func troubled(p propose.Proposed, r delivery.Request) bool {
	without, served := p.Proposals[r.ID]
	return r.Urgency == delivery.STAT && (!served || propose.LateMin(r, without.ArriveAt) > 0)
}

// carrying is a mission on its way out and the one delivery that it carries.
type carrying struct {
	mission  delivery.Mission
	delivery delivery.Delivery
	loses    delivery.Request
}

// inFlight is what is on its way to a hospital.
func inFlight(s *situation.Situation) []carrying {
	var out []carrying
	for _, m := range s.Missions {
		for _, d := range s.Payload(m.ID) {
			if m.Status != delivery.MOutbound || d.Status != delivery.DAirborne || d.GivenUp() || len(d.Boxes) == 0 {
				continue
			}
			if r, ok := s.RequestOf(d); ok {
				out = append(out, carrying{m, d, r})
			}
		}
	}
	return out
}

// best is the best turn for a request, if one betters the plan. left bounds how many are
// weighed.
func best(
	s *situation.Situation,
	rules propose.Rules,
	p propose.Proposed,
	r delivery.Request,
	air []carrying,
	left *int,
) (best Diversion, ok bool, err error) {
	for _, c := range air {
		if *left == 0 || !displaceable(s, rules, c, r) {
			continue
		}
		t, err := turn(s, c, r)
		if err != nil {
			continue // out of reach, or too warm
		}
		*left--
		if t, err = weigh(s, rules, p, t, r, c.loses); err != nil {
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
// drone that flies out.
func displaceable(s *situation.Situation, rules propose.Rules, c carrying, r delivery.Request) bool {
	state, heard := s.Drone(c.mission.Drone)
	if c.delivery.Component != r.Component || len(c.delivery.Units) < r.Units || !r.Urgency.Graver(c.loses.Urgency) ||
		c.loses.Hospital == r.Hospital ||
		c.mission.Hospital != c.delivery.Hospital ||
		!heard ||
		state.Status.Phase != telemetry.Airborne ||
		state.Status.Leg != 0 {
		return false
	}
	donors := rules.Donors(r)
	return !slices.ContainsFunc(c.delivery.Units, func(u delivery.Unit) bool {
		return !slices.Contains(donors, string(u.Unit.Group)) || !u.Unit.ExpiresAt.After(s.At.Add(situation.LongestFlight))
	})
}

// turn reckons the flight from where the drone is, and home from there, and has it
// cleared.
func turn(s *situation.Situation, c carrying, r delivery.Request) (Diversion, error) {
	m, d := c.mission, c.delivery
	class := s.ClassOf(m.Drone)
	state, _ := s.Drone(m.Drone)
	hospital, _ := s.Network.Site(r.Hospital)
	centre, _ := s.Network.Site(m.Centre)
	f := situation.Flight(state.Position.Point, hospital.Point, class.HeightM, s.At)
	f.CruiseMPS, f.Wind = class.CruiseMPS, s.Wind
	out, err := s.Airway.Onward(f)
	if err != nil {
		return Diversion{}, err
	}
	back, err := s.Airway.Route(hospital.Point, centre.Point, class, s.Wind, s.At)
	if err != nil {
		return Diversion{}, err
	}
	there, err := class.FlyOn(out.Points, state.HeightM, m.LoadKg, s.Wind)
	if err != nil {
		return Diversion{}, err
	}
	t := Diversion{
		Request:  r.ID,
		Delivery: d.ID,
		Mission:  m.ID,
		Drone:    m.Drone,
		Units:    len(d.Units),
		ArriveAt: s.At.Add(there.Duration),
		Out:      out.Points,
		Back:     back.Points,
	}
	var free bool
	if t.Pad, free = s.FreePad(r.Pad, t.ArriveAt); !free {
		return Diversion{}, refusal.ErrTaken
	}
	left := m.BatteryJ * state.Position.BatteryPct / 100
	m.Pad = t.Pad
	leg := situation.Leg{
		For:      situation.Diverting,
		Mission:  m,
		Payload:  []delivery.Delivery{d},
		BatteryJ: left,
		ArriveAt: t.ArriveAt,
		Ways: []situation.Way{
			{Path: t.Out, LoadKg: m.LoadKg, Aloft: true, FromM: state.HeightM},
			{Path: t.Back, LoadKg: s.HomeKg([]delivery.Delivery{d})},
		},
	}
	cleared := s.Clear(leg)
	if !cleared.OK() {
		return Diversion{}, cleared.Err
	}
	t.EnergyJ, t.HomeAt = m.BatteryJ-left+cleared.EnergyJ, t.ArriveAt.Add(situation.UnloadTime+cleared.Flown[1].Duration)
	return t, nil
}

// weigh plans all that waits anew as if the drone had turned, and scores both ways with
// what is in the air.
func weigh(s *situation.Situation, rules propose.Rules, p propose.Proposed, t Diversion, r, loses delivery.Request) (Diversion, error) {
	t.Displaced, t.Hospital = loses.ID, loses.Hospital
	other := *s
	other.Missions, other.Slots = slices.Clone(s.Missions), slices.Clone(s.Slots)
	for i := range other.Missions {
		if m := &other.Missions[i]; m.ID == t.Mission {
			_, t.Was = s.Expected(*m, delivery.DAirborne)
			m.EnergyJ = t.EnergyJ
			m.Back = situation.Timed(t.Back, 0, t.ArriveAt.Add(situation.UnloadTime), t.HomeAt)
		}
	}
	for i := range other.Slots {
		if h := &other.Slots[i]; h.Mission == t.Mission {
			*h = delivery.Slot{Pad: t.Pad, Mission: t.Mission}
			h.From, h.To = situation.SlotFor(t.ArriveAt)
		}
	}
	requests := []delivery.Request{loses}
	for _, waits := range s.Requests {
		if waits.ID != r.ID {
			requests = append(requests, waits)
		}
	}
	anew, err := propose.For(&other, rules, requests)
	if err != nil {
		return t, err
	}
	t.Instead = anew.Proposals[loses.ID].ArriveAt
	t.Without = p.Proposals[r.ID].ArriveAt
	t.Before, t.After = p.Score, anew.Score
	t.Before[lateLevel(loses.Urgency)] += int64(propose.LateMin(loses, t.Was))
	t.After[lateLevel(r.Urgency)] += int64(propose.LateMin(r, t.ArriveAt))
	return t, nil
}

// lateLevel is the level of the score that counts the late minutes of an urgency.
func lateLevel(u delivery.Urgency) int { return 2*slices.Index(delivery.Urgencies(), u) + 1 }

// better reports whether a plan serves STAT requests better than another.
func better(after, before plan.Score) bool {
	return after.Decides(before) <= lateLevel(delivery.STAT) && after.Compare(before) < 0
}

// DiversionEvents are what the log keeps of the diversions that people are shown: those that
// are of another delivery than before.
func DiversionEvents(before, now map[delivery.RequestID]Diversion, at time.Time) []delivery.Event {
	return delivery.Changes(shownDiversion, before, now, at)
}

var shownDiversion = delivery.Shown[Diversion]{
	Kind:   delivery.EvDiversion,
	Same:   func(x, y Diversion) bool { return x.Delivery == y.Delivery },
	Detail: Diversion.detail,
}

func (t Diversion) detail() map[string]string {
	detail := map[string]string{
		"delivery": string(t.Delivery), "drone": string(t.Drone), "arrive_at": t.ArriveAt.Format(time.RFC3339), "displaced": string(t.Displaced),
		"was": t.Was.Format(time.RFC3339), "before": fmt.Sprint(t.Before), "after": fmt.Sprint(t.After),
	}
	if !t.Instead.IsZero() {
		detail["instead"], detail["later_min"] = t.Instead.Format(time.RFC3339), fmt.Sprint(t.LaterMin())
	}
	return detail
}

// Displaces is the alarm of the hospital that waits longer now; it stands until its
// request is served again.
func (t Diversion) Displaces(now time.Time) delivery.Alarm {
	detail := "none"
	if !t.Instead.IsZero() {
		detail = t.Instead.Format(time.RFC3339)
	}
	return delivery.Alarm{
		Kind:     delivery.Diverted,
		Device:   t.Drone,
		Delivery: t.Delivery,
		Site:     t.Hospital,
		RaisedAt: now,
		Value:    float64(t.LaterMin()),
		Detail:   detail,
	}
}

// Change is a diversion as it is written to its mission: the new ways, and the command
// to fly them.
func (t Diversion) Change(s *situation.Situation, goal network.SiteID) delivery.MissionChange {
	class := s.ClassOf(t.Drone)
	way := situation.FlightPlan(class, t.Out)
	c := delivery.MissionChange{
		Note: "diverted to " + string(t.Request), Hospital: goal, Pad: t.Pad, ArriveAt: t.ArriveAt, EnergyJ: t.EnergyJ,
		PlanHash: situation.FlightPlan(class, t.Out, t.Back).Hash(),
		Out:      situation.Timed(t.Out, s.CruiseAltM(class), s.At, t.ArriveAt),
		Back:     situation.Timed(t.Back, s.CruiseAltM(class), t.ArriveAt.Add(situation.UnloadTime), t.HomeAt),
		Commands: []telemetry.Command{{Kind: telemetry.Reroute, Plan: &way, Expires: s.At.Add(delivery.CommandLife)}},
	}
	c.SlotFrom, c.SlotTo = situation.SlotFor(t.ArriveAt)
	return c
}

// CheckedBy is the person whose check of the units stands for a diversion: of the two who
// handled them, one who does not divert now where two persons are wanted.
func CheckedBy(d delivery.Delivery, a network.Actor, two bool) (string, error) {
	for _, login := range []string{d.CheckedBy, d.AllocatedBy} {
		if login != "" && login != network.System.Login && (!two || login != a.Login) {
			return login, nil
		}
	}
	return "", refusal.ErrSamePerson
}
