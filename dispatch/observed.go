package dispatch

import (
	"fmt"

	"hemolift/dispatch/delivery"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// raise and lower are what an event does to alarms of its device.
type verdict struct {
	raise *delivery.Alarm
	lower []delivery.AlarmKind
}

// judge turns what telemetry observed into alarms.
func judge(e telemetry.Event) verdict {
	alarm := func(k delivery.AlarmKind) *delivery.Alarm {
		return &delivery.Alarm{Kind: k, Priority: delivery.Priorities[k], Device: e.Device, RaisedAt: e.At, Value: e.Value, Limit: e.Limit}
	}
	switch e.Kind {
	case telemetry.LinkLost:
		return verdict{raise: alarm(delivery.LinkLoss)}
	case telemetry.LinkRestored:
		return verdict{lower: []delivery.AlarmKind{delivery.LinkLoss}}
	case telemetry.ZoneEntered:
		a := alarm(delivery.InZone)
		a.Detail = string(e.Zone)
		return verdict{raise: a}
	case telemetry.ZoneLeft:
		return verdict{lower: []delivery.AlarmKind{delivery.InZone}}
	case telemetry.EnergyLow:
		return verdict{raise: alarm(delivery.LowEnergy)}
	case telemetry.EnergyOK:
		return verdict{lower: []delivery.AlarmKind{delivery.LowEnergy}}
	case telemetry.OffRoute:
		return verdict{raise: alarm(delivery.OffRoute)}
	case telemetry.OnRoute:
		return verdict{lower: []delivery.AlarmKind{delivery.OffRoute}}
	case telemetry.TempChanged:
		return judgeTemp(e, alarm)
	case telemetry.SensorFault:
		a := alarm(delivery.SensorFault)
		a.Value, a.Limit, a.Detail = e.Sensor.Value, e.Sensor.Limit, string(e.Sensor.Fault)
		return verdict{raise: a, lower: []delivery.AlarmKind{delivery.SensorFault}} // the newest one is shown
	case telemetry.PhaseChanged:
	}
	return verdict{}
}

func judgeTemp(e telemetry.Event, alarm func(delivery.AlarmKind) *delivery.Alarm) verdict {
	kinds := map[coldchain.State]delivery.AlarmKind{coldchain.Excursion: delivery.TempExcursion, coldchain.NearLimit: delivery.TempNearLimit, coldchain.Unknown: delivery.TempUnknown}
	var v verdict
	for _, k := range []delivery.AlarmKind{delivery.TempExcursion, delivery.TempNearLimit, delivery.TempUnknown} {
		if kinds[e.Temp.State] != k {
			v.lower = append(v.lower, k)
		}
	}
	if k, ok := kinds[e.Temp.State]; ok && (k != delivery.TempUnknown || e.Temp.HasReading) {
		v.raise = alarm(k)
		v.raise.Value, v.raise.Limit = float64(e.Temp.Newest.TempMC)/1000, nearerLimit(e.Profile, e.Temp.Newest.TempMC)
	}
	if o := e.Temp.Outlook; v.raise != nil && v.raise.Kind == delivery.TempNearLimit && e.Temp.HasOutlook && o.Early != coldchain.NoLimit {
		v.raise.Limit, v.raise.Detail = o.LimitC, fmt.Sprintf("forecast:%.0f", o.Early.Minutes())
	}
	if e.LateBreach && v.raise == nil { // told once, cleared at once
		v.raise = alarm(delivery.TempExcursion)
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
