package notice

import (
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
)

// Kind is what a notice is about.
type Kind string

const (
	OnItsWay  Kind = "on_its_way"
	Landed    Kind = "landed"
	PadWanted Kind = "pad_wanted" // a drone waits for the ward's word
	Spoiling  Kind = "spoiling"   // its box is out of range
	NotComing Kind = "not_coming" // the units do not come by this delivery
)

// Notice is what a hospital is told of one of its deliveries.
type Notice struct {
	Kind     Kind
	Site     network.SiteID
	Delivery delivery.ID
	Drone    telemetry.DeviceID
	Pad      network.PadID
	Urgency  delivery.Urgency
	At       time.Time
}

// ofStep are the steps of a delivery that are told; what people of the hospital did themselves,
// as by cancelling, is not.
var ofStep = map[string]Kind{
	string(delivery.StepTakeOff):   OnItsWay,
	string(delivery.StepLand):      Landed,
	string(delivery.StepStandDown): NotComing,
	string(delivery.StepFree):      NotComing,
	string(delivery.StepBreak):     NotComing,
	string(delivery.StepGiveUp):    NotComing,
	string(delivery.StepDivert):    NotComing,
	string(delivery.StepReturn):    NotComing,
	string(delivery.StepLose):      NotComing,
}

// ofAlarm are the alarms that are told when they are raised.
var ofAlarm = map[string]Kind{
	string(delivery.TempExcursion): Spoiling,
	string(delivery.PadUnready):    PadWanted,
	string(delivery.PadOverdue):    PadWanted,
}

// About is which delivery an event tells of, and what; ok is false for one that is not told.
func About(e delivery.Event) (kind Kind, id delivery.ID, ok bool) {
	switch {
	case e.Site == "":
	case e.Kind == delivery.EvDelivery:
		kind, ok = ofStep[e.Detail["step"]]
		if e.Detail["from"] != "" { // it has another one's units, in the air
			kind = OnItsWay
		}
		id = delivery.ID(e.Subject)
	case e.Kind == delivery.EvAlarm && e.Detail["what"] == "raised":
		kind, ok = ofAlarm[e.Detail["kind"]]
		id = delivery.ID(e.Detail["delivery"])
	}
	return kind, id, ok && id != ""
}

// Of is the notice of an event about a delivery, as the record has it by now. What has been
// overtaken is not told: that a drone is on its way that has landed, or of an alarm of a
// delivery that has ended.
func Of(e delivery.Event, kind Kind, rec delivery.Record) (Notice, bool) {
	d := rec.Delivery
	n := Notice{
		Kind: kind, Site: d.Hospital, Delivery: d.ID, Drone: d.Drone, Pad: rec.Mission.Pad, Urgency: rec.Request.Urgency, At: e.At,
	}
	switch kind {
	case OnItsWay:
		return n, d.Status == delivery.DAirborne
	case Landed:
		return n, d.Status.In(delivery.DLanded, delivery.DOpened)
	case PadWanted, Spoiling:
		return n, !d.Status.Ended()
	case NotComing:
		return n, !d.Serves()
	}
	return n, false
}
