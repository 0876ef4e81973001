package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/paulmach/orb"

	"hemolift/geo"
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
	Network  *Network
	Compat   Compatibility
	Profiles map[coldchain.ProfileID]coldchain.Profile
	Tracker  *telemetry.Tracker
	History  history
	Uplink   uplink
	Feed     *telemetry.Feed[Event]
	Now      func() time.Time
	Log      *slog.Logger
}

// Dispatcher decides. Its methods are safe for concurrent use; only Run plans.
type Dispatcher struct {
	Parts
	router *router
	wake   chan struct{}
	// Only the flight loop uses these: deliveries told as late, and until when
	// drones that stand on a pad hold it.
	overdue map[DeliveryID]bool
	held    map[MissionID]time.Time

	guiding sync.Mutex // held while the record is read and the tracker told

	mu         sync.Mutex
	retryAt    map[MissionID]time.Time // no command before, after a refusal
	proposals  map[RequestID]Proposal
	impossible map[RequestID]Impossible
	carriers   map[SiteID]map[telemetry.DeviceID]bool // replaced, never changed
}

// How often Run does its works, in wall time.
const (
	planEvery  = 2 * time.Second
	flyEvery   = 250 * time.Millisecond
	guideEvery = time.Second
)

// New returns a dispatcher; Restore and Run must follow.
func New(p Parts) *Dispatcher {
	return &Dispatcher{Parts: p, router: newRouter(p.Network, p.Network.Zones), wake: make(chan struct{}, 1), overdue: map[DeliveryID]bool{}, held: map[MissionID]time.Time{},
		retryAt: map[MissionID]time.Time{}, proposals: map[RequestID]Proposal{}, impossible: map[RequestID]Impossible{}}
}

// Run plans whenever something changed and at least every planEvery, and moves
// missions on, until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) error {
	planTick, flyTick, guideTick := time.NewTicker(planEvery), time.NewTicker(flyEvery), time.NewTicker(guideEvery)
	defer planTick.Stop()
	defer flyTick.Stop()
	defer guideTick.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-d.wake:
			err = d.planOnce(ctx, d.Now())
		case <-planTick.C:
			err = d.planOnce(ctx, d.Now())
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

func (d *Dispatcher) publish(events []Event) {
	d.Feed.Publish(events...)
	if len(events) > 0 {
		d.rouse()
	}
}

// planOnce reads the world and renews the proposals of all open requests.
func (d *Dispatcher) planOnce(ctx context.Context, now time.Time) error {
	w, err := d.world(ctx, now)
	if err != nil {
		return err
	}
	proposals, impossible, err := w.propose(w.snap.Requests)
	if err != nil {
		return err
	}
	d.mu.Lock()
	changed := differ(d.proposals, proposals) || len(d.impossible) != len(impossible)
	d.proposals, d.impossible = proposals, impossible
	d.mu.Unlock()
	if changed { // shown to dispatchers; the log keeps what they saw
		events, err := d.Store.Log(ctx, proposalEvents(proposals, now)...)
		if err != nil {
			return err
		}
		d.Feed.Publish(events...)
	}
	return nil
}

// differ reports whether people would see another choice.
func differ(a, b map[RequestID]Proposal) bool {
	return !maps.EqualFunc(a, b, func(x, y Proposal) bool { return x.Drone == y.Drone && x.Waiting == y.Waiting })
}

func proposalEvents(proposals map[RequestID]Proposal, now time.Time) []Event {
	events := []Event{}
	for id, p := range proposals {
		events = append(events, Event{At: now, Kind: EvProposal, Subject: string(id), Detail: map[string]string{
			"drone": string(p.Drone), "centre": string(p.Centre), "arrive_at": p.ArriveAt.Format(time.RFC3339), "waiting": fmt.Sprint(p.Waiting)}})
	}
	return events
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
	return &world{net: d.Network, compat: d.Compat, router: d.router, snap: snap}, nil
}

// Wind is the mean of what drones estimated lately; known is false without any.
func (d *Dispatcher) Wind(now time.Time) (w route.Wind, known bool) {
	drones, _, _ := d.Tracker.Changed(now, 0)
	return meanWind(drones, now)
}

// ProfileFor is the temperature profile under which a component travels.
func (d *Dispatcher) ProfileFor(c Component) (coldchain.Profile, bool) {
	bt, ok := d.Network.boxTypeFor(c)
	return d.Profiles[bt.Profile], ok
}

// Carriers are the drones and boxes under way to a hospital.
func (d *Dispatcher) Carriers(hospital SiteID) map[telemetry.DeviceID]bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.carriers[hospital]
}

// Proposals returns what is proposed for the open requests, and for which there is
// nothing.
func (d *Dispatcher) Proposals() (map[RequestID]Proposal, map[RequestID]Impossible) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.proposals), maps.Clone(d.impossible)
}

// Submit takes a hospital's order. It is stored when Submit returns. The same key
// with the same body returns the request that it made the first time.
func (d *Dispatcher) Submit(ctx context.Context, a Actor, o Order, key string, bodyHash []byte) (Request, error) {
	now := d.Now()
	if a.Role != RoleHospital && a.Role != RoleDispatcher || a.Role == RoleHospital && a.Site != o.Hospital {
		return Request{}, ErrForbidden
	}
	// A repeated key is answered before the times are judged: they were, then.
	if r, err := d.Store.FindRequest(ctx, a.Login, key, bodyHash); !errors.Is(err, ErrNotFound) {
		return r, err
	}
	if err := o.Check(d.Network, now); err != nil {
		return Request{}, err
	}
	r := Request{Order: o, Class: ClassOf(o.Group, o.Patient), Status: Open, CreatedAt: now, CreatedBy: a.Login, Automated: a.Automated, Version: 1}
	r, events, err := d.Store.InsertRequest(ctx, r, key, bodyHash)
	if err != nil {
		return Request{}, fmt.Errorf("submit: %w", err)
	}
	d.publish(events)
	return r, nil
}

// Estimate says what an order would get if it were submitted now.
func (d *Dispatcher) Estimate(ctx context.Context, a Actor, o Order) (*Proposal, *Impossible, error) {
	now := d.Now()
	if err := o.Check(d.Network, now); err != nil {
		return nil, nil, err
	}
	w, err := d.world(ctx, now)
	if err != nil {
		return nil, nil, err
	}
	const id = "estimate"
	r := Request{ID: id, Order: o, Class: ClassOf(o.Group, o.Patient), CreatedBy: a.Login, CreatedAt: now}
	proposals, impossible, err := w.propose(append(w.snap.Requests, r))
	if err != nil {
		return nil, nil, err
	}
	if p, ok := proposals[id]; ok {
		return &p, nil, nil
	}
	i := impossible[id]
	return nil, &i, nil
}

// Amend changes an open request: units, needed-by, urgency, group and patient
// fields. With a delivery it is refused; cancel first.
func (d *Dispatcher) Amend(ctx context.Context, a Actor, id RequestID, o Order) (Request, error) {
	now := d.Now()
	r, events, err := d.Store.ChangeRequest(ctx, id, a, now, func(r Request, del *Delivery) (RequestChange, error) {
		if a.Role == RoleHospital && a.Site != r.Order.Hospital || a.Role == RoleController {
			return RequestChange{}, ErrForbidden
		}
		if r.Status != Open && r.Status != Allocated {
			return RequestChange{}, StateError{"the request", string(r.Status), "amended"}
		}
		if o.Hospital != r.Order.Hospital {
			return RequestChange{}, FieldError{"hospital", "cannot be amended"}
		}
		if err := o.Check(d.Network, now); err != nil {
			return RequestChange{}, err
		}
		c := RequestChange{What: "amended"}
		if del != nil { // what was reserved may not fit any more: back to the queue
			cancel, err := del.Apply(Actor{Login: a.Login, Role: RoleDispatcher}, StepCancel, Scan{Note: "request amended"}, now)
			if err != nil {
				return RequestChange{}, err
			}
			cancel.Request = Open
			c.Delivery, r.Status = &cancel, Open
		}
		r.Order, r.Class, r.Version = o, ClassOf(o.Group, o.Patient), r.Version+1
		c.Request = r
		return c, nil
	})
	if err != nil {
		return Request{}, fmt.Errorf("amend: %w", err)
	}
	d.settle(ctx, now)
	d.publish(events)
	return r, nil
}

// Cancel ends a request until its box is sealed.
func (d *Dispatcher) Cancel(ctx context.Context, a Actor, id RequestID, reason string) (Request, error) {
	now := d.Now()
	r, events, err := d.Store.ChangeRequest(ctx, id, a, now, func(r Request, del *Delivery) (RequestChange, error) {
		if a.Role == RoleHospital && a.Site != r.Order.Hospital || a.Role == RoleController {
			return RequestChange{}, ErrForbidden
		}
		if r.Status != Open && r.Status != Allocated {
			return RequestChange{}, StateError{"the request", string(r.Status), "cancelled"}
		}
		c := RequestChange{What: "cancelled"}
		if del != nil {
			cancel, err := del.Apply(a, StepCancel, Scan{Note: reason}, now)
			if err != nil {
				return RequestChange{}, err
			}
			c.Delivery = &cancel
		}
		r.Status, r.Version = Cancelled, r.Version+1
		c.Request = r
		return c, nil
	})
	if err != nil {
		return Request{}, fmt.Errorf("cancel: %w", err)
	}
	d.settle(ctx, now)
	d.publish(events)
	return r, nil
}

// settle tells the tracker at once what a step changed; should that fail, Run does
// it soon after. The caller's going away does not stop it.
func (d *Dispatcher) settle(ctx context.Context, now time.Time) {
	if err := d.guideAll(context.WithoutCancel(ctx), now); err != nil {
		d.Log.ErrorContext(ctx, "settle", "err", err)
	}
}

// Accept turns a request's proposal into a delivery. drone chooses another
// candidate than the proposed one; empty takes the best of those that the actor
// may send: a centre's dispatcher sends its own drones only. The world is read anew:
// what was shown may have been taken meanwhile.
func (d *Dispatcher) Accept(ctx context.Context, a Actor, id RequestID, drone telemetry.DeviceID) (Delivery, error) {
	if a.Role != RoleDispatcher {
		return Delivery{}, ErrForbidden
	}
	now := d.Now()
	w, err := d.world(ctx, now)
	if err != nil {
		return Delivery{}, err
	}
	r, ok := find(w.snap.Requests, func(r Request) bool { return r.ID == id })
	if !ok {
		return Delivery{}, fmt.Errorf("open request %s: %w", id, ErrNotFound)
	}
	for _, other := range d.Network.Drones {
		if drone != "" && other.ID != drone || a.Site != "" && other.Home != a.Site {
			delete(w.snap.Drones, other.ID)
		}
	}
	proposals, _, err := w.propose([]Request{r})
	if err != nil {
		return Delivery{}, err
	}
	p, ok := proposals[id]
	if !ok {
		return Delivery{}, StateError{"the request", "without a possible flight", "allocated"}
	}
	if p.Waiting {
		return Delivery{}, StateError{"drone " + string(p.Drone), "not ready yet", "allocated"}
	}
	return d.allocate(ctx, a, w, r, p, now)
}

func (d *Dispatcher) allocate(ctx context.Context, a Actor, w *world, r Request, p Proposal, now time.Time) (Delivery, error) {
	m, err := w.mission(r, p)
	if err != nil {
		return Delivery{}, err
	}
	bt, _ := d.Network.boxTypeFor(r.Order.Component)
	del, events, err := d.Store.Allocate(ctx, Allocation{Proposal: p, Request: r, Mission: m, Profile: string(bt.Profile), Actor: a, Now: now})
	if err != nil {
		d.rouse()
		return Delivery{}, fmt.Errorf("allocate: %w", err)
	}
	d.settle(ctx, now)
	d.publish(events)
	return del, nil
}

// mission makes the plan that the drone will fly, and looks at it once more:
// clear of zones and within energy, whatever proposed it.
func (w *world) mission(r Request, p Proposal) (Mission, error) {
	drone, _ := w.net.Drone(p.Drone)
	class, _ := w.net.Class(drone.Class)
	for _, path := range [][]orb.Point{p.Out, p.Back} {
		if hit := w.router.conflicts(path, class.HeightM, p.DepartAt); hit != nil {
			return Mission{}, fmt.Errorf("route enters zones %v", hit)
		}
	}
	if p.EnergyJ+p.ReserveJ > p.BatteryJ {
		return Mission{}, errors.New("the flight leaves less than the reserve")
	}
	m := Mission{Drone: p.Drone, Centre: p.Centre, Hospital: r.Order.Hospital, Pad: p.Pad, Status: MPlanned, PlanHash: flightPlan(class, p.Out, p.Back).Hash(),
		LoadKg: p.LoadKg, EnergyJ: p.EnergyJ, BatteryJ: p.BatteryJ, ReserveJ: p.ReserveJ, DepartAt: p.DepartAt, ArriveAt: p.ArriveAt, CreatedAt: w.snap.At}
	alt := w.net.GroundAltM() + class.HeightM
	m.Out = timed(p.Out, alt, p.DepartAt, p.ArriveAt)
	m.Back = timed(p.Back, alt, p.ArriveAt.Add(unloadTime), p.HomeAt)
	return m, nil
}

func flightPlan(c route.Class, legs ...[]orb.Point) telemetry.FlightPlan {
	return telemetry.FlightPlan{Legs: legs, HeightM: c.HeightM, CruiseMPS: c.CruiseMPS}
}

// timed spreads the times over the path by distance.
func timed(path []orb.Point, altM float64, from, to time.Time) []geo.Fix4D {
	var total, gone float64
	for i := 1; i < len(path); i++ {
		total += geo.Distance(path[i-1], path[i])
	}
	track := make([]geo.Fix4D, len(path))
	for i, pt := range path {
		if i > 0 {
			gone += geo.Distance(path[i-1], pt)
		}
		share := 1.0
		if total > 0 {
			share = gone / total
		}
		track[i] = geo.Fix4D{Point: pt, AltM: altM, At: from.Add(time.Duration(share * float64(to.Sub(from)))).Truncate(time.Millisecond).UTC()}
	}
	return track
}

// Do takes one ground step of a person.
func (d *Dispatcher) Do(ctx context.Context, a Actor, id DeliveryID, step Step, scan Scan) (Delivery, error) {
	now := d.Now()
	del, events, err := d.Store.ChangeDelivery(ctx, id, now, func(del Delivery) (Change, error) { return del.Apply(a, step, scan, now) })
	if err != nil {
		return Delivery{}, d.refused(ctx, a, id, step, err, now)
	}
	switch {
	case step == StepPack || del.Status.Ended():
		d.settle(ctx, now)
	case step == StepLoad:
		d.rouse()
	}
	d.publish(events)
	return del, nil
}

// refused logs a scan that was refused: an attempt is part of the record.
func (d *Dispatcher) refused(ctx context.Context, a Actor, id DeliveryID, step Step, err error, now time.Time) error {
	var scan ScanError
	if errors.As(err, &scan) || errors.Is(err, ErrSamePerson) {
		events, logErr := d.Store.Log(ctx, Event{At: now, Kind: EvScanRefused, Actor: a.Login, Subject: string(id),
			Detail: map[string]string{"step": string(step), "why": err.Error()}})
		d.Feed.Publish(events...)
		return errors.Join(err, logErr)
	}
	return err
}

// AddUnits puts units into a centre's stock and returns how many were new.
func (d *Dispatcher) AddUnits(ctx context.Context, a Actor, units []Unit) (int, error) {
	now := d.Now()
	if a.Role != RoleDispatcher && a.Role != RoleAdmin {
		return 0, ErrForbidden
	}
	for i, u := range units {
		if err := u.Check(now); err != nil {
			return 0, inElement(i, err)
		}
		if s, ok := d.Network.Site(u.Site); !ok || s.Kind != BloodCentre || a.Site != "" && a.Site != u.Site {
			return 0, inElement(i, FieldError{"site", fmt.Sprintf("%q is not a blood centre of yours", u.Site)})
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
	var f FieldError
	if errors.As(err, &f) {
		return FieldError{fmt.Sprintf("[%d].%s", i, f.Field), f.Reason}
	}
	return err
}

// AckAlarm notes that a person has seen an alarm.
func (d *Dispatcher) AckAlarm(ctx context.Context, a Actor, id int64) error {
	if a.Role == RoleHospital {
		return ErrForbidden
	}
	events, err := d.Store.AckAlarm(ctx, id, a, d.Now())
	if err != nil {
		return fmt.Errorf("acknowledge alarm: %w", err)
	}
	d.publish(events)
	return nil
}
