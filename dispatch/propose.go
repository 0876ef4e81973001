package dispatch

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/samber/lo"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/plan"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// Times of the ground work that the planner reckons with. Operators measure their
// own; these are the demonstration's.
const (
	packTime   = 60 * time.Second  // from allocation to a box ready for loading
	launchTime = 30 * time.Second  // a launch pad is held before departure
	unloadTime = 180 * time.Second // a landing pad is held after arrival
	turnTime   = 120 * time.Second // after landing at home
	planAhead  = 24 * time.Hour
)

// windContingency is added to planned energy: the wind of the way back is a guess.
const windContingency = 1.1

// Proposal is the answer to one open request: what would serve it, and why that.
type Proposal struct {
	Request  delivery.RequestID
	Drone    telemetry.DeviceID
	Centre   network.SiteID
	Pad      network.PadID
	Box      []network.Box
	Units    []blood.Unit
	Out      []orb.Point
	Back     []orb.Point
	LengthM  float64
	DepartAt time.Time
	ArriveAt time.Time
	HomeAt   time.Time
	LateMin  int // the hand-over is that much after needed-by
	LoadKg   float64
	EnergyJ  float64
	BatteryJ float64
	ReserveJ float64
	// Waiting is set when the drone is still away: it could be accepted later.
	Waiting bool
	// Considered are the drones not chosen: those that could fly, the best first, with
	// the level of the score on which each loses, then the others with their reasons.
	Considered []Candidate
	// Courier is when a road courier sent now would arrive.
	Courier time.Time
	// Rest is how many units cannot be sent with it; they go on waiting.
	Rest int
	// Review is set when the policy asks for a physician's word first.
	Review bool
	// Held is set when it had better wait: its drone or its units may be needed for STAT
	// requests by the forecast. A person may accept it all the same.
	Held   bool
	Policy string // its version
	Why    Why
}

// Candidate is a drone that was considered and not chosen.
type Candidate struct {
	plan.Candidate
	ArriveAt time.Time // zero when it cannot fly
}

// RunnerUp is the best of those not chosen; ok is false when no other could fly.
func (p Proposal) RunnerUp() (c Candidate, ok bool) {
	if len(p.Considered) == 0 || p.Considered[0].Score == nil {
		return Candidate{}, false
	}
	return p.Considered[0], true
}

// Unconfirmed is the reason when a plan was found and came out otherwise when it was
// reckoned exactly; Fault says how. It is made anew soon.
const Unconfirmed plan.Reason = "unconfirmed"

// Impossible says why no drone can serve a request, and what would have to change.
type Impossible struct {
	Request    delivery.RequestID
	Considered []Candidate
	Changes    []plan.Change
	// Reserved counts the units that would serve it and are kept back by the policy.
	Reserved int
	Courier  time.Time
	Policy   string // its version
	Fault    error  // of Unconfirmed
}

// world joins what stands still with one snapshot.
type world struct {
	net    *network.Network
	compat blood.Compatibility
	policy Policy
	router *router
	snap   Snapshot
	index  map[network.SiteID]int      // in the instance
	packed map[telemetry.DeviceID]bool // boxes that a proposal of the present plan has

	calibrated map[telemetry.DeviceID]route.Calibration
}

// classOf is a drone's class with its own calibration.
func (w *world) classOf(id telemetry.DeviceID) route.Class {
	class, _ := w.net.ClassOf(id)
	return class.Calibrated(w.calibrated[id])
}

// planRounds bound the search for a plan; the same world gives the same plan.
const planRounds = 300

// proposed is a plan for requests together.
type proposed struct {
	proposals  map[delivery.RequestID]Proposal
	impossible map[delivery.RequestID]Impossible
	score      plan.Score
}

// propose plans the given requests together, those in parts that the policy serves so
// and that cannot be served whole. It is pure but for the route cache.
func (w *world) propose(requests []delivery.Request) (proposed, error) {
	whole, err := w.together(requests)
	if err != nil {
		return proposed{}, err
	}
	parts := w.parts(requests, whole.impossible)
	if parts == nil {
		return whole, nil
	}
	out, err := w.together(parts)
	for i, r := range requests {
		if p, ok := out.proposals[r.ID]; ok {
			p.Rest, p.Review = r.Units-parts[i].Units, w.policy.review(r.Asked)
			out.proposals[r.ID] = p
		} else if whole, ok := whole.impossible[r.ID]; ok {
			out.impossible[r.ID] = whole
		}
	}
	return out, err
}

// parts are the requests with as many units as some centre has for them, where that is
// fewer than asked and better than nothing; nil when there is no such request.
func (w *world) parts(requests []delivery.Request, impossible map[delivery.RequestID]Impossible) []delivery.Request {
	parts, any := slices.Clone(requests), false
	for i := range parts {
		o := &parts[i].Asked
		if !w.policy.Partial[o.Urgency] {
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
func (w *world) together(requests []delivery.Request) (proposed, error) {
	in := w.instance(requests)
	w.packed = map[telemetry.DeviceID]bool{}
	if err := in.Check(); err != nil {
		return proposed{}, fmt.Errorf("propose: %w", err)
	}
	solved := plan.Solve(in, 1, plan.Budget{Rounds: planRounds})
	why, err := plan.ExplainAll(in, solved.Plan)
	if err != nil {
		return proposed{}, fmt.Errorf("propose: %w", err)
	}
	held := map[string]bool{}
	if w.policy.HoldBack {
		if held, err = plan.Hold(in, solved.Plan, w.seen(in), int64(seenFor.Seconds())); err != nil {
			return proposed{}, fmt.Errorf("propose: hold: %w", err)
		}
	}
	out := proposed{map[delivery.RequestID]Proposal{}, map[delivery.RequestID]Impossible{}, solved.Score}
	for _, r := range requests {
		e, planned := why[string(r.ID)]
		if !planned {
			e.Changes = []plan.Change{{Reason: plan.NoBox, Want: 1}}
			if _, known := w.index[r.Hospital]; !known {
				e.Changes[0].Reason = plan.NoPad
			}
		}
		if e.Choice == nil {
			out.impossible[r.ID] = Impossible{Request: r.ID, Considered: w.considered(e.Others), Changes: e.Changes, Reserved: w.reserved(r, e.Changes), Courier: w.courier(r, ""), Policy: w.policy.Version}
			continue
		}
		p, err := w.proposal(r, e)
		if err != nil { // the others are served all the same
			out.impossible[r.ID] = Impossible{Request: r.ID, Changes: []plan.Change{{Drone: e.Choice.Drone, Centre: e.Choice.Centre, Reason: Unconfirmed}}, Fault: err, Courier: w.courier(r, ""), Policy: w.policy.Version}
			continue
		}
		p.Held = held[string(r.ID)]
		out.proposals[r.ID] = p
	}
	return out, nil
}

// reserved counts the units in reserve that a request lacks only by the policy.
func (w *world) reserved(r delivery.Request, changes []plan.Change) int {
	if !slices.ContainsFunc(changes, func(c plan.Change) bool { return c.Reason == plan.NoUnits }) {
		return 0
	}
	_, compatible := w.compat.Rank(r.Component, r.Class, "O-")
	if r.Component != blood.RedCells || !compatible || slices.Contains(w.policy.donors(w.compat, blood.RedCells, r.Class, r.Urgency), keptGroup) {
		return 0
	}
	return len(w.policy.kept(w.snap.Stock))
}

// considered puts times of day to candidates.
func (w *world) considered(others []plan.Candidate) []Candidate {
	var out []Candidate
	for _, o := range others {
		c := Candidate{Candidate: w.windy(o)}
		if o.Score != nil {
			c.ArriveAt = w.at(o.HandoverS).Add(-unloadTime)
		}
		out = append(out, c)
	}
	return out
}

// TooWindy is the planner's no_route when it is the wind that leaves none: m/s of wind,
// and the limit of the class.
const TooWindy plan.Reason = "too_windy"

func (w *world) windy(c plan.Candidate) plan.Candidate {
	class, _ := w.net.ClassOf(telemetry.DeviceID(c.Drone))
	if wind := w.snap.Wind.SpeedMPS; c.Reason == plan.NoRoute && wind > class.WindMaxMPS {
		c.Reason, c.Have, c.Want = TooWindy, int64(math.Ceil(wind)), int64(class.WindMaxMPS)
	}
	return c
}

func (w *world) sec(t time.Time) int64 { return int64(math.Ceil(t.Sub(w.snap.At).Seconds())) }

func (w *world) at(sec int64) time.Time { return w.snap.At.Add(time.Duration(sec) * time.Second) }

// proposal turns one choice of the plan back into real things, reckoned exactly.
func (w *world) proposal(r delivery.Request, e plan.Explanation) (Proposal, error) {
	c := e.Choice
	drone, _ := w.net.Drone(telemetry.DeviceID(c.Drone))
	class := w.classOf(drone.ID)
	centre, _ := w.net.Site(drone.Home)
	hospital, _ := w.net.Site(r.Hospital)
	out, err := w.router.route(centre.Point, hospital.Point, class, w.snap.Wind, w.snap.At)
	if err != nil {
		return Proposal{}, err
	}
	back, err := w.router.route(hospital.Point, centre.Point, class, w.snap.Wind, w.snap.At)
	if err != nil {
		return Proposal{}, err
	}
	p := Proposal{Request: r.ID, Drone: drone.ID, Centre: centre.ID, Out: out.Points, Back: back.Points, LengthM: out.LengthM,
		DepartAt: w.at(c.DepartS), ArriveAt: w.at(c.HandoverS).Add(-unloadTime), HomeAt: w.at(c.HomeS), BatteryJ: class.BatteryJ, ReserveJ: class.ReserveJ(),
		Courier: w.courier(r, centre.ID), Considered: w.considered(e.Others), Review: w.policy.review(r.Asked), Policy: w.policy.Version}
	if err := w.fill(&p, r, c.Units); err != nil {
		return Proposal{}, err
	}
	legOut, err1 := class.Fly(out.Points, p.LoadKg, w.snap.Wind)
	legBack, err2 := class.Fly(back.Points, emptyKg(w.net, p.Box), w.snap.Wind)
	if err1 != nil || err2 != nil {
		return Proposal{}, route.ErrWind
	}
	p.EnergyJ = windContingency * (legOut.EnergyJ + legBack.EnergyJ)
	var free bool
	p.Pad, free = w.freePad(r.Pad, p.ArriveAt)
	p.Why, p.LateMin = w.why(r, p, c), lateMin(r, p.ArriveAt)
	_, p.Waiting = lo.Find(w.snap.Missions, func(m delivery.Mission) bool { return m.Drone == drone.ID })
	_, closed := network.SiteClosed(w.snap.Closures, p.Centre, w.snap.At)
	// Pads that are each free for a part of the time are free for nobody.
	p.Waiting = p.Waiting || !free || closed || p.DepartAt.After(w.snap.At.Add(packTime+launchTime+5*time.Minute))
	return p, nil
}

// fill picks the units and boxes and weighs them.
func (w *world) fill(p *Proposal, r delivery.Request, lots []plan.Given) error {
	for _, use := range lots {
		u, ok := lo.Find(w.snap.Stock, func(u blood.Unit) bool { return u.Key.String() == use.Lot })
		if !ok {
			return fmt.Errorf("unit %s is not in stock", use.Lot)
		}
		if _, ok := w.compat.Rank(r.Component, r.Class, u.Group); !ok {
			return fmt.Errorf("unit %s of %s is not compatible with %s", use.Lot, u.Group, r.Class)
		}
		p.Units = append(p.Units, u)
		p.LoadKg += float64(u.MassG) / 1000
	}
	bt, _ := w.net.BoxTypeFor(r.Component)
	need := (len(p.Units) + bt.Units - 1) / bt.Units
	for _, again := range []bool{false, true} { // a later flight may take a box that has come back by then
		for _, b := range w.snap.Boxes {
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

func emptyKg(n *network.Network, boxes []network.Box) float64 {
	var sum float64
	for _, b := range boxes {
		bt, _ := n.BoxType(b.Type)
		sum += bt.EmptyKg
	}
	return sum
}

// freePad is the wanted pad, or another of its site when that is taken or closed; ok is
// false when all are, at some time between a landing and its end.
func (w *world) freePad(want network.PadID, arrive time.Time) (id network.PadID, ok bool) {
	if !w.padTaken(want, arrive) {
		return want, true
	}
	p, _ := w.net.Pad(want)
	for _, other := range w.net.Pads {
		if other.Site == p.Site && !w.padTaken(other.ID, arrive) {
			return other.ID, true
		}
	}
	return want, false
}

// padTaken reports whether a pad is held or closed at some time between a landing and its
// end.
func (w *world) padTaken(id network.PadID, from time.Time) bool {
	to := from.Add(unloadTime)
	pad, _ := w.net.Pad(id)
	_, closed := network.PadClosed(w.snap.Closures, pad, from, to)
	return closed || slices.ContainsFunc(w.snap.Slots, func(s delivery.Slot) bool { return s.Pad == id && s.From.Before(to) && from.Before(s.To) })
}
