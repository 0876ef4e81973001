package dispatch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/samber/lo"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/geo"
	"hemolift/geo/airspace"
	"hemolift/telemetry"
)

// Limits of what people may draw.
const (
	maxDrawnCorners = 200
	maxDrawnZones   = 200
	maxDrawnFor     = 30 * 24 * time.Hour
)

// Outcome is what became of a flight that a new zone touches.
type Outcome string

const (
	Rerouted  Outcome = "rerouted"  // in the air, and told another way to its goal
	Replanned Outcome = "replanned" // on the ground, with another plan
	Held      Outcome = "held"      // in the air without a way on: told to hover
	Grounded  Outcome = "grounded"  // on the ground without a way on: not released
	Inside    Outcome = "inside"    // in the air within the zone: a person decides
	Unheard   Outcome = "unheard"   // in the air and silent
)

// Touched is one mission whose way leads through a zone.
type Touched struct {
	Mission  delivery.MissionID
	Drone    telemetry.DeviceID
	Hospital network.SiteID
	Outcome  Outcome
	LongerM  float64 // the new way less the old one, where there is a new one
	EscapeM  float64 // the shortest way out of the zone, where the drone is inside
	Reason   string  // why there is no way on
}

// Zones returns the zones that count now or later.
func (d *Dispatcher) Zones() []airspace.Zone {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.zones
}

func (d *Dispatcher) setZones(zones []airspace.Zone) {
	d.mu.Lock()
	d.zones = zones
	d.mu.Unlock()
	d.Tracker.SetZones(zones)
}

// AddZone closes airspace from now on, for everybody: it is stored, every later
// route avoids it, and what is under way is led around it. The touched missions
// are returned with what became of them. z has no ID; it gets one.
func (d *Dispatcher) AddZone(ctx context.Context, a network.Actor, z airspace.Zone) (airspace.Zone, []Touched, error) {
	if a.Role != network.RoleDispatcher && a.Role != network.RoleController {
		return z, nil, refusal.ErrForbidden
	}
	now := d.Now()
	z.ID, z.DrawnBy = airspace.ZoneID("TZ-"+rand.Text()[:8]), a.Login
	if err := checkDrawn(z, d.Zones(), now); err != nil {
		return z, nil, err
	}
	d.zoning.Lock()
	defer d.zoning.Unlock()
	if err := d.router.add(z); err != nil {
		return z, nil, refusal.OfField("ring", err.Error())
	}
	ctx = context.WithoutCancel(ctx) // from here on it is done to the end, whoever asked has gone or not
	events, err := d.Store.InsertZone(ctx, z, now)
	if err != nil {
		d.router.remove(z.ID)
		return z, nil, fmt.Errorf("add zone: %w", err)
	}
	d.setZones(append(slices.Clip(d.Zones()), z))
	d.publish(events)
	touched, err := d.leadAround(ctx, now)
	if err != nil { // the zone stands all the same, and the flight loop tries again
		d.Log.ErrorContext(ctx, "lead around zone", "zone", z.ID, "err", err)
	}
	return z, touched, nil
}

// EndZone opens airspace that a person closed.
func (d *Dispatcher) EndZone(ctx context.Context, a network.Actor, id airspace.ZoneID) error {
	if a.Role != network.RoleDispatcher && a.Role != network.RoleController {
		return refusal.ErrForbidden
	}
	d.zoning.Lock()
	defer d.zoning.Unlock()
	z, ok := lo.Find(d.Zones(), func(z airspace.Zone) bool { return z.ID == id })
	switch {
	case !ok:
		return refusal.ErrNotFound
	case z.DrawnBy == "":
		return refusal.OfState("the zone", "part of the network", "ended here")
	}
	events, err := d.Store.EndZone(ctx, id, a, d.Now())
	if err != nil {
		return fmt.Errorf("end zone: %w", err)
	}
	d.router.remove(id)
	d.setZones(slices.DeleteFunc(slices.Clone(d.Zones()), func(z airspace.Zone) bool { return z.ID == id }))
	d.publish(events)
	return nil
}

func checkDrawn(z airspace.Zone, have []airspace.Zone, now time.Time) error {
	drawn := 0
	for _, h := range have {
		if h.DrawnBy != "" && (h.Until.IsZero() || now.Before(h.Until)) {
			drawn++
		}
	}
	switch {
	case drawn >= maxDrawnZones:
		return refusal.OfState("the map", fmt.Sprintf("full with %d drawn zones", drawn), "given another")
	case z.NameZH == "" || len(z.NameZH) > 100:
		return refusal.OfField("name", "is empty or longer than 100 bytes")
	case len(z.Polygon) != 1 || len(z.Polygon[0]) > maxDrawnCorners+1:
		return refusal.OfField("ring", fmt.Sprintf("needs 3 to %d corners", maxDrawnCorners))
	case z.Until.IsZero() || !z.Until.After(now):
		return refusal.OfField("until", "must be in the future")
	case z.Until.After(now.Add(maxDrawnFor)):
		return refusal.OfField("until", "is more than 30 days ahead; a lasting zone belongs to the network")
	case !z.From.IsZero() && !z.From.Before(z.Until):
		return refusal.OfField("from", "must be before until")
	}
	if err := z.Check(); err != nil {
		return refusal.OfField("ring", err.Error())
	}
	return nil
}

// leadAround looks at every active mission and leads those around zones whose way
// leads through one.
func (d *Dispatcher) leadAround(ctx context.Context, now time.Time) ([]Touched, error) {
	missions, deliveries, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return nil, err
	}
	var touched []Touched
	var errs []error
	for _, m := range missions {
		t, err := d.avoid(ctx, m, deliveriesOf(m.ID, deliveries), now)
		if t.Outcome != "" {
			touched = append(touched, t)
			d.tellTouched(ctx, t, now)
		}
		errs = append(errs, err)
	}
	return touched, errors.Join(errs...)
}

// avoid leads one mission around the zones that its way enters, if any.
func (d *Dispatcher) avoid(ctx context.Context, m delivery.Mission, own []delivery.Delivery, now time.Time) (Touched, error) {
	if m.Status == delivery.MOutbound || m.Status == delivery.MInbound {
		return d.redirect(ctx, m, own, now)
	}
	return d.replan(ctx, m, own, now)
}

// replan gives a mission on the ground other ways for those of its legs to come
// that enter zones.
func (d *Dispatcher) replan(ctx context.Context, m delivery.Mission, own []delivery.Delivery, now time.Time) (Touched, error) {
	t := Touched{Mission: m.ID, Drone: m.Drone, Hospital: m.Hospital}
	if state, ok := d.Tracker.Drone(m.Drone); ok && state.Status.Phase.InAir() && state.Status.Mission == string(m.ID) {
		return t, nil // it has left; its mission follows within a moment
	}
	class := d.classOf(m.Drone)
	wind, _ := d.Wind(now)
	alt := d.Network.GroundAltM() + class.HeightM
	c := delivery.MissionChange{Out: m.Out, Back: m.Back, Actor: network.System.Login, Note: "led around a zone"}
	energyJ := 0.0
	for leg, track := range []*[]geo.Fix4D{&c.Out, &c.Back} {
		flown := leg == 0 && m.Status == delivery.MAtPad
		path := points(*track)
		if !flown && d.router.conflicts(path, class.HeightM, now) != nil {
			r, err := d.router.route(path[0], path[len(path)-1], class, wind, now)
			if err != nil {
				t.Outcome, t.Reason = Grounded, err.Error()
				return t, nil
			}
			t.Outcome = Replanned
			t.LongerM += r.LengthM - pathLengthM(path)
			took := (*track)[len(*track)-1].At.Sub((*track)[0].At)
			*track = timed(r.Points, alt, (*track)[0].At, (*track)[0].At.Add(time.Duration(float64(took)*r.LengthM/max(pathLengthM(path), 1))))
			path = r.Points
		}
		if flown {
			continue
		}
		cost, err := class.Fly(path, d.carriedKg(m, own), wind)
		if err != nil {
			t.Outcome, t.Reason = Grounded, err.Error()
			return t, nil
		}
		energyJ += cost.EnergyJ
	}
	switch {
	case t.Outcome == "":
		return t, nil
	case energyJ+m.ReserveJ > m.BatteryJ:
		t.Outcome, t.Reason = Grounded, "the way around leaves less than the reserve"
		return t, nil
	}
	plan := flightPlan(class, points(c.Out), points(c.Back))
	c.PlanHash, c.EnergyJ = plan.Hash(), energyJ
	if m.Status == delivery.MAtPad {
		c.Commands = []telemetry.Command{{Kind: telemetry.LoadMission, Plan: &plan, Expires: now.Add(commandLife)}}
	} else {
		c.Status = delivery.MPlanned // and so it is uploaded again
	}
	return t, d.changeRoute(ctx, m, c, now)
}

func (d *Dispatcher) changeRoute(ctx context.Context, m delivery.Mission, c delivery.MissionChange, now time.Time) error {
	_, events, err := d.Store.ChangeMission(ctx, m.ID, now, func(locked delivery.Mission, _ []delivery.Delivery) (delivery.MissionChange, error) {
		if locked.Status != m.Status { // it has moved on meanwhile, and is looked at again
			return delivery.MissionChange{}, nil
		}
		return c, nil
	})
	if err != nil {
		return fmt.Errorf("change route of %s: %w", m.ID, err)
	}
	d.publish(events)
	return nil
}

// carriedKg is what a mission's drone has on board: the load until it is handed
// over, then the boxes.
func (d *Dispatcher) carriedKg(m delivery.Mission, own []delivery.Delivery) float64 {
	if m.Status == delivery.MAtPad || m.Status == delivery.MInbound {
		return d.emptyKg(own)
	}
	return m.LoadKg
}

func pathLengthM(path []orb.Point) float64 {
	var sum float64
	for i := 1; i < len(path); i++ {
		sum += geo.Distance(path[i-1], path[i])
	}
	return sum
}
