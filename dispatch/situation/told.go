package situation

import (
	"fmt"
	"math"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// Told is what an observation of telemetry does to the alarms of its device.
type Told struct {
	Raise *delivery.Alarm
	Clear []delivery.AlarmKind
}

// Tell turns what telemetry observed into alarms.
func Tell(e telemetry.Event) Told {
	alarm := func(k delivery.AlarmKind) *delivery.Alarm {
		return &delivery.Alarm{Kind: k, Device: e.Device, RaisedAt: e.At, Value: e.Value, Limit: e.Limit}
	}
	switch e.Kind {
	case telemetry.LinkLost:
		return Told{Raise: alarm(delivery.LinkLoss)}
	case telemetry.LinkRestored:
		return Told{Clear: []delivery.AlarmKind{delivery.LinkLoss}}
	case telemetry.ZoneEntered:
		a := alarm(delivery.InZone)
		a.Detail = string(e.Zone)
		return Told{Raise: a}
	case telemetry.ZoneLeft:
		return Told{Clear: []delivery.AlarmKind{delivery.InZone}}
	case telemetry.EnergyLow:
		return Told{Raise: alarm(delivery.LowEnergy)}
	case telemetry.EnergyOK:
		return Told{Clear: []delivery.AlarmKind{delivery.LowEnergy}}
	case telemetry.OffRoute:
		return Told{Raise: alarm(delivery.OffRoute)}
	case telemetry.OnRoute:
		return Told{Clear: []delivery.AlarmKind{delivery.OffRoute}}
	case telemetry.OffHeight:
		return Told{Raise: alarm(delivery.OffHeight)}
	case telemetry.OnHeight:
		return Told{Clear: []delivery.AlarmKind{delivery.OffHeight}}
	case telemetry.FellBehind:
		return Told{Raise: alarm(delivery.Behind)}
	case telemetry.OnTime:
		return Told{Clear: []delivery.AlarmKind{delivery.Behind}}
	case telemetry.TempChanged:
		return tellTemp(e, alarm)
	case telemetry.SensorFault:
		a := alarm(delivery.SensorFault)
		a.Value, a.Limit, a.Detail = e.Sensor.Value, e.Sensor.Limit, string(e.Sensor.Fault)
		return Told{Raise: a, Clear: []delivery.AlarmKind{delivery.SensorFault}} // the newest one is shown
	case telemetry.PhaseChanged:
	}
	return Told{}
}

// TheServer is the device of alarms about the server itself.
const TheServer telemetry.DeviceID = "server"

// TellClock is what the machine's clock does to the alarms when it is off the server's:
// nothing stands while it is followed, but a step that was followed is told.
func TellClock(now time.Time, off time.Duration, followed bool) Told {
	if off == 0 {
		return Told{Clear: []delivery.AlarmKind{delivery.ClockOff}}
	}
	a := &delivery.Alarm{Kind: delivery.ClockOff, Device: TheServer, RaisedAt: now, Value: off.Seconds()}
	if followed {
		a.Detail, a.ClearedAt = "followed", now
	}
	return Told{Raise: a}
}

var tempAlarms = map[coldchain.State]delivery.AlarmKind{
	coldchain.Excursion: delivery.TempExcursion,
	coldchain.NearLimit: delivery.TempNearLimit,
	coldchain.Unknown:   delivery.TempUnknown,
}

func tellTemp(e telemetry.Event, alarm func(delivery.AlarmKind) *delivery.Alarm) Told {
	var t Told
	for _, k := range []delivery.AlarmKind{delivery.TempExcursion, delivery.TempNearLimit, delivery.TempUnknown} {
		if tempAlarms[e.Temp.State] != k {
			t.Clear = append(t.Clear, k)
		}
	}
	value, limit := float64(e.Temp.Newest.TempMC)/1000, nearerLimit(e.Profile, e.Temp.Newest.TempMC)
	if k, ok := tempAlarms[e.Temp.State]; ok && (k != delivery.TempUnknown || e.Temp.HasReading) {
		t.Raise = alarm(k)
		t.Raise.Value, t.Raise.Limit = value, limit
		if k == delivery.TempUnknown {
			t.Raise.Value, t.Raise.Limit = math.Floor(max(0, e.At.Sub(e.Temp.Newest.At).Seconds())), 0
		}
	}
	if o := e.Temp.Outlook; t.Raise != nil && t.Raise.Kind == delivery.TempNearLimit && e.Temp.HasOutlook && o.Early != coldchain.NoLimit {
		t.Raise.Limit, t.Raise.Detail = o.LimitC, fmt.Sprintf("forecast:%.0f", o.Early.Minutes())
	}
	if e.LateBreach && t.Raise == nil { // told once, cleared at once
		t.Raise = alarm(delivery.TempExcursion)
		t.Raise.Detail, t.Raise.ClearedAt = "late", e.At
		t.Raise.Value, t.Raise.Limit = value, limit
	}
	return t
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

// Against is what becomes of the standing alarms. A sensor's fault that was told already
// stands as it is; another fault takes its place.
func (t Told) Against(standing []delivery.Alarm) delivery.AlarmChange {
	a := *t.Raise
	for _, b := range standing {
		if a.Kind == delivery.SensorFault && b.Kind == a.Kind && b.Device == a.Device && b.Detail == a.Detail {
			return delivery.AlarmChange{}
		}
	}
	c := delivery.Clearing(standing, a.Device, t.Clear...)
	left := slices.DeleteFunc(slices.Clone(standing), func(b delivery.Alarm) bool { return slices.Contains(c.Clear, b.ID) })
	c.Raise = delivery.Raising(left, a).Raise
	return c
}
