package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/paulmach/orb"
	"github.com/samber/lo"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/geo"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// Accept turns a request's proposal into a delivery. drone chooses another
// candidate than the proposed one; empty takes the best of those that the actor
// may send: a centre's dispatcher sends its own drones only. The world is read anew:
// what was shown may have been taken meanwhile.
func (d *Dispatcher) Accept(ctx context.Context, a network.Actor, id delivery.RequestID, drone telemetry.DeviceID) (delivery.Delivery, error) {
	if a.Role != network.RoleDispatcher {
		return delivery.Delivery{}, refusal.ErrForbidden
	}
	now := d.Now()
	w, r, err := d.waiting(ctx, id, now)
	if err != nil {
		return delivery.Delivery{}, err
	}
	p, ok, err := d.acceptable(w, a, r, drone)
	if err != nil {
		return delivery.Delivery{}, err
	}
	if !ok {
		return delivery.Delivery{}, refusal.OfState("the request", "without a possible flight", "allocated")
	}
	if p.Waiting {
		return delivery.Delivery{}, refusal.OfState("drone "+string(p.Drone), "not ready yet", "allocated")
	}
	return d.allocate(ctx, a, w, r, p, now)
}

// waiting reads the world and a request that is open in it.
func (d *Dispatcher) waiting(ctx context.Context, id delivery.RequestID, now time.Time) (*world, delivery.Request, error) {
	w, err := d.world(ctx, now)
	if err != nil {
		return nil, delivery.Request{}, err
	}
	r, ok := lo.Find(w.snap.Requests, func(r delivery.Request) bool { return r.ID == id })
	if !ok {
		return nil, delivery.Request{}, fmt.Errorf("open request %s: %w", id, refusal.ErrNotFound)
	}
	return w, r, nil
}

// acceptable is the proposal that an actor may accept: what the page shows, of the plan
// for all open requests, when its drone is one that the actor sends; else the plan's
// choice among those; or for the drone asked for, the best that it can do.
func (d *Dispatcher) acceptable(w *world, a network.Actor, r delivery.Request, drone telemetry.DeviceID) (Proposal, bool, error) {
	together := w.snap.Requests
	if drone == "" {
		shown, err := w.propose(together)
		if p, ok := shown.proposals[r.ID]; err != nil || ok && (a.Site == "" || p.Centre == a.Site) {
			return p, ok, err
		}
	} else {
		together = []delivery.Request{r}
	}
	for _, other := range d.Network.Drones {
		if drone != "" && other.ID != drone || a.Site != "" && other.Home != a.Site {
			delete(w.snap.Drones, other.ID)
		}
	}
	all, err := w.propose(together)
	p, ok := all.proposals[r.ID]
	return p, ok, err
}

// acceptByPolicy turns into deliveries the proposals that need no person: those that are
// ready, in time, and to be reviewed by nobody, of urgencies that the policy names.
func (d *Dispatcher) acceptByPolicy(ctx context.Context, w *world, p proposed, now time.Time) error {
	var errs []error
	for _, r := range w.snap.Requests {
		q, ok := p.proposals[r.ID]
		if !ok || !d.Policy.AutoAccept[r.Urgency] || q.Waiting || q.Held || q.Review || q.Rest > 0 || lateMin(r, q.ArriveAt) > 0 {
			continue
		}
		_, err := d.allocate(ctx, network.Actor{Login: network.System.Login, Role: network.RoleDispatcher}, w, r, q, now)
		if !errors.Is(err, refusal.ErrTaken) { // what was taken meanwhile is planned anew
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (d *Dispatcher) allocate(ctx context.Context, a network.Actor, w *world, r delivery.Request, p Proposal, now time.Time) (delivery.Delivery, error) {
	m, err := w.mission(r, p)
	if err != nil {
		return delivery.Delivery{}, err
	}
	bt, _ := d.Network.BoxTypeFor(r.Component)
	del, events, err := d.Store.Allocate(ctx, Allocation{Proposal: p, Request: r, Mission: m, Profile: string(bt.Profile), TwoPersons: d.Policy.TwoPersons[r.Urgency], Actor: a, Now: now})
	if err != nil {
		d.rouse()
		return delivery.Delivery{}, fmt.Errorf("allocate: %w", err)
	}
	d.settle(ctx, now)
	d.publish(events)
	return del, nil
}

// mission makes the plan that the drone will fly, and looks at it once more:
// clear of zones and within energy, whatever proposed it.
func (w *world) mission(r delivery.Request, p Proposal) (delivery.Mission, error) {
	class := w.classOf(p.Drone)
	for _, path := range [][]orb.Point{p.Out, p.Back} {
		if hit := w.router.conflicts(path, class.HeightM, w.snap.At); hit != nil { // from when it was planned for
			return delivery.Mission{}, refusal.OfState("the way", fmt.Sprintf("closed by zones %v", hit), "flown")
		}
	}
	devices := []telemetry.DeviceID{p.Drone}
	for _, b := range p.Box {
		devices = append(devices, b.ID)
	}
	pad, _ := w.net.Pad(p.Pad)
	if err := barred(w.snap.Closures, p.Centre, pad, devices, p.ArriveAt, w.snap.At); err != nil {
		return delivery.Mission{}, err
	}
	if p.EnergyJ+p.ReserveJ > p.BatteryJ {
		return delivery.Mission{}, refusal.OfState("the battery", "too low for the flight with its reserve", "flown on")
	}
	m := delivery.Mission{Drone: p.Drone, Centre: p.Centre, Hospital: r.Hospital, Pad: p.Pad, Status: delivery.MPlanned, PlanHash: flightPlan(class, p.Out, p.Back).Hash(),
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
