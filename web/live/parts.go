package live

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hemolift/dispatch"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
)

// eventLog is the log, for those who are farther behind than the feed remembers.
type eventLog interface {
	EventsSince(ctx context.Context, seq uint64, limit int) ([]delivery.Event, error)
}

// Parts are what the live feed is joined from.
type Parts struct {
	Tracker  *telemetry.Tracker
	Feed     *dispatch.Feed
	Log      eventLog
	Network  func() *network.Network                                   // as it is now
	Carriers func(hospital network.SiteID) map[telemetry.DeviceID]bool // under way to it
	// Gauges are what is measured of the alarms, and a version that changes with them.
	Gauges func() (list []delivery.Gauge, version uint64)
	// EventView is an event as it goes over the wire.
	EventView func(delivery.Event) any
	Now       func() time.Time
	Rate      float64 // seconds of server time in a second
	Most      int     // connections
	Metrics   prometheus.Registerer
	Logger    *slog.Logger
}
