package upkeep

import (
	"cmp"
	"slices"
	"time"

	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
)

// Due is what a device needs again, by a day, by its flight hours, or by the earlier of both.
type Due struct {
	Kind  Kind
	Probe int       // of a Calibration
	On    time.Time // a day, at midnight UTC; zero: not by a day
	Hours float64   // of flight; 0: not by hours
	State State
}

// State is how near something due is.
type State string

const (
	Later   State = "later"
	Soon    State = "soon"
	Overdue State = "overdue"
)

var urgency = []State{Later, Soon, Overdue}

// How long ahead a warning comes. They stop nothing: a choice of this program, as long as a
// calibration laboratory or a workshop wants notice.
const (
	soonDays  = 30
	soonHours = 10
)

// Kept is what is kept of one device: its log, the calibrations of its probes, how long it flew.
type Kept struct {
	Log          []Entry
	Calibrations []coldrecord.ProbeCalibration
	Flown        time.Duration
}

// Dues are what a device needs again, the nearest first: what the last entry of each kind that
// stands says, and the last calibration of each probe.
func Dues(k Kept, now time.Time) []Due {
	var list []Due
	for _, kind := range Kinds() {
		var last Entry
		for _, e := range k.Log {
			if e.Kind == kind && e.Stands() && (e.DoneOn.After(last.DoneOn) || e.DoneOn.Equal(last.DoneOn) && e.ID > last.ID) {
				last = e
			}
		}
		if !last.DueOn.IsZero() || last.DueHours > 0 {
			list = append(list, Due{Kind: kind, On: last.DueOn, Hours: last.DueHours})
		}
	}
	last := map[int]coldrecord.ProbeCalibration{}
	for _, c := range k.Calibrations {
		if was := last[c.Probe]; c.CalibratedOn.After(was.CalibratedOn) || c.CalibratedOn.Equal(was.CalibratedOn) && c.At.After(was.At) {
			last[c.Probe] = c
		}
	}
	for _, c := range last {
		list = append(list, Due{Kind: Calibration, Probe: c.Probe, On: c.DueOn})
	}
	for i, d := range list {
		list[i].State = d.state(network.Today(now), k.Flown.Hours())
	}
	slices.SortFunc(list, func(a, b Due) int {
		return cmp.Or(-cmp.Compare(slices.Index(urgency, a.State), slices.Index(urgency, b.State)), a.On.Compare(b.On),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Probe, b.Probe))
	})
	return list
}

func (d Due) state(today time.Time, flown float64) State {
	switch {
	case !d.On.IsZero() && today.After(d.On), d.Hours > 0 && flown > d.Hours:
		return Overdue
	case !d.On.IsZero() && today.AddDate(0, 0, soonDays).After(d.On), d.Hours > 0 && flown > d.Hours-soonHours:
		return Soon
	}
	return Later
}

// AllDues are those of many devices.
func AllDues(kept map[telemetry.DeviceID]Kept, now time.Time) map[telemetry.DeviceID][]Due {
	dues := make(map[telemetry.DeviceID][]Due, len(kept))
	for id, k := range kept {
		dues[id] = Dues(k, now)
	}
	return dues
}
