package flight

import (
	"slices"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

// Missed are the phases of flight that missions have not followed yet: a change of phase
// is told once; what was not acted upon then, by a failure or a restart, is made good one
// status at a time.
func Missed(s *situation.Situation) []telemetry.Event {
	var events []telemetry.Event
	for _, m := range s.Missions {
		payload := s.Payload(m.ID)
		state, known := s.Drone(m.Drone)
		if s.BroughtHome(m, payload) {
			state.Status = telemetry.Status{Phase: telemetry.Parked, Mission: string(m.ID), Leg: 1}
		}
		if !known || state.Status.Mission != string(m.ID) {
			continue
		}
		e := telemetry.Event{
			Kind: telemetry.PhaseChanged, Device: m.Drone, At: s.At, StatedAt: state.StatusAt, Status: implied(m.Status, state.Status),
		}
		if flown(m, payload, e).Status != "" {
			events = append(events, e)
		}
	}
	return events
}

// implied is the next phase that must have been, for a drone to be where it is.
func implied(s delivery.MissionStatus, now telemetry.Status) telemetry.Status {
	was := now
	switch {
	case s == delivery.MUploaded && (now.Leg > 0 || now.Phase == telemetry.Landed || now.Phase == telemetry.Returning):
		was.Phase, was.Leg = telemetry.Airborne, 0
	case s == delivery.MOutbound && now.Leg > 0:
		was.Phase, was.Leg = telemetry.Landed, 0
	case s == delivery.MAtPad && now.Phase == telemetry.Parked && now.Leg > 0:
		was.Phase = telemetry.Airborne
	}
	return was
}

// Phase is what a phase of flight means for a mission and what it carries. came are the
// journeys of units that come home unopened. A phase that does not fit the mission's
// status, as after a repeated report, changes nothing.
func Phase(
	s *situation.Situation,
	m delivery.Mission,
	payload []delivery.Delivery,
	e telemetry.Event,
	came map[delivery.ID][]delivery.Journey,
) (delivery.MissionChange, error) {
	if m.Drone != e.Device {
		return delivery.MissionChange{}, nil
	}
	c := flown(m, payload, e)
	if c.Status == delivery.MAtPad {
		if c = whereDown(s, m, payload, c); len(c.Deliveries) == 0 {
			return c, nil
		}
	}
	for _, d := range payload {
		ch, ok := c.Deliveries[d.ID]
		if !ok || e.Status.Phase != telemetry.Parked {
			continue
		}
		ch, err := ch.WithJourneys(d, came[d.ID])
		if err != nil {
			return delivery.MissionChange{}, err
		}
		c.Deliveries[d.ID] = ch
	}
	if c.Status == delivery.MAtPad && delivery.Turned(payload) {
		// A drone that was diverted keeps the plan that it left with: it is given the one
		// to fly home by.
		load := upload(s, m)
		load.Expires = s.At.Add(delivery.CommandLife)
		c.Out, c.Back, c.PlanHash, c.Commands = m.Out, m.Back, load.Plan.Hash(), append(c.Commands, load)
	}
	return c, nil
}

// whereDown has land, of the deliveries of a drone that is down, those that are due where it
// is; its pad is free when it is elsewhere.
func whereDown(s *situation.Situation, m delivery.Mission, payload []delivery.Delivery, c delivery.MissionChange) delivery.MissionChange {
	for _, d := range payload {
		if !situation.Came(s, m, d) {
			delete(c.Deliveries, d.ID)
		}
	}
	if s.Elsewhere(m) {
		c.BoxesAt, c.LeftAt = "", c.ArriveAt
	}
	if len(c.Deliveries) == 0 {
		c.Note = "down elsewhere"
	}
	return c
}

// flown is what a phase says by itself.
func flown(m delivery.Mission, payload []delivery.Delivery, e telemetry.Event) delivery.MissionChange {
	c := delivery.MissionChange{Actor: string(e.Device), Deliveries: map[delivery.ID]delivery.Change{}}
	step := delivery.Step("")
	switch leg := e.Status.Leg; {
	case e.Status.Phase == telemetry.Airborne && leg == 0:
		c.Status, c.DepartAt, step = delivery.MOutbound, e.At, delivery.StepTakeOff
	case e.Status.Phase == telemetry.Landed && leg == 0:
		c.Status, c.ArriveAt, step, c.BoxesAt = delivery.MAtPad, e.At, delivery.StepLand, m.Hospital
	case e.Status.Phase == telemetry.Airborne && leg == 1, e.Status.Phase == telemetry.Returning:
		c.Status, c.LeftAt = delivery.MInbound, e.At
	case e.Status.Phase == telemetry.Parked:
		c.Status, c.LeftAt, c.HomeAt, step, c.BoxesAt = delivery.MDone, e.At, e.At, delivery.StepReturn, m.Centre
	default:
		return delivery.MissionChange{}
	}
	if c.Status == delivery.MOutbound && !m.Status.In(delivery.MAtPad) && !delivery.ToldToGo(payload) {
		return delivery.MissionChange{} // people are told; its mission does not follow
	}
	if !m.Status.CanBecome(c.Status) || m.Status == delivery.MAtPad && c.Status != delivery.MInbound && !delivery.AnyAirborne(payload) {
		return delivery.MissionChange{} // from its pad it goes home; from elsewhere it may fly on, or be brought
	}
	for _, d := range payload {
		if step == "" {
			break
		}
		if ch, err := d.Apply(network.System, step, delivery.Scan{}, e.At); err == nil {
			ch.Custody.Actor = string(e.Device)
			c.Deliveries[d.ID] = ch
		}
	}
	return c
}

// LeftGivenUp reports whether a mission has left with a delivery that was given up: it is
// called home.
func LeftGivenUp(m delivery.Mission, payload []delivery.Delivery) bool {
	return m.Status == delivery.MOutbound && slices.ContainsFunc(payload, delivery.Delivery.GivenUp)
}
