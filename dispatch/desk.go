package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/recovery"
	"hemolift/dispatch/situation"
	"hemolift/geo/airspace"
	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// uplink carries a command to a drone; it may lose it.
type uplink interface {
	Send(ctx context.Context, c telemetry.Command) error
}

// history reads stored samples.
type history interface {
	// Newest returns the newest sample of each kind of every device.
	Newest(ctx context.Context) ([]telemetry.Sample, error)
	// Temperatures returns a box's readings since a time, in order.
	Temperatures(ctx context.Context, box telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error)
	// Positions returns a drone's positions between two times, in order.
	Positions(ctx context.Context, drone telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error)
}

// books changes the record. Change locks what the keys name and what hangs on it, has
// decide change the book, and writes what has become of it with its events in one
// transaction, unless decide refuses. decide may run again. It returns how many events it
// logged.
type books interface {
	Change(ctx context.Context, keys delivery.Keys, decide func(*delivery.Book) error) (events int, err error)
	// Delivery reads one delivery with all that belongs to it, or ErrNotFound.
	Delivery(ctx context.Context, id delivery.ID) (delivery.Record, error)
}

// log is the append-only log.
type log interface {
	Append(ctx context.Context, events ...delivery.Event) error
	// EventsSince returns up to limit events after a sequence, in order.
	EventsSince(ctx context.Context, seq uint64, limit int) ([]delivery.Event, error)
}

// Stores keep the record: each field is one part of it. Every writing method is one
// transaction with its log events.
type Stores struct {
	World    world
	Books    books
	Log      log
	Requests requests
	Stock    stock
	Alarms   alarms
	Commands commands
	Zones    zones
	Closures closures
	Cold     cold
	Legs     legs
}

// Parts are what a Dispatcher is joined from.
type Parts struct {
	Stores
	Network  *network.Network
	Compat   blood.Compatibility
	Policy   propose.Policy
	Profiles map[coldchain.ProfileID]coldchain.Profile
	Tracker  *telemetry.Tracker
	History  history
	Uplink   uplink
	Feed     *Feed
	Now      func() time.Time
	Logger   *slog.Logger
}

// Dispatcher is the desk of one network. Its methods are safe for concurrent use; only
// Run plans by itself.
type Dispatcher struct {
	*desk
	requestDesk
	deliveryDesk
	flightDesk
	coldDesk
	placeDesk
}

// desk is what all parts of the Dispatcher share.
type desk struct {
	Parts
	rules    propose.Rules
	stated   *network.Network // without the policy's limits
	airspace *situation.Airspace
	wake     chan struct{}
	news     chan struct{} // the log has grown
	since    time.Time     // of Restore

	settled sync.Mutex // orders what the tracker is told
	applied uint64     // the event up to which it has been told

	mu      sync.Mutex
	shown   shown
	noted   situation.Noted
	notedAt time.Time
	zones   []airspace.Zone                                // replaced, never changed
	legs    map[telemetry.DeviceID]route.Calibration       // replaced, never changed
	bound   map[network.SiteID]map[telemetry.DeviceID]bool // devices under way to a hospital; replaced, never changed
	judged  map[delivery.ID]judged
}

// shown is what dispatchers see. Its maps are replaced, never changed.
type shown struct {
	proposals  map[delivery.RequestID]propose.Proposal
	impossible map[delivery.RequestID]propose.Impossible
	recoveries map[delivery.ID]recovery.Recovery
	diversions map[delivery.RequestID]recovery.Diversion
}

// New returns a dispatcher; Restore and Run must follow. An error names a zone that
// cannot be planned around, or a limit of the policy for a class that there is not.
func New(p Parts) (*Dispatcher, error) {
	stated := p.Network
	var err error
	if p.Network, err = p.Policy.Limit(stated); err != nil {
		return nil, fmt.Errorf("dispatch: %w", err)
	}
	space, err := situation.NewAirspace(p.Network, p.Network.Zones)
	if err != nil {
		return nil, fmt.Errorf("dispatch: %w", err)
	}
	d := &desk{Parts: p, rules: propose.Rules{Compat: p.Compat, Policy: p.Policy}, stated: stated, airspace: space, zones: p.Network.Zones,
		wake: make(chan struct{}, 1), news: make(chan struct{}, 1), judged: map[delivery.ID]judged{},
		noted: situation.Noted{RetryAt: map[delivery.MissionID]time.Time{}}}
	return &Dispatcher{desk: d, requestDesk: requestDesk{d}, deliveryDesk: deliveryDesk{d}, flightDesk: flightDesk{d}, coldDesk: coldDesk{d}, placeDesk: placeDesk{d}}, nil
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

// ProfileFor is the temperature profile under which a component travels.
func (d *desk) ProfileFor(c blood.Component) (coldchain.Profile, bool) {
	bt, ok := d.Network.BoxTypeFor(c)
	return d.Profiles[bt.Profile], ok
}

// Wind is the mean of what drones estimated lately; known is false without any.
func (d *desk) Wind(now time.Time) (w route.Wind, known bool) {
	s := d.picture(now)
	return s.Wind, s.WindKnown
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
	return d.shown.proposals, d.shown.impossible
}

// Recoveries returns what is proposed for the deliveries that fail. The map must not be
// changed.
func (d *desk) Recoveries() map[delivery.ID]recovery.Recovery {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.shown.recoveries
}

// Diversions returns what could be diverted for requests that wait. The map must not be
// changed.
func (d *desk) Diversions() map[delivery.RequestID]recovery.Diversion {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.shown.diversions
}
