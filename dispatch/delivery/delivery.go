package delivery

import (
	"cmp"
	"slices"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// Status is how far a delivery has come.
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
	StepPadClear  Step = "pad_clear"  // the ward's word that its pad is clear, and that it receives there
	StepPadTaken  Step = "pad_taken"  // its word is not so any more
)

// deliverySteps is the one table of a delivery's transitions. Pack, receive and
// quarantine lead on only with the last unit; when none was received, quarantine
// leads to DRejected instead.
var deliverySteps = map[Step]struct {
	from []Status
	to   Status
	done string // as it is said of a delivery
}{
	StepCheck:     {[]Status{DAllocated}, DChecked, "checked"},
	StepPack:      {[]Status{DChecked}, DPacked, "packed"},
	StepSeal:      {[]Status{DPacked}, DSealed, "sealed"},
	StepLoad:      {[]Status{DSealed}, DLoaded, "loaded"},
	StepTakeOff:   {[]Status{DLoaded}, DAirborne, "flown"},
	StepLand:      {[]Status{DAirborne}, DLanded, "landed"},
	StepCompare:   {[]Status{DLanded}, DOpened, "opened"},
	StepReceive:   {[]Status{DOpened}, DClosed, "received"},
	StepReject:    {[]Status{DLanded, DOpened}, DClosed, "quarantined"},
	StepReturn:    {[]Status{DAirborne}, DReturned, "returned"},
	StepCancel:    {[]Status{DAllocated, DChecked, DPacked}, DCancelled, "cancelled"},
	StepStandDown: {[]Status{DSealed, DLoaded}, DCancelled, "stood down"},
	StepFree:      {[]Status{DAllocated, DChecked, DPacked}, DCancelled, "freed"},
	StepBreak:     {[]Status{DAllocated, DChecked, DPacked}, DCancelled, "broken up"},
	StepGiveUp:    {[]Status{DLoaded, DAirborne, DLanded}, "", "given up"}, // loaded and let go; landed by mistake of a person
	StepKeep:      {[]Status{DLoaded, DAirborne, DLanded, DOpened}, "", "kept"},
	StepLose:      {[]Status{DLoaded, DAirborne, DLanded}, DLost, "written off"},
	StepFind:      {[]Status{DLost}, DReturned, "found"},
	StepDivert:    {[]Status{DAirborne}, DDiverted, "diverted"},
	StepExchange:  {[]Status{DAllocated, DChecked, DPacked, DSealed, DLoaded}, "", "exchanged"},
	StepPadClear:  {[]Status{DSealed, DLoaded, DAirborne}, "", "given a clear pad"},
	StepPadTaken:  {[]Status{DSealed, DLoaded, DAirborne}, "", "refused its pad"},
}

// Frees reports whether a step ends a delivery on the ground, so that its units' journeys
// end without a ward's decision.
func (s Step) Frees() bool {
	return s == StepStandDown || s == StepFree || s == StepBreak
}

// In reports whether s is one of a list.
func (s Status) In(list ...Status) bool { return slices.Contains(list, s) }

// Next returns the status after a step, or a refusal.State. It is empty for a step that
// leads nowhere else.
func (s Status) Next(step Step) (Status, error) {
	t := deliverySteps[step]
	if !slices.Contains(t.from, s) {
		return "", refusal.OfState("the delivery", string(s), cmp.Or(t.done, string(step)))
	}
	return t.to, nil
}

var (
	unserved = []Status{DReturned, DCancelled, DRejected, DDiverted, DLost}
	ended    = append([]Status{DClosed}, unserved...)
)

// EndedStatuses are those with which nothing more is done.
func EndedStatuses() []Status { return slices.Clone(ended) }

// Unserved reports that the delivery ended without serving its request.
func (s Status) Unserved() bool {
	return s.In(unserved...)
}

// Ended reports that nothing more is done with the delivery.
func (s Status) Ended() bool {
	return s.In(ended...)
}

// Box is a box of a delivery.
type Box struct {
	Box      telemetry.DeviceID
	Profile  coldchain.ProfileID
	PackedAt time.Time // of its first unit; zero before
	Released bool      // free for another delivery
}

// Unit is a unit of a delivery.
type Unit struct {
	Unit     blood.Unit
	Box      telemetry.DeviceID
	PackedAt time.Time
	Outcome  blood.UnitStatus // Received or Quarantined; empty before
	Released bool             // another delivery may have it
}

// ID is D-1122-0148, of request R-1122-0148, or D-1122-0148-2.
type ID string

// Delivery is the fulfilment of one request on one leg of a mission.
type Delivery struct {
	ID          ID
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
	PadRule     PadRule
	PadWord     PadWord
	Automated   bool
	NeededBy    time.Time
	Boxes       []Box
	Units       []Unit
	CreatedAt   time.Time
	// GivenUpAt is set while the delivery is not to serve its request any more, though
	// its units are still on their way; another delivery may serve it.
	GivenUpAt time.Time
	LoadedAt  time.Time // last; zero before
	// Releases are what its mission's drone was told of its way out.
	Releases  []Release
	Exchanges int // how many drones it had before the one that it has
	// DivertedFrom is the delivery that had the box before, in the air.
	DivertedFrom ID
}

// Serves reports whether the delivery serves its request, or has done so.
func (d Delivery) Serves() bool { return !d.Status.Unserved() && !d.GivenUp() }

// GivenUp reports whether another delivery may serve the request.
func (d Delivery) GivenUp() bool { return !d.GivenUpAt.IsZero() }

// uses reports whether a device is the delivery's drone or one of its boxes.
func (d Delivery) uses(id telemetry.DeviceID) bool {
	return slices.Contains(d.Devices(), id)
}

// Devices are the delivery's drone and boxes.
func (d Delivery) Devices() []telemetry.DeviceID {
	ids := []telemetry.DeviceID{d.Drone}
	for _, b := range d.Boxes {
		ids = append(ids, b.Box)
	}
	return ids
}

// Keys are those of the units, in their order.
func (d Delivery) Keys() []blood.UnitKey {
	keys := make([]blood.UnitKey, len(d.Units))
	for i, u := range d.Units {
		keys[i] = u.Unit.Key
	}
	return keys
}

// Turned reports whether one of a mission's deliveries began in the air.
func Turned(payload []Delivery) bool {
	return slices.ContainsFunc(payload, func(d Delivery) bool { return d.DivertedFrom != "" })
}

// AllEnded reports whether nothing more is done with any of them.
func AllEnded(list []Delivery) bool {
	return !slices.ContainsFunc(list, func(d Delivery) bool { return !d.Status.Ended() })
}

// All reports whether there are deliveries and each has one of the statuses.
func All(list []Delivery, any ...Status) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(d Delivery) bool { return !d.Status.In(any...) })
}

// Ready reports whether a mission carries what it is to take.
func Ready(payload []Delivery) bool {
	return All(payload, DLoaded) && !slices.ContainsFunc(payload, Delivery.GivenUp)
}

// AnyAirborne reports whether one of them flies, by its record.
func AnyAirborne(list []Delivery) bool {
	return slices.ContainsFunc(list, func(d Delivery) bool { return d.Status == DAirborne })
}

// Of are those of a mission.
func Of(id MissionID, all []Delivery) []Delivery {
	var payload []Delivery
	for _, d := range all {
		if d.Mission == id {
			payload = append(payload, d)
		}
	}
	return payload
}

// CustodyEvent is one entry of a delivery's record.
type CustodyEvent struct {
	Step   Step
	Actor  string // a login, or the device that reported it
	At     time.Time
	Scan   string
	Detail string
}
