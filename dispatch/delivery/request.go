package delivery

import (
	"fmt"
	"hemolift/dispatch/blood"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"slices"
	"time"
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

// RequestID is R-1122-0148: the date of submission at the network and a number.
type RequestID string

// RequestStatus is where a request is in its life.
type RequestStatus string

const (
	Open      RequestStatus = "open"      // waits for a delivery
	Allocated RequestStatus = "allocated" // has one
	ByRoad    RequestStatus = "by_road"   // a courier has it
	Fulfilled RequestStatus = "fulfilled"
	Cancelled RequestStatus = "cancelled"
)

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
	CreatedBy string    // login
	Automated bool      // created by a program, served by a simulated crew
	Version   int       // rises with each amendment
	RestOf    RequestID // what could not be sent with that one
	RoadAt    time.Time // when the courier is expected, with ByRoad
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
