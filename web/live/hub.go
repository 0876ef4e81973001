package live

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
	"hemolift/telemetry/timing"
)

const (
	lookEvery = 100 * time.Millisecond // at what is measured and who is connected, and at drones of which nobody woke the hub
	leastTick = 50 * time.Millisecond  // between two frames of a group
	mostTick  = 200 * time.Millisecond
	heartbeat = time.Second // after which an empty frame is sent
)

// A frame costs each connection about 10 us of the processor, whoever writes it: ticks are so far
// apart that frames take a twentieth of one.
const tickPerConnection = 200 * time.Microsecond

// hub conflates positions: newest per drone, one frame a tick for everyone with
// the same view, held in a ring that each connection walks at its own pace. A slow
// connection costs a cursor; events do not pass through here.
type hub struct {
	tracker  *telemetry.Tracker
	carriers func(network.SiteID) map[telemetry.DeviceID]bool // under way to a hospital
	gauges   func() ([]delivery.Gauge, uint64)
	now      func() time.Time
	network  func() *network.Network
	dict     atomic.Pointer[dictionary]

	mu      sync.Mutex
	groups  map[network.SiteID]*group
	most    int // beyond it newcomers are refused
	conns   int
	present map[Person]int // how many connections each has
	arrived uint64         // rises when somebody comes or goes
	gauge   prometheus.Gauge
	apart   prometheus.Gauge
	rounds  prometheus.Histogram
}

func newHub(p Parts) *hub {
	h := &hub{
		tracker: p.Tracker, carriers: p.Carriers, gauges: p.Gauges, now: p.Now, network: p.Network,
		groups: map[network.SiteID]*group{}, present: map[Person]int{}, most: p.Most,
		gauge: prometheus.NewGauge(prometheus.GaugeOpts{Name: "hemolift_live_connections", Help: "Open live connections."}),
	}
	const apart = "How long ticks of the live feed are apart at least."
	h.apart = prometheus.NewGauge(prometheus.GaugeOpts{Name: "hemolift_live_tick_seconds", Help: apart})
	h.rounds = timing.New("hemolift_live_round_seconds", "How long it took to make a tick of the live feed for all who see the same.")
	h.dict.Store(&dictionary{})
	h.learn()
	p.Metrics.MustRegister(h.gauge, h.apart, h.rounds)
	return h
}

// learn brings the dictionary to the network, of which all is known that the tracker told of
// before.
func (h *hub) learn() {
	for {
		was := h.dict.Load()
		if next := was.learned(h.network()); next == was || h.dict.CompareAndSwap(was, next) {
			return
		}
	}
}

// run sends a tick to each group until ctx ends: at once when something moves after a silence, and
// in a while when it goes on.
func (h *hub) run(ctx context.Context) error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	due := time.NewTimer(0)
	defer due.Stop()
	var last time.Time
	var gap time.Duration
	var at marks
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-h.tracker.Moved():
		case <-look.C:
		case <-due.C:
		}
		begins := time.Now()
		if wait := gap - begins.Sub(last); wait > 0 {
			due.Reset(wait)
			continue
		}
		at = h.round(h.now(), at)
		last = begins
		took := time.Since(begins)
		gap = h.gap(took)
		h.rounds.Observe(took.Seconds())
		h.apart.Set(gap.Seconds())
	}
}

// gap is how long after one tick the next may be, by what there is to do for it.
func (h *hub) gap(work time.Duration) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return min(max(time.Duration(h.conns)*tickPerConnection, 10*work, leastTick), mostTick)
}

// marks are how far the hub has looked: at drones and boxes, at alarms, and at who is connected.
type marks struct{ version, gauged, arrived uint64 }

// round sends a tick to each group, of what is new after some marks.
func (h *hub) round(now time.Time, at marks) marks {
	var drones []telemetry.DroneState
	var boxes []telemetry.BoxState
	var next marks
	drones, boxes, next.version = h.tracker.Changed(now, at.version)
	h.learn()
	h.mu.Lock()
	groups := slices.Collect(maps.Values(h.groups))
	next.arrived = h.arrived
	h.mu.Unlock()
	var gauges []delivery.Gauge
	gauges, next.gauged = h.gauges()
	for _, g := range groups {
		h.tick(g, now, drones, boxes)
		if next.gauged != at.gauged {
			h.measure(g, now, gauges)
		}
		if next.arrived != at.arrived && g.site == "" {
			h.meet(g, now)
		}
	}
	return next
}

// join adds a person's connection to its site's group.
func (h *hub) join(site network.SiteID, who Person, enc encoding) (*group, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conns >= h.most {
		return nil, false
	}
	g := h.groups[site]
	if g == nil {
		g = &group{site: site, more: make(chan struct{}), drones: map[telemetry.DeviceID]bool{}, boxes: map[telemetry.DeviceID]bool{}}
		h.groups[site] = g
	}
	g.members++
	g.readers[enc].Add(1)
	h.conns++
	if h.present[who]++; h.present[who] == 1 {
		h.arrived++
	}
	h.gauge.Inc()
	return g, true
}

func (h *hub) leave(g *group, who Person, enc encoding) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.present[who]--; h.present[who] == 0 {
		delete(h.present, who)
		h.arrived++
	}
	h.conns--
	h.gauge.Dec()
	g.readers[enc].Add(-1)
	if g.members--; g.members == 0 {
		delete(h.groups, g.site)
	}
}

// visible reports what a site may see; without a site, all.
func (h *hub) visible(site network.SiteID) func(telemetry.DeviceID) bool {
	if site == "" {
		return func(telemetry.DeviceID) bool { return true }
	}
	carriers := h.carriers(site)
	return func(id telemetry.DeviceID) bool { return carriers[id] }
}

func filter(
	drones []telemetry.DroneState,
	boxes []telemetry.BoxState,
	ok func(telemetry.DeviceID) bool,
) ([]telemetry.DroneState, []telemetry.BoxState) {
	var ds []telemetry.DroneState
	var bs []telemetry.BoxState
	for _, d := range drones {
		if ok(d.ID) {
			ds = append(ds, d)
		}
	}
	for _, b := range boxes {
		if ok(b.ID) {
			bs = append(bs, b)
		}
	}
	return ds, bs
}

// tick appends what changed for one group to its ring.
func (h *hub) tick(g *group, now time.Time, drones []telemetry.DroneState, boxes []telemetry.BoxState) {
	ok := h.visible(g.site)
	ds, bs := filter(drones, boxes, ok)
	g.mu.Lock()
	defer g.mu.Unlock()
	r := rows{kind: kindDelta, base: now, drones: ds, boxes: bs}
	g.shows(ds, bs)
	r.gone = gone{drones: unseen(g.drones, ok), boxes: unseen(g.boxes, ok)}
	if len(ds)+len(bs)+len(r.gone.drones)+len(r.gone.boxes) == 0 && time.Since(g.pushed) < heartbeat {
		return
	}
	g.pushed = time.Now()
	r.seq = g.seq + 1
	want := g.wanted()
	g.push(prepare(r, h.dict.Load(), want), want)
}

// measure appends what is measured of a group's alarms to its ring.
func (h *hub) measure(g *group, now time.Time, gauges []delivery.Gauge) {
	g.mu.Lock()
	defer g.mu.Unlock()
	want := g.wanted()
	g.push([]frame{prepareGauges(g.own(gauges), g.seq+1, now, want)}, want)
}

// meet appends who is connected to a group's ring.
func (h *hub) meet(g *group, now time.Time) {
	people := h.people()
	g.mu.Lock()
	defer g.mu.Unlock()
	want := g.wanted()
	g.push([]frame{preparePeople(people, g.seq+1, now, want)}, want)
}

// people are those who are connected, in order.
func (h *hub) people() []Person {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.SortedFunc(maps.Keys(h.present), func(a, b Person) int { return cmp.Compare(a.Login, b.Login) })
}

// snapshot returns all that the group sees, and from which sequence on it is to be followed. Those who
// come at about the same time are given the same.
func (h *hub) snapshot(g *group, enc encoding) snapshot {
	g.making.Lock()
	defer g.making.Unlock()
	now := h.now()
	g.mu.Lock()
	s, whole := snapshot{seq: g.seq, made: time.Now()}, g.skipped[enc]
	g.mu.Unlock()
	last := g.newest[enc]
	if last.frames != nil && last.seq >= whole && s.seq-last.seq < maxBehind/2 && s.made.Sub(last.made) < lookEvery {
		return last
	}
	drones, boxes, _ := h.tracker.Changed(now, 0)
	h.learn()
	ds, bs := filter(drones, boxes, h.visible(g.site))
	g.mu.Lock()
	g.shows(ds, bs)
	g.mu.Unlock()
	gauges, _ := h.gauges()
	var want [encodings]bool
	want[enc] = true
	s.frames = prepare(rows{kind: kindSnapshot, seq: s.seq, base: now, drones: ds, boxes: bs}, h.dict.Load(), want)
	s.frames = append(s.frames, prepareGauges(g.own(gauges), s.seq, now, want))
	if g.site == "" {
		s.frames = append(s.frames, preparePeople(h.people(), s.seq, now, want))
	}
	g.newest[enc] = s
	return s
}
