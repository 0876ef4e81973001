package flight

import (
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
	"hemolift/geo"
	"hemolift/telemetry"
)

// heardWithin is how long a drone that took a command may be heard doing what it did before.
const heardWithin = 5 * time.Second

// handshake has a drone hold before a pad for which its ward has not spoken; go on when it
// has, with the pad held for when it lands; and come home while its battery still keeps the
// way. A drone is held for its pad until it is heard to fly on: what it was told and did not
// hear is told again. A person's hold, and a call home, the server leaves.
func handshake(s *situation.Situation, m delivery.Mission, payload []delivery.Delivery) []delivery.Action {
	c, ok := shakes(s, m, payload)
	if !ok {
		return nil
	}
	actions := []delivery.Action{delivery.ChangeMission{Seen: m, Payload: payload, Change: c}}
	if len(c.Commands) > 0 {
		actions = append(actions, delivery.Retry{Mission: m.ID, At: s.At.Add(heardWithin)})
	}
	return actions
}

func shakes(s *situation.Situation, m delivery.Mission, payload []delivery.Delivery) (c delivery.MissionChange, ok bool) {
	state, heard := s.Live(m.Drone)
	held, phase := !m.HeldForPad.IsZero(), state.Status.Phase
	switch {
	case !heard || m.Status != delivery.MOutbound:
		return c, false
	case m.Ordered != "" && !held && (phase != telemetry.Airborne || calledHome(m)):
		return c, false
	case phase == telemetry.Airborne && situation.NearsUnspoken(s, m, payload):
		c = command(s, network.System, telemetry.Command{Kind: telemetry.Hold})
		c.Note = "nobody has said that the pad is clear"
		if !held {
			c.HeldForPad = &s.At
		}
		return c, true
	case phase == telemetry.Airborne && held:
		return delivery.MissionChange{HeldForPad: &time.Time{}}, true // it flies on
	case phase == telemetry.Holding && held:
		return letOn(s, m, payload)
	case phase == telemetry.Holding && situation.HoldsUntold(s, m, payload):
		return delivery.MissionChange{HeldForPad: &s.At}, true
	}
	return c, false
}

// calledHome reports whether a mission's way back begins elsewhere than where its way out ends:
// it was told to turn.
func calledHome(m delivery.Mission) bool {
	return len(m.Back) > 0 && geo.Distance(m.Back[0].Point, goal(m)) > situation.AstrayM
}

// letOn is what becomes of a drone that holds for its pad.
func letOn(s *situation.Situation, m delivery.Mission, payload []delivery.Delivery) (delivery.MissionChange, bool) {
	if arrive, ok := situation.PadArrival(s, m, payload); ok {
		c := command(s, network.System, telemetry.Command{Kind: telemetry.Resume})
		c.ArriveAt = arrive
		c.SlotFrom, c.SlotTo = situation.SlotFor(arrive)
		return c, true
	}
	if !situation.CanWait(s, m, payload) {
		c, err := goHome(s, m, network.System)
		c.Note = "its battery keeps the way home, and not a longer wait for its pad"
		return c, err == nil
	}
	// Its slot moves on with it, as long as the pad is free.
	from, to := situation.SlotFor(s.At.Add(situation.PadHoldAhead))
	if s.SlotOf(m.ID).To.Before(s.At.Add(situation.HoldAhead)) && !s.Overlapped(m, from, to) {
		return delivery.MissionChange{SlotFrom: from, SlotTo: to}, true
	}
	return delivery.MissionChange{}, false
}
