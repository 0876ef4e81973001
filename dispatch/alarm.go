package dispatch

import (
	"fmt"
	"time"

	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
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

var priorities = map[AlarmKind]Priority{
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
	Site         SiteID // the hospital concerned
	Value, Limit float64
	Detail       string
	RaisedAt     time.Time
	ClearedAt    time.Time
	AckedAt      time.Time
	AckedBy      string
}

// raise and lower are what an event does to alarms of its device.
type verdict struct {
	raise *Alarm
	lower []AlarmKind
}

// judge turns what telemetry observed into alarms.
func judge(e telemetry.Event) verdict {
	alarm := func(k AlarmKind) *Alarm {
		return &Alarm{Kind: k, Priority: priorities[k], Device: e.Device, RaisedAt: e.At, Value: e.Value, Limit: e.Limit}
	}
	switch e.Kind {
	case telemetry.LinkLost:
		return verdict{raise: alarm(LinkLoss)}
	case telemetry.LinkRestored:
		return verdict{lower: []AlarmKind{LinkLoss}}
	case telemetry.ZoneEntered:
		a := alarm(InZone)
		a.Detail = string(e.Zone)
		return verdict{raise: a}
	case telemetry.ZoneLeft:
		return verdict{lower: []AlarmKind{InZone}}
	case telemetry.EnergyLow:
		return verdict{raise: alarm(LowEnergy)}
	case telemetry.EnergyOK:
		return verdict{lower: []AlarmKind{LowEnergy}}
	case telemetry.OffRoute:
		return verdict{raise: alarm(OffRoute)}
	case telemetry.OnRoute:
		return verdict{lower: []AlarmKind{OffRoute}}
	case telemetry.TempChanged:
		return judgeTemp(e, alarm)
	case telemetry.SensorFault:
		a := alarm(SensorFault)
		a.Value, a.Limit, a.Detail = e.Sensor.Value, e.Sensor.Limit, string(e.Sensor.Fault)
		return verdict{raise: a, lower: []AlarmKind{SensorFault}} // the newest one is shown
	case telemetry.PhaseChanged:
	}
	return verdict{}
}

func judgeTemp(e telemetry.Event, alarm func(AlarmKind) *Alarm) verdict {
	kinds := map[coldchain.State]AlarmKind{coldchain.Excursion: TempExcursion, coldchain.NearLimit: TempNearLimit, coldchain.Unknown: TempUnknown}
	var v verdict
	for _, k := range []AlarmKind{TempExcursion, TempNearLimit, TempUnknown} {
		if kinds[e.Temp.State] != k {
			v.lower = append(v.lower, k)
		}
	}
	if k, ok := kinds[e.Temp.State]; ok && (k != TempUnknown || e.Temp.HasReading) {
		v.raise = alarm(k)
		v.raise.Value, v.raise.Limit = float64(e.Temp.Newest.TempMC)/1000, nearerLimit(e.Profile, e.Temp.Newest.TempMC)
	}
	if o := e.Temp.Outlook; v.raise != nil && v.raise.Kind == TempNearLimit && e.Temp.HasOutlook && o.Early != coldchain.NoLimit {
		v.raise.Limit, v.raise.Detail = o.LimitC, fmt.Sprintf("forecast:%.0f", o.Early.Minutes())
	}
	if e.LateBreach && v.raise == nil { // told once, cleared at once
		v.raise = alarm(TempExcursion)
		v.raise.Detail, v.raise.ClearedAt = "late", e.At
		v.raise.Value, v.raise.Limit = float64(e.Temp.Newest.TempMC)/1000, nearerLimit(e.Profile, e.Temp.Newest.TempMC)
	}
	return v
}

// nearerLimit is the limit in °C that a reading is nearer to, or beyond.
func nearerLimit(p coldchain.Profile, tempMC int32) float64 {
	low, high := float64(p.LowMC)/1000, float64(p.HighMC)/1000
	switch {
	case !p.HasLow():
		return high
	case !p.HasHigh():
		return low
	case float64(tempMC)/1000-low < high-float64(tempMC)/1000:
		return low
	}
	return high
}
