package delivery

import (
	"slices"
	"time"

	"hemolift/telemetry"
)

// Action is what a decider asks to be done. The desk carries it out, in the order in which
// they are given; nothing else acts.
type Action interface{ isAction() }

// ChangeMission changes a mission as long as it, and what it carries, is as the decider
// saw it.
type ChangeMission struct {
	Seen    Mission
	Payload []Delivery
	Change  MissionChange
}

// Retry has a mission left alone until a time, after its drone refused a command.
type Retry struct {
	Mission MissionID
	At      time.Time
}

// RaiseAlarm tells of something that is no condition of the situation.
type RaiseAlarm struct{ Alarm Alarm }

// ClearAlarms ends the alarms of some kinds of a device.
type ClearAlarms struct {
	Device telemetry.DeviceID
	Kinds  []AlarmKind
}

// Send gives a command to its drone, which may lose it.
type Send struct{ Command telemetry.Command }

// HoldBack keeps a command from its drone for now, and says why.
type HoldBack struct {
	Command telemetry.Command
	Reason  error
}

func (ChangeMission) isAction() {}
func (Retry) isAction()         {}
func (RaiseAlarm) isAction()    {}
func (ClearAlarms) isAction()   {}
func (Send) isAction()          {}
func (HoldBack) isAction()      {}

// Stands reports whether a mission and what it carries are still as the decider saw them:
// otherwise it has moved on meanwhile, and is looked at again.
func (c ChangeMission) Stands(now Mission, payload []Delivery) bool {
	return now.Status == c.Seen.Status && now.PlanHash == c.Seen.PlanHash && now.Pad == c.Seen.Pad &&
		now.Ordered == c.Seen.Ordered && now.LandAsked.By == c.Seen.LandAsked.By && now.HeldForPad.Equal(c.Seen.HeldForPad) &&
		slices.EqualFunc(payload, c.Payload, func(x, y Delivery) bool {
			return x.ID == y.ID && x.Status == y.Status && x.GivenUpAt.Equal(y.GivenUpAt) &&
				x.PadWord.By == y.PadWord.By && x.PadWord.Taken == y.PadWord.Taken && x.PadWord.At.Equal(y.PadWord.At)
		})
}
