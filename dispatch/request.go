package dispatch

import (
	"fmt"
	"time"
)

// Urgency orders requests.
type Urgency string

const (
	STAT    Urgency = "stat" // life-threatening
	Urgent  Urgency = "urgent"
	Routine Urgency = "routine"
)

// RequestStatus is where a request is in its life.
type RequestStatus string

const (
	Open      RequestStatus = "open"      // waits for a delivery
	Allocated RequestStatus = "allocated" // has one
	ByRoad    RequestStatus = "by_road"   // a courier has it
	Fulfilled RequestStatus = "fulfilled"
	Cancelled RequestStatus = "cancelled"
)

// Order is what a hospital asks for: the part of a request that it chooses.
type Order struct {
	Hospital  SiteID
	Pad       PadID
	Component Component
	Group     BloodGroup // or UnknownGroup
	Units     int
	Urgency   Urgency
	NeededBy  time.Time
	Patient   Patient
}

// Request is an order that was accepted.
type Request struct {
	ID        RequestID
	Order     Order
	Class     RecipientClass
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

// Check refuses an order that makes no sense, naming the field.
func (o Order) Check(n *Network, now time.Time) error {
	site, ok := n.Site(o.Hospital)
	if !ok || site.Kind != Hospital {
		return FieldError{"hospital", fmt.Sprintf("%q is not a hospital of this network", o.Hospital)}
	}
	pad, ok := n.Pad(o.Pad)
	if !ok || pad.Site != o.Hospital {
		return FieldError{"pad", fmt.Sprintf("%q is not a pad of %s", o.Pad, o.Hospital)}
	}
	if !oneOf(o.Component, components...) {
		return FieldError{"component", fmt.Sprintf("%q is unknown", o.Component)}
	}
	if o.Group != UnknownGroup && !oneOf(o.Group, donorGroups...) {
		return FieldError{"blood_group", fmt.Sprintf("%q is neither a group nor UNKNOWN", o.Group)}
	}
	if o.Units < 1 || o.Units > MaxUnits {
		return FieldError{"units", fmt.Sprintf("is not within 1 to %d", MaxUnits)}
	}
	if !oneOf(o.Urgency, STAT, Urgent, Routine) {
		return FieldError{"urgency", fmt.Sprintf("%q is unknown", o.Urgency)}
	}
	if o.NeededBy.Before(now.Add(minLead)) || o.NeededBy.After(now.Add(maxLead)) {
		return FieldError{"needed_by", "is not within one minute to seven days from now"}
	}
	return o.Patient.check()
}

func (p Patient) check() error {
	if p.Sex != "" && !oneOf(p.Sex, Female, Male) {
		return FieldError{"patient.sex", fmt.Sprintf("%q is unknown", p.Sex)}
	}
	if p.Age != "" && !oneOf(p.Age, Child, Adult, Over50) {
		return FieldError{"patient.age", fmt.Sprintf("%q is unknown", p.Age)}
	}
	return nil
}
