package flight

import (
	"errors"
	"slices"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

// Next is what is to be done about all missions that wait for nothing: neither for the
// answer to a command nor for a while after a refusal.
func Next(s *situation.Situation) []delivery.Action {
	var actions []delivery.Action
	for _, m := range s.Missions {
		waits := slices.ContainsFunc(s.Commands, func(c telemetry.Command) bool { return c.Mission == string(m.ID) })
		if _, known := s.Drone(m.Drone); known && !waits && !s.At.Before(s.RetryAt[m.ID]) {
			actions = append(actions, advance(s, m, s.Payload(m.ID))...)
		}
	}
	return actions
}

// advance uploads a mission's plan, releases its next leg when all is ready for it, leads
// it around zones, and keeps its pad while the drone stands there.
func advance(s *situation.Situation, m delivery.Mission, payload []delivery.Delivery) []delivery.Action {
	state, _ := s.Drone(m.Drone)
	act := func(c delivery.MissionChange) []delivery.Action {
		return []delivery.Action{delivery.ChangeMission{Seen: m, Payload: payload, Change: c}}
	}
	if around := s.LeadAround(m, payload); m.Status.In(delivery.MOutbound, delivery.MInbound) || around.Outcome == situation.Replanned {
		if around.Outcome != "" {
			return LeadAround(s, m, payload, around)
		}
		return handshake(s, m, payload)
	}
	switch {
	case m.Status == delivery.MAtPad && state.Status.Phase == telemetry.Landed && len(come(s, m, payload)) > 0:
		return act(landedAfterAll(s, m, come(s, m, payload)))
	case m.Status == delivery.MPlanned:
		return act(command(s, network.System, upload(s, m)))
	case m.Status == delivery.MUploaded && delivery.Ready(payload) && state.Status.Phase == telemetry.Parked:
		if delivery.Leaving(payload, s.At) {
			return nil
		}
		if c := s.Clear(s.Departure(m, payload)); c.OK() {
			return act(releaseOut(s, c))
		}
	case m.Status == delivery.MAtPad && state.Status.Phase == telemetry.Landed && s.WaitsHome(m, payload) == "":
		return act(command(s, network.System, telemetry.Command{Kind: telemetry.Release, Leg: 1}))
	case m.Status == delivery.MAtPad && s.OverstaysFreely(m):
		return act(longer(s, m))
	}
	return nil
}

// longer holds the pad on which a drone stands for longer: from now on where its time was
// over, since another one's may have passed meanwhile.
func longer(s *situation.Situation, m delivery.Mission) delivery.MissionChange {
	c := delivery.MissionChange{SlotTo: s.At.Add(2 * situation.HoldAhead)}
	if !s.SlotOf(m.ID).To.After(s.At) {
		c.SlotFrom = s.At
	}
	return c
}

// LeadAround is what has to be done for a mission to be led around a zone.
func LeadAround(s *situation.Situation, m delivery.Mission, payload []delivery.Delivery, r situation.Around) []delivery.Action {
	var c delivery.MissionChange
	switch {
	case r.Outcome == situation.Rerouted:
		c = reroute(s, m, r)
	case r.Outcome == situation.Replanned:
		c = replan(s, m, r)
	case r.Hover:
		c = command(s, network.System, telemetry.Command{Kind: telemetry.Hold})
		c.Note = "no way around a zone"
	default:
		return nil
	}
	return []delivery.Action{delivery.ChangeMission{Seen: m, Payload: payload, Change: c}}
}

// command is a change that gives a drone a command in somebody's name.
func command(s *situation.Situation, by network.Actor, c telemetry.Command) delivery.MissionChange {
	c.Expires = s.At.Add(delivery.CommandLife)
	return delivery.MissionChange{Commands: []telemetry.Command{c}, Actor: by.Login}
}

// upload has a drone keep a mission's plan; its answer makes the mission uploaded.
func upload(s *situation.Situation, m delivery.Mission) telemetry.Command {
	p := situation.FlightPlan(s.ClassOf(m.Drone), situation.Points(m.Out), situation.Points(m.Back))
	return telemetry.Command{Kind: telemetry.LoadMission, Plan: &p}
}

// releaseOut lets a loaded drone go, with its pad held for when it lands.
func releaseOut(s *situation.Situation, c situation.Clearance) delivery.MissionChange {
	change := command(s, network.System, telemetry.Command{Kind: telemetry.Release})
	change.DepartAt, change.ArriveAt = s.At, c.Arrive
	change.SlotFrom, change.SlotTo = situation.SlotFor(c.Arrive)
	return change
}

// come are those of a mission's deliveries that fly, by their record, and are where they are
// due.
func come(s *situation.Situation, m delivery.Mission, payload []delivery.Delivery) []delivery.Delivery {
	return slices.DeleteFunc(slices.Clone(payload), func(d delivery.Delivery) bool {
		return d.Status != delivery.DAirborne || !situation.Came(s, m, d)
	})
}

// landedAfterAll makes good a landing that was taken for one elsewhere: a later position
// is at the goal.
func landedAfterAll(s *situation.Situation, m delivery.Mission, come []delivery.Delivery) delivery.MissionChange {
	c := delivery.MissionChange{
		Actor:      string(m.Drone),
		BoxesAt:    come[0].Hospital,
		Deliveries: map[delivery.ID]delivery.Change{},
		Note:       "at its goal after all",
	}
	for _, d := range come {
		if ch, err := d.Apply(network.System, delivery.StepLand, delivery.Scan{}, s.At); err == nil {
			ch.Custody.Actor = string(m.Drone)
			c.Deliveries[d.ID] = ch
		}
	}
	return c
}

// reroute is the way around as it is written, and told to the drone. Where the pad is
// another drone's at the new time of arrival, the slot is left: the way is safe, and the
// pad is for people to decide.
func reroute(s *situation.Situation, m delivery.Mission, r situation.Around) delivery.MissionChange {
	class := s.ClassOf(m.Drone)
	state, _ := s.Drone(m.Drone)
	plan := situation.FlightPlan(class, r.Path)
	kind := telemetry.Reroute
	if state.Status.Phase == telemetry.Returning {
		kind = telemetry.Return
	}
	c := command(s, network.System, telemetry.Command{Kind: kind, Plan: &plan})
	c.Note = "led around a zone"
	arrive := s.At.Add(r.Leg.Duration)
	track := situation.Timed(r.Path, s.CruiseAltM(class), s.At, arrive)
	if m.Status == delivery.MInbound {
		c.Back = track
		return c
	}
	c.Out, c.ArriveAt = track, arrive
	if from, to := situation.SlotFor(arrive); !s.Overlapped(m, from, to) {
		c.SlotFrom, c.SlotTo = from, to
	}
	return c
}

// replan is another plan for a drone on the ground: one at home is given it anew, one on
// a pad is told of it.
func replan(s *situation.Situation, m delivery.Mission, r situation.Around) delivery.MissionChange {
	plan := situation.FlightPlan(s.ClassOf(m.Drone), situation.Points(r.Out), situation.Points(r.Back))
	c := delivery.MissionChange{
		Out:      r.Out,
		Back:     r.Back,
		Actor:    network.System.Login,
		Note:     "led around a zone",
		PlanHash: plan.Hash(),
		EnergyJ:  r.EnergyJ,
	}
	if m.Status == delivery.MAtPad {
		c.Commands = []telemetry.Command{{Kind: telemetry.LoadMission, Plan: &plan, Expires: s.At.Add(delivery.CommandLife)}}
	} else {
		c.Status = delivery.MPlanned // and so it is uploaded again
	}
	return c
}

// errNotUnderWay is why a command is kept whose mission has ended.
var errNotUnderWay = errors.New("its mission is not under way")
