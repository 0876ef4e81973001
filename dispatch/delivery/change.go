package delivery

import (
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/network"
)

// Change is what a step writes. Empty fields change nothing.
type Change struct {
	Status    Status
	CheckedBy string
	Seal      string
	Packed    *blood.UnitKey
	Outcome   blood.UnitStatus // of Judged
	Judged    []blood.UnitKey
	// UnitsBecome is the status that all units of the delivery take.
	UnitsBecome blood.UnitStatus
	Release     bool // boxes and, when cancelled, units are free again
	Request     RequestStatus
	// RequestFrom are the statuses from which alone the request changes, and only while
	// it is as it was when the delivery was allocated; nil is any.
	RequestFrom []RequestStatus
	RoadAt      time.Time // with ByRoad
	RoadFrom    network.SiteID
	GiveUp      bool
	Keep        bool
	Mission     MissionStatus
	PadWord     *PadWord // of the pad that the mission has
	Custody     CustodyEvent
	Journeys    []Journey       // that end with the step
	Suspect     []blood.UnitKey // of those that go back to stock: quarantined instead
}
