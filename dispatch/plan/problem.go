package plan

import (
	"cmp"
	"slices"
)

// problem is an instance by indexes, with what the search asks for again and again
// worked out. Requests may be added while it is in use; nothing else changes.
type problem struct {
	in      *Instance
	sites   int // of which the first centres are centres
	centres int

	parts                       []string // components, sorted
	hold, unitG, boxUnits, boxG [MaxParts]int64

	classes  []class
	groups   []group
	drones   []drone
	lots     []lot
	requests []request

	groupsOf []([]int32)       // by centre
	choices  map[want][]choice // units that may be given, the best first
	near     [][]int32         // by hospital, the hospitals around it, the nearest first

	siteID, dronesByID, lotsByID, requestsByID map[string]int
}

// class is an aircraft type with its legs, by from·sites + to. A leg that it cannot
// fly has a time below 0.
type class struct {
	Class
	time   []int64
	energy []int64 // J·permille without load
}

// group is the drones of one class at one centre: all that differs is their day.
type group struct {
	home, class int
	drones      []int32
}

type drone struct {
	id          string
	group       int
	ready, soc  int64
	home, class int
}

type lot struct {
	id       string
	centre   int
	part     int
	typ      string
	units    int64
	expires  int64
	expiring bool // within the horizon: lost when nobody receives it
}

type request struct {
	Request
	index    int32
	hospital int
	part     int
	boxes    int64      // when alone at its stop
	grams    int64      // of the units
	choices  [][]choice // by centre
	single   []single
	order    []int32 // groups by the energy of a flight for it alone
}

// single is a flight that serves one request alone, by group.
type single struct {
	reason   Reason
	have     int64 // what broke the rule, and what it asks
	want     int64
	handover int64 // seconds from the start of loading
	late     int64 // minutes, when it leaves as early as packing allows
	kj       int64
}

// want is what a request asks of a centre's stock.
type want struct {
	centre, part int
	recipient    string
}

// choice is a lot that may be given, with its substitution rank.
type choice struct {
	lot  int32
	rank int64
}

func (in *Instance) components() []string {
	var parts []string
	for c := range in.HoldS {
		parts = append(parts, c)
	}
	slices.Sort(parts)
	return parts
}

// compile indexes a checked instance. It keeps in, which must not change.
func compile(in *Instance) *problem {
	p := &problem{
		in: in, sites: len(in.Sites), parts: in.components(), choices: map[want][]choice{},
		siteID: map[string]int{}, dronesByID: map[string]int{}, lotsByID: map[string]int{}, requestsByID: map[string]int{},
	}
	for k, c := range p.parts {
		p.hold[k], p.unitG[k], p.boxUnits[k], p.boxG[k] = in.HoldS[c], in.UnitG[c], in.BoxUnits[c], in.BoxG[c]
	}
	for i, s := range in.Sites {
		p.siteID[s.ID] = i
		if s.Kind == Centre {
			p.centres++
		}
	}
	p.compileClasses()
	p.compileDrones()
	p.compileLots()
	p.compileNear()
	for _, r := range in.Requests {
		p.add(r)
	}
	return p
}

func (p *problem) compileClasses() {
	for _, c := range p.in.Classes {
		pc := class{Class: c, time: make([]int64, p.sites*p.sites), energy: make([]int64, p.sites*p.sites)}
		for i := range p.sites {
			for j := range p.sites {
				k, leg := i*p.sites+j, &Leg{p.in.TimeS[i][j], p.in.EnergyJ[i][j]}
				if c.Legs != nil {
					leg = c.Legs[i][j]
				}
				if leg == nil {
					pc.time[k] = -1
					continue
				}
				pc.time[k] = ceilDiv(leg.TimeS*c.TimePermille, 1000)
				pc.energy[k] = leg.EnergyJ * c.EnergyPermille
			}
		}
		p.classes = append(p.classes, pc)
	}
}

// burn is the energy of a leg in J with grams on board.
func (c *class) burn(leg int, grams int64) int64 {
	return ceilDiv(c.energy[leg]*(1_000_000+grams*c.PayloadPPMPerG), 1_000_000_000)
}

func (p *problem) compileDrones() {
	classes, groups := map[string]int{}, map[[2]int]int{}
	for i, c := range p.in.Classes {
		classes[c.ID] = i
	}
	p.groupsOf = make([][]int32, p.centres)
	for i, d := range p.in.Drones {
		key := [2]int{p.siteID[d.Home], classes[d.Class]}
		g, ok := groups[key]
		if !ok {
			g = len(p.groups)
			groups[key] = g
			p.groups = append(p.groups, group{home: key[0], class: key[1]})
			p.groupsOf[key[0]] = append(p.groupsOf[key[0]], int32(g))
		}
		p.groups[g].drones = append(p.groups[g].drones, int32(i))
		p.drones = append(p.drones, drone{id: d.ID, group: g, ready: d.ReadyS, soc: d.SocJ, home: key[0], class: key[1]})
		p.dronesByID[d.ID] = i
	}
}

func (p *problem) compileLots() {
	for i, l := range p.in.Lots {
		p.lotsByID[l.ID] = i
		p.lots = append(p.lots, lot{
			id: l.ID, centre: p.siteID[l.Centre], part: slices.Index(p.parts, l.Component), typ: l.Type,
			units: l.Units, expires: l.ExpiresS, expiring: l.ExpiresS <= p.in.HorizonS,
		})
	}
}

// choicesFor lists the lots of a centre that a recipient may be given: those that
// would be lost first, then by rank, then the first to expire.
func (p *problem) choicesFor(centre, part int, recipient string) []choice {
	key := want{centre, part, recipient}
	if c, ok := p.choices[key]; ok {
		return c
	}
	donors := p.in.Compat[p.parts[part]][recipient]
	cs := []choice{}
	for i, l := range p.lots {
		if rank := slices.Index(donors, l.typ); l.centre == centre && l.part == part && rank >= 0 {
			cs = append(cs, choice{int32(i), int64(rank)})
		}
	}
	slices.SortFunc(cs, func(a, b choice) int {
		la, lb := &p.lots[a.lot], &p.lots[b.lot]
		return cmp.Or(cmp.Compare(boolInt(lb.expiring), boolInt(la.expiring)), cmp.Compare(a.rank, b.rank),
			cmp.Compare(la.expires, lb.expires), cmp.Compare(a.lot, b.lot))
	})
	p.choices[key] = cs
	return cs
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// maxNear bounds the hospitals around one that the search looks at.
const maxNear = 24

// compileNear sorts the hospitals around each by the shorter flight between them.
func (p *problem) compileNear() {
	p.near = make([][]int32, p.sites)
	for h := p.centres; h < p.sites; h++ {
		others := make([]int32, 0, p.sites-p.centres)
		for k := p.centres; k < p.sites; k++ {
			others = append(others, int32(k))
		}
		away := func(k int32) int64 {
			if int(k) == h {
				return -1
			}
			return min(p.in.TimeS[h][k], p.in.TimeS[k][h])
		}
		slices.SortFunc(others, func(a, b int32) int { return cmp.Or(cmp.Compare(away(a), away(b)), cmp.Compare(a, b)) })
		p.near[h] = others[:min(len(others), maxNear)]
	}
}

// add takes in one more request, which must be checked.
func (p *problem) add(r Request) int {
	q := request{Request: r, hospital: p.siteID[r.Hospital], part: slices.Index(p.parts, r.Component)}
	q.boxes = ceilDiv(r.Units, p.boxUnits[q.part])
	q.grams = r.Units * p.unitG[q.part]
	id := len(p.requests)
	q.index = int32(id)
	p.requestsByID[r.ID] = id
	p.requests = append(p.requests, q)
	out := &p.requests[id]
	for c := range p.centres {
		out.choices = append(out.choices, p.choicesFor(c, q.part, r.Type))
	}
	var m mission
	for g := range p.groups {
		m.reset(g, int32(id))
		s := single{}
		s.reason, s.have, s.want = p.shape(&m)
		if s.reason == "" {
			s.handover = p.in.LaunchS + m.stops[0].arrive + p.in.UnloadS
			s.late = lateMin(r.ReleaseS+p.in.PackS+s.handover, r.DueS)
			s.kj = m.kj
			out.order = append(out.order, int32(g))
		}
		out.single = append(out.single, s)
	}
	slices.SortStableFunc(out.order, func(a, b int32) int { return cmp.Compare(out.single[a].kj, out.single[b].kj) })
	return id
}

// lateMin is by how many minutes, begun ones counted, a hand-over is late.
func lateMin(handover, due int64) int64 { return ceilDiv(max(0, handover-due), 60) }

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }
