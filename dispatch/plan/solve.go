package plan

import (
	"cmp"
	"fmt"
	"slices"
)

// Candidate is one drone considered for a request. Reason is empty for those that
// could fly, of which the first is the choice and the second the runner-up.
type Candidate struct {
	Drone   string
	Reason  Reason
	Have    int64 // the number that broke the rule, and what the rule asks
	Want    int64
	DepartS int64
	ArriveS int64
	EnergyJ int64
	RankSum int // of the units
	mission Mission
}

// Reason is the first rule that a candidate breaks.
type Reason string

const (
	NoUnits      Reason = "no_units"       // compatible, unexpired at arrival, at its home
	NoBox        Reason = "no_box"         // free at its home
	TooHeavy     Reason = "too_heavy"      // grams against payload
	TooManyBoxes Reason = "too_many_boxes" // boxes against bays
	NoRoute      Reason = "no_route"       // zones, or wind, leave no leg out or back
	NoEnergy     Reason = "no_energy"      // joules needed with reserve, against a full battery
	TooWarm      Reason = "too_warm"       // seconds of flight against the box's hold time
	TooLate      Reason = "after_horizon"
)

// Why holds, for each request, its candidates: those that could fly by arrival,
// then the others by drone.
type Why map[string][]Candidate

// Solve plans all requests. A request that nobody can serve has no mission and its
// candidates say why.
func Solve(in Instance) (Plan, Why) {
	s := newSolver(in)
	order := slices.Clone(in.Requests)
	slices.SortStableFunc(order, func(a, b Request) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.DueS, b.DueS), cmp.Compare(a.ID, b.ID))
	})
	var p Plan
	why := Why{}
	for _, r := range order {
		cands := s.candidates(r)
		why[r.ID] = cands
		if len(cands) > 0 && cands[0].Reason == "" {
			s.commit(r, cands[0].mission)
			p.Missions = append(p.Missions, cands[0].mission)
		}
	}
	return p, why
}

type solver struct {
	in     Instance
	drones []Drone // ReadyS and SocJ move on as missions are committed
	left   map[string]int64
	launch []calendar
	land   []calendar
	boxes  []map[string]int64 // free at each centre
}

func newSolver(in Instance) *solver {
	s := &solver{in: in, drones: slices.Clone(in.Drones), left: map[string]int64{}}
	for _, l := range in.Lots {
		s.left[l.ID] = l.Units
	}
	for _, site := range in.Sites {
		s.launch = append(s.launch, calendar{capacity: site.LaunchPads})
		s.land = append(s.land, calendar{capacity: site.Pads, taken: slices.Clone(site.Busy)})
		free := map[string]int64{}
		for comp, n := range site.Boxes {
			free[comp] = n
		}
		s.boxes = append(s.boxes, free)
	}
	return s
}

func (s *solver) candidates(r Request) []Candidate {
	var cands []Candidate
	for _, d := range s.drones {
		cands = append(cands, s.try(r, d))
	}
	slices.SortFunc(cands, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(flies(b), flies(a)), cmp.Compare(a.ArriveS, b.ArriveS),
			cmp.Compare(a.RankSum, b.RankSum), cmp.Compare(a.EnergyJ, b.EnergyJ), cmp.Compare(a.Drone, b.Drone))
	})
	return cands
}

func flies(c Candidate) int {
	if c.Reason == "" {
		return 1
	}
	return 0
}

// try places one request alone on one drone: the earliest departure that breaks no
// rule, or the first rule that no departure can keep.
func (s *solver) try(r Request, d Drone) Candidate {
	c, class := Candidate{Drone: d.ID}, s.in.Classes[d.Class]
	boxes := ceilDiv(r.Units, max(1, s.in.BoxUnits[r.Component]))
	grams := r.Units*s.in.UnitG[r.Component] + boxes*s.in.BoxG[r.Component]
	out, okOut := class.Legs[[2]int{d.Home, r.Hospital}]
	back, okBack := class.Legs[[2]int{r.Hospital, d.Home}]
	energy := class.energy(out, grams) + class.energy(back, boxes*s.in.BoxG[r.Component])
	c.EnergyJ = energy
	switch {
	case boxes > class.Bays:
		return c.lost(TooManyBoxes, boxes, class.Bays)
	case grams > class.PayloadG:
		return c.lost(TooHeavy, grams, class.PayloadG)
	case !okOut || !okBack:
		return c.lost(NoRoute, 0, 0)
	case energy+class.ReserveJ > class.BatteryJ:
		return c.lost(NoEnergy, energy+class.ReserveJ, class.BatteryJ)
	case s.in.LaunchS+out.TimeS+s.in.UnloadS > s.in.HoldS[r.Component]:
		return c.lost(TooWarm, s.in.LaunchS+out.TimeS+s.in.UnloadS, s.in.HoldS[r.Component])
	case s.boxes[d.Home][r.Component] < boxes:
		return c.lost(NoBox, s.boxes[d.Home][r.Component], boxes)
	}
	depart := s.depart(r, d, class, out, energy)
	arrive := depart + out.TimeS
	uses, rank, have := s.units(r, d.Home, arrive+s.in.UnloadS)
	if uses == nil {
		return c.lost(NoUnits, have, r.Units)
	}
	home := arrive + s.in.UnloadS + back.TimeS
	if home > s.in.HorizonS {
		return c.lost(TooLate, home, s.in.HorizonS)
	}
	c.DepartS, c.ArriveS, c.RankSum = depart, arrive, rank
	c.mission = Mission{Drone: d.ID, DepartS: depart, EnergyJ: energy, HomeS: home,
		Stops: []Stop{{Hospital: r.Hospital, ArriveS: arrive, Serve: []Serve{{Request: r.ID, Lots: uses}}}}}
	return c
}

func (c Candidate) lost(why Reason, have, want int64) Candidate {
	c.Reason, c.Have, c.Want = why, have, want
	return c
}

// depart is the earliest second that battery, packing and both pads allow.
func (s *solver) depart(r Request, d Drone, class Class, out Leg, energy int64) int64 {
	ready := max(d.ReadyS, r.ReleaseS+s.in.PackS)
	if short := energy + class.ReserveJ - d.SocJ; short > 0 {
		ready = max(ready, d.ReadyS+ceilDiv(short, max(1, class.ChargeW)))
	}
	depart := ready + s.in.LaunchS
	for { // each round moves past a taken time, of which there are finitely many
		a := s.launch[d.Home].earliest(depart-s.in.LaunchS, s.in.LaunchS) + s.in.LaunchS
		b := s.land[r.Hospital].earliest(a+out.TimeS, s.in.UnloadS) - out.TimeS
		if b == depart {
			return depart
		}
		depart = b
	}
}

// units takes compatible units by rank, then first expired first out. It returns
// nil and what there is when there are not enough.
func (s *solver) units(r Request, home int, usedS int64) (uses []Use, rankSum int, have int64) {
	rank := map[string]int{}
	for _, d := range s.in.Compat[r.Component][r.Recipient] {
		rank[d.Type] = d.Rank
	}
	var lots []Lot
	for _, l := range s.in.Lots {
		if l.Site == home && l.Component == r.Component && rank[l.Type] > 0 && l.ExpiresS > usedS && s.left[l.ID] > 0 {
			lots = append(lots, l)
		}
	}
	slices.SortFunc(lots, func(a, b Lot) int {
		return cmp.Or(cmp.Compare(rank[a.Type], rank[b.Type]), cmp.Compare(a.ExpiresS, b.ExpiresS), cmp.Compare(a.ID, b.ID))
	})
	need := r.Units
	for _, l := range lots {
		n := min(need, s.left[l.ID])
		if n > 0 {
			uses, need, rankSum = append(uses, Use{l.ID, n}), need-n, rankSum+int(n)*rank[l.Type]
		}
		have += s.left[l.ID]
	}
	if need > 0 {
		return nil, 0, have
	}
	return uses, rankSum, have
}

// commit takes what the mission uses. Its drone is back at HomeS with what is left.
func (s *solver) commit(r Request, m Mission) {
	i := slices.IndexFunc(s.drones, func(d Drone) bool { return d.ID == m.Drone })
	d := &s.drones[i]
	class := s.in.Classes[d.Class]
	charged := min(class.BatteryJ, d.SocJ+(m.DepartS-s.in.LaunchS-d.ReadyS)*class.ChargeW)
	d.SocJ, d.ReadyS = charged-m.EnergyJ, m.HomeS+s.in.TurnS
	stop := m.Stops[0]
	s.launch[d.Home].take(m.DepartS-s.in.LaunchS, m.DepartS)
	s.land[stop.Hospital].take(stop.ArriveS, stop.ArriveS+s.in.UnloadS)
	s.boxes[d.Home][r.Component] -= ceilDiv(r.Units, max(1, s.in.BoxUnits[r.Component]))
	for _, u := range stop.Serve[0].Lots {
		s.left[u.Lot] -= u.Units
	}
}

// Check verifies that in and its plan name only what exists; dispatch calls it on
// what it built, so a fault of conversion cannot become a flight.
func (in Instance) Check() error {
	for _, d := range in.Drones {
		if _, ok := in.Classes[d.Class]; !ok || d.Home < 0 || d.Home >= len(in.Sites) || !in.Sites[d.Home].Centre {
			return fmt.Errorf("drone %s: class %q or home %d is unknown", d.ID, d.Class, d.Home)
		}
	}
	for _, r := range in.Requests {
		if r.Hospital < 0 || r.Hospital >= len(in.Sites) || r.Units < 1 || r.Priority < STAT || r.Priority > Routine {
			return fmt.Errorf("request %s: hospital %d, units %d or priority %d is wrong", r.ID, r.Hospital, r.Units, r.Priority)
		}
	}
	for _, l := range in.Lots {
		if l.Site < 0 || l.Site >= len(in.Sites) || l.Units < 0 {
			return fmt.Errorf("lot %s: site %d or units %d is wrong", l.ID, l.Site, l.Units)
		}
	}
	return nil
}
