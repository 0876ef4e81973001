package telemetry

import (
	"time"

	"hemolift/geo/airspace"
	"hemolift/telemetry/coldchain"
)

// EventKind is what changed.
type EventKind int

const (
	PhaseChanged EventKind = iota + 1
	LinkLost               // nothing from a drone for Limits.LinkLost
	LinkRestored
	TempChanged // a watched box's State, or a breach found in late data
	ZoneEntered // Zone says which
	ZoneLeft
	EnergyLow // the battery no longer covers the way to the goal and the reserve
	EnergyOK
	OffRoute // farther from the planned path than the class may be
	OnRoute
	OffHeight // farther above or below the cruising height than the class may be
	OnHeight
	FellBehind // it lands later than planned by more than the class may
	OnTime
	SensorFault // of a watched box: Sensor says which
)

// Event is a change that people or the record must hear of. Fields beyond the
// first three are set as the kind needs.
type Event struct {
	Kind   EventKind
	Device DeviceID
	At     time.Time // by the server's clock

	// StatedAt is when it was so by the device's clock; zero for what nobody reported.
	StatedAt time.Time

	Status       Status                // PhaseChanged
	Temp         coldchain.Summary     // TempChanged
	Profile      coldchain.Profile     // TempChanged
	LateBreach   bool                  // TempChanged: late data opened a breach in the past
	Sensor       coldchain.SensorEvent // SensorFault
	Zone         airspace.ZoneID       // ZoneEntered, ZoneLeft
	Value, Limit float64               // EnergyLow: percent; OffRoute, OffHeight: metres; FellBehind: minutes; LinkLost: seconds
}
