package delivery

import (
	"slices"
	"time"

	"hemolift/dispatch/network"
	"hemolift/telemetry"
)

// AlarmKind is what is wrong.
type AlarmKind string

const (
	TempExcursion  AlarmKind = "temp_excursion"
	TempNearLimit  AlarmKind = "temp_near_limit"
	TempUnknown    AlarmKind = "temp_unknown"
	SensorFault    AlarmKind = "sensor_fault" // of a box that holds units
	LinkLoss       AlarmKind = "link_loss"
	LinksLost      AlarmKind = "links_lost" // no drone is heard: the server's own link
	LowEnergy      AlarmKind = "low_energy"
	InZone         AlarmKind = "in_zone"
	OffRoute       AlarmKind = "off_route"
	OffHeight      AlarmKind = "off_height"
	Behind         AlarmKind = "behind"          // it lands later than planned
	PlanMismatch   AlarmKind = "plan_mismatch"   // the drone keeps another plan than approved
	CommandUnacked AlarmKind = "command_unacked" // or refused by the drone
	Overdue        AlarmKind = "overdue"         // needed-by has passed
	PadTaken       AlarmKind = "pad_taken"       // a drone overstays, or comes, while another is to land
	NoWay          AlarmKind = "no_way"          // zones leave a drone in the air no way on
	ColdMargin     AlarmKind = "cold_margin"     // not released: its box would come to its limit on the way
	OutOfService   AlarmKind = "out_of_service"  // a pad, centre, drone or box that a mission under way needs
	AstrayDown     AlarmKind = "down_elsewhere"  // landed, but not at its goal
	NotLeft        AlarmKind = "not_leaving"     // loaded, and still there
	Stranded       AlarmKind = "stranded"        // on a hospital's pad for too long
	Diverted       AlarmKind = "diverted"        // a hospital's delivery went to a more urgent request
	UntoldFlight   AlarmKind = "untold_flight"   // a drone flies what it was not told
	OverQuota      AlarmKind = "over_quota"      // a device sends more than its quota, and was cut
	LandAsk        AlarmKind = "land_asked"      // that a drone come down where it is, of a second person
	PadUnready     AlarmKind = "pad_unready"     // a ward is to say that its pad is clear
	PadOverdue     AlarmKind = "pad_overdue"     // a drone waits for that for too long
	ClockOff       AlarmKind = "clock_off"       // the machine's clock stepped away from the server's
)

// Priority is how loudly an alarm is told.
type Priority string

const (
	Critical Priority = "critical"
	Caution  Priority = "caution"
	Advisory Priority = "advisory"
)

// Source is what begins and ends an alarm, and so what becomes of it at a restart.
type Source int

const (
	// ByPosition alarms are judged by each position of a drone: they end at a restart,
	// and the next position tells them again. On another leg they are judged anew.
	ByPosition Source = iota + 1
	// ByReading alarms are judged by a box's record, which a restart reads again.
	ByReading
	// ByCondition alarms hold as long as a condition of the situation does, which is
	// looked at every moment: a restart changes nothing.
	ByCondition
	// ByEvent alarms begin with one event, such as a drone's answer, and end with another:
	// they stand through a restart.
	ByEvent
	// ByDeed alarms end with what somebody does, and stand through a restart.
	ByDeed
)

// alarmRow is all that there is to say of one kind of alarm, but for its words on screen.
type alarmRow struct {
	kind     AlarmKind
	priority Priority
	source   Source
	next     Next
	blood    bool // about what the units go through: two people silence it
}

// Next is what a person should do first about an alarm, as the API names it.
type Next string

const (
	Watch        Next = "watch"         // nothing to do but look
	Judge        Next = "judge"         // have the units judged, prepare others
	Shorten      Next = "shorten"       // the nearest pad, or back into a cold room
	CheckBox     Next = "check_box"     // the box's logger and its battery
	CheckLink    Next = "check_link"    // the server's network and broker
	Contact      Next = "contact"       // the people where it stands
	LandNearest  Next = "land_nearest"  // choose a pad within reach
	LeaveZone    Next = "leave_zone"    // out of the zone by the shortest way
	Replan       Next = "replan"        // another way, drone, pad or a courier
	LookAtDrone  Next = "look_at_drone" // somebody goes to the drone
	CallHospital Next = "call_hospital" // say when the units come
	FreePad      Next = "free_pad"
	CallHome     Next = "call_home"     // order it back
	RenewSecret  Next = "renew_secret"  // somebody may have the device's secret, or it is broken
	SecondPerson Next = "second_person" // looks at the flight and confirms, or orders something else
	SetClock     Next = "set_clock"     // the operator sets it, and starts the server anew
)

var alarmRows = []alarmRow{
	{TempExcursion, Critical, ByReading, Judge, true},
	{TempNearLimit, Caution, ByReading, Shorten, true},
	{TempUnknown, Caution, ByReading, CheckBox, true},
	{SensorFault, Advisory, ByReading, CheckBox, true},
	{LinkLoss, Caution, ByEvent, Watch, false},
	{LinksLost, Critical, ByCondition, CheckLink, false},
	{LowEnergy, Critical, ByPosition, LandNearest, false},
	{InZone, Critical, ByPosition, LeaveZone, false},
	{OffRoute, Caution, ByPosition, Watch, false},
	{OffHeight, Caution, ByPosition, Watch, false},
	{Behind, Advisory, ByPosition, CallHospital, false},
	{PlanMismatch, Critical, ByEvent, LookAtDrone, false},
	{CommandUnacked, Caution, ByEvent, Watch, false},
	{Overdue, Caution, ByCondition, CallHospital, false},
	{PadTaken, Critical, ByCondition, FreePad, false},
	{NoWay, Critical, ByCondition, LandNearest, false},
	{ColdMargin, Caution, ByCondition, Replan, true},
	{OutOfService, Critical, ByCondition, Replan, false},
	{AstrayDown, Critical, ByCondition, LookAtDrone, false},
	{NotLeft, Caution, ByCondition, LookAtDrone, false},
	{Stranded, Caution, ByCondition, Contact, false},
	{Diverted, Critical, ByDeed, CallHospital, false},
	{UntoldFlight, Critical, ByCondition, CallHome, false},
	{OverQuota, Caution, ByCondition, RenewSecret, false},
	{LandAsk, Critical, ByCondition, SecondPerson, false},
	{PadUnready, Caution, ByCondition, CallHospital, false},
	{PadOverdue, Critical, ByCondition, CallHospital, false},
	{ClockOff, Critical, ByEvent, SetClock, false},
}

func (k AlarmKind) row() alarmRow {
	for _, r := range alarmRows {
		if r.kind == k {
			return r
		}
	}
	return alarmRow{kind: k, priority: Critical, source: ByDeed, next: Watch} // loud rather than lost
}

// Priority is the kind's.
func (k AlarmKind) Priority() Priority { return k.row().priority }

// Blood reports whether alarms of the kind are about what the units go through.
func (k AlarmKind) Blood() bool { return k.row().blood }

// Source is what begins and ends alarms of the kind.
func (k AlarmKind) Source() Source { return k.row().source }

// Next is what to do first about an alarm of the kind.
func (k AlarmKind) Next() Next { return k.row().next }

// EveryAlarmKind lists all kinds, those of a priority together, the gravest first.
func EveryAlarmKind() []AlarmKind {
	var kinds []AlarmKind
	for _, p := range []Priority{Critical, Caution, Advisory} {
		for _, r := range alarmRows {
			if r.priority == p {
				kinds = append(kinds, r.kind)
			}
		}
	}
	return kinds
}

// AlarmKinds lists the kinds that a source begins and ends.
func AlarmKinds(s Source) []AlarmKind {
	var kinds []AlarmKind
	for _, r := range alarmRows {
		if r.source == s {
			kinds = append(kinds, r.kind)
		}
	}
	return kinds
}

// Alarm is one condition of one device or delivery, from raised to cleared, and
// whether a person has acknowledged it. There is one open alarm of a kind for each.
type Alarm struct {
	ID           int64
	Kind         AlarmKind
	Device       telemetry.DeviceID
	Delivery     ID
	Site         network.SiteID // the hospital concerned
	Value, Limit float64        // when it was raised, in the units that the kind's words give
	Worst        float64        // since it was raised
	Detail       string
	RaisedAt     time.Time
	ClearedAt    time.Time
	AckedAt      time.Time
	AckedBy      string
	Shelf        Shelf
	SuppressedBy AlarmKind // which alarm tells of it
	Times        int       // that its condition came, nobody having seen it; 0 for an alarm by itself
	Chattering   bool      // its condition comes and goes
}

// Concerning fills in which delivery and hospital an alarm of a device concerns: the one
// under way that the device carries.
func (a Alarm) Concerning(deliveries []Delivery) Alarm {
	if a.Delivery != "" {
		return a
	}
	for _, d := range deliveries {
		if d.uses(a.Device) && (a.Delivery == "" || !d.Status.Ended()) {
			a.Delivery, a.Site = d.ID, d.Hospital
		}
	}
	return a
}

// AlarmChange is what becomes of the standing alarms.
type AlarmChange struct {
	Raise []Alarm
	Clear []int64 // their ids
	Loud  []Alarm // whose shelf has run out
}

// Empty reports whether nothing becomes of any alarm.
func (c AlarmChange) Empty() bool { return len(c.Raise)+len(c.Clear)+len(c.Loud) == 0 }

// Clearing ends the standing alarms of some kinds of a device.
func Clearing(standing []Alarm, device telemetry.DeviceID, kinds ...AlarmKind) AlarmChange {
	var c AlarmChange
	for _, a := range standing {
		if a.Device == device && slices.Contains(kinds, a.Kind) {
			c.Clear = append(c.Clear, a.ID)
		}
	}
	return c
}

// Raising raises an alarm unless the same stands. One that comes with its ClearedAt is
// kept as a past condition.
func Raising(standing []Alarm, a Alarm) AlarmChange {
	same := func(b Alarm) bool { return b.Kind == a.Kind && b.Device == a.Device && b.Delivery == a.Delivery }
	if a.ClearedAt.IsZero() && slices.ContainsFunc(standing, same) {
		return AlarmChange{}
	}
	return AlarmChange{Raise: []Alarm{a}}
}
