package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/geo/airspace"
	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// uplink carries a command to a drone; it may lose it.
type uplink interface {
	Send(ctx context.Context, c telemetry.Command) error
}

// Parts are what a Dispatcher is joined from.
type Parts struct {
	Store    store
	Network  *network.Network
	Compat   blood.Compatibility
	Policy   Policy
	Profiles map[coldchain.ProfileID]coldchain.Profile
	Tracker  *telemetry.Tracker
	History  history
	Uplink   uplink
	Feed     *telemetry.Feed[delivery.Event]
	Now      func() time.Time
	Log      *slog.Logger
}

// Dispatcher decides. Its methods are safe for concurrent use; only Run plans.
type Dispatcher struct {
	Parts
	stated *network.Network // without the policy's limits
	router *router
	wake   chan struct{}
	news   chan struct{} // the log has grown
	// Only the flight loop uses these: deliveries told as late, and until when
	// drones that stand on a pad hold it.
	overdue map[delivery.DeliveryID]bool
	held    map[delivery.MissionID]time.Time
	// standing are the conditions told as alarms; only the plan loop uses it.
	standing map[condition]bool
	since    time.Time // of Restore

	closing sync.Mutex // held while places close and open, and while that is read
	guiding sync.Mutex // held while the record is read and the tracker told
	zoning  sync.Mutex // held while a zone comes or goes

	mu         sync.Mutex
	retryAt    map[delivery.MissionID]time.Time // no command before, after a refusal
	stays      map[delivery.MissionID]stay      // loaded, and not left
	waitsHome  map[delivery.MissionID]Wait      // on its pad, and what keeps it there
	turnedDown map[delivery.MissionID]bool      // loaded, and its pad is another's when it would land
	proposals  map[delivery.RequestID]Proposal
	impossible map[delivery.RequestID]Impossible
	carriers   map[network.SiteID]map[telemetry.DeviceID]bool // replaced, never changed
	zones      []airspace.Zone                                // replaced, never changed
	closures   []network.Closure                              // replaced, never changed
	failed     map[delivery.DeliveryID]Recovery               // replaced, never changed
	turns      map[delivery.RequestID]Diversion               // replaced, never changed
	noWay      map[telemetry.DeviceID]bool                    // whose alarm of that kind stands
	faults     map[telemetry.DeviceID]coldchain.SensorFault   // told last, of the boxes that hold units

	calibrations map[telemetry.DeviceID]route.Calibration // replaced, never changed
}

// How often Run does its works, in wall time.
const (
	planEvery  = 2 * time.Second
	flyEvery   = 250 * time.Millisecond
	guideEvery = time.Second
)

// New returns a dispatcher; Restore and Run must follow. An error names a zone that
// cannot be planned around.
func New(p Parts) (*Dispatcher, error) {
	stated := p.Network
	var err error
	if p.Network, err = p.Policy.limit(stated); err != nil {
		return nil, fmt.Errorf("dispatch: %w", err)
	}
	r, err := newRouter(p.Network, p.Network.Zones)
	if err != nil {
		return nil, fmt.Errorf("dispatch: %w", err)
	}
	return &Dispatcher{Parts: p, stated: stated, router: r, zones: p.Network.Zones, wake: make(chan struct{}, 1), news: make(chan struct{}, 1), overdue: map[delivery.DeliveryID]bool{}, held: map[delivery.MissionID]time.Time{}, standing: map[condition]bool{},
		retryAt: map[delivery.MissionID]time.Time{}, stays: map[delivery.MissionID]stay{}, turnedDown: map[delivery.MissionID]bool{}, waitsHome: map[delivery.MissionID]Wait{}, noWay: map[telemetry.DeviceID]bool{}, faults: map[telemetry.DeviceID]coldchain.SensorFault{}, proposals: map[delivery.RequestID]Proposal{}, impossible: map[delivery.RequestID]Impossible{}}, nil
}

// Run plans whenever something changed and at least every planEvery, moves missions
// on, and feeds what was logged to those who listen, until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.planLoop(ctx) })
	g.Go(func() error { return d.flyLoop(ctx) })
	g.Go(func() error { return d.tellLoop(ctx) })
	return g.Wait()
}

// planLoop is apart from flyLoop: however much there is to plan, drones in the air are
// looked after.
func (d *Dispatcher) planLoop(ctx context.Context) error {
	tick := time.NewTicker(planEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-d.wake:
		case <-tick.C:
		}
		if err := d.PlanOnce(ctx, d.Now()); err != nil && ctx.Err() == nil {
			d.Log.ErrorContext(ctx, "plan", "err", err)
		}
	}
}

func (d *Dispatcher) flyLoop(ctx context.Context) error {
	flyTick, guideTick := time.NewTicker(flyEvery), time.NewTicker(guideEvery)
	defer flyTick.Stop()
	defer guideTick.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-flyTick.C:
			err = d.FlyOnce(ctx, d.Now())
		case <-guideTick.C:
			err = d.guideAll(ctx, d.Now())
		}
		if err != nil && ctx.Err() == nil {
			d.Log.ErrorContext(ctx, "dispatch", "err", err)
		}
	}
}

// rouse asks Run to plan soon.
func (d *Dispatcher) rouse() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *Dispatcher) publish(events []delivery.Event) {
	d.announce(events)
	if len(events) > 0 {
		d.rouse()
	}
}

// announce asks tellLoop to pass on what has been written.
func (d *Dispatcher) announce(events []delivery.Event) {
	if len(events) == 0 {
		return
	}
	select {
	case d.news <- struct{}{}:
	default:
	}
}

// tellAtOnce bounds one reading of the log.
const tellAtOnce = 500

// tellLoop is the only one that fills the feed, and fills it from the log: events
// are numbered in the order of their commits, but the goroutines that wrote them
// come back in any order.
func (d *Dispatcher) tellLoop(ctx context.Context) error {
	again := time.NewTicker(guideEvery) // after a failed reading, and for what Restore logged
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-d.news:
		case <-again.C:
		}
		for more := true; more; {
			events, err := d.Store.EventsSince(ctx, d.Feed.Last(), tellAtOnce)
			if err != nil {
				if ctx.Err() == nil {
					d.Log.ErrorContext(ctx, "read the log", "err", err)
				}
				break // tried again soon
			}
			d.Feed.Publish(events...)
			more = len(events) == tellAtOnce
		}
	}
}

// PlanOnce reads the world and renews what is proposed: for open requests, for deliveries
// that fail, and for drones that could turn. Run calls it; a simulation may call it
// instead.
func (d *Dispatcher) PlanOnce(ctx context.Context, now time.Time) error {
	if err := d.readClosures(ctx, now); err != nil {
		return err
	}
	w, err := d.world(ctx, now)
	if err != nil {
		return err
	}
	p, err := w.propose(w.snap.Requests)
	if err != nil {
		return err
	}
	for id, i := range p.impossible {
		if i.Fault != nil {
			d.Log.WarnContext(ctx, "proposal not confirmed", "request", id, "err", i.Fault)
		}
	}
	fs, err := d.failures(ctx, w)
	if err != nil {
		return fmt.Errorf("failures: %w", err)
	}
	failed, err := d.recoveries(ctx, w, fs, p.proposals)
	if err != nil {
		return fmt.Errorf("recoveries: %w", err)
	}
	turns, err := d.diversions(ctx, w, p)
	if err != nil {
		return fmt.Errorf("diversions: %w", err)
	}
	d.tellStanding(ctx, d.conditions(w, failed), now)
	if d.show(p, failed, turns) {
		events, err := d.Store.Log(ctx, slices.Concat(proposalEvents(p.proposals, now), recoveryEvents(failed, now), diversionEvents(turns, now))...)
		if err != nil {
			return err
		}
		d.announce(events)
	}
	return d.acceptByPolicy(ctx, w, p, now)
}

func (d *Dispatcher) world(ctx context.Context, now time.Time) (*world, error) {
	snap, err := d.Store.Snapshot(ctx, now)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	drones, _, _ := d.Tracker.Changed(now, 0)
	snap.At, snap.Drones = now, map[telemetry.DeviceID]telemetry.DroneState{}
	for _, s := range drones {
		snap.Drones[s.ID] = s
	}
	snap.Wind, _ = meanWind(drones, now)
	snap.Boxes = slices.DeleteFunc(snap.Boxes, func(b network.Box) bool {
		_, closed := network.DeviceClosed(snap.Closures, b.ID, now)
		return closed
	})
	for _, r := range d.Recoveries() {
		if byDrone(r.Failure, r.Waits) {
			delete(snap.Drones, r.Drone)
		}
	}
	snap.Closures = append(snap.Closures, d.occupied(snap.Missions, snap.Closures, now)...)
	return &world{net: d.Network, compat: d.Compat, policy: d.Policy, router: d.router, snap: snap, calibrated: d.Calibrations()}, nil
}

// Wind is the mean of what drones estimated lately; known is false without any.
func (d *Dispatcher) Wind(now time.Time) (w route.Wind, known bool) {
	drones, _, _ := d.Tracker.Changed(now, 0)
	return meanWind(drones, now)
}

// ProfileFor is the temperature profile under which a component travels.
func (d *Dispatcher) ProfileFor(c blood.Component) (coldchain.Profile, bool) {
	bt, ok := d.Network.BoxTypeFor(c)
	return d.Profiles[bt.Profile], ok
}

// Carriers are the drones and boxes under way to a hospital.
func (d *Dispatcher) Carriers(hospital network.SiteID) map[telemetry.DeviceID]bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.carriers[hospital]
}

// Proposals returns what is proposed for the open requests, and for which there is
// nothing.
func (d *Dispatcher) Proposals() (map[delivery.RequestID]Proposal, map[delivery.RequestID]Impossible) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.proposals), maps.Clone(d.impossible)
}

// settle tells the tracker at once what a step changed; should that fail, Run does
// it soon after. The caller's going away does not stop it.
func (d *Dispatcher) settle(ctx context.Context, now time.Time) {
	if err := d.guideAll(context.WithoutCancel(ctx), now); err != nil {
		d.Log.ErrorContext(ctx, "settle", "err", err)
	}
}

// Do takes one ground step of a person.
func (d *Dispatcher) Do(ctx context.Context, a network.Actor, id delivery.DeliveryID, step delivery.Step, scan delivery.Scan) (delivery.Delivery, error) {
	return d.doThen(ctx, a, id, step, scan, func(c delivery.Change) delivery.Change { return c })
}

// doThen is Do with a last say in what is written.
func (d *Dispatcher) doThen(ctx context.Context, a network.Actor, id delivery.DeliveryID, step delivery.Step, scan delivery.Scan, then func(delivery.Change) delivery.Change) (delivery.Delivery, error) {
	now := d.Now()
	passages, err := d.passages(ctx, a, id, step, scan, now)
	if err != nil {
		return delivery.Delivery{}, d.refused(ctx, a, id, step, err, now)
	}
	del, events, err := d.Store.ChangeDelivery(ctx, id, now, func(del delivery.Delivery) (delivery.Change, error) {
		c, err := del.Apply(a, step, scan, now)
		switch {
		case err != nil:
		case (step == delivery.StepLand || step == delivery.StepLose) && d.aloft(del.Drone):
			return delivery.Change{}, refusal.OfState("drone "+string(del.Drone), "heard in the air", "taken for down")
		case step == delivery.StepLose && del.Status == delivery.DLoaded && d.silentFor(del.Drone, now) < lostAfter:
			return delivery.Change{}, refusal.OfState("drone "+string(del.Drone), "heard where it stands", "written off")
		case step == delivery.StepStandDown:
			c, err = c.WithJourneys(del, passages)
			if c.GroundedAt = d.groundedAt(del.Drone); del.GivenUp() && d.silentFor(del.Drone, now) >= lostAfter {
				c.GroundedAt = now // whoever does it has the box in hand
			}
		case step == delivery.StepFree || step == delivery.StepBreak:
			c, err = c.WithJourneys(del, passages)
		default:
			c.Journeys = passages
		}
		return then(c), err
	})
	if err != nil {
		return delivery.Delivery{}, d.refused(ctx, a, id, step, err, now)
	}
	switch {
	case step == delivery.StepPack || del.Status.Ended():
		d.settle(ctx, now)
	case step == delivery.StepLoad:
		d.rouse()
	}
	d.publish(events)
	return del, nil
}

// refused logs a scan that was refused: an attempt is part of the record.
func (d *Dispatcher) refused(ctx context.Context, a network.Actor, id delivery.DeliveryID, step delivery.Step, err error, now time.Time) error {
	var scan refusal.Scan
	if errors.As(err, &scan) || errors.Is(err, refusal.ErrSamePerson) {
		events, logErr := d.Store.Log(ctx, delivery.Event{At: now, Kind: delivery.EvScanRefused, Actor: a.Login, Subject: string(id),
			Detail: map[string]string{"step": string(step), "why": err.Error()}})
		d.announce(events)
		return errors.Join(err, logErr)
	}
	return err
}

// AddUnits puts units into a centre's stock and returns how many were new.
func (d *Dispatcher) AddUnits(ctx context.Context, a network.Actor, units []blood.Unit) (int, error) {
	now := d.Now()
	if a.Role != network.RoleDispatcher && a.Role != network.RoleAdmin {
		return 0, refusal.ErrForbidden
	}
	for i, u := range units {
		if err := u.Check(now); err != nil {
			return 0, inElement(i, err)
		}
		if s, ok := d.Network.Site(u.Site); !ok || s.Kind != network.BloodCentre || a.Site != "" && a.Site != u.Site {
			return 0, inElement(i, refusal.OfField("site", fmt.Sprintf("%q is not a blood centre of yours", u.Site)))
		}
	}
	n, events, err := d.Store.AddUnits(ctx, units, a, now)
	if err != nil {
		return 0, fmt.Errorf("add units: %w", err)
	}
	d.publish(events)
	return n, nil
}

// inElement prefixes a field error with the element of a list.
func inElement(i int, err error) error {
	var f refusal.Field
	if errors.As(err, &f) {
		return refusal.OfField(fmt.Sprintf("[%d].%s", i, f.Field), f.Reason)
	}
	return err
}

// AckAlarm notes that a person has seen an alarm.
func (d *Dispatcher) AckAlarm(ctx context.Context, a network.Actor, id int64) error {
	if a.Role == network.RoleHospital {
		return refusal.ErrForbidden
	}
	events, err := d.Store.AckAlarm(ctx, id, a, d.Now())
	if err != nil {
		return fmt.Errorf("acknowledge alarm: %w", err)
	}
	d.publish(events)
	return nil
}
