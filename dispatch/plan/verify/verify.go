package verify

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Report is what is to be said of a plan. It is valid when nothing is Broken.
type Report struct {
	Broken []string
	// Score has the nine levels of the format. It means nothing when rules are broken.
	Score [9]int64
	// Served counts the requests delivered.
	Served int
}

// Plan checks a plan for an instance, both as in the format. The error says that one
// of them cannot be read.
func Plan(instance, plan []byte) (Report, error) {
	var in book
	if err := json.Unmarshal(instance, &in); err != nil {
		return Report{}, fmt.Errorf("instance: %w", err)
	}
	var p struct{ Missions []sortie }
	if err := json.Unmarshal(plan, &p); err != nil {
		return Report{}, fmt.Errorf("plan: %w", err)
	}
	in.index()
	c := &checker{book: &in, used: map[string]int64{}, received: map[string]int64{}, handed: map[string]int64{}}
	for i := range p.Missions {
		c.sortie(i, &p.Missions[i])
	}
	c.drones()
	c.resources()
	c.stock()
	if len(p.Missions) == 0 {
		c.idle()
	}
	return Report{Broken: c.broken, Score: c.score(), Served: len(c.handed)}, nil
}

// flown is a mission that was flown again.
type flown struct {
	n                int
	drone            *aircraft
	class            *kind
	loading, takeoff int64
	landing, joules  int64
	boxes            map[string]int64
	visits           []visit
}

type visit struct {
	site       int
	from, till int64
}

type checker struct {
	*book
	broken   []string
	flights  []flown
	used     map[string]int64 // units by lot
	received map[string]int64
	handed   map[string]int64 // second of hand-over by request
	rank     int64
	lost     int64 // units brought back
}

func (c *checker) no(format string, args ...any) {
	if len(c.broken) < 100 {
		c.broken = append(c.broken, fmt.Sprintf(format, args...))
	}
}

// sortie flies one mission again.
func (c *checker) sortie(n int, m *sortie) {
	d, ok := c.drone[m.Drone]
	if !ok || m.Depart < 0 || m.Depart > c.Horizon || len(m.Stops) == 0 {
		c.no("mission %d: unknown drone %q, departure before 0 or after the horizon, or no stops", n, m.Drone)
		return
	}
	f := flown{n: n, drone: d, class: c.class[d.Class], loading: m.Depart - c.Launch, takeoff: m.Depart, boxes: map[string]int64{}}
	if f.class == nil {
		c.no("mission %d: unknown class %q", n, d.Class)
		return
	}
	grams, ok := c.aboard(&f, m)
	if ok && c.fly(&f, m, grams) {
		c.flights = append(c.flights, f)
		c.lots(&f, m)
	}
}

// aboard counts boxes and weighs the whole load.
func (c *checker) aboard(f *flown, m *sortie) (grams int64, ok bool) {
	boxes := int64(0)
	stow := func(per map[string]int64) {
		for part, units := range per {
			n := upward(units, c.BoxUnits[part])
			f.boxes[part] += n
			boxes += n
			grams += units*c.UnitG[part] + n*c.BoxG[part]
		}
	}
	turned := false
	for _, s := range m.Stops {
		per := map[string]int64{}
		turned = turned || s.Divert != nil
		if len(s.Serve) == 0 {
			c.no("mission %d: a stop serves nothing", f.n)
			return 0, false
		}
		for _, v := range s.Serve {
			r, ok := c.ask[v.Request]
			if !ok || r.Hospital != s.Hospital {
				c.no("mission %d: request %q is not of %q", f.n, v.Request, s.Hospital)
				return 0, false
			}
			var units int64
			for _, p := range v.Lots {
				if l := c.lot[p.Lot]; p.Units < 1 || l == nil || p.Units > l.Units {
					c.no("mission %d: %d units of lot %s", f.n, p.Units, p.Lot)
					return 0, false
				}
				units += p.Units
			}
			if units != r.Units {
				c.no("mission %d: request %s gets %d of %d units", f.n, r.ID, units, r.Units)
			}
			per[r.Component] += units
		}
		stow(per)
	}
	if served := count(m); c.MaxServe > 0 && served > c.MaxServe {
		c.no("mission %d: serves %d requests, at most %d", f.n, served, c.MaxServe)
	}
	back := map[string]int64{}
	for _, p := range m.Returned {
		l := c.lot[p.Lot]
		if l == nil || p.Units < 1 || p.Units > l.Units {
			c.no("mission %d: returned lot %q", f.n, p.Lot)
			return 0, false
		}
		back[l.Component] += p.Units
	}
	stow(back)
	if turned && c.Kind != "online" || len(m.Returned) > 0 && !turned {
		c.no("mission %d: a diversion where there can be none, or units brought back without one", f.n)
	}
	if boxes > f.class.Bays || grams > f.class.Payload {
		c.no("mission %d: %d boxes in %d bays, %d g of %d", f.n, boxes, f.class.Bays, grams, f.class.Payload)
	}
	return grams, true
}

// count is the requests a mission serves.
func count(m *sortie) (n int) {
	for _, s := range m.Stops {
		n += len(s.Serve)
	}
	return n
}

// fly goes from stop to stop and home.
func (c *checker) fly(f *flown, m *sortie, grams int64) bool {
	home, known := c.site[f.drone.Home], f.loading-c.Pack
	at, clock := home, f.takeoff
	for i, s := range m.Stops {
		to, ok := c.site[s.Hospital]
		if !ok || c.Sites[to].Kind != "hospital" || to == at {
			c.no("mission %d: stop at %q", f.n, s.Hospital)
			return false
		}
		took, burnt, ok := c.leg(f, at, to, clock, grams, &m.Stops[i])
		if !ok {
			return false
		}
		if s.Divert != nil {
			known = s.Divert.At
		}
		f.joules += burnt + f.class.Stop
		arrive := clock + took
		at, clock = to, arrive+c.Unload
		f.visits = append(f.visits, visit{to, arrive, clock})
		for _, v := range s.Serve {
			grams -= c.hand(f, v.Request, clock, known)
		}
	}
	took, ok := c.seconds(f.class, at, home)
	if !ok {
		c.no("mission %d: no way home", f.n)
		return false
	}
	f.joules += c.joules(f.class, at, home, grams)
	f.landing = clock + took
	if f.landing > c.Horizon {
		c.no("mission %d: lands at %d, horizon %d", f.n, f.landing, c.Horizon)
	}
	return true
}

// hand delivers a request and returns the grams that leave the drone.
func (c *checker) hand(f *flown, id string, now, known int64) int64 {
	r := c.ask[id]
	if r.Release > known {
		c.no("mission %d: request %s is used before it is known and packed", f.n, id)
	}
	if now-f.loading > c.Hold[r.Component] {
		c.no("mission %d: request %s is %d s on the way, hold time %d", f.n, id, now-f.loading, c.Hold[r.Component])
	}
	if _, twice := c.handed[id]; twice {
		c.no("request %s is delivered twice", id)
	}
	if c.HardDue && now > r.Due {
		c.no("request %s is late", id)
	}
	c.handed[id] = now
	return r.Units * c.UnitG[r.Component]
}

func (c *checker) leg(f *flown, at, to int, clock, grams int64, s *halt) (took, burnt int64, ok bool) {
	if s.Divert == nil {
		if took, ok = c.seconds(f.class, at, to); !ok {
			c.no("mission %d: no way to %s", f.n, s.Hospital)
		}
		return took, c.joules(f.class, at, to, grams), ok
	}
	aim, known := c.site[s.Divert.From]
	full, ok1 := c.seconds(f.class, at, aim)
	flownFor := s.Divert.At - clock
	if !known || aim == to || !ok1 || flownFor <= 0 || flownFor >= full {
		c.no("mission %d: diversion outside its leg", f.n)
		return 0, 0, false
	}
	over, ok1 := c.seconds(f.class, aim, to)
	back, ok2 := c.seconds(f.class, aim, at)
	again, ok3 := c.seconds(f.class, at, to)
	over, turn := full+over, flownFor+upward(flownFor*back, full)+again
	switch {
	case ok1 && (over <= turn || !ok2 || !ok3):
		return over, c.joules(f.class, at, aim, grams) + c.joules(f.class, aim, to, grams), true
	case ok2 && ok3:
		e := upward(c.joules(f.class, at, aim, grams)*flownFor, full) + upward(c.joules(f.class, aim, at, grams)*flownFor, full)
		return turn, e + c.joules(f.class, at, to, grams), true
	}
	c.no("mission %d: no way to %s", f.n, s.Hospital)
	return 0, 0, false
}

// lots looks at every unit on board.
func (c *checker) lots(f *flown, m *sortie) {
	for i, s := range m.Stops {
		for _, v := range s.Serve {
			for _, p := range v.Lots {
				c.unit(f, c.ask[v.Request], p, f.visits[i].till)
			}
		}
	}
	for _, p := range m.Returned {
		c.used[p.Lot] += p.Units
		if c.lot[p.Lot].Expires > c.Horizon {
			c.lost += p.Units
		}
		if c.lot[p.Lot].Centre != f.drone.Home {
			c.no("mission %d: lot %s is not at its home", f.n, p.Lot)
		}
	}
}

func (c *checker) unit(f *flown, r *ask, p portion, now int64) {
	l := c.lot[p.Lot]
	if l == nil {
		c.no("mission %d: unknown lot %q", f.n, p.Lot)
		return
	}
	rank := slices.Index(c.Compat[r.Component][r.Type], l.Type)
	if l.Component != r.Component || rank < 0 || l.Centre != f.drone.Home || now > l.Expires {
		c.no(
			"mission %d: lot %s (%s %s at %s, until %d) for request %s (%s %s) from %s at %d",
			f.n,
			l.ID,
			l.Component,
			l.Type,
			l.Centre,
			l.Expires,
			r.ID,
			r.Component,
			r.Type,
			f.drone.Home,
			now,
		)
	}
	c.used[l.ID] += p.Units
	c.received[l.ID] += p.Units
	c.rank += int64(max(rank, 0)) * p.Units
}

func (c *checker) stock() {
	for id, n := range c.used {
		if n > c.lot[id].Units {
			c.no("lot %s: %d units of %d", id, n, c.lot[id].Units)
		}
	}
}

// idle finds fault with a plan without missions when some request could be served by a
// flight that leaves at one of many moments of the day.
func (c *checker) idle() {
	for _, r := range c.Requests {
		for _, d := range c.Drones {
			first := max(r.Release+c.Pack, d.Ready) + c.Launch
			for k := range int64(100) {
				if depart := first + k*max(0, c.Horizon-first)/100; c.could(&r, &d, depart) {
					c.no("nothing is flown, though drone %s could leave at %d for request %s", d.ID, depart, r.ID)
					return
				}
			}
		}
	}
}

// could reports whether a drone that leaves then alone would serve a request.
func (c *checker) could(r *ask, d *aircraft, depart int64) bool {
	m := sortie{Drone: d.ID, Depart: depart, Stops: []halt{{Hospital: r.Hospital, Serve: []serving{{Request: r.ID}}}}}
	lots := slices.Clone(c.Lots)
	slices.SortStableFunc(lots, func(a, b lot) int { return int(b.Expires - a.Expires) })
	need := r.Units
	for _, l := range lots {
		ok := l.Centre == d.Home && l.Component == r.Component && slices.Contains(c.Compat[r.Component][r.Type], l.Type)
		if n := min(need, l.Units); ok && n > 0 {
			m.Stops[0].Serve[0].Lots = append(m.Stops[0].Serve[0].Lots, portion{l.ID, n})
			need -= n
		}
	}
	try := &checker{book: c.book, used: map[string]int64{}, received: map[string]int64{}, handed: map[string]int64{}}
	try.sortie(0, &m)
	try.drones()
	try.resources()
	return len(try.broken) == 0
}

// score counts the nine levels.
func (c *checker) score() (s [9]int64) {
	level := map[string]int{"STAT": 0, "urgent": 2, "routine": 4}
	for _, r := range c.Requests {
		at, ok := c.handed[r.ID]
		if !ok {
			s[level[r.Priority]]++
		} else if at > r.Due {
			s[level[r.Priority]+1] += upward(at-r.Due, 60)
		}
	}
	for _, l := range c.Lots {
		if l.Expires <= c.Horizon {
			s[6] += l.Units - c.received[l.ID]
		}
	}
	s[6] += c.lost
	s[7] = c.rank
	for _, f := range c.flights {
		s[8] += upward(f.joules, 1000)
	}
	return s
}
