package situation

import (
	"errors"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/geo"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// Outcome is what becomes of a mission whose way leads through a zone.
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
	Outcome  Outcome // empty: its way is clear
	LongerM  float64 // the new way less the old one, where there is a new one
	EscapeM  float64 // the shortest way out of the zone, where the drone is inside
	Reason   string  // why there is no way on
}

// NoWayOn reports whether zones leave a drone in the air no way on.
func (t Touched) NoWayOn() bool {
	return t.Outcome == Held || t.Outcome == Inside || t.Outcome == Unheard
}

// Around is what leads a mission around zones.
type Around struct {
	Touched
	// Of a drone in the air:
	Path  []orb.Point // the way that it is to be told, with Rerouted
	Leg   route.Leg   // of Path
	Hover bool        // it must be told to hover, with Held
	// Of one on the ground, with Replanned: the whole plan.
	Out, Back []geo.Fix4D
	EnergyJ   float64
}

// LeadAround looks whether a zone lies on what a mission has yet to fly, and for a way
// around it.
func (s *Situation) LeadAround(m delivery.Mission, payload []delivery.Delivery) Around {
	if m.Status.In(delivery.MOutbound, delivery.MInbound) {
		return redirect(s, m, payload)
	}
	return replan(s, m, payload)
}

// landedWithin is added to an expected landing when windows of zones are compared with a
// flight.
const landedWithin = 15 * time.Minute

// ahead is what a mission in the air has yet to fly of its leg.
type ahead struct {
	path  []orb.Point
	offM  float64   // how far its drone is from it
	until time.Time // surely landed
}

func aheadOf(s *Situation, m delivery.Mission) ahead {
	track := m.Out
	if m.Status == delivery.MInbound {
		track = m.Back
	}
	state, _ := s.Drone(m.Drone)
	a := ahead{until: s.At.Add(LongestFlight)}
	a.path, a.offM = telemetry.Ahead(Points(track), state.Position.Point)
	if !state.ETA.IsZero() {
		a.until = state.ETA.Add(landedWithin)
	}
	return a
}

// ClosedAhead reports whether a mission's drone in the air has a zone ahead.
func (s *Situation) ClosedAhead(m delivery.Mission) bool {
	a := aheadOf(s, m)
	return s.Airway.ClosedAhead(a.path, s.ClassOf(m.Drone).HeightM, s.At, a.until)
}

// LandsBy is when a mission's drone in the air has surely landed.
func (s *Situation) LandsBy(m delivery.Mission) time.Time { return aheadOf(s, m).until }

// redirect finds a drone in the air another way to its goal when a zone lies ahead, or
// when it never took the way it was told. One that hovers is left to people.
func redirect(s *Situation, m delivery.Mission, payload []delivery.Delivery) Around {
	r := Around{Touched: Touched{Mission: m.ID, Drone: m.Drone, Hospital: m.Hospital}}
	class, a := s.ClassOf(m.Drone), aheadOf(s, m)
	state, heard := s.Live(m.Drone)
	phase := state.Status.Phase
	strayed := heard && phase == telemetry.Airborne && a.offM > AstrayM
	switch {
	case !s.Airway.ClosedAhead(a.path, class.HeightM, s.At, a.until) && !strayed:
		return r
	case !heard:
		r.Outcome = Unheard
		return r
	case !phase.InAir(), phase == telemetry.Landing:
		return r // it stands, and its mission follows within a moment; or it comes down where it is
	}
	ask := Flight(state.Position.Point, a.path[len(a.path)-1], class.HeightM, s.At)
	ask.Until = a.until
	way, err := s.Airway.Onward(ask)
	if errors.Is(err, route.ErrStartInside) {
		r.Outcome = Inside
		if out, err := s.Airway.Escape(ask); err == nil {
			r.EscapeM = out.LengthM
		}
		return r
	}
	var cleared Clearance
	if err == nil {
		cleared = clearOnward(s, m, payload, way.Points, state.HeightM)
		err = cleared.Err
	}
	switch {
	case phase == telemetry.Holding:
		r.Outcome, r.Reason = Held, "it hovers; order its return or another way"
	case err != nil:
		r.Outcome, r.Reason, r.Hover = Held, err.Error(), true
	default:
		r.Outcome, r.LongerM = Rerouted, way.LengthM-geo.PathLength(a.path)
		r.Path, r.Leg = way.Points, cleared.Flown[0]
	}
	return r
}

// BoundForAlternate reports whether a drone in the air was sent to another pad than that of
// its delivery, or on its way home to another place than its centre.
func BoundForAlternate(s *Situation, m delivery.Mission, payload []delivery.Delivery) bool {
	if m.Status == delivery.MInbound {
		home, _ := s.Network.Site(m.Centre)
		return geo.Distance(m.Back[len(m.Back)-1].Point, home.Point) > AstrayM
	}
	return m.Status == delivery.MOutbound && m.ToAlternate(payload)
}

// clearOnward looks whether a drone in the air can fly a path, and on an outbound leg home
// again by the way that is open, with what it has left.
func clearOnward(s *Situation, m delivery.Mission, payload []delivery.Delivery, path []orb.Point, heightM float64) Clearance {
	l := Leg{
		For: Rerouting, Mission: m, Payload: payload, BatteryJ: batteryJ(s, m),
		Ways: []Way{{Path: path, LoadKg: s.PayloadKg(m, payload), Aloft: true, FromM: heightM}},
	}
	switch {
	case BoundForAlternate(s, m, payload): // where it stays, and may come with its reserve
		l.Mission.ReserveJ = 0
	case m.Status == delivery.MOutbound:
		home, err := openWayHome(s, m)
		if err != nil {
			return Clearance{Blocked: CheckZone, Err: err}
		}
		l.Ways = append(l.Ways, Way{Path: home, LoadKg: s.HomeKg(payload)})
	}
	return s.Clear(l)
}

// openWayHome is the planned way home, or another one where zones close that.
func openWayHome(s *Situation, m delivery.Mission) ([]orb.Point, error) {
	home, class := Points(m.Back), s.ClassOf(m.Drone)
	if s.Airway.Conflicts(home, class.HeightM, s.At) == nil {
		return home, nil
	}
	r, err := s.Airway.Route(home[0], home[len(home)-1], class, s.Wind, s.At)
	if err != nil {
		return nil, errors.Join(errors.New("no way home"), err)
	}
	return r.Points, nil
}

// replan finds a mission on the ground other ways for those of its legs to come that
// enter zones.
func replan(s *Situation, m delivery.Mission, payload []delivery.Delivery) Around {
	r := Around{Touched: Touched{Mission: m.ID, Drone: m.Drone, Hospital: m.Hospital}, Out: m.Out, Back: m.Back}
	if state, ok := s.Drone(m.Drone); ok && state.Status.Phase.InAir() && state.Status.Mission == string(m.ID) {
		return r // it has left; its mission follows within a moment
	}
	l := Leg{For: Replanning, Mission: m, Payload: payload, BatteryJ: m.BatteryJ}
	tracks := []*[]geo.Fix4D{&r.Out, &r.Back}
	if m.Status == delivery.MAtPad {
		tracks = tracks[1:]
	}
	for _, track := range tracks {
		outcome, longerM, err := another(s, m, track)
		if err != nil {
			r.Outcome, r.Reason = Grounded, err.Error()
			return r
		}
		if outcome != "" {
			r.Outcome = outcome
		}
		r.LongerM += longerM
		load := s.HomeKg(payload)
		if track == &r.Out {
			load = m.LoadKg
		}
		l.Ways = append(l.Ways, Way{Path: Points(*track), LoadKg: load})
	}
	if r.Outcome == "" {
		return r
	}
	cleared := s.Clear(l)
	if !cleared.OK() {
		r.Outcome, r.Reason = Grounded, cleared.Err.Error()
	}
	r.EnergyJ = cleared.EnergyJ
	return r
}

// another puts another track in the place of one that enters a zone, flown from the same
// time on and as fast.
func another(s *Situation, m delivery.Mission, track *[]geo.Fix4D) (outcome Outcome, longerM float64, err error) {
	class, path := s.ClassOf(m.Drone), Points(*track)
	if s.Airway.Conflicts(path, class.HeightM, s.At) == nil {
		return "", 0, nil
	}
	r, err := s.Airway.Route(path[0], path[len(path)-1], class, s.Wind, s.At)
	if err != nil {
		return "", 0, err
	}
	was, from := geo.PathLength(path), (*track)[0].At
	took := float64((*track)[len(*track)-1].At.Sub(from)) * r.LengthM / max(was, 1)
	*track = Timed(r.Points, s.CruiseAltM(class), from, from.Add(time.Duration(took)))
	return Replanned, r.LengthM - was, nil
}
