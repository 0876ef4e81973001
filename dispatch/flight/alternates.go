package flight

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/geo"
	"hemolift/telemetry"
)

// Alternate is a pad, other than its goal, at which a drone in the air could land.
type Alternate struct {
	Site      network.SiteID
	Pad       network.PadID // a free one; empty where none is
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

	path []orb.Point
}

// How many pads are looked at, the nearest in a straight line, and how many of
// them are shown.
const (
	alternatesLooked = 8
	alternatesShown  = 3
)

// Alternates returns the pads at which a mission's drone could land now, the quickest
// first: what one drone needs grows with the time, so that those in reach come first. They
// are fewer where zones leave no way, and none while it is on the ground, where it may have
// come to be since it was seen in the air, or silent.
func Alternates(s *situation.Situation, m delivery.Mission) []Alternate {
	state, heard := s.Live(m.Drone)
	if !heard || !state.Status.Phase.InAir() {
		return nil
	}
	var out []Alternate
	for _, site := range nearest(s, m, state) {
		if a, ok := alternate(s, m, state, site); ok {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(x, y Alternate) int { return cmp.Compare(x.Duration, y.Duration) })
	return out[:min(len(out), alternatesShown)]
}

// alternate reckons the flight to one site; false where there is no way.
func alternate(s *situation.Situation, m delivery.Mission, state telemetry.DroneState, site network.Site) (a Alternate, ok bool) {
	class, payload := s.ClassOf(m.Drone), s.Payload(m.ID)
	loadKg := s.PayloadKg(m, payload)
	f := situation.Flight(state.Position.Point, site.Point, class.HeightM, s.At)
	f.CruiseMPS, f.Wind = class.CruiseMPS, s.Wind
	r, err := s.Airway.Onward(f)
	if err != nil {
		return a, false
	}
	leg, err := class.FlyOn(r.Points, state.HeightM, loadKg, s.Wind)
	if err != nil {
		return a, false
	}
	a = Alternate{
		Site: site.ID, LengthM: r.LengthM, Duration: leg.Duration, NeedPct: class.NeedPct(leg), FrugalMPS: class.CruiseMPS, path: r.Points,
	}
	a.Pad = freePad(s, m, site.ID, s.At.Add(leg.Duration))
	a.MarginPct = state.Position.BatteryPct - a.NeedPct
	a.FrugalPct = a.MarginPct
	if frugal, err := s.Airway.Frugal(f, class, state.HeightM, loadKg); err == nil {
		a.FrugalMPS, a.FrugalPct = frugal.AirspeedMPS, state.Position.BatteryPct-class.NeedPct(frugal.Leg)
	}
	a.ColdMargin, a.HasCold = s.ColdMargin(m.Drone, payload, leg.Duration)
	return a, true
}

// freePad is a pad of a site on which a mission's drone could land at a time.
func freePad(s *situation.Situation, m delivery.Mission, site network.SiteID, arrive time.Time) network.PadID {
	for _, p := range s.Network.Pads {
		if m.Pad = p.ID; p.Site == site && !s.PadTaken(p.ID, arrive) && !s.StoodOn(m, arrive) {
			return p.ID
		}
	}
	return ""
}

// divert sends a drone in the air to a pad of another site, where it stays: what it carries is
// down elsewhere then. It may come there with its reserve, which is for that.
func divert(
	s *situation.Situation, m delivery.Mission, payload []delivery.Delivery, by network.Actor, to network.PadID,
) (delivery.MissionChange, error) {
	pad, known := s.Network.Pad(to)
	site, _ := s.Network.Site(pad.Site)
	state, heard := s.Live(m.Drone)
	switch {
	case !known:
		return delivery.MissionChange{}, refusal.OfField("pad", fmt.Sprintf("%q is no pad of the network", to))
	case !heard || !state.Status.Phase.InAir():
		return delivery.MissionChange{}, silent(m)
	case pad.Site == m.Centre:
		return delivery.MissionChange{}, refusal.OfField("pad", "is at home: order its return")
	case geo.Distance(site.Point, goal(m)) < situation.AstrayM:
		return delivery.MissionChange{}, refusal.OfField("pad", "is where it flies already")
	}
	a, ok := alternate(s, m, state, site)
	if !ok {
		return delivery.MissionChange{}, refusal.OfState("the way to "+string(to), "closed by zones or wind", "flown")
	}
	arrive := s.At.Add(a.Duration)
	seen := m
	seen.Pad, seen.ReserveJ = to, 0
	cleared := s.Clear(situation.Leg{
		For: situation.Alternating, Mission: seen, Payload: payload, BatteryJ: m.BatteryJ * state.Position.BatteryPct / 100, ArriveAt: arrive,
		Ways: []situation.Way{{Path: a.path, LoadKg: s.PayloadKg(m, payload), Aloft: true, FromM: state.HeightM}},
	})
	switch {
	case !cleared.OK():
		return delivery.MissionChange{}, cleared.Err
	case s.PadTaken(to, arrive):
		return delivery.MissionChange{}, refusal.OfState("pad "+string(to), "another drone's then, or out of service", "landed on")
	}
	class := s.ClassOf(m.Drone)
	plan := situation.FlightPlan(class, a.path)
	c := command(s, by, telemetry.Command{Kind: telemetry.Reroute, Plan: &plan})
	c.Hospital, c.Pad, c.ArriveAt, c.Note = site.ID, to, arrive, "diverted to an alternate pad"
	c.SlotFrom, c.SlotTo = situation.SlotFor(arrive)
	if track := situation.Timed(a.path, s.CruiseAltM(class), s.At, arrive); m.Status == delivery.MInbound {
		c.Back = track
	} else {
		c.Out = track
	}
	return c, nil
}

// nearest lists the sites with a pad that are nearest to a drone, without the goal of its
// leg.
func nearest(s *situation.Situation, m delivery.Mission, state telemetry.DroneState) []network.Site {
	goal := goal(m)
	var sites []network.Site
	for _, x := range s.Network.Sites {
		pad := slices.ContainsFunc(s.Network.Pads, func(p network.Pad) bool { return p.Site == x.ID })
		if geo.Distance(x.Point, goal) > situation.AstrayM && (pad || x.Kind == network.BloodCentre) {
			sites = append(sites, x)
		}
	}
	off := func(x network.Site) float64 { return geo.Distance(x.Point, state.Position.Point) }
	slices.SortFunc(sites, func(x, y network.Site) int { return cmp.Compare(off(x), off(y)) })
	return sites[:min(len(sites), alternatesLooked)]
}
