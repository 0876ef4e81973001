package propose

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/samber/lo"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/plan"
	"hemolift/dispatch/situation"
	"hemolift/geo"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// planAhead is how far a plan looks.
const planAhead = 24 * time.Hour

// instance converts the situation to the planner's integers.
func (w *planner) instance(requests []delivery.Request) *plan.Instance {
	in := &plan.Instance{
		Format:   plan.Format,
		Name:     "now",
		Kind:     plan.KindStatic,
		MaxServe: 1,
		HorizonS: int64(planAhead.Seconds()),
		PackS:    int64(situation.PackTime.Seconds()),
		LaunchS:  int64(situation.LaunchTime.Seconds()),
		UnloadS:  int64(situation.UnloadTime.Seconds()),
		TurnS:    int64(situation.TurnTime.Seconds()),
		HoldS:    map[string]int64{},
		UnitG:    map[string]int64{},
		BoxUnits: map[string]int64{},
		BoxG:     map[string]int64{},
		Compat:   map[string]map[string][]string{},
	}
	w.addSites(in)
	w.addComponents(in)
	w.addClasses(in, requests)
	w.addDrones(in)
	w.addStock(in)
	w.addRequests(in, requests)
	return in
}

// addStock makes each unit a lot of its own: a bag is what is packed and scanned.
func (w *planner) addStock(in *plan.Instance) {
	kept := w.Policy.kept(w.Stock)
	for _, u := range w.Stock {
		_, site := w.index[u.Site]
		_, travels := in.HoldS[string(u.Component)]
		if site && travels {
			group := string(u.Group)
			if kept[u.Key] {
				group = keptGroup
			}
			in.Lots = append(in.Lots, plan.Lot{
				ID: u.Key.String(), Centre: string(u.Site), Component: string(u.Component), Type: group, Units: 1,
				ExpiresS: min(max(0, w.sec(u.ExpiresAt)), plan.MaxSeconds),
			})
		}
	}
}

var priorityOf = map[delivery.Urgency]plan.Priority{delivery.STAT: plan.STAT, delivery.Urgent: plan.Urgent, delivery.Routine: plan.Routine}

// addRequests has those already late be due now: what was lost is the same for every
// plan. A component that no box type is for cannot be planned,
// nor a hospital that is no longer in the network.
func (w *planner) addRequests(in *plan.Instance, requests []delivery.Request) {
	for _, r := range requests {
		by, travels := in.Compat[string(r.Component)]
		if _, known := w.index[r.Hospital]; !travels || !known {
			continue
		}
		q := planned(r)
		by[q.Type] = w.Donors(r)
		q.DueS = max(0, w.sec(r.NeededBy))
		in.Requests = append(in.Requests, q)
	}
}

// planned is a request in the planner's terms, due when it is released. Policy tells
// urgencies apart, so that the recipient's type does too.
func planned(r delivery.Request) plan.Request {
	return plan.Request{
		ID: string(r.ID), Hospital: string(r.Hospital), Component: string(r.Component),
		Type: string(r.Class) + " " + string(r.Urgency), Units: int64(r.Units), Priority: priorityOf[r.Urgency],
	}
}

// seen are the requests of the last day in the planner's terms: what each asked for, and
// how much time it gave.
func (w *planner) seen(in *plan.Instance) []plan.Request {
	var out []plan.Request
	for _, r := range w.Seen {
		by, travels := in.Compat[string(r.Component)]
		if _, known := w.index[r.Hospital]; !travels || !known {
			continue
		}
		q := planned(r)
		by[q.Type] = w.Donors(r)
		q.DueS = max(0, int64(r.NeededBy.Sub(r.CreatedAt).Seconds()))
		out = append(out, q)
	}
	return out
}

func (w *planner) addSites(in *plan.Instance) {
	w.index = map[network.SiteID]int{}
	for _, kind := range []network.SiteKind{network.BloodCentre, network.Hospital} {
		for _, s := range w.Network.Sites {
			if s.Kind != kind {
				continue
			}
			site := plan.Site{
				ID:    string(s.ID),
				Kind:  map[network.SiteKind]string{network.BloodCentre: plan.Centre, network.Hospital: plan.Hospital}[kind],
				Boxes: map[string]int64{},
			}
			for _, p := range w.Network.Pads {
				if p.Site == s.ID {
					site.Pads++
					site.Busy = append(site.Busy, w.busy(p)...)
				}
			}
			site.LaunchPads = site.Pads
			w.index[s.ID] = len(in.Sites)
			in.Sites = append(in.Sites, site)
		}
	}
	w.addTimes(in)
}

// addTimes has the straight lines at the airspeed of the quickest class tell what is near
// what. Each class brings its own legs to be flown.
func (w *planner) addTimes(in *plan.Instance) {
	fastest := 0.0
	for _, c := range w.Network.Classes {
		fastest = max(fastest, c.CruiseMPS)
	}
	for _, a := range in.Sites {
		from, _ := w.Network.Site(network.SiteID(a.ID))
		row := make([]int64, len(in.Sites))
		for j, b := range in.Sites {
			if to, _ := w.Network.Site(network.SiteID(b.ID)); fastest > 0 {
				row[j] = int64(geo.Distance(from.Point, to.Point) / fastest)
			}
		}
		in.TimeS, in.EnergyJ = append(in.TimeS, row), append(in.EnergyJ, make([]int64, len(in.Sites)))
	}
}

// busy are the times at which a pad is held for a flight or closed, apart from each
// other.
func (w *planner) busy(p network.Pad) []plan.Interval {
	var all, out []plan.Interval
	for _, s := range w.Slots {
		if s.Pad == p.ID {
			all = append(all, plan.Interval{FromS: w.sec(s.From), ToS: w.sec(s.To)})
		}
	}
	for _, c := range w.blocked {
		if c.Covers(p) {
			all = append(all, plan.Interval{FromS: w.sec(c.From), ToS: w.sec(c.Until)})
		}
	}
	slices.SortFunc(all, func(a, b plan.Interval) int { return cmp.Compare(a.FromS, b.FromS) })
	for _, b := range all {
		if n := len(out); n > 0 && b.FromS <= out[n-1].ToS {
			out[n-1].ToS = max(out[n-1].ToS, b.ToS)
			continue
		}
		out = append(out, b)
	}
	return out
}

func (w *planner) addComponents(in *plan.Instance) {
	for _, c := range blood.Components() {
		bt, ok := w.Network.BoxTypeFor(c)
		if !ok {
			continue
		}
		key := string(c)
		in.UnitG[key] = 0 // without stock
		in.HoldS[key], in.BoxUnits[key], in.BoxG[key] = int64(bt.HoldAt30C.Seconds()), int64(bt.Units), grams(bt.EmptyKg)
		for _, b := range w.Boxes {
			if i, ok := w.index[b.Site]; ok && b.Type == bt.ID {
				in.Sites[i].Boxes[key]++
			}
		}
		for _, u := range w.Stock {
			if u.Component == c {
				in.UnitG[key] = max(in.UnitG[key], int64(u.MassG))
			}
		}
		in.Compat[key] = map[string][]string{}
	}
}

// addClasses gives each class its own legs between the centres and the hospitals that
// ask, and each drone with a calibration a class of its own.
func (w *planner) addClasses(in *plan.Instance, requests []delivery.Request) {
	for _, c := range w.Network.Classes {
		in.Classes = append(in.Classes, w.class(in, c.ID, c, requests))
	}
	for _, d := range w.Network.Drones {
		if w.Calibrations[d.ID].Known() {
			in.Classes = append(in.Classes, w.class(in, w.classID(d), w.ClassOf(d.ID), requests))
		}
	}
}

// classID names a drone's class in the instance.
func (w *planner) classID(d network.Drone) string {
	if w.Calibrations[d.ID].Known() {
		return d.Class + " " + string(d.ID)
	}
	return d.Class
}

func (w *planner) class(in *plan.Instance, id string, c route.Class, requests []delivery.Request) plan.Class {
	pc := plan.Class{
		ID:             id,
		PayloadG:       grams(c.PayloadKg),
		Bays:           int64(c.Bays),
		BatteryJ:       int64(c.BatteryJ),
		ReserveJ:       int64(c.ReserveJ()),
		ChargeW:        int64(c.ChargeW),
		TimePermille:   1000,
		EnergyPermille: 1000,
		// one more than the ratio, for the lift of the load
		PayloadPPMPerG: 1 + int64(math.Ceil(1000*max(c.HoverWPerKg/c.HoverW, c.CruiseWPerKg/c.CruiseW))),
	}
	for range in.Sites {
		pc.Legs = append(pc.Legs, make([]*plan.Leg, len(in.Sites)))
	}
	for _, r := range requests {
		h, known := w.Network.Site(r.Hospital)
		for _, s := range w.Network.Sites {
			if known && s.Kind == network.BloodCentre {
				w.addLeg(pc, c, s, h)
				w.addLeg(pc, c, h, s)
			}
		}
	}
	return pc
}

func (w *planner) addLeg(pc plan.Class, c route.Class, from, to network.Site) {
	leg := &pc.Legs[w.index[from.ID]][w.index[to.ID]]
	if *leg != nil {
		return
	}
	r, err := w.way(from, to, c)
	if err != nil {
		return
	}
	flown, err := c.Fly(r.Points, 0, w.Wind)
	if err != nil {
		return
	}
	*leg = &plan.Leg{TimeS: int64(math.Ceil(flown.Duration.Seconds())), EnergyJ: int64(math.Ceil(situation.WindContingency * flown.EnergyJ))}
}

// addDrones leaves out a drone that is silent, out of service, or not at home without a
// mission: what is not known cannot be planned with.
func (w *planner) addDrones(in *plan.Instance) {
	for _, d := range w.Network.Drones {
		if w.Withheld[d.ID] {
			continue
		}
		state, heard := w.Drone(d.ID)
		class, ok := w.Network.Class(d.Class)
		_, known := w.index[d.Home]
		if !heard || !state.Located || !ok || !known || state.Link == telemetry.LinkStale {
			continue
		}
		pd := plan.Drone{
			ID:    string(d.ID),
			Class: w.classID(d),
			Home:  string(d.Home),
			SocJ:  int64(min(max(0, class.BatteryJ*state.Position.BatteryPct/100), class.BatteryJ)),
		}
		m, busy := lo.Find(w.Missions, func(m delivery.Mission) bool { return m.Drone == d.ID })
		switch {
		case busy && (situation.GivenUpAboard(w.Payload(m.ID)) || w.Stranded(m)):
			continue // nobody knows when it comes free
		case busy:
			back := m.Back[len(m.Back)-1].At
			pd.ReadyS = max(w.sec(back), 60) + int64(situation.TurnTime.Seconds())
			pd.SocJ = max(0, min(pd.SocJ, int64(m.BatteryJ-m.EnergyJ)))
		case state.Status.Phase != telemetry.Parked || w.awayFromHome(d, state):
			continue
		}
		if _, closed := network.DeviceClosed(w.Closures, d.ID, w.At); closed {
			continue // until when is a guess
		}
		if c, closed := network.SiteClosed(w.Closures, d.Home, w.At); closed {
			pd.ReadyS = max(pd.ReadyS, w.sec(c.Until))
		}
		in.Drones = append(in.Drones, pd)
	}
}

func (w *planner) awayFromHome(d network.Drone, state telemetry.DroneState) bool {
	home, _ := w.Network.Site(d.Home)
	return geo.Distance(state.Position.Point, home.Point) > situation.AstrayM
}

func grams(kg float64) int64 { return int64(math.Ceil(kg * 1000)) }
