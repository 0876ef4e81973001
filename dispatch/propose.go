package dispatch

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/plan"
	"hemolift/geo"
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
	Request  RequestID
	Drone    telemetry.DeviceID
	Centre   SiteID
	Pad      PadID
	Box      []Box
	Units    []Unit
	Out      []orb.Point
	Back     []orb.Point
	LengthM  float64
	DepartAt time.Time
	ArriveAt time.Time
	ArriveS  int64 // ArriveAt as the plan counts, to compare candidates
	HomeAt   time.Time
	LoadKg   float64
	EnergyJ  float64
	BatteryJ float64
	ReserveJ float64
	// Waiting is set when the drone is still away: it could be accepted later.
	Waiting bool
	// RunnerUp is the second best and Lost are the others, each with its reason.
	RunnerUp *plan.Candidate
	Lost     []plan.Candidate
	// Courier is when a road courier sent now would arrive.
	Courier time.Time
}

// Impossible says why no drone can serve a request.
type Impossible struct {
	Request RequestID
	Lost    []plan.Candidate
	Courier time.Time
}

// world joins what stands still with one snapshot.
type world struct {
	net    *Network
	compat Compatibility
	router *router
	snap   Snapshot
	index  map[SiteID]int // in the instance

	calibrated map[telemetry.DeviceID]route.Calibration
}

// classOf is a drone's class with its own calibration.
func (w *world) classOf(id telemetry.DeviceID) route.Class {
	class, _ := w.net.ClassOf(id)
	return class.Calibrated(w.calibrated[id])
}

// propose plans the given requests together. It is pure but for the route cache.
func (w *world) propose(requests []Request) (map[RequestID]Proposal, map[RequestID]Impossible, error) {
	in := w.instance(requests)
	if err := in.Check(); err != nil {
		return nil, nil, fmt.Errorf("propose: %w", err)
	}
	p, why := plan.Solve(in)
	proposals, impossible := map[RequestID]Proposal{}, map[RequestID]Impossible{}
	for _, m := range p.Missions {
		id := RequestID(m.Stops[0].Serve[0].Request)
		r, _ := find(requests, func(r Request) bool { return r.ID == id })
		prop, err := w.proposal(r, m, why[string(id)])
		if err != nil {
			return nil, nil, fmt.Errorf("propose %s: %w", id, err)
		}
		proposals[id] = prop
	}
	for _, r := range requests {
		if _, ok := proposals[r.ID]; !ok {
			impossible[r.ID] = Impossible{Request: r.ID, Lost: why[string(r.ID)], Courier: w.courier(r, "")}
		}
	}
	return proposals, impossible, nil
}

func (w *world) sec(t time.Time) int64 { return int64(math.Ceil(t.Sub(w.snap.At).Seconds())) }

func (w *world) at(sec int64) time.Time { return w.snap.At.Add(time.Duration(sec) * time.Second) }

// instance converts the snapshot to the planner's integers.
func (w *world) instance(requests []Request) plan.Instance {
	in := plan.Instance{HorizonS: int64(planAhead.Seconds()), PackS: int64(packTime.Seconds()), LaunchS: int64(launchTime.Seconds()),
		UnloadS: int64(unloadTime.Seconds()), TurnS: int64(turnTime.Seconds()),
		HoldS: map[string]int64{}, UnitG: map[string]int64{}, BoxUnits: map[string]int64{}, BoxG: map[string]int64{},
		Compat: map[string]map[string][]plan.Donor{}, Classes: map[string]plan.Class{}}
	w.addSites(&in)
	w.addComponents(&in)
	w.addClasses(&in, requests)
	w.addDrones(&in)
	for _, u := range w.snap.Stock {
		if site, ok := w.index[u.Site]; ok {
			in.Lots = append(in.Lots, plan.Lot{ID: u.Key.String(), Site: site, Component: string(u.Component), Type: string(u.Group), Units: 1, ExpiresS: w.sec(u.ExpiresAt)})
		}
	}
	priority := map[Urgency]plan.Priority{STAT: plan.STAT, Urgent: plan.Urgent, Routine: plan.Routine}
	for _, r := range requests {
		in.Requests = append(in.Requests, plan.Request{ID: string(r.ID), Hospital: w.index[r.Order.Hospital], Component: string(r.Order.Component),
			Recipient: string(r.Class), Units: int64(r.Order.Units), Priority: priority[r.Order.Urgency], DueS: w.sec(r.Order.NeededBy)})
	}
	return in
}

func (w *world) addSites(in *plan.Instance) {
	w.index = map[SiteID]int{}
	for _, kind := range []SiteKind{BloodCentre, Hospital} {
		for _, s := range w.net.Sites {
			if s.Kind != kind {
				continue
			}
			site := plan.Site{ID: string(s.ID), Centre: kind == BloodCentre, Boxes: map[string]int64{}}
			for _, p := range w.net.Pads {
				if p.Site == s.ID {
					site.Pads++
				}
			}
			site.LaunchPads = site.Pads
			for _, slot := range w.snap.Slots {
				if p, ok := w.net.Pad(slot.Pad); ok && p.Site == s.ID {
					site.Busy = append(site.Busy, plan.Interval{From: w.sec(slot.From), To: w.sec(slot.To)})
				}
			}
			w.index[s.ID] = len(in.Sites)
			in.Sites = append(in.Sites, site)
		}
	}
}

func (w *world) addComponents(in *plan.Instance) {
	for _, c := range components {
		bt, ok := w.net.boxTypeFor(c)
		if !ok {
			continue
		}
		key := string(c)
		in.HoldS[key], in.BoxUnits[key], in.BoxG[key] = int64(bt.HoldAt30C.Seconds()), int64(bt.Units), grams(bt.EmptyKg)
		for _, b := range w.snap.Boxes {
			if i, ok := w.index[b.Site]; ok && b.Type == bt.ID {
				in.Sites[i].Boxes[key]++
			}
		}
		for _, u := range w.snap.Stock {
			if u.Component == c {
				in.UnitG[key] = max(in.UnitG[key], int64(u.MassG))
			}
		}
		in.Compat[key] = map[string][]plan.Donor{}
	}
	for _, m := range w.compat.matches {
		if by := in.Compat[string(m.Component)]; by != nil {
			by[string(m.Recipient)] = append(by[string(m.Recipient)], plan.Donor{Type: string(m.Donor), Rank: m.Rank})
		}
	}
}

// addClasses gives each class its own legs between the centres and the hospitals
// that ask.
func (w *world) addClasses(in *plan.Instance, requests []Request) {
	for _, c := range w.net.Classes {
		pc := plan.Class{PayloadG: grams(c.PayloadKg), Bays: int64(c.Bays), BatteryJ: int64(c.BatteryJ), ReserveJ: int64(c.ReserveJ()), ChargeW: int64(c.ChargeW),
			// one more than the ratio, for the lift of the load
			PayloadPPMPerG: 1 + int64(math.Ceil(1000*max(c.HoverWPerKg/c.HoverW, c.CruiseWPerKg/c.CruiseW))), Legs: map[[2]int]plan.Leg{}}
		for _, r := range requests {
			for _, s := range w.net.Sites {
				if s.Kind != BloodCentre {
					continue
				}
				h, _ := w.net.Site(r.Order.Hospital)
				w.addLeg(pc, c, s, h)
				w.addLeg(pc, c, h, s)
			}
		}
		in.Classes[c.ID] = pc
	}
}

func (w *world) addLeg(pc plan.Class, c route.Class, from, to Site) {
	key := [2]int{w.index[from.ID], w.index[to.ID]}
	if _, ok := pc.Legs[key]; ok {
		return
	}
	r, err := w.router.route(from.Point, to.Point, c, w.snap.Wind, w.snap.At)
	if err != nil {
		return
	}
	leg, err := c.Fly(r.Points, 0, w.snap.Wind)
	if err != nil {
		return
	}
	pc.Legs[key] = plan.Leg{TimeS: int64(math.Ceil(leg.Duration.Seconds())), EnergyJ: int64(math.Ceil(windContingency * leg.EnergyJ))}
}

// addDrones leaves out a drone that is silent or not at home without a mission:
// what is not known cannot be planned with.
func (w *world) addDrones(in *plan.Instance) {
	for _, d := range w.net.Drones {
		state, heard := w.snap.Drones[d.ID]
		class, ok := w.net.Class(d.Class)
		home, known := w.index[d.Home]
		if !heard || !state.Heard || !ok || !known || state.Link == telemetry.LinkStale {
			continue
		}
		pd := plan.Drone{ID: string(d.ID), Class: d.Class, Home: home, SocJ: int64(usable(class, class.BatteryJ*state.Position.BatteryPct/100, w.calibrated[d.ID]))}
		m, busy := find(w.snap.Missions, func(m Mission) bool { return m.Drone == d.ID })
		switch {
		case busy:
			back := m.Back[len(m.Back)-1].At
			pd.ReadyS = max(w.sec(back), 60) + int64(turnTime.Seconds())
			pd.SocJ = max(0, min(pd.SocJ, int64(m.BatteryJ-m.EnergyJ)))
		case state.Status.Phase != telemetry.Parked:
			continue
		}
		in.Drones = append(in.Drones, pd)
	}
}

// usable is a battery's energy as the class would need to have it to fly as far as
// the drone with its own calibration; the reserve is kept as it is.
func usable(c route.Class, socJ float64, k route.Calibration) float64 {
	if !k.Known() {
		return socJ
	}
	return (socJ-c.ReserveJ())/k.Factor + c.ReserveJ()
}

func grams(kg float64) int64 { return int64(math.Ceil(kg * 1000)) }

// proposal turns one mission of the plan back into real things, reckoned exactly.
func (w *world) proposal(r Request, m plan.Mission, why []plan.Candidate) (Proposal, error) {
	drone, _ := w.net.Drone(telemetry.DeviceID(m.Drone))
	class := w.classOf(drone.ID)
	centre, _ := w.net.Site(drone.Home)
	hospital, _ := w.net.Site(r.Order.Hospital)
	out, err := w.router.route(centre.Point, hospital.Point, class, w.snap.Wind, w.snap.At)
	if err != nil {
		return Proposal{}, err
	}
	back, err := w.router.route(hospital.Point, centre.Point, class, w.snap.Wind, w.snap.At)
	if err != nil {
		return Proposal{}, err
	}
	p := Proposal{Request: r.ID, Drone: drone.ID, Centre: centre.ID, Out: out.Points, Back: back.Points, LengthM: out.LengthM,
		DepartAt: w.at(m.DepartS), ArriveAt: w.at(m.Stops[0].ArriveS), ArriveS: m.Stops[0].ArriveS, HomeAt: w.at(m.HomeS), BatteryJ: class.BatteryJ, ReserveJ: class.ReserveJ(), Courier: w.courier(r, centre.ID)}
	if err := w.fill(&p, r, m.Stops[0].Serve[0].Lots); err != nil {
		return Proposal{}, err
	}
	legOut, err1 := class.Fly(out.Points, p.LoadKg, w.snap.Wind)
	legBack, err2 := class.Fly(back.Points, emptyKg(w.net, p.Box), w.snap.Wind)
	if err1 != nil || err2 != nil {
		return Proposal{}, route.ErrWind
	}
	p.EnergyJ = windContingency * (legOut.EnergyJ + legBack.EnergyJ)
	p.Pad = w.freePad(r.Order.Pad, p.ArriveAt, p.ArriveAt.Add(unloadTime))
	_, p.Waiting = find(w.snap.Missions, func(m Mission) bool { return m.Drone == drone.ID })
	p.Waiting = p.Waiting || p.DepartAt.After(w.snap.At.Add(packTime+launchTime+5*time.Minute))
	for i := range why {
		switch c := why[i]; {
		case c.Drone == string(p.Drone):
		case c.Reason == "" && p.RunnerUp == nil:
			p.RunnerUp = &why[i]
		default:
			p.Lost = append(p.Lost, c)
		}
	}
	return p, nil
}

// fill picks the units and boxes and weighs them.
func (w *world) fill(p *Proposal, r Request, lots []plan.Use) error {
	for _, use := range lots {
		u, ok := find(w.snap.Stock, func(u Unit) bool { return u.Key.String() == use.Lot })
		if !ok {
			return fmt.Errorf("unit %s is not in stock", use.Lot)
		}
		if _, ok := w.compat.Rank(r.Order.Component, r.Class, u.Group); !ok {
			return fmt.Errorf("unit %s of %s is not compatible with %s", use.Lot, u.Group, r.Class)
		}
		p.Units = append(p.Units, u)
		p.LoadKg += float64(u.MassG) / 1000
	}
	bt, _ := w.net.boxTypeFor(r.Order.Component)
	need := (len(p.Units) + bt.Units - 1) / bt.Units
	for _, b := range w.snap.Boxes {
		if b.Site == p.Centre && b.Type == bt.ID && len(p.Box) < need {
			p.Box = append(p.Box, b)
			p.LoadKg += bt.EmptyKg
		}
	}
	if len(p.Box) < need {
		return fmt.Errorf("%d boxes of %s are free at %s, want %d", len(p.Box), bt.ID, p.Centre, need)
	}
	return nil
}

func emptyKg(n *Network, boxes []Box) float64 {
	var sum float64
	for _, b := range boxes {
		bt, _ := n.BoxType(b.Type)
		sum += bt.EmptyKg
	}
	return sum
}

// freePad is the wanted pad, or another of its site when that is taken.
func (w *world) freePad(want PadID, from, to time.Time) PadID {
	taken := func(id PadID) bool {
		return slices.ContainsFunc(w.snap.Slots, func(s Slot) bool { return s.Pad == id && s.From.Before(to) && from.Before(s.To) })
	}
	if !taken(want) {
		return want
	}
	p, _ := w.net.Pad(want)
	for _, other := range w.net.Pads {
		if other.Site == p.Site && !taken(other.ID) {
			return other.ID
		}
	}
	return want
}

// Road courier: straight distance times 1.5, at 20 km/h by day and 30 km/h by
// night, with 10 minutes of handling.
const (
	roadFactor   = 1.5
	dayMPS       = 20 / 3.6
	nightMPS     = 30 / 3.6
	roadHandling = 10 * time.Minute
)

// courier is when a road courier from a centre, or from the nearest, would arrive.
func (w *world) courier(r Request, from SiteID) time.Time {
	to, _ := w.net.Site(r.Order.Hospital)
	best := math.Inf(1)
	for _, s := range w.net.Sites {
		if s.Kind == BloodCentre && (from == "" || s.ID == from) {
			best = min(best, geo.Distance(s.Point, to.Point))
		}
	}
	speed := dayMPS
	if h := w.snap.At.In(localZone).Hour(); h < 6 || h >= 22 {
		speed = nightMPS
	}
	return w.snap.At.Add(roadHandling + time.Duration(best*roadFactor/speed*float64(time.Second)))
}

// localZone is China standard time, which has no summer time.
var localZone = time.FixedZone("UTC+8", 8*3600)
