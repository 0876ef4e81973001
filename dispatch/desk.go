package dispatch

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/document"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/recovery"
	"hemolift/dispatch/situation"
	"hemolift/geo/airspace"
	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/timing"
)

// Parts are what a Dispatcher is joined from.
type Parts struct {
	Stores
	Network *network.Network // at the start
	Compat  blood.Compatibility
	Sets    document.Sets // what the blood service decided, as it is on record
	Tracker *telemetry.Tracker
	History history
	Uplink  uplink
	Feed    *Feed
	Now     func() time.Time
	Logger  *slog.Logger
}

// desk is what all parts of the Dispatcher share.
type desk struct {
	Parts
	layout  atomic.Pointer[layout] // stored with mu held
	decided decided
	wake    chan struct{}
	news    chan struct{} // the log has grown
	since   time.Time     // of Restore
	rounds  *prometheus.HistogramVec

	settled sync.Mutex // orders what the tracker is told
	applied uint64     // the event up to which it has been told

	mu        sync.Mutex
	advice    advice
	logged    advice // as the log has it
	noted     situation.Noted
	notedAt   time.Time // of the situation that was looked at last, with its last event
	notedSeq  uint64
	zones     []airspace.Zone                                // replaced, never changed
	stated    *network.Network                               // replaced, never changed
	statedSeq uint64                                         // of the event that made it so
	basis     uint64                                         // rises when zones, stated or what was decided is replaced
	touched   map[airspace.ZoneID][]situation.Touched        // by a zone when it was drawn; replaced, never changed
	legs      map[telemetry.DeviceID]route.Calibration       // replaced, never changed
	bound     map[network.SiteID]map[telemetry.DeviceID]bool // devices under way to a hospital; replaced, never changed
	judged    map[delivery.ID]judged
	gauges    []delivery.Gauge // replaced, never changed
	gauged    uint64           // rises when gauges is replaced
}

// advice is what dispatchers are shown. Its maps are replaced, never changed.
type advice struct {
	proposals  map[delivery.RequestID]propose.Proposal
	impossible map[delivery.RequestID]propose.Impossible
	recoveries map[delivery.ID]recovery.Recovery
	diversions map[delivery.RequestID]recovery.Diversion
}

// judged is what was found about the units of a delivery, up to a reading of its boxes.
type judged struct {
	newest  time.Time
	spoiled bool
}

// rouse asks Run to plan soon.
func (d *desk) rouse() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// announce asks Run to pass on what has been logged.
func (d *desk) announce() {
	select {
	case d.news <- struct{}{}:
	default:
	}
}

// publish tells of what was written, and has it planned with.
func (d *desk) publish() {
	d.announce()
	d.rouse()
}

// change writes a decision about what the keys name, and tells of it.
func (d *desk) change(ctx context.Context, keys delivery.Keys, decide func(*delivery.Book) error) error {
	events, err := d.Books.Change(ctx, keys, decide)
	if err == nil && events > 0 {
		d.publish()
	}
	return err
}

// Network is the network as it is now, its classes limited by the policy. It must not be
// changed.
func (d *desk) Network() *network.Network { return d.layout.Load().limited }

// ProfileFor is the temperature profile under which a component travels.
func (d *desk) ProfileFor(c blood.Component) (coldchain.Profile, bool) {
	l := d.layout.Load()
	bt, ok := l.limited.BoxTypeFor(c)
	return l.set.Profiles[bt.Profile], ok
}

// Carriers are the drones and boxes under way to a hospital.
func (d *desk) Carriers(hospital network.SiteID) map[telemetry.DeviceID]bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.bound[hospital]
}

// Proposals returns what is proposed for the open requests, and for which there is
// nothing. The maps must not be changed.
func (d *desk) Proposals() (map[delivery.RequestID]propose.Proposal, map[delivery.RequestID]propose.Impossible) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.advice.proposals, d.advice.impossible
}

// Recoveries returns what is proposed for the deliveries that fail. The map must not be
// changed.
func (d *desk) Recoveries() map[delivery.ID]recovery.Recovery {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.advice.recoveries
}

// Diversions returns what could be diverted for requests that wait. The map must not be
// changed.
func (d *desk) Diversions() map[delivery.RequestID]recovery.Diversion {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.advice.diversions
}

func newRounds() *prometheus.HistogramVec {
	rounds := timing.NewBy("of", "hemolift_round_seconds", "How long rounds took, of planning and of looking after flights.")
	for _, of := range []string{"plan", "fly"} {
		rounds.WithLabelValues(of)
	}
	return rounds
}
