package delivery

import (
	"slices"
	"time"

	"hemolift/dispatch/network"
	"hemolift/geo"
	"hemolift/telemetry"
)

// MissionID is M-1122-0148, of delivery D-1122-0148.
type MissionID string

// MissionStatus is how far a drone's plan has come.
type MissionStatus string

const (
	MPlanned  MissionStatus = "planned"
	MUploaded MissionStatus = "uploaded" // the drone keeps the approved plan
	MOutbound MissionStatus = "outbound"
	MAtPad    MissionStatus = "at_pad"
	MInbound  MissionStatus = "inbound"
	MDone     MissionStatus = "done"
	MAborted  MissionStatus = "aborted"
)

// missionSteps is the one table of a mission's transitions.
var missionSteps = map[MissionStatus][]MissionStatus{
	MPlanned:  {MUploaded, MAborted, MOutbound}, // outbound when a release was heard before its plan was replaced
	MUploaded: {MOutbound, MAborted, MPlanned},  // planned again when the drone lost the plan
	MOutbound: {MAtPad, MInbound, MDone},        // inbound or done when it turned back
	MAtPad:    {MInbound, MOutbound, MDone},     // the last two when it was down elsewhere
	MInbound:  {MDone},
}

// In reports whether s is one of a list.
func (s MissionStatus) In(list ...MissionStatus) bool { return slices.Contains(list, s) }

// CanBecome reports whether a mission may have another status next.
func (s MissionStatus) CanBecome(next MissionStatus) bool {
	return slices.Contains(missionSteps[s], next)
}

// Active reports whether the mission still holds its drone.
func (s MissionStatus) Active() bool { return !s.In(over...) }

var over = []MissionStatus{MDone, MAborted}

// OverStatuses are those with which a mission holds its drone no more.
func OverStatuses() []MissionStatus { return slices.Clone(over) }

// Mission is the plan that one drone flies, out to a pad and back.
type Mission struct {
	ID        MissionID
	Drone     telemetry.DeviceID
	Centre    network.SiteID
	Hospital  network.SiteID
	Pad       network.PadID
	Status    MissionStatus
	Out, Back []geo.Fix4D // planned positions, AMSL and times
	PlanHash  string
	LoadKg    float64 // on the way out
	EnergyJ   float64 // out and back
	BatteryJ  float64
	ReserveJ  float64
	DepartAt  time.Time // planned, then flown
	ArriveAt  time.Time
	HomeAt    time.Time // zero until it is back
	CreatedAt time.Time
	// Ordered is the role of the person whose order the flight follows: it holds or comes
	// home. Empty when it flies as planned.
	Ordered network.Role
	Watch   FlightWatch
	// LandAsked is the wish that the drone come down where it is.
	LandAsked LandAsked
	// HeldForPad is since when the server has it hold before a pad for which its ward has not
	// spoken; zero when it does not.
	HeldForPad time.Time
}

// ToAlternate reports whether a mission flies to a pad at which nothing of what it carries is
// due.
func (m Mission) ToAlternate(payload []Delivery) bool {
	due := func(d Delivery) bool { return d.Hospital == m.Hospital && d.Status != DDiverted }
	return len(payload) > 0 && !slices.ContainsFunc(payload, due)
}

// LandAsked is who asked, and when, that a drone come down where it is; the zero one is
// nobody. A second person confirms it in time, or it is void.
type LandAsked struct {
	By string
	At time.Time
}

// landAskedFor is for how long the wish that a drone come down where it is waits for the
// second person.
const landAskedFor = 2 * time.Minute

// Stands reports whether somebody asked, and may be heard yet.
func (l LandAsked) Stands(now time.Time) bool { return l.By != "" && now.Sub(l.At) < landAskedFor }

// FlightWatch is which flight controller has a flight; the zero one is nobody's.
type FlightWatch struct {
	By      string
	Since   time.Time
	Offered string // to whom it is to be handed over, or Anybody
}

// Anybody of the controllers may take a flight that is offered so.
const Anybody = "*"

// Release is one leave to take off on the way out that a mission's drone was given.
type Release struct {
	ExpiresAt  time.Time
	AnsweredAt time.Time // or closed at; zero while it waits
	OK         bool
	Reason     string // why it was closed, or refused by the drone
}

// Why a command was closed that its drone did not answer; it may have it all the same.
const (
	NotInTime = "not acknowledged in time"
	Replaced  = "replaced"
	GivenUpBy = "given up"
)

// Unanswered are the reasons of commands that their drones may have all the same.
func Unanswered() []string { return []string{NotInTime, Replaced, GivenUpBy} }

// CommandLife is how long a command is sent again before it counts as unheard.
const CommandLife = 60 * time.Second

// LeaveWithin is how long a loaded drone may stand before, and after it took its release.
const LeaveWithin = 5 * time.Minute

// MayBeGone reports whether a drone may have been let go by one of its releases. One was
// not obeyed that ran out before the drone was heard on the ground, at grounded, or that
// it took long before; grounded is zero when it was not heard there.
func MayBeGone(releases []Release, grounded time.Time) bool {
	return slices.ContainsFunc(releases, func(r Release) bool {
		switch {
		case r.AnsweredAt.IsZero():
			return true
		case r.OK:
			return !r.AnsweredAt.Add(LeaveWithin).Before(grounded)
		}
		return slices.Contains(Unanswered(), r.Reason) && !r.ExpiresAt.Before(grounded)
	})
}

// TakeOffWithin is how long a drone that took its release may still say that it is parked, before
// it is released again.
const TakeOffWithin = 30 * time.Second

// Leaving reports whether a mission's drone took a release lately, and has time yet to take off by it.
func Leaving(payload []Delivery, at time.Time) bool {
	return slices.ContainsFunc(payload, func(d Delivery) bool {
		return slices.ContainsFunc(d.Releases, func(r Release) bool { return r.OK && r.AnsweredAt.Add(TakeOffWithin).After(at) })
	})
}

// ToldToGo reports whether a mission's drone was let go on its way out, by a release that it
// took or may have all the same.
func ToldToGo(payload []Delivery) bool {
	return slices.ContainsFunc(payload, func(d Delivery) bool { return MayBeGone(d.Releases, time.Time{}) })
}

// Slot is a pad held for a mission, half-open.
type Slot struct {
	Pad      network.PadID
	Mission  MissionID
	From, To time.Time
}

// MissionChange is what is written to a mission. Zero fields change nothing.
type MissionChange struct {
	Status   MissionStatus
	Pad      network.PadID  // another one, with its slot
	Hospital network.SiteID // another one, with its pad
	DepartAt time.Time
	ArriveAt time.Time
	HomeAt   time.Time
	SlotTo   time.Time // the pad slot ends then
	SlotFrom time.Time
	LeftAt   time.Time           // the pad is free from then on
	Out      []geo.Fix4D         // another way out
	Back     []geo.Fix4D         // another way back
	PlanHash string              // of a new plan; uploads of older ones are void
	EnergyJ  float64             // of the new plan
	Commands []telemetry.Command // to be sent; ID, Device and Mission are filled in
	Actor    string
	Ordered  *network.Role // whose order the flight follows from now on; nobody's when empty
	// LandAsked is the wish that it come down where it is, from now on.
	LandAsked *LandAsked
	// HeldForPad is since when the server has it hold before its pad, from now on.
	HeldForPad *time.Time
	// Deliveries are the steps that the flight makes them take.
	Deliveries map[ID]Change
	// BoxesAt is where the mission's boxes stand from now on.
	BoxesAt network.SiteID
	Note    string
}
