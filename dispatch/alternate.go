package dispatch

import (
	"cmp"
	"context"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/geo"
	"hemolift/telemetry"

	"github.com/samber/lo"
)

// Alternate is a pad, other than its goal, at which a drone in the air could land.
type Alternate struct {
	Site      network.SiteID
	LengthM   float64
	Duration  time.Duration // until landed
	NeedPct   float64       // of the battery, with the reserve
	MarginPct float64       // what the battery has beyond that; negative: out of reach
	// FrugalMPS is the airspeed that takes the least energy there, and FrugalPct the
	// margin with it.
	FrugalMPS, FrugalPct float64
	// ColdMargin is what is left, by the early bound, of the time to the limit of the
	// tightest box when it is handed over there; HasCold is false while not known.
	ColdMargin time.Duration
	HasCold    bool
}

// How many pads are looked at, the nearest in a straight line, and how many of
// them are shown.
const (
	alternatesLooked = 8
	alternatesShown  = 3
)

// Alternates returns the pads at which a mission's drone could land now, those in
// reach first and then the quickest first. They are fewer where zones leave no
// way, and none while it is on the ground, where it may have come to be since it was
// seen in the air, or silent.
func (d *Dispatcher) Alternates(ctx context.Context, a network.Actor, id delivery.MissionID) ([]Alternate, error) {
	if a.Role != network.RoleDispatcher && a.Role != network.RoleController {
		return nil, refusal.ErrForbidden
	}
	missions, deliveries, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return nil, err
	}
	m, ok := lo.Find(missions, func(m delivery.Mission) bool { return m.ID == id })
	if !ok {
		return nil, refusal.ErrNotFound
	}
	state, ok := d.Tracker.Drone(m.Drone)
	if !ok || !state.Heard || state.Link == telemetry.LinkStale || !state.Status.Phase.InAir() {
		return nil, nil
	}
	class := d.classOf(m.Drone)
	wind, _ := d.Wind(d.Now())
	loadKg := d.carriedKg(m, deliveriesOf(m.ID, deliveries))
	var out []Alternate
	for _, site := range d.nearest(m, state) {
		f := flight(state.Position.Point, site.Point, class.HeightM, d.Now())
		f.CruiseMPS, f.Wind = class.CruiseMPS, wind
		r, err := d.router.home(f)
		if err != nil {
			continue
		}
		leg, err := class.FlyOn(r.Points, state.HeightM, loadKg, wind)
		if err != nil {
			continue
		}
		alt := Alternate{Site: site.ID, LengthM: r.LengthM, Duration: leg.Duration, NeedPct: class.NeedPct(leg), FrugalMPS: class.CruiseMPS}
		alt.MarginPct = state.Position.BatteryPct - alt.NeedPct
		alt.FrugalPct = alt.MarginPct
		if frugal, err := d.router.frugal(f, class, state.HeightM, loadKg); err == nil {
			alt.FrugalMPS, alt.FrugalPct = frugal.AirspeedMPS, state.Position.BatteryPct-class.NeedPct(frugal.Leg)
		}
		alt.ColdMargin, alt.HasCold = d.coldMargin(m.ID, deliveries, state, leg.Duration)
		out = append(out, alt)
	}
	slices.SortFunc(out, func(x, y Alternate) int {
		if (x.MarginPct < 0) != (y.MarginPct < 0) {
			return cmp.Compare(y.MarginPct, x.MarginPct)
		}
		return cmp.Compare(x.Duration, y.Duration)
	})
	return out[:min(len(out), alternatesShown)], nil
}

// nearest lists the sites with a pad that are nearest to a drone, without the goal
// of its leg.
func (d *Dispatcher) nearest(m delivery.Mission, state telemetry.DroneState) []network.Site {
	goal := m.Hospital
	if m.Status == delivery.MInbound {
		goal = m.Centre
	}
	var sites []network.Site
	for _, s := range d.Network.Sites {
		_, pad := lo.Find(d.Network.Pads, func(p network.Pad) bool { return p.Site == s.ID })
		if s.ID != goal && (pad || s.Kind == network.BloodCentre) {
			sites = append(sites, s)
		}
	}
	off := func(s network.Site) float64 { return geo.Distance(s.Point, state.Position.Point) }
	slices.SortFunc(sites, func(x, y network.Site) int { return int(off(x) - off(y)) })
	return sites[:min(len(sites), alternatesLooked)]
}
