package delivery

import (
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
	LinkLoss       AlarmKind = "link_loss"
	LowEnergy      AlarmKind = "low_energy"
	InZone         AlarmKind = "in_zone"
	OffRoute       AlarmKind = "off_route"
	PlanMismatch   AlarmKind = "plan_mismatch"   // the drone keeps another plan than approved
	CommandUnacked AlarmKind = "command_unacked" // or refused by the drone
	Overdue        AlarmKind = "overdue"         // needed-by has passed
	PadTaken       AlarmKind = "pad_taken"       // overstays while another is to land
	NoWay          AlarmKind = "no_way"          // zones leave a drone in the air no way on
	SensorFault    AlarmKind = "sensor_fault"    // of a box that holds units
	OutOfService   AlarmKind = "out_of_service"  // a pad, centre, drone or box that a mission under way needs
	AstrayDown     AlarmKind = "down_elsewhere"  // landed, but not at its goal
	NotLeft        AlarmKind = "not_leaving"     // loaded, and still there
	Stranded       AlarmKind = "stranded"        // on its pad for strandedAfter
	Diverted       AlarmKind = "diverted"        // a hospital's delivery went to a more urgent request
	ColdMargin     AlarmKind = "cold_margin"     // not released: its box would come to its limit on the way
)

// Priority is how loudly an alarm is told.
type Priority string

const (
	Critical Priority = "critical"
	Caution  Priority = "caution"
	Advisory Priority = "advisory"
)

var Priorities = map[AlarmKind]Priority{
	TempExcursion: Critical, TempNearLimit: Caution, TempUnknown: Caution, LinkLoss: Caution, LowEnergy: Critical,
	InZone: Critical, OffRoute: Caution, PlanMismatch: Critical, CommandUnacked: Caution, Overdue: Caution, PadTaken: Critical, NoWay: Critical, SensorFault: Advisory, ColdMargin: Caution, Diverted: Critical, OutOfService: Critical, AstrayDown: Critical, NotLeft: Caution, Stranded: Caution,
}

// Alarm is one condition of one device or delivery, from raised to cleared, and
// whether a person has acknowledged it. There is one open alarm of a kind for each.
type Alarm struct {
	ID           int64
	Kind         AlarmKind
	Priority     Priority
	Device       telemetry.DeviceID
	Delivery     DeliveryID
	Site         network.SiteID // the hospital concerned
	Value, Limit float64
	Detail       string
	RaisedAt     time.Time
	ClearedAt    time.Time
	AckedAt      time.Time
	AckedBy      string
}
