package plan

import (
	"maps"
	"slices"
)

// While flights are planned units are given out greedily. With the flights fixed,
// which lot goes to which request is a transport problem, solved exactly for one
// centre and component by successive shortest paths (Ford and Fulkerson 1962).

// saving is what a unit of a lot that would be lost counts against a sum of ranks:
// two levels in one number, as no sum of ranks reaches it.
const saving = int64(1) << 40

// order is a request whose flight is fixed, and the units it gets.
type order struct {
	request  int32
	handover int64
	given    []take
}

// transport gives units to all orders of one centre and component at the least cost,
// and reports whether there are enough. spare is what may be given, by lot.
func (p *problem) transport(centre int, orders []order, spare []int64) bool {
	t := &transport{p: p, centre: centre, orders: orders, spare: spare, cost: map[int32]int64{}, via: map[int32]hop{}}
	for i := range orders {
		orders[i].given = orders[i].given[:0]
		for need := p.requests[orders[i].request].Units; need > 0; {
			n := t.augment(i, need)
			if n == 0 {
				return false
			}
			need -= n
		}
	}
	return true
}

type transport struct {
	p      *problem
	centre int
	orders []order
	spare  []int64
	cost   map[int32]int64 // of a unit more, by lot
	via    map[int32]hop
	queue  []int32
}

// hop says how a lot is reached: an order takes of it, in place of another lot, -1
// for the order that asks.
type hop struct {
	order int
	from  int32
}

func (t *transport) choices(i int) []choice {
	return t.p.requests[t.orders[i].request].choices[t.centre]
}

func (t *transport) usable(i int, lot int32) bool {
	return t.orders[i].handover <= t.p.lots[lot].expires
}

func (p *problem) unitCost(c choice) int64 {
	if p.lots[c.lot].expiring {
		return c.rank - saving
	}
	return c.rank
}

// augment gives order i up to need units over the cheapest chain of exchanges and
// returns how many.
func (t *transport) augment(i int, need int64) int64 {
	clear(t.cost)
	clear(t.via)
	t.queue = t.queue[:0]
	t.reach(i, -1, 0)
	for k := 0; k < len(t.queue); k++ { // costs fall, and no cycle is negative: it ends
		lot := t.queue[k]
		for j := range t.orders {
			if g := t.holding(j, lot); g != nil {
				t.reach(j, lot, t.cost[lot]-t.p.unitCost(choice{lot, g.rank}))
			}
		}
	}
	end, least := int32(-1), never
	for _, c := range slices.Sorted(maps.Keys(t.cost)) {
		if t.spare[c] > 0 && t.cost[c] < least {
			end, least = c, t.cost[c]
		}
	}
	if end < 0 {
		return 0
	}
	return t.exchange(end, need)
}

// reach offers the lots that an order may have at a cost so far.
func (t *transport) reach(i int, from int32, cost int64) {
	for _, c := range t.choices(i) {
		if c.lot == from || !t.usable(i, c.lot) {
			continue
		}
		total := cost + t.p.unitCost(c)
		if old, ok := t.cost[c.lot]; !ok || total < old {
			t.cost[c.lot], t.via[c.lot] = total, hop{i, from}
			t.queue = append(t.queue, c.lot)
		}
	}
}

func (t *transport) holding(i int, lot int32) *take {
	for k := range t.orders[i].given {
		if g := &t.orders[i].given[k]; g.lot == lot && g.units > 0 {
			return g
		}
	}
	return nil
}

// exchange moves units along the chain that ends at a lot with some to spare.
func (t *transport) exchange(end int32, need int64) int64 {
	n := min(need, t.spare[end])
	for lot := end; t.via[lot].from >= 0; lot = t.via[lot].from {
		n = min(n, t.holding(t.via[lot].order, t.via[lot].from).units)
	}
	t.spare[end] -= n
	for lot := end; lot >= 0; lot = t.via[lot].from {
		h := t.via[lot]
		t.give(h.order, lot, n)
		if h.from >= 0 {
			t.holding(h.order, h.from).units -= n
		}
	}
	return n
}

func (t *transport) give(i int, lot int32, n int64) {
	o := &t.orders[i]
	for k := range o.given {
		if o.given[k].lot == lot {
			o.given[k].units += n
			return
		}
	}
	for _, c := range t.choices(i) {
		if c.lot == lot {
			o.given = append(o.given, take{lot, o.request, n, c.rank})
			return
		}
	}
}

// reallot makes the choice of a centre's units the best there is while flights stay.
func (s *search) reallot(centre, part int) {
	var orders []order
	var holders []*mission
	spare := s.spareUnits
	copy(spare, s.left)
	for _, m := range s.holders(centre, part) {
		holders = append(holders, m)
		for _, t := range m.takes {
			if s.p.lots[t.lot].part == part {
				spare[t.lot] += t.units
			}
		}
		for i := range m.stops {
			for k := m.first(i); k < m.stops[i].upto; k++ {
				if s.p.requests[m.seq[k]].part == part {
					orders = append(orders, order{request: m.seq[k], handover: m.handover(s.p, i)})
				}
			}
		}
	}
	if len(orders) == 0 || !s.p.transport(centre, orders, spare) {
		return
	}
	s.reissue(holders, part, orders)
}

// reissue replaces the missions whose units change, when that lowers the score.
func (s *search) reissue(holders []*mission, part int, orders []order) {
	before, mark := s.score, len(s.log)
	var out []*mission
	for _, m := range holders {
		n := s.copyOf(m)
		n.takes = slices.DeleteFunc(n.takes, func(t take) bool { return s.p.lots[t.lot].part == part })
		for _, o := range orders {
			if slices.Contains(m.seq, o.request) {
				n.takes = append(n.takes, slices.DeleteFunc(o.given, func(t take) bool { return t.units == 0 })...)
			}
		}
		s.remove(m)
		out = append(out, n)
	}
	for _, n := range out {
		s.price(n)
		pos := 0
		for pos < len(s.routes[n.drone]) && s.routes[n.drone][pos].load < n.load {
			pos++
		}
		s.add(n, pos)
	}
	if !s.score.less(&before) {
		s.undo(mark)
	}
}

// holders are the free missions of a centre that carry the component.
func (s *search) holders(centre, part int) []*mission {
	var out []*mission
	for _, g := range s.p.groupsOf[centre] {
		for _, d := range s.p.groups[g].drones {
			for _, m := range s.routes[d] {
				if !m.frozen && m.boxes[part] > 0 {
					out = append(out, m)
				}
			}
		}
	}
	return out
}

// copyOf is a mission like m, to be changed before it is added.
func (s *state) copyOf(m *mission) *mission {
	n := s.blank()
	n.reset(m.group, m.seq[0])
	n.drone, n.load = m.drone, m.load
	n.seq = append(n.seq[:0], m.seq...)
	n.takes = append(n.takes[:0], m.takes...)
	s.p.shape(n)
	return n
}
