package telemetry

import "time"

// Limits are when a drone's silence, deviation and want of energy become events, and when
// they are over: a delay before and a dead band after keep what lies at its limit from
// telling of itself again and again.
type Limits struct {
	LinkLate      time.Duration // shown as late
	LinkLost      time.Duration // shown as stale, and an event
	OffRouteM     float64       // aside of the path
	OffRouteFor   time.Duration // for so long
	OnRouteM      float64       // it is back nearer than this
	EnergyBackPct float64       // there is enough again at so much more than is needed, in percent of the battery
}

// DefaultLimits suit devices that report every second.
func DefaultLimits() Limits {
	return Limits{
		LinkLate: 2 * time.Second, LinkLost: 10 * time.Second,
		OffRouteM: 150, OffRouteFor: 2 * time.Second, OnRouteM: 120,
		EnergyBackPct: 1,
	}
}
