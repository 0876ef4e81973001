package dispatch

import (
	"slices"
	"time"

	"hemolift/geo"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// DeliveryStatus is how far a delivery has come.
type DeliveryStatus string

const (
	DAllocated DeliveryStatus = "allocated" // units, box, drone and pad slot are reserved
	DChecked   DeliveryStatus = "checked"   // by the second person
	DPacked    DeliveryStatus = "packed"    // every unit scanned into its box
	DSealed    DeliveryStatus = "sealed"
	DLoaded    DeliveryStatus = "loaded"
	DAirborne  DeliveryStatus = "airborne"
	DLanded    DeliveryStatus = "landed"
	DOpened    DeliveryStatus = "opened" // seal compared
	DClosed    DeliveryStatus = "closed" // each unit received or quarantined
	DReturned  DeliveryStatus = "returned"
	DCancelled DeliveryStatus = "cancelled"
	DRejected  DeliveryStatus = "rejected" // every unit quarantined at the hospital
	DDiverted  DeliveryStatus = "diverted" // its units go to a more urgent request
	DLost      DeliveryStatus = "lost"     // the drone was never found
)

// Step is what is done to a delivery.
type Step string

const (
	StepAllocate  Step = "allocate"
	StepCheck     Step = "check"
	StepPack      Step = "pack" // one unit
	StepSeal      Step = "seal"
	StepLoad      Step = "load"
	StepTakeOff   Step = "take_off"
	StepLand      Step = "land"
	StepCompare   Step = "compare_seal"
	StepReceive   Step = "receive"    // one unit, usable
	StepReject    Step = "quarantine" // one unit, not to be used
	StepReturn    Step = "return"     // the drone came home with it
	StepCancel    Step = "cancel"
	StepStandDown Step = "stand_down" // sealed, but it will not fly
	StepFree      Step = "free"       // before it was sealed: all goes back to stock, and the request waits
	StepBreak     Step = "break"      // one unit may not be used: the rest goes back to stock
	StepGiveUp    Step = "give_up"    // in the air, but it will not serve its request
	StepKeep      Step = "keep"       // it may serve it after all
	StepLose      Step = "lose"       // given up, and the drone will not be found
	StepFind      Step = "find"       // it was found after all
	StepDivert    Step = "divert"     // ends one delivery and begins another with the same box
	StepExchange  Step = "exchange"   // another drone for it
)

// deliverySteps is the one table of a delivery's transitions. Pack, receive and
// quarantine lead on only with the last unit; when none was received, quarantine
// leads to DRejected instead.
var deliverySteps = map[Step]struct {
	from []DeliveryStatus
	to   DeliveryStatus
}{
	StepCheck:     {[]DeliveryStatus{DAllocated}, DChecked},
	StepPack:      {[]DeliveryStatus{DChecked}, DPacked},
	StepSeal:      {[]DeliveryStatus{DPacked}, DSealed},
	StepLoad:      {[]DeliveryStatus{DSealed}, DLoaded},
	StepTakeOff:   {[]DeliveryStatus{DLoaded}, DAirborne},
	StepLand:      {[]DeliveryStatus{DAirborne}, DLanded},
	StepCompare:   {[]DeliveryStatus{DLanded}, DOpened},
	StepReceive:   {[]DeliveryStatus{DOpened}, DClosed},
	StepReject:    {[]DeliveryStatus{DLanded, DOpened}, DClosed},
	StepReturn:    {[]DeliveryStatus{DAirborne}, DReturned},
	StepCancel:    {[]DeliveryStatus{DAllocated, DChecked, DPacked}, DCancelled},
	StepStandDown: {[]DeliveryStatus{DSealed, DLoaded}, DCancelled},
	StepFree:      {[]DeliveryStatus{DAllocated, DChecked, DPacked}, DCancelled},
	StepBreak:     {[]DeliveryStatus{DAllocated, DChecked, DPacked}, DCancelled},
	StepGiveUp:    {[]DeliveryStatus{DLoaded, DAirborne, DLanded}, ""}, // loaded and let go; landed by mistake of a person
	StepKeep:      {[]DeliveryStatus{DLoaded, DAirborne, DLanded, DOpened}, ""},
	StepLose:      {[]DeliveryStatus{DLoaded, DAirborne, DLanded}, DLost},
	StepFind:      {[]DeliveryStatus{DLost}, DReturned},
	StepDivert:    {[]DeliveryStatus{DAirborne}, DDiverted},
	StepExchange:  {[]DeliveryStatus{DAllocated, DChecked, DPacked, DSealed, DLoaded}, ""},
}

// next returns the status after a step, or a StateError.
func (s DeliveryStatus) next(step Step) (DeliveryStatus, error) {
	t := deliverySteps[step]
	if !slices.Contains(t.from, s) {
		return "", StateError{What: "the delivery", State: string(s), Action: string(step)}
	}
	return t.to, nil
}

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

func (s MissionStatus) canBecome(next MissionStatus) bool {
	return slices.Contains(missionSteps[s], next)
}

// Ended reports that nothing more is done with the delivery.
func (s DeliveryStatus) Ended() bool {
	return s == DClosed || s == DReturned || s == DCancelled || s == DRejected || s == DDiverted || s == DLost
}

// Active reports whether the mission still holds its drone.
func (s MissionStatus) Active() bool { return s != MDone && s != MAborted }

// Mission is the plan that one drone flies, out to a pad and back.
type Mission struct {
	ID        MissionID
	Drone     telemetry.DeviceID
	Centre    SiteID
	Hospital  SiteID
	Pad       PadID
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
}

// DeliveryBox is a box of a delivery.
type DeliveryBox struct {
	Box      telemetry.DeviceID
	Profile  coldchain.ProfileID
	PackedAt time.Time // of its first unit; zero before
}

// DeliveryUnit is a unit of a delivery.
type DeliveryUnit struct {
	Unit     Unit
	Box      telemetry.DeviceID
	PackedAt time.Time
	Outcome  UnitStatus // Received or Quarantined; empty before
}

// Delivery is the fulfilment of one request on one leg of a mission.
type Delivery struct {
	ID          DeliveryID
	Request     RequestID
	Version     int // of the request when this was allocated
	Component   Component
	Recipient   RecipientClass
	Mission     MissionID
	Drone       telemetry.DeviceID
	Centre      SiteID
	Hospital    SiteID
	Status      DeliveryStatus
	Seal        string
	AllocatedBy string
	CheckedBy   string
	TwoPersons  bool // the check is another person's
	Automated   bool
	NeededBy    time.Time
	Boxes       []DeliveryBox
	Units       []DeliveryUnit
	CreatedAt   time.Time
	// GivenUpAt is set while the delivery is not to serve its request any more, though
	// its units are still on their way; another delivery may serve it.
	GivenUpAt time.Time
	// DivertedFrom is the delivery that had the box before, in the air.
	DivertedFrom DeliveryID
}

// CustodyEvent is one entry of a delivery's record.
type CustodyEvent struct {
	Step   Step
	Actor  string // a login, or the device that reported it
	At     time.Time
	Scan   string
	Detail string
}
