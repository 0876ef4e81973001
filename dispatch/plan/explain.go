package plan

import (
	"cmp"
	"fmt"
	"slices"
)

// Explanation says why a request is served as it is, or why it is not: all else in
// the plan stays, and every drone is tried by the code that the search tries it with.
type Explanation struct {
	Request string `json:"request"`
	// Choice is nil when the request is not served.
	Choice *Choice `json:"choice"`
	// Score is the whole plan's, with the choice.
	Score Score `json:"score"`
	// Others are the drones not chosen: those that could serve it, the best first,
	// which is the runner-up, then the rest by name.
	Others []Candidate `json:"others"`
	// Changes are what would have to be different for the request to be served: for
	// each rule broken the drone that comes nearest to keeping it.
	Changes []Change `json:"changes,omitempty"`
}

// Choice is how a request is served.
type Choice struct {
	Drone     string  `json:"drone"`
	Centre    string  `json:"centre"`
	DepartS   int64   `json:"depart_s"`
	HandoverS int64   `json:"handover_s"`
	HomeS     int64   `json:"home_s"` // landing at home
	LateMin   int64   `json:"late_min"`
	Stop      int     `json:"stop"` // its place among the mission's stops, from 1
	Stops     int     `json:"stops"`
	Boxes     int64   `json:"boxes"`
	Grams     int64   `json:"grams"` // on board at departure
	EnergyJ   int64   `json:"energy_j"`
	LandsJ    int64   `json:"lands_j"` // left in the battery at home
	ReserveJ  int64   `json:"reserve_j"`
	Units     []Given `json:"units"`
	// Passed are lots that rank before the worst one given and were not used.
	Passed []Passed `json:"passed,omitempty"`
}

// Given is units of a lot, with the substitution rank of its group.
type Given struct {
	Lot      string `json:"lot"`
	Type     string `json:"type"`
	Units    int64  `json:"units"`
	Rank     int64  `json:"rank"`
	ExpiresS int64  `json:"expires_s"`
}

// Passed is a lot that was not used: the requests that have it instead, or none when
// it expires before hand-over or is kept for nobody.
type Passed struct {
	Lot     string   `json:"lot"`
	Type    string   `json:"type"`
	Expired bool     `json:"expired,omitempty"`
	Left    int64    `json:"left"`
	With    []string `json:"with,omitempty"`
}

// Candidate is one drone considered for a request. Either Reason is the first rule
// that it breaks, with Have against Want, or it could serve the request and the whole
// plan's score would be Score.
type Candidate struct {
	Drone  string `json:"drone"`
	Centre string `json:"centre"`
	Reason Reason `json:"reason,omitempty"`
	Have   int64  `json:"have,omitempty"`
	Want   int64  `json:"want,omitempty"`

	DepartS   int64  `json:"depart_s,omitempty"`
	HandoverS int64  `json:"handover_s,omitempty"`
	EnergyJ   int64  `json:"energy_j,omitempty"` // of the whole mission
	Rides     bool   `json:"rides,omitempty"`    // along with another request
	Score     *Score `json:"score,omitempty"`
	// Level is the first on which Score differs from the plan's, and By how much it
	// is greater there. No level: as good.
	Level string `json:"level,omitempty"`
	By    int64  `json:"by,omitempty"`
}

// Change is one thing that would make a request servable by a drone.
type Change struct {
	Drone  string `json:"drone"`
	Centre string `json:"centre"`
	Reason Reason `json:"reason"`
	Have   int64  `json:"have"`
	Want   int64  `json:"want"`
}

// Explain explains one request of a plan, which must keep the rules.
func Explain(in *Instance, plan Plan, request string) (Explanation, error) {
	s := newState(compile(in))
	if err := s.load(plan); err != nil {
		return Explanation{}, fmt.Errorf("plan: %w", err)
	}
	r, ok := s.p.requestsByID[request]
	if !ok {
		return Explanation{}, fmt.Errorf("request %q is not in the instance", request)
	}
	return s.explain(int32(r), 0), nil
}

// ExplainAll explains every request of a plan, which must keep the rules.
func ExplainAll(in *Instance, plan Plan) (map[string]Explanation, error) {
	s := newState(compile(in))
	if err := s.load(plan); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	out := map[string]Explanation{}
	for r := range s.p.requests {
		out[s.p.requests[r].ID] = s.explain(int32(r), 0)
		s.undo(0)
	}
	return out, nil
}

// explain leaves the state without the request. Nothing is loaded before from.
func (s *state) explain(r int32, from int64) Explanation {
	e := Explanation{Request: s.p.requests[r].ID, Score: s.score.score(), Others: []Candidate{}}
	chosen := -1
	if m := s.where[r]; m != nil {
		chosen = m.drone
		e.Choice = s.choice(m, r)
		if m.frozen { // decided in the air, from where the drone was then
			return e
		}
		s.without(m, r)
	}
	in := newInserter(s, nil)
	in.from = from
	for d := range s.p.drones {
		if d != chosen {
			e.Others = append(e.Others, in.candidate(r, d, e.Score))
		}
	}
	slices.SortStableFunc(e.Others, func(a, b Candidate) int {
		if a.Score != nil && b.Score != nil {
			return cmp.Or(a.Score.Compare(*b.Score), cmp.Compare(a.HandoverS, b.HandoverS))
		}
		return cmp.Compare(boolInt(a.Score == nil), boolInt(b.Score == nil))
	})
	if e.Choice == nil {
		e.Changes = changes(e.Others)
	}
	return e
}

// without takes one request off a mission; what else is on board flies as early as it
// can between the drone's other missions, or goes too when it cannot.
func (s *state) without(m *mission, r int32) {
	pos := slices.Index(s.routes[m.drone], m)
	s.remove(m)
	if len(m.seq) == 1 {
		return
	}
	n := s.copyOf(m)
	n.seq = slices.DeleteFunc(n.seq, func(x int32) bool { return x == r })
	n.takes = slices.DeleteFunc(n.takes, func(t take) bool { return t.request == r })
	if why, _, _ := s.p.shape(n); why != "" {
		return
	}
	if n.load = s.place(n, s.gap(n.drone, pos), 0); n.load != never && s.price(n) {
		s.add(n, pos)
	}
}

func (s *state) choice(m *mission, r int32) *Choice {
	p, stop := s.p, m.stopOf(r)
	q := &p.requests[r]
	home := p.groups[m.group].home
	c := &Choice{
		Drone: p.drones[m.drone].id, Centre: p.in.Sites[home].ID, DepartS: m.depart(p), HandoverS: m.handover(p, stop), HomeS: m.land(p),
		LateMin: lateMin(m.handover(p, stop), q.DueS), Stop: stop + 1, Stops: len(m.stops), Boxes: m.nboxes, Grams: m.grams,
		EnergyJ: m.energy, LandsJ: m.soc, ReserveJ: p.classes[p.groups[m.group].class].ReserveJ,
	}
	worst := int64(0)
	for _, t := range m.takes {
		if t.request == r {
			l := &p.lots[t.lot]
			c.Units = append(c.Units, Given{l.id, l.typ, t.units, t.rank, l.expires})
			worst = max(worst, t.rank)
		}
	}
	for _, o := range q.choices[home] {
		l := &p.lots[o.lot]
		used := slices.ContainsFunc(c.Units, func(g Given) bool { return g.Lot == l.id })
		if o.rank < worst && !used && l.units > 0 {
			c.Passed = append(
				c.Passed,
				Passed{Lot: l.id, Type: l.typ, Expired: c.HandoverS > l.expires, Left: s.left[o.lot], With: s.holdersOf(o.lot)},
			)
		}
	}
	return c
}

// holdersOf are the requests that are given units of a lot.
func (s *state) holdersOf(lot int32) []string {
	var out []string
	for _, route := range s.routes {
		for _, m := range route {
			for _, t := range m.takes {
				if t.lot == lot {
					out = append(out, s.p.requests[t.request].ID)
				}
			}
		}
	}
	return out
}

// candidate is the best that one drone can do for a request.
func (in *inserter) candidate(r int32, d int, chosen Score) Candidate {
	s := in.s
	p := s.p
	c := Candidate{Drone: p.drones[d].id, Centre: p.in.Sites[p.drones[d].home].ID}
	in.prepare(r)
	in.ridesOf(d)
	in.flightOf(d)
	if !in.found {
		c.Reason, c.Have, c.Want = in.refusal(d)
		return c
	}
	mark := len(s.log)
	s.apply(r, &in.best)
	m, total := s.where[r], s.score.score()
	c.DepartS, c.HandoverS, c.EnergyJ, c.Rides, c.Score = m.depart(p), m.handover(p, m.stopOf(r)), m.energy, len(m.seq) > 1, &total
	if level := total.Decides(chosen); level < len(Levels) {
		c.Level, c.By = Levels[level], total[level]-chosen[level]
	}
	s.undo(mark)
	return c
}

// refusal is the first rule that a drone breaks for the request, which it cannot serve.
func (in *inserter) refusal(d int) (Reason, int64, int64) {
	p := in.s.p
	g := p.drones[d].group
	home := p.groups[g].home
	if one := &in.q.single[g]; one.reason != "" {
		return one.reason, one.have, one.want
	}
	if have := in.alive(home, max(in.from, in.q.ReleaseS)); have < in.q.Units {
		return NoUnits, have, in.q.Units
	}
	if have := p.in.Sites[home].Boxes[in.q.Component]; have < in.q.boxes {
		return NoBox, have, in.q.boxes
	}
	if p.in.Sites[home].LaunchPads == 0 || p.in.Sites[in.q.hospital].Pads == 0 {
		return NoPad, 0, 1
	}
	return in.bound(d, g)
}

// bound is what keeps a drone that breaks no rule by itself from flying after all
// else that it has to do: charge, pads, boxes, units that live long enough, the
// due time where it is a rule, or the horizon.
func (in *inserter) bound(d, g int) (Reason, int64, int64) {
	s, p := in.s, in.s.p
	c, home := &p.classes[p.groups[g].class], p.groups[g].home
	last := s.gap(d, len(s.routes[d]))
	m := &in.scratch
	m.reset(g, in.r)
	p.shape(m)
	m.load = max(last.free, m.ready, in.from)
	if m.land(p) > p.in.HorizonS {
		return TooLate, m.land(p), p.in.HorizonS
	}
	latest := p.in.HorizonS - m.dur - p.in.LaunchS
	full := min(c.BatteryJ, last.soc+c.ChargeW*max(0, latest-last.free))
	if full < m.energy+c.ReserveJ {
		return NoEnergy, m.energy + c.ReserveJ, full
	}
	if s.launch[home].fit(m.load, p.in.LaunchS, 1) > latest {
		return NoPad, 0, 1
	}
	offset := p.in.LaunchS + m.stops[0].arrive
	if s.pads[m.stops[0].site].fit(m.load+offset, p.in.UnloadS, 1)-offset > latest {
		return NoPad, 0, 1
	}
	if s.boxes[home*len(p.parts)+in.q.part].fit(m.load, p.in.LaunchS+m.dur+p.in.TurnS, in.q.boxes) > latest {
		return NoBox, 0, in.q.boxes
	}
	if load := s.place(m, last, in.from); load != never {
		m.load = load
		if have := in.alive(home, m.handover(p, 0)); have < in.q.Units {
			return NoUnits, have, in.q.Units
		}
		if minutes := lateMin(m.handover(p, 0), in.q.DueS); p.in.HardDue && minutes > 0 {
			return Overdue, minutes, 0
		}
	}
	// Each is free in time and all of them together never are: it lands a second after
	// the horizon at the soonest.
	return TooLate, p.in.HorizonS + 1, p.in.HorizonS
}

// alive counts the units at a centre that the request might be given at a second.
func (in *inserter) alive(home int, at int64) int64 {
	var n int64
	for _, c := range in.q.choices[home] {
		if in.s.p.lots[c.lot].expires >= at {
			n += in.s.left[c.lot]
		}
	}
	return n
}

// changes picks, for each rule broken, the drone nearest to keeping it.
func changes(others []Candidate) []Change {
	best := map[Reason]Change{}
	for _, c := range others {
		if c.Reason == "" {
			continue
		}
		gap := func(have, want int64) int64 { return max(have-want, want-have) }
		if old, ok := best[c.Reason]; !ok || gap(c.Have, c.Want) < gap(old.Have, old.Want) {
			best[c.Reason] = Change{c.Drone, c.Centre, c.Reason, c.Have, c.Want}
		}
	}
	var out []Change
	for _, c := range best {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Change) int { return cmp.Compare(a.Reason, b.Reason) })
	return out
}
