package propose

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/samber/lo"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/plan"
	"hemolift/dispatch/situation"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// planRounds bound the search for a plan; the same world gives the same plan.
const planRounds = 300

// Proposed is a plan for requests together.
type Proposed struct {
	Proposals  map[delivery.RequestID]Proposal
	Impossible map[delivery.RequestID]Impossible
	Score      plan.Score // of the whole
}

// Rules are what a proposal must keep beside the world: who may be given what, and what
// the blood service decides.
type Rules struct {
	Compat blood.Compatibility
	Policy Policy
}

// planner joins the rules with one situation.
type planner struct {
	*situation.Situation
	Rules
	index   map[network.SiteID]int      // in the instance
	packed  map[telemetry.DeviceID]bool // boxes that a proposal of the present plan has
	blocked []network.Closure           // closed pads, and those that drones stand on
	ways    map[errand]found
}

// errand is what a route between two sites depends on, at one instant: not on what an aircraft takes
// for it, which is its own.
type errand struct {
	from, to           network.SiteID
	heightM, cruiseMPS float64
}

// found is a route, or why there is none.
type found struct {
	route route.Route
	err   error
}

// way is the route between two sites for a class. It is planned once for all that fly alike.
func (w *planner) way(from, to network.Site, c route.Class) (route.Route, error) {
	e := errand{from.ID, to.ID, c.HeightM, c.CruiseMPS}
	f, known := w.ways[e]
	if !known {
		f.route, f.err = w.Airway.Route(from.Point, to.Point, c, w.Wind, w.At)
		w.ways[e] = f
	}
	return route.Route{Points: slices.Clone(f.route.Points), LengthM: f.route.LengthM}, f.err
}

func newPlanner(s *situation.Situation, rules Rules) *planner {
	return &planner{Situation: s, Rules: rules, blocked: s.Blocked(), ways: map[errand]found{}}
}

// For plans the given requests together, those in parts that the policy serves so and
// that cannot be served whole. The same situation gives the same plan.
func For(s *situation.Situation, rules Rules, requests []delivery.Request) (Proposed, error) {
	return newPlanner(s, rules).propose(requests)
}

func (w *planner) propose(requests []delivery.Request) (Proposed, error) {
	if len(requests) == 0 { // as on a desk that has no network yet
		return Proposed{Proposals: map[delivery.RequestID]Proposal{}, Impossible: map[delivery.RequestID]Impossible{}}, nil
	}
	whole, err := w.together(requests)
	if err != nil {
		return Proposed{}, err
	}
	parts := w.parts(requests, whole.Impossible)
	if parts == nil {
		return whole, nil
	}
	out, err := w.together(parts)
	for i, r := range requests {
		if p, ok := out.Proposals[r.ID]; ok {
			p.Rest, p.Review = r.Units-parts[i].Units, w.Policy.review(r.Asked)
			out.Proposals[r.ID] = p
		} else if whole, ok := whole.Impossible[r.ID]; ok {
			out.Impossible[r.ID] = whole
		}
	}
	return out, err
}

// parts are the requests with as many units as some centre has for them, where that is
// fewer than asked and better than nothing; nil when there is no such request.
func (w *planner) parts(requests []delivery.Request, impossible map[delivery.RequestID]Impossible) []delivery.Request {
	parts, any := slices.Clone(requests), false
	for i := range parts {
		o := &parts[i].Asked
		if !w.Policy.Partial[o.Urgency] {
			continue
		}
		have := 0
		for _, c := range impossible[parts[i].ID].Changes {
			if c.Reason == plan.NoUnits && int(c.Have) < o.Units {
				have = max(have, int(c.Have))
			}
		}
		if have > 0 {
			o.Units, any = have, true
		}
	}
	if !any {
		return nil
	}
	return parts
}

// together plans requests as they are.
func (w *planner) together(requests []delivery.Request) (Proposed, error) {
	in := w.instance(requests)
	w.packed = map[telemetry.DeviceID]bool{}
	if err := in.Check(); err != nil {
		return Proposed{}, fmt.Errorf("propose: %w", err)
	}
	solved := plan.Solve(in, 1, plan.Budget{Rounds: planRounds})
	why, err := plan.ExplainAll(in, solved.Plan)
	if err != nil {
		return Proposed{}, fmt.Errorf("propose: %w", err)
	}
	held := map[string]bool{}
	if w.Policy.HoldBack {
		if held, err = plan.Hold(in, solved.Plan, w.seen(in), int64(situation.SeenFor.Seconds())); err != nil {
			return Proposed{}, fmt.Errorf("propose: hold: %w", err)
		}
	}
	out := Proposed{map[delivery.RequestID]Proposal{}, map[delivery.RequestID]Impossible{}, solved.Score}
	for _, r := range requests {
		e, planned := why[string(r.ID)]
		if !planned {
			e.Changes = []plan.Change{{Reason: plan.NoBox, Want: 1}}
			if _, known := w.index[r.Hospital]; !known {
				e.Changes[0].Reason = plan.NoPad
			}
		}
		if e.Choice == nil && planned && len(in.Drones) == 0 {
			e.Changes = append(e.Changes, w.noDrone())
		}
		if e.Choice == nil {
			out.Impossible[r.ID] = Impossible{
				Request:    r.ID,
				Considered: w.considered(e.Others),
				Changes:    e.Changes,
				Reserved:   w.reserved(r, e.Changes),
				Courier:    Courier(w.Situation, r, ""),
				Policy:     w.Policy.Version,
			}
			continue
		}
		p, err := w.proposal(r, e)
		if err != nil { // the others are served all the same
			out.Impossible[r.ID] = Impossible{
				Request: r.ID,
				Changes: []plan.Change{{Drone: e.Choice.Drone, Centre: e.Choice.Centre, Reason: Unconfirmed}},
				Fault:   err,
				Courier: Courier(w.Situation, r, ""),
				Policy:  w.Policy.Version,
			}
			continue
		}
		p.Held = held[string(r.ID)]
		out.Proposals[r.ID] = p
	}
	return out, nil
}

// NoDrone is the reason when no drone can be counted on, as while none is heard: how many are
// heard, and how many there are.
const NoDrone plan.Reason = "no_drone"

func (w *planner) noDrone() plan.Change {
	c := plan.Change{Reason: NoDrone, Want: int64(len(w.Network.Drones))}
	for _, d := range w.Network.Drones {
		if state, heard := w.Drone(d.ID); heard && state.Link != telemetry.LinkStale {
			c.Have++
		}
	}
	return c
}

// reserved counts the units in reserve that a request lacks only by the policy.
func (w *planner) reserved(r delivery.Request, changes []plan.Change) int {
	if !slices.ContainsFunc(changes, func(c plan.Change) bool { return c.Reason == plan.NoUnits }) {
		return 0
	}
	_, compatible := w.Compat.Rank(r.Component, r.Class, "O-")
	if r.Component != blood.RedCells || !compatible || slices.Contains(w.Donors(r), keptGroup) {
		return 0
	}
	return len(w.Policy.kept(w.Stock))
}

// considered puts times of day to candidates.
func (w *planner) considered(others []plan.Candidate) []Candidate {
	var out []Candidate
	for _, o := range others {
		c := Candidate{Candidate: w.windy(o)}
		if o.Score != nil {
			c.ArriveAt = w.at(o.HandoverS).Add(-situation.UnloadTime)
		}
		out = append(out, c)
	}
	return out
}

// TooWindy is the planner's no_route when it is the wind that leaves none: m/s of wind,
// and the limit of the class.
const TooWindy plan.Reason = "too_windy"

func (w *planner) windy(c plan.Candidate) plan.Candidate {
	class, _ := w.Network.ClassOf(telemetry.DeviceID(c.Drone))
	if wind := w.Wind.SpeedMPS; c.Reason == plan.NoRoute && wind > class.WindMaxMPS {
		c.Reason, c.Have, c.Want = TooWindy, int64(math.Ceil(wind)), int64(class.WindMaxMPS)
	}
	return c
}

func (w *planner) sec(t time.Time) int64 { return int64(math.Ceil(t.Sub(w.At).Seconds())) }

func (w *planner) at(sec int64) time.Time { return w.At.Add(time.Duration(sec) * time.Second) }

// proposal turns one choice of the plan back into real things, reckoned exactly.
func (w *planner) proposal(r delivery.Request, e plan.Explanation) (Proposal, error) {
	c := e.Choice
	drone, _ := w.Network.Drone(telemetry.DeviceID(c.Drone))
	class := w.ClassOf(drone.ID)
	centre, _ := w.Network.Site(drone.Home)
	hospital, _ := w.Network.Site(r.Hospital)
	out, err := w.way(centre, hospital, class)
	if err != nil {
		return Proposal{}, err
	}
	back, err := w.way(hospital, centre, class)
	if err != nil {
		return Proposal{}, err
	}
	p := Proposal{
		Request:  r.ID,
		Drone:    drone.ID,
		Centre:   centre.ID,
		Out:      out.Points,
		Back:     back.Points,
		LengthM:  out.LengthM,
		DepartAt: w.at(c.DepartS),
		ArriveAt: w.at(c.HandoverS).Add(-situation.UnloadTime),
		HomeAt:   w.at(c.HomeS),
		BatteryJ: class.BatteryJ,
		ReserveJ: class.ReserveJ(),
		Courier: Courier(
			w.Situation,
			r,
			centre.ID,
		),
		Considered: w.considered(e.Others),
		Review:     w.Policy.review(r.Asked),
		Policy:     w.Policy.Version,
	}
	if err := w.fill(&p, r, c.Units); err != nil {
		return Proposal{}, err
	}
	legOut, err1 := class.Fly(out.Points, p.LoadKg, w.Wind)
	legBack, err2 := class.Fly(back.Points, situation.EmptyKg(w.Network, p.BoxIDs()...), w.Wind)
	if err1 != nil || err2 != nil {
		return Proposal{}, route.ErrWind
	}
	p.EnergyJ = situation.WindContingency * (legOut.EnergyJ + legBack.EnergyJ)
	var free bool
	p.Pad, free = w.FreePad(r.Pad, p.ArriveAt)
	p.Reasons, p.LateMin = w.reasons(r, p, c), LateMin(r, p.ArriveAt)
	_, p.Waiting = lo.Find(w.Missions, func(m delivery.Mission) bool { return m.Drone == drone.ID })
	_, closed := network.SiteClosed(w.Closures, p.Centre, w.At)
	// Pads that are each free for a part of the time are free for nobody.
	p.Waiting = p.Waiting || !free || closed || p.DepartAt.After(w.At.Add(situation.PackTime+situation.LaunchTime+5*time.Minute))
	return p, nil
}

// fill picks the units and boxes and weighs them.
func (w *planner) fill(p *Proposal, r delivery.Request, lots []plan.Given) error {
	for _, use := range lots {
		u, ok := lo.Find(w.Stock, func(u blood.Unit) bool { return u.Key.String() == use.Lot })
		if !ok {
			return fmt.Errorf("unit %s is not in stock", use.Lot)
		}
		if _, ok := w.Compat.Rank(r.Component, r.Class, u.Group); !ok {
			return fmt.Errorf("unit %s of %s is not compatible with %s", use.Lot, u.Group, r.Class)
		}
		p.Units = append(p.Units, u)
		p.LoadKg += float64(u.MassG) / 1000
	}
	bt, _ := w.Network.BoxTypeFor(r.Component)
	need := (len(p.Units) + bt.Units - 1) / bt.Units
	for _, again := range []bool{false, true} { // a later flight may take a box that has come back by then
		for _, b := range w.Boxes {
			if b.Site == p.Centre && b.Type == bt.ID && len(p.Box) < need && w.packed[b.ID] == again && !slices.Contains(p.Box, b) {
				p.Box = append(p.Box, b)
				p.LoadKg += bt.EmptyKg
			}
		}
	}
	for _, b := range p.Box {
		w.packed[b.ID] = true
	}
	if len(p.Box) < need {
		return fmt.Errorf("%d boxes of %s are free at %s, want %d", len(p.Box), bt.ID, p.Centre, need)
	}
	return nil
}
