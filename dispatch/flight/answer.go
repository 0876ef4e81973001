package flight

import (
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

// retryAfter is how long a mission waits after its drone refused a command.

const retryAfter = 20 * time.Second

// Answered is what a drone's answer to a command of a kind means for its mission. now is
// the mission as it is.
func Answered(
	s *situation.Situation,
	now delivery.Mission,
	payload []delivery.Delivery,
	kind telemetry.CommandKind,
	a telemetry.Ack,
) []delivery.Action {
	if !a.OK {
		refused := delivery.Alarm{Kind: delivery.CommandUnacked, Device: a.Device, RaisedAt: s.At, Detail: string(kind) + ": " + a.Reason}
		actions := []delivery.Action{delivery.RaiseAlarm{Alarm: refused}, delivery.Retry{Mission: now.ID, At: s.At.Add(retryAfter)}}
		if kind == telemetry.Release {
			actions = append(actions, planAgain(s, now, payload)...)
		}
		return actions
	}
	actions := []delivery.Action{delivery.ClearAlarms{Device: a.Device, Kinds: []delivery.AlarmKind{delivery.CommandUnacked}}}
	if kind == telemetry.LoadMission {
		actions = append(actions, confirm(s, now, payload, a)...)
	}
	return actions
}

// planAgain has the plan sent anew to a drone that would not fly it.
func planAgain(s *situation.Situation, m delivery.Mission, payload []delivery.Delivery) []delivery.Action {
	c := delivery.MissionChange{Actor: string(m.Drone)}
	switch m.Status {
	case delivery.MUploaded:
		c.Status = delivery.MPlanned
	case delivery.MAtPad: // it keeps another plan than the one to fly home by
		load := upload(s, m)
		load.Expires = s.At.Add(delivery.CommandLife)
		c.Commands = []telemetry.Command{load}
	case delivery.MPlanned, delivery.MOutbound, delivery.MInbound, delivery.MDone, delivery.MAborted:
		return nil
	}
	return []delivery.Action{delivery.ChangeMission{Seen: m, Payload: payload, Change: c}}
}

// confirm compares the drone's plan with the approved one. An aborted mission's plan does
// not matter any more.
func confirm(s *situation.Situation, m delivery.Mission, payload []delivery.Delivery, a telemetry.Ack) []delivery.Action {
	if m.Status.In(delivery.MPlanned, delivery.MAtPad) && m.PlanHash != a.Hash {
		return []delivery.Action{
			delivery.Retry{Mission: m.ID, At: s.At.Add(retryAfter)},
			delivery.RaiseAlarm{Alarm: delivery.Alarm{Kind: delivery.PlanMismatch, Device: a.Device, RaisedAt: s.At, Detail: string(m.ID)}},
		}
	}
	actions := []delivery.Action{delivery.ClearAlarms{Device: a.Device, Kinds: []delivery.AlarmKind{delivery.PlanMismatch}}}
	if m.Status == delivery.MPlanned {
		actions = append(
			actions,
			delivery.ChangeMission{Seen: m, Payload: payload, Change: delivery.MissionChange{Status: delivery.MUploaded, Actor: string(a.Device)}},
		)
	}
	return actions
}

// Unanswered is what is told of commands whose time is over.
func Unanswered(s *situation.Situation, expired []telemetry.Command) []delivery.Action {
	var actions []delivery.Action
	for _, c := range expired {
		if followed(s, c) {
			continue
		}
		actions = append(
			actions,
			delivery.RaiseAlarm{Alarm: delivery.Alarm{Kind: delivery.CommandUnacked, Device: c.Device, RaisedAt: s.At, Detail: string(c.Kind)}},
		)
	}
	return actions
}
