package telemetry

import "time"

// Limits are when a drone's silence, deviation and want of energy become events, and when
// they are over: a delay before and a dead band after keep what lies at its limit from
// telling of itself again and again.
type Limits struct {
	LinkLate      time.Duration // shown as late
	LinkLost      time.Duration // shown as stale, and an event
	OffRouteM     float64       // aside of the path, of a class without a limit of its own
	OffHeightM    float64       // above or below the cruising height, likewise
	BehindMin     float64       // behind the planned landing, likewise
	OutsideFor    time.Duration // of one of these, for so long
	WithinAgain   float64       // it is back within this part of the limit
	EnergyBackPct float64       // there is enough again at so much more than is needed, in percent of the battery
}

// DefaultLimits suit devices that report every second.
func DefaultLimits() Limits {
	return Limits{
		LinkLate: 2 * time.Second, LinkLost: 10 * time.Second,
		OffRouteM: 150, OffHeightM: 30, BehindMin: 5, OutsideFor: 2 * time.Second, WithinAgain: 0.8,
		EnergyBackPct: 1,
	}
}
