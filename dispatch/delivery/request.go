package delivery

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/handover"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// Urgency orders requests.
type Urgency string

const (
	STAT    Urgency = "stat" // life-threatening
	Urgent  Urgency = "urgent"
	Routine Urgency = "routine"
)

var urgencies = []Urgency{STAT, Urgent, Routine}

// Urgencies returns all of them, the gravest first.
func Urgencies() []Urgency { return slices.Clone(urgencies) }

// Graver reports whether an urgency goes before another.
func (u Urgency) Graver(than Urgency) bool {
	return slices.Index(urgencies, u) < slices.Index(urgencies, than)
}

// RequestID is R-1122-0148: the date of submission at the network and a number.
type RequestID string

// RequestName is the id of the request with a number that is submitted at a time.
func RequestName(at time.Time, number int64) RequestID {
	return RequestID(fmt.Sprintf("R-%s-%04d", at.In(network.LocalZone).Format("0102"), number))
}

// RequestStatus is where a request is in its life.
type RequestStatus string

const (
	Open      RequestStatus = "open"      // waits for a delivery
	Allocated RequestStatus = "allocated" // has one
	ByRoad    RequestStatus = "by_road"   // a courier has it
	Fulfilled RequestStatus = "fulfilled"
	Cancelled RequestStatus = "cancelled"
)

var waiting = []RequestStatus{Open, Allocated, ByRoad}

// WaitingStatuses are those in which somebody waits for a request.
func WaitingStatuses() []RequestStatus { return slices.Clone(waiting) }

// In reports whether s is one of a list.
func (s RequestStatus) In(list ...RequestStatus) bool { return slices.Contains(list, s) }

// Asked is the part of a request that the hospital chooses.
type Asked struct {
	Hospital  network.SiteID
	Pad       network.PadID
	Component blood.Component
	Group     blood.Group // or UnknownGroup
	Units     int
	Urgency   Urgency
	NeededBy  time.Time
	Patient   blood.Patient
}

// Request is what a hospital asked for, once it was accepted.
type Request struct {
	ID RequestID
	Asked
	Class     blood.RecipientClass
	Status    RequestStatus
	CreatedAt time.Time
	CreatedBy string         // login
	Automated bool           // created by a program, served by a simulated crew
	Version   int            // rises with each amendment
	RestOf    RequestID      // what could not be sent with that one
	RoadAt    time.Time      // when the courier is expected, with ByRoad
	RoadFrom  network.SiteID // the centre that sent it
	Told      handover.Told  // its newest forecast; zero before the first
}

// RequestQuery selects requests, the newest first; what is empty selects all.
type RequestQuery struct {
	Hospital  network.SiteID
	Status    RequestStatus
	Component blood.Component
	Group     blood.Group
	Urgency   Urgency
	Before    RequestID // those submitted before this one
	Limit     int
}

// NewRequest is a request that has not got its id yet.
func NewRequest(asked Asked, by network.Actor, now time.Time) Request {
	return Request{
		Asked:     asked,
		Class:     blood.ClassOf(asked.Group, asked.Patient),
		Status:    Open,
		CreatedAt: now,
		CreatedBy: by.Login,
		Automated: by.Automated,
		Version:   1,
	}
}

// Amend is the request with what is asked for now, by somebody who saw a version of it;
// 0 is any. It waits again: what was reserved for it may not fit any more. Where nothing is
// asked for otherwise, it is the request as it was.
func (r Request) Amend(asked Asked, seen int) (Request, error) {
	if !r.Status.In(Open, Allocated) {
		return r, refusal.OfState("the request", string(r.Status), "amended")
	}
	if asked.Hospital != r.Hospital {
		return r, refusal.OfField("hospital", "cannot be amended")
	}
	if len(asked.Changed(r.Asked)) == 0 {
		return r, nil
	}
	if seen != 0 && seen != r.Version {
		return r, refusal.ErrChanged
	}
	r.Asked, r.Class, r.Version, r.Status = asked, blood.ClassOf(asked.Group, asked.Patient), r.Version+1, Open
	return r, nil
}

// Changed tells what is asked for otherwise than before: of each field the new value, and
// the old one under was_ and its name.
func (a Asked) Changed(was Asked) map[string]string {
	changed := map[string]string{}
	for _, f := range []struct{ name, was, now string }{
		{"pad", string(was.Pad), string(a.Pad)},
		{"component", string(was.Component), string(a.Component)},
		{"blood_group", string(was.Group), string(a.Group)},
		{"units", strconv.Itoa(was.Units), strconv.Itoa(a.Units)},
		{"urgency", string(was.Urgency), string(a.Urgency)},
		{"needed_by", was.NeededBy.UTC().Format(time.RFC3339), a.NeededBy.UTC().Format(time.RFC3339)},
		{"patient_sex", string(was.Patient.Sex), string(a.Patient.Sex)},
		{"patient_age", string(was.Patient.Age), string(a.Patient.Age)},
		{"patient_anti_d", ifKnown(was.Patient.AntiD), ifKnown(a.Patient.AntiD)},
	} {
		if f.was != f.now {
			changed[f.name], changed["was_"+f.name] = f.now, f.was
		}
	}
	return changed
}

// ifKnown is what is known of a finding; empty when nothing is.
func ifKnown(finding *bool) string {
	if finding == nil {
		return ""
	}
	return strconv.FormatBool(*finding)
}

// Cancel is the request when nobody waits for it any more.
func (r Request) Cancel() (Request, error) {
	if !r.Status.In(waiting...) {
		return r, refusal.OfState("the request", string(r.Status), "cancelled")
	}
	r.Status, r.Version = Cancelled, r.Version+1
	return r, nil
}

// RoadStep is what happens to a request that goes by road.
type RoadStep string

const (
	RoadSend    RoadStep = "send"    // a courier takes it
	RoadArrived RoadStep = "arrived" // the hospital has it
	RoadRecall  RoadStep = "recall"  // it waits for a drone again
)

// Check refuses what is no step by road.
func (s RoadStep) Check() error {
	if !slices.Contains([]RoadStep{RoadSend, RoadArrived, RoadRecall}, s) {
		return refusal.OfField("step", fmt.Sprintf("%q is none of send, arrived, recall", s))
	}
	return nil
}

// Road is the request after a step by road; a courier who leaves now arrives at courier.
func (r Request) Road(step RoadStep, courier time.Time, by network.SiteID) (Request, error) {
	from, next := ByRoad, r
	switch step {
	case RoadSend:
		from, next.Status, next.RoadAt, next.RoadFrom = Open, ByRoad, courier, by
	case RoadArrived:
		next.Status = Fulfilled
	case RoadRecall:
		next.Status, next.RoadAt, next.RoadFrom = Open, time.Time{}, ""
	default:
		return r, step.Check()
	}
	if r.Status != from {
		return r, refusal.OfState("the request", string(r.Status), "by road: "+string(step))
	}
	return next, nil
}

// MaxUnits bounds one request; more is asked for in several.
const MaxUnits = 20

// Bounds of needed-by, from now.
const (
	minLead = time.Minute
	maxLead = 7 * 24 * time.Hour
)

// Check refuses what makes no sense, naming the field.
func (a Asked) Check(n *network.Network, now time.Time) error {
	site, ok := n.Site(a.Hospital)
	if !ok || site.Kind != network.Hospital {
		return refusal.OfField("hospital", fmt.Sprintf("%q is not a hospital of this network", a.Hospital))
	}
	pad, ok := n.Pad(a.Pad)
	if !ok || pad.Site != a.Hospital {
		return refusal.OfField("pad", fmt.Sprintf("%q is not a pad of %s", a.Pad, a.Hospital))
	}
	if !slices.Contains(blood.Components(), a.Component) {
		return refusal.OfField("component", fmt.Sprintf("%q is unknown", a.Component))
	}
	if a.Group != blood.UnknownGroup && !slices.Contains(blood.Groups(), a.Group) {
		return refusal.OfField("blood_group", fmt.Sprintf("%q is neither a group nor UNKNOWN", a.Group))
	}
	if a.Units < 1 || a.Units > MaxUnits {
		return refusal.OfField("units", fmt.Sprintf("is not within 1 to %d", MaxUnits))
	}
	if !slices.Contains(urgencies, a.Urgency) {
		return refusal.OfField("urgency", fmt.Sprintf("%q is unknown", a.Urgency))
	}
	if a.NeededBy.Before(now.Add(minLead)) || a.NeededBy.After(now.Add(maxLead)) {
		return refusal.OfField("needed_by", "is not within one minute to seven days from now")
	}
	return a.Patient.Check()
}
