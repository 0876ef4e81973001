package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Online plans while requests arrive. What is loading or in the air is binding; all
// else is planned anew at every event. It commits a flight only when its loading
// must start, and asks to be woken for the next.
type Online struct {
	*search
	now    int64
	budget func() Budget
	policy Holding
	seen   *forecast
}

// Holding says how charged drones and scarce units are kept back for STAT. A flight
// without STAT on board waits while its centre has no more charged drones than STAT
// requests may need, or while it would take units that more urgent ones may lack;
// but not longer than its own time in hand allows.
type Holding struct {
	SlackS  int64   // with less time in hand a flight is not held,
	Last    int     // but while no more than so many drones are charged, when all is routine,
	LateS   int64   // and then until it is that late
	StepS   int64   // a held flight is looked at again after this
	AbsentS int64   // from loading until a drone is charged again, as a rule
	Chance  float64 // that more STAT requests come in AbsentS than are provided for
	Risk    int64   // units in so many eighths of the futures lacking are kept back
}

// UsualRounds are the rounds of a reply for a fleet: more where each is quick.
func (in *Instance) UsualRounds() int {
	const most, least, work = 1200, 400, 20_000
	return max(least, min(most, work/max(1, len(in.Drones))))
}

// UsualHolding is what the streams of the benchmarks were best served by.
func UsualHolding() Holding {
	return Holding{SlackS: 900, Last: 1, LateS: 1800, StepS: 60, AbsentS: 5400, Chance: 0.05, Risk: 2}
}

// Reply is what to do now. Launches and diversions are binding.
type Reply struct {
	Launch []Mission   `json:"launch"`
	Divert []Diversion `json:"divert"`
	// Unserved are those of the new requests that nobody can serve as things stand,
	// and what would have to change. They are tried again at every event.
	Unserved []Unserved `json:"unserved,omitempty"`
	// WakeS is when to ask again even if nothing happens; nil is never.
	WakeS *int64 `json:"wake_s"`
}

// Unserved is a request without a flight.
type Unserved struct {
	Request string   `json:"request"`
	Changes []Change `json:"changes"`
}

// Diversion has a drone give up its leg now; Stops replace those not yet reached.
type Diversion struct {
	Drone    string `json:"drone"`
	Stops    []Stop `json:"stops"`
	Returned []Use  `json:"returned,omitempty"`
	// Reached counts the stops made before, From is the site it was flying to.
	Reached int    `json:"reached"`
	From    string `json:"from"`
	// For is the request that gains, and Displaced are those that lost their units.
	For       string   `json:"for"`
	Displaced []string `json:"displaced"`
	// Before and After are the scores of the whole plan without and with it.
	Before Score `json:"before"`
	After  Score `json:"after"`
}

// NewOnline begins with an instance whose requests, if any, are known already. budget
// is asked for at every event.
func NewOnline(in *Instance, seed uint64, budget func() Budget) *Online {
	o := &Online{
		search: newSearch(newState(compile(in)), seed), now: -1, budget: budget,
		policy: UsualHolding(),
	}
	o.seen = newForecast(o.p, o.rng)
	return o
}

// Event takes in new requests at a second, which must not be before the last one.
func (o *Online) Event(now int64, requests []Request) (Reply, error) {
	if now < o.now {
		return Reply{}, fmt.Errorf("now_s: %d is before %d", now, o.now)
	}
	if err := o.check(now, requests); err != nil {
		return Reply{}, err
	}
	o.now, o.in.from = now, now
	for _, r := range requests {
		id := o.p.add(r)
		o.admit(id)
		o.open = append(o.open, int32(id))
		o.seen.see(&o.p.requests[id])
	}
	o.release()
	o.assess()
	o.construct()
	o.improve(o.budget())
	o.settle()
	var reply Reply
	if reply.Divert = o.divert(); len(reply.Divert) > 0 {
		o.construct() // what was freed may serve others
		o.settle()
	}
	reply.Launch = o.commit()
	o.settle()
	reply.Unserved = o.unserved(requests)
	reply.WakeS = o.wake()
	return reply, nil
}

func (o *Online) unserved(requests []Request) []Unserved {
	var out []Unserved
	for _, q := range requests {
		if r := int32(o.p.requestsByID[q.ID]); o.where[r] == nil {
			out = append(out, Unserved{q.ID, o.explain(r, o.now).Changes})
		}
	}
	return out
}

// Admissible are those of the requests that Event would take in at a time, and what is
// wrong with the others.
func (o *Online) Admissible(now int64, requests []Request) (good []Request, wrong error) {
	for _, r := range requests {
		with := append(good[:len(good):len(good)], r)
		if err := o.check(now, with); err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("request %q: %w", r.ID, err))
			continue
		}
		good = with
	}
	return good, wrong
}

// check refuses requests that the instance could not have.
func (o *Online) check(now int64, requests []Request) error {
	f, seen := &faults{}, ids{}
	for i, r := range requests {
		o.p.in.checkRequest(f, seen, o.p.siteID, r, i)
		if _, known := o.p.requestsByID[r.ID]; known {
			f.addf("requests[%d].id: %q is known already", i, r.ID)
		}
		if r.ReleaseS > now {
			f.addf("requests[%d].release_s: %d is after now_s, %d", i, r.ReleaseS, now)
		}
	}
	return f.err
}

// release takes out what was planned for before now.
func (o *Online) release() {
	for _, r := range o.open {
		if m := o.where[r]; m != nil && m.load < o.now {
			o.remove(m)
		}
	}
}

// assess works out the risk of each lot anew, for all that is not binding.
func (o *Online) assess() {
	stock := slices.Clone(o.left)
	free := o.free()
	for _, m := range free {
		for _, t := range m.takes {
			stock[t.lot] += t.units
		}
	}
	o.seen.risks(o.now, stock, &o.risk)
	for _, m := range free {
		o.score.subtract(&m.cost)
		o.price(m)
		o.score.add(&m.cost)
	}
}

// free lists the missions that are not binding, by their start.
func (o *Online) free() []*mission {
	var out []*mission
	for _, r := range o.open {
		if m := o.where[r]; m != nil && m.seq[0] == r {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b *mission) int {
		return cmp.Or(cmp.Compare(a.load, b.load), cmp.Compare(a.drone, b.drone))
	})
	return out
}

// commit makes binding what must load now, and holds the rest of what could.
func (o *Online) commit() []Mission {
	out := []Mission{}
	for _, m := range o.free() {
		if m.load > o.now {
			break
		}
		if o.holds(m) {
			continue
		}
		m.frozen = true
		out = append(out, o.p.exportMission(m))
	}
	o.open = slices.DeleteFunc(o.open, func(r int32) bool { return o.where[r] != nil && o.where[r].frozen })
	return out
}

// holds reports whether a mission that could load now had better wait.
func (o *Online) holds(m *mission) bool {
	inHand, most := never, Routine
	for i := range m.stops {
		for k := m.first(i); k < m.stops[i].upto; k++ {
			q := &o.p.requests[m.seq[k]]
			inHand = min(inHand, q.DueS-m.handover(o.p, i))
			most = min(most, q.Priority)
		}
	}
	rest := o.p.in.HorizonS - m.land(o.p)
	if most == STAT || rest < o.policy.SlackS {
		return false
	}
	home := o.p.groups[m.group].home
	charged, all := o.charged(home)
	switch h := o.policy; {
	case inHand >= h.SlackS:
		return m.cost[levelRisk] >= h.Risk || charged <= min(o.seen.keep(home, o.now, h), all-1)
	default:
		return most == Routine && inHand > -h.LateS && (m.cost[levelRisk] >= h.Risk || charged <= min(h.Last, all-1))
	}
}

// charged counts the drones at a centre that could fly a usual mission now, and all.
func (o *Online) charged(home int) (n, all int) {
	for _, g := range o.p.groupsOf[home] {
		c := &o.p.classes[o.p.groups[g].class]
		all += len(o.p.groups[g].drones)
		for _, d := range o.p.groups[g].drones {
			free, soc := o.p.drones[d].ready, o.p.drones[d].soc
			for _, m := range o.routes[d] {
				if m.frozen {
					free, soc = m.free(o.p), m.soc
				}
			}
			if free <= o.now && min(c.BatteryJ, soc+c.ChargeW*(o.now-free)) >= c.ReserveJ+(c.BatteryJ-c.ReserveJ)/2 {
				n++
			}
		}
	}
	return n, all
}

// wake is the next second at which something may have to load.
func (o *Online) wake() *int64 {
	next := never
	for _, m := range o.free() {
		if m.load <= o.now {
			next = min(next, o.now+o.policy.StepS)
			continue
		}
		next = min(next, m.load)
		break
	}
	if next == never {
		return nil
	}
	return &next
}

// divert turns drones in the air where that serves a more urgent request better.
func (o *Online) divert() []Diversion {
	var out []Diversion
	for _, r := range slices.Clone(o.open) {
		q := &o.p.requests[r]
		if q.Priority == STAT && o.troubled(r) {
			if d := o.divertFor(r); d != nil {
				out = append(out, *d)
			}
		}
	}
	return out
}

// divertFor tries every drone in the air and keeps the best plan.
func (o *Online) divertFor(r int32) *Diversion {
	before, mark := o.score, len(o.log)
	best, chosen := before, (*mission)(nil)
	for _, m := range o.airborne() {
		if o.turnTo(m, r) != nil && o.score.less(&best) && before.worse(&o.score, late(STAT)+1) {
			best, chosen = o.score, m
		}
		o.undo(mark)
	}
	if chosen == nil {
		return nil
	}
	n := o.turnTo(chosen, r)
	d := o.diversion(chosen, n)
	d.For, d.Before, d.After = o.p.requests[r].ID, before.score(), o.score.score()
	o.open = slices.DeleteFunc(o.open, func(x int32) bool { return x == r })
	o.settle()
	return &d
}

// diversion describes what became of m, and opens the requests displaced.
func (o *Online) diversion(m, n *mission) Diversion {
	done, aim, _ := o.p.progress(m, o.now)
	wire := o.p.exportMission(n)
	wire.Stops = wire.Stops[done:]
	wire.Stops[0].Divert = nil
	d := Diversion{
		Drone:     wire.Drone,
		Stops:     wire.Stops,
		Returned:  wire.Returned,
		Reached:   done,
		From:      o.p.in.Sites[aim].ID,
		Displaced: []string{},
	}
	for _, lost := range m.seq {
		if !slices.Contains(n.seq, lost) {
			o.open = append(o.open, lost)
			d.Displaced = append(d.Displaced, o.p.requests[lost].ID)
		}
	}
	return d
}

func (o *Online) airborne() []*mission {
	var out []*mission
	for _, route := range o.routes {
		for _, m := range route {
			if m.frozen && m.depart(o.p) < o.now && o.now < m.land(o.p) {
				out = append(out, m)
			}
		}
	}
	return out
}

// turnTo diverts m to a request and plans anew what that displaces. It returns the
// diverted mission, nil when it cannot be; the caller may undo.
func (o *Online) turnTo(m *mission, r int32) *mission {
	n, displaced := o.diverted(m, r, o.now)
	if n == nil {
		return nil
	}
	o.pool = o.pool[:0]
	if old := o.where[r]; old != nil {
		o.take(old)
		o.pool = slices.DeleteFunc(o.pool, func(x int32) bool { return x == r })
	}
	for _, later := range slices.Clone(o.routes[m.drone]) {
		if !later.frozen {
			o.take(later)
		}
	}
	o.makeWay(n)
	o.remove(m)
	if !o.price(n) || !o.standing(n) {
		return nil
	}
	pos := len(o.routes[n.drone])
	o.add(n, pos)
	if n.soc < o.p.classes[o.p.groups[n.group].class].ReserveJ {
		return nil
	}
	o.pool = append(o.pool, displaced...)
	o.sortPool(byUrgency)
	for _, x := range o.pool {
		o.in.serve(x)
	}
	return n
}

// makeWay takes out what is planned where the mission will be on a pad.
func (o *Online) makeWay(n *mission) {
	for i := range n.stops {
		arrive := n.depart(o.p) + n.stops[i].arrive
		for _, m := range slices.Clone(o.at[n.stops[i].site]) {
			for k := range m.stops {
				a := m.depart(o.p) + m.stops[k].arrive
				if !m.frozen && m.stops[k].site == n.stops[i].site && a < arrive+o.p.in.UnloadS && arrive < a+o.p.in.UnloadS {
					o.take(m)
					break
				}
			}
		}
	}
}
