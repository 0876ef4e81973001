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
	LowEnergy      AlarmKind = "low_energy"
	InZone         AlarmKind = "in_zone"
	OffRoute       AlarmKind = "off_route"
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
}

// Next is what a person should do first about an alarm, as the API names it.
type Next string

const (
	Watch        Next = "watch"         // nothing to do but look
	Judge        Next = "judge"         // have the units judged, prepare others
	Shorten      Next = "shorten"       // the nearest pad, or back into a cold room
	CheckBox     Next = "check_box"     // the box's logger and its battery
	Contact      Next = "contact"       // the people where it stands
	LandNearest  Next = "land_nearest"  // choose a pad within reach
	LeaveZone    Next = "leave_zone"    // out of the zone by the shortest way
	Replan       Next = "replan"        // another way, drone, pad or a courier
	LookAtDrone  Next = "look_at_drone" // somebody goes to the drone
	CallHospital Next = "call_hospital" // say when the units come
	FreePad      Next = "free_pad"
	CallHome     Next = "call_home"    // order it back
	RenewSecret  Next = "renew_secret" // somebody may have the device's secret, or it is broken
	SetClock     Next = "set_clock"    // the operator sets it, and starts the server anew
)

var alarmRows = []alarmRow{
	{TempExcursion, Critical, ByReading, Judge},
	{TempNearLimit, Caution, ByReading, Shorten},
	{TempUnknown, Caution, ByReading, CheckBox},
	{SensorFault, Advisory, ByReading, CheckBox},
	{LinkLoss, Caution, ByEvent, Watch},
	{LowEnergy, Critical, ByPosition, LandNearest},
	{InZone, Critical, ByPosition, LeaveZone},
	{OffRoute, Caution, ByPosition, Watch},
	{PlanMismatch, Critical, ByEvent, LookAtDrone},
	{CommandUnacked, Caution, ByEvent, Watch},
	{Overdue, Caution, ByCondition, CallHospital},
	{PadTaken, Critical, ByCondition, FreePad},
	{NoWay, Critical, ByCondition, LandNearest},
	{ColdMargin, Caution, ByCondition, Replan},
	{OutOfService, Critical, ByCondition, Replan},
	{AstrayDown, Critical, ByCondition, LookAtDrone},
	{NotLeft, Caution, ByCondition, LookAtDrone},
	{Stranded, Caution, ByCondition, Contact},
	{Diverted, Critical, ByDeed, CallHospital},
	{UntoldFlight, Critical, ByCondition, CallHome},
	{OverQuota, Caution, ByCondition, RenewSecret},
	{ClockOff, Critical, ByEvent, SetClock},
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

// Source is what begins and ends alarms of the kind.
func (k AlarmKind) Source() Source { return k.row().source }

// Next is what to do first about an alarm of the kind.
func (k AlarmKind) Next() Next { return k.row().next }

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
	Value, Limit float64        // in the units that the kind's words give
	Detail       string
	RaisedAt     time.Time
	ClearedAt    time.Time
	AckedAt      time.Time
	AckedBy      string
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
}

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
