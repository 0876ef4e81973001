package delivery

import (
	"slices"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// DeliveryStatus is how far a delivery has come.
type Status string

const (
	DAllocated Status = "allocated" // units, box, drone and pad slot are reserved
	DChecked   Status = "checked"   // by the second person
	DPacked    Status = "packed"    // every unit scanned into its box
	DSealed    Status = "sealed"
	DLoaded    Status = "loaded"
	DAirborne  Status = "airborne"
	DLanded    Status = "landed"
	DOpened    Status = "opened" // seal compared
	DClosed    Status = "closed" // each unit received or quarantined
	DReturned  Status = "returned"
	DCancelled Status = "cancelled"
	DRejected  Status = "rejected" // every unit quarantined at the hospital
	DDiverted  Status = "diverted" // its units go to a more urgent request
	DLost      Status = "lost"     // the drone was never found
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
	from []Status
	to   Status
}{
	StepCheck:     {[]Status{DAllocated}, DChecked},
	StepPack:      {[]Status{DChecked}, DPacked},
	StepSeal:      {[]Status{DPacked}, DSealed},
	StepLoad:      {[]Status{DSealed}, DLoaded},
	StepTakeOff:   {[]Status{DLoaded}, DAirborne},
	StepLand:      {[]Status{DAirborne}, DLanded},
	StepCompare:   {[]Status{DLanded}, DOpened},
	StepReceive:   {[]Status{DOpened}, DClosed},
	StepReject:    {[]Status{DLanded, DOpened}, DClosed},
	StepReturn:    {[]Status{DAirborne}, DReturned},
	StepCancel:    {[]Status{DAllocated, DChecked, DPacked}, DCancelled},
	StepStandDown: {[]Status{DSealed, DLoaded}, DCancelled},
	StepFree:      {[]Status{DAllocated, DChecked, DPacked}, DCancelled},
	StepBreak:     {[]Status{DAllocated, DChecked, DPacked}, DCancelled},
	StepGiveUp:    {[]Status{DLoaded, DAirborne, DLanded}, ""}, // loaded and let go; landed by mistake of a person
	StepKeep:      {[]Status{DLoaded, DAirborne, DLanded, DOpened}, ""},
	StepLose:      {[]Status{DLoaded, DAirborne, DLanded}, DLost},
	StepFind:      {[]Status{DLost}, DReturned},
	StepDivert:    {[]Status{DAirborne}, DDiverted},
	StepExchange:  {[]Status{DAllocated, DChecked, DPacked, DSealed, DLoaded}, ""},
}

// In reports whether s is one of a list.
func (s Status) In(list ...Status) bool { return slices.Contains(list, s) }

// next returns the status after a step, or a StateError.
func (s Status) Next(step Step) (Status, error) {
	t := deliverySteps[step]
	if !slices.Contains(t.from, s) {
		return "", refusal.State{What: "the delivery", State: string(s), Action: string(step)}
	}
	return t.to, nil
}

// Ended reports that nothing more is done with the delivery.
func (s Status) Ended() bool {
	return s == DClosed || s == DReturned || s == DCancelled || s == DRejected || s == DDiverted || s == DLost
}

// DeliveryBox is a box of a delivery.
type Box struct {
	Box      telemetry.DeviceID
	Profile  coldchain.ProfileID
	PackedAt time.Time // of its first unit; zero before
}

// DeliveryUnit is a unit of a delivery.
type Unit struct {
	Unit     blood.Unit
	Box      telemetry.DeviceID
	PackedAt time.Time
	Outcome  blood.UnitStatus // Received or Quarantined; empty before
}

// DeliveryID is D-1122-0148, of request R-1122-0148, or D-1122-0148-2.
type DeliveryID string

// Delivery is the fulfilment of one request on one leg of a mission.
type Delivery struct {
	ID          DeliveryID
	Request     RequestID
	Version     int // of the request when this was allocated
	Component   blood.Component
	Recipient   blood.RecipientClass
	Mission     MissionID
	Drone       telemetry.DeviceID
	Centre      network.SiteID
	Hospital    network.SiteID
	Status      Status
	Seal        string
	AllocatedBy string
	CheckedBy   string
	TwoPersons  bool // the check is another person's
	Automated   bool
	NeededBy    time.Time
	Boxes       []Box
	Units       []Unit
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
