package telemetry

import (
	"math"
	"time"

	"hemolift/geo"
	"hemolift/geo/route"
)

// Outside says in which ways a drone is outside of what its plan allows, one bit for each.
type Outside uint8

// The three ways in which a flight departs from its plan.
const (
	Aside   Outside = 1 << iota // of its path
	Uneven                      // above or below its cruising height
	Delayed                     // after its planned landing
)

// departures is the one table of how a drone departs from its plan: what is measured, always
// 0 or more, the limit of its class, and the events at the limit and back within it.
var departures = [...]struct {
	is        Outside
	out, back EventKind
	measured  func(DroneState) float64
	limit     func(route.Class, Limits) float64
}{
	{Aside, OffRoute, OnRoute, func(d DroneState) float64 { return d.OffM }, LateralLimitM},
	{Uneven, OffHeight, OnHeight, func(d DroneState) float64 { return math.Abs(d.OffHeightM) }, VerticalLimitM},
	{Delayed, FellBehind, OnTime, func(d DroneState) float64 { return d.Behind.Minutes() }, DelayLimitMin},
}

// LateralLimitM is how far aside of its path an aircraft of a class may be, in metres.
func LateralLimitM(c route.Class, l Limits) float64 { return ofClass(c.LateralM, l.OffRouteM) }

// VerticalLimitM is how far above or below its cruising height an aircraft of a class may be,
// in metres.
func VerticalLimitM(c route.Class, l Limits) float64 { return ofClass(c.VerticalM, l.OffHeightM) }

// DelayLimitMin is by how many minutes an aircraft of a class may land later than planned.
func DelayLimitMin(c route.Class, l Limits) float64 { return ofClass(c.DelayMin, l.BehindMin) }

func ofClass(limit, otherwise float64) float64 {
	if limit > 0 {
		return limit
	}
	return otherwise
}

// departed is since when one limit is passed, and whether that has been told.
type departed struct {
	since time.Time // zero while it is not passed
	told  bool
}

// judgeConformance compares the flight with its plan: while it flies its leg, with a delay
// before and a dead band after.
func (d *drone) judgeConformance(limits Limits) []Event {
	var events []Event
	for i, x := range departures {
		was, value, limit := &d.departed[i], x.measured(d.DroneState), x.limit(d.leg.Class, limits)
		if was.told {
			limit *= limits.WithinAgain
		}
		past := d.Status.Phase == Airborne && value > limit
		switch {
		case !past:
			was.since = time.Time{}
		case was.since.IsZero():
			was.since = d.At
		}
		if told := past && (was.told || d.At.Sub(was.since) >= limits.OutsideFor); told != was.told {
			was.told = told
			kind := x.back
			if told {
				kind = x.out
			}
			events = append(events, Event{Kind: kind, Device: d.ID, At: d.At, Value: value, Limit: x.limit(d.leg.Class, limits)})
		}
		if was.told {
			d.Outside |= x.is
		}
	}
	return events
}

// nearEndM is how near to either end of its path a drone climbs or comes down.
const nearEndM = 300

// offHeight is by how much a drone flies above its cruising height, or below it where
// negative; 0 near the ends of its path.
func (d *drone) offHeight() float64 {
	from := geo.Distance(d.leg.Path[0], d.Position.Point)
	if d.ToGoM < nearEndM || from < nearEndM {
		return 0
	}
	return d.HeightM - d.leg.Class.HeightM
}

// behind is by how much a drone lands later than planned; 0 where no time was planned, or it
// is ahead.
func (d *drone) behind() time.Duration {
	if d.leg.Due.IsZero() {
		return 0
	}
	return max(0, d.ETA.Sub(d.leg.Due))
}
