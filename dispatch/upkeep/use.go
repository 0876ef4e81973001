package upkeep

import (
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
)

// Flight is one flight of a drone, from its take-off to the landing after it, as it reported them.
type Flight struct {
	Mission             delivery.MissionID
	TookOffAt, LandedAt time.Time // device time
}

// Journey is one delivery in which a box was packed.
type Journey struct {
	Delivery delivery.ID
	Hospital network.SiteID
	PackedAt time.Time
	Status   delivery.Status
}

// Outage is a time for which a device itself was out of service, until it ended or will.
type Outage struct {
	Reason, By  string
	From, Until time.Time
}

// Past is what is on record of one device.
type Past struct {
	Kept
	Flights  int       // all of a drone
	Newest   []Flight  // its newest
	Journeys int       // all of a box
	Carried  []Journey // its newest
	Outages  []Outage  // the newest
}

// LoggedFrom is how far back flights are looked for: what devices report late is taken for a week.
const LoggedFrom = 8 * 24 * time.Hour

// Record is one device with all that people ask about it.
type Record struct {
	Past
	Device telemetry.DeviceID
	Kind   telemetry.DeviceKind
	Type   string
	Site   network.SiteID
	Dues   []Due
}
