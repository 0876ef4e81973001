package live

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
)

const (
	tickEvery  = 100 * time.Millisecond
	heartbeat  = 10   // ticks after which an empty frame is sent
	ringLength = 64   // frames that a group remembers
	maxBehind  = 8    // a connection farther behind gets a snapshot
	maxConns   = 1000 // beyond it newcomers are refused
)

// encoding is a subprotocol.
type encoding int

const (
	asBinary encoding = iota
	asJSON
	encodings
)

var subprotocols = [encodings]string{asBinary: "hemolift.v1", asJSON: "hemolift.v1.json"}

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
	conns   int
	present map[Person]int // how many connections each has
	arrived uint64         // rises when somebody comes or goes
	gauge   prometheus.Gauge
}

// group is the connections that see the same: all, or one hospital's.
type group struct {
	site    network.SiteID
	members int

	mu   sync.Mutex
	seq  uint64
	ring [ringLength][]frame // by seq
	// what was shown to the group
	drones, boxes map[telemetry.DeviceID]bool
	more          chan struct{}
	quiet         int
}

// frame is one message, prepared once for each encoding that is used.
type frame [encodings]*websocket.PreparedMessage

func newHub(p Parts) *hub {
	h := &hub{
		tracker: p.Tracker, carriers: p.Carriers, gauges: p.Gauges, now: p.Now, network: p.Network,
		groups: map[network.SiteID]*group{}, present: map[Person]int{},
		gauge: prometheus.NewGauge(prometheus.GaugeOpts{Name: "hemolift_live_connections", Help: "Open live connections."}),
	}
	h.dict.Store(&dictionary{})
	h.learn()
	p.Metrics.MustRegister(h.gauge)
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

// run sends a tick to each group until ctx ends.
func (h *hub) run(ctx context.Context) error {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	var version, gauged, arrived uint64
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		now := h.now()
		var drones []telemetry.DroneState
		var boxes []telemetry.BoxState
		drones, boxes, version = h.tracker.Changed(now, version)
		h.learn()
		h.mu.Lock()
		groups := slices.Collect(maps.Values(h.groups))
		here := h.arrived
		h.mu.Unlock()
		gauges, measured := h.gauges()
		for _, g := range groups {
			h.tick(g, now, drones, boxes)
			if measured != gauged {
				h.measure(g, now, gauges)
			}
			if here != arrived && g.site == "" {
				h.meet(g, now)
			}
		}
		gauged, arrived = measured, here
	}
}

// join adds a person's connection to its site's group.
func (h *hub) join(site network.SiteID, who Person) (*group, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conns >= maxConns {
		return nil, false
	}
	g := h.groups[site]
	if g == nil {
		g = &group{site: site, more: make(chan struct{}), drones: map[telemetry.DeviceID]bool{}, boxes: map[telemetry.DeviceID]bool{}}
		h.groups[site] = g
	}
	g.members++
	h.conns++
	if h.present[who]++; h.present[who] == 1 {
		h.arrived++
	}
	h.gauge.Inc()
	return g, true
}

func (h *hub) leave(g *group, who Person) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.present[who]--; h.present[who] == 0 {
		delete(h.present, who)
		h.arrived++
	}
	h.conns--
	h.gauge.Dec()
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
	if g.quiet++; len(ds)+len(bs)+len(r.gone.drones)+len(r.gone.boxes) == 0 && g.quiet < heartbeat {
		return
	}
	g.quiet = 0
	r.seq = g.seq + 1
	g.push(h.prepare(r))
}

// shows keeps what the group was shown; its lock is held.
func (g *group) shows(drones []telemetry.DroneState, boxes []telemetry.BoxState) {
	for _, d := range drones {
		g.drones[d.ID] = true
	}
	for _, b := range boxes {
		g.boxes[b.ID] = true
	}
}

// unseen takes out of seen what may no longer be seen, and gives it.
func unseen(seen map[telemetry.DeviceID]bool, ok func(telemetry.DeviceID) bool) []telemetry.DeviceID {
	var gone []telemetry.DeviceID
	for id := range seen {
		if !ok(id) {
			gone = append(gone, id)
			delete(seen, id)
		}
	}
	return gone
}

// measure appends what is measured of a group's alarms to its ring.
func (h *hub) measure(g *group, now time.Time, gauges []delivery.Gauge) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.push([]frame{prepareGauges(g.own(gauges), g.seq+1, now)})
}

// meet appends who is connected to a group's ring.
func (h *hub) meet(g *group, now time.Time) {
	people := h.people()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.push([]frame{preparePeople(people, g.seq+1, now)})
}

// people are those who are connected, in order.
func (h *hub) people() []Person {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.SortedFunc(maps.Keys(h.present), func(a, b Person) int { return cmp.Compare(a.Login, b.Login) })
}

// push appends the frames of the next sequence; the group is locked.
func (g *group) push(frames []frame) {
	g.seq++
	g.ring[g.seq%ringLength] = frames
	close(g.more)
	g.more = make(chan struct{})
}

// own are the gauges that the group may see.
func (g *group) own(gauges []delivery.Gauge) []delivery.Gauge {
	if g.site == "" {
		return gauges
	}
	var list []delivery.Gauge
	for _, x := range gauges {
		if x.Site == g.site {
			list = append(list, x)
		}
	}
	return list
}

// prepareGauges encodes gauges as one message.
func prepareGauges(gauges []delivery.Gauge, seq uint64, now time.Time) frame {
	list := jsonGauges(gauges)
	return prepareJSON(kindAlarms, list, jsonFrame{Seq: seq, Now: now, Alarms: list})
}

// preparePeople encodes who is connected as one message.
func preparePeople(people []Person, seq uint64, now time.Time) frame {
	return prepareJSON(kindPresence, people, jsonFrame{Seq: seq, Now: now, People: people})
}

// prepareJSON is a message whose body is JSON in both encodings.
func prepareJSON(kind byte, body any, whole jsonFrame) (f frame) {
	whole.Kind = kindNames[kind]
	if b, err := encodeJSONPayload(kind, whole.Seq, whole.Now, body); err == nil {
		f[asBinary], _ = websocket.NewPreparedMessage(websocket.BinaryMessage, b)
	}
	if b, err := json.Marshal(whole); err == nil {
		f[asJSON], _ = websocket.NewPreparedMessage(websocket.TextMessage, b)
	}
	return f
}

// snapshot returns all that the group sees, at its present sequence.
func (h *hub) snapshot(g *group) ([]frame, uint64) {
	now := h.now()
	g.mu.Lock()
	seq := g.seq
	g.mu.Unlock()
	drones, boxes, _ := h.tracker.Changed(now, 0)
	h.learn()
	ds, bs := filter(drones, boxes, h.visible(g.site))
	g.mu.Lock()
	g.shows(ds, bs)
	g.mu.Unlock()
	gauges, _ := h.gauges()
	frames := h.prepare(rows{kind: kindSnapshot, seq: seq, base: now, drones: ds, boxes: bs})
	frames = append(frames, prepareGauges(g.own(gauges), seq, now))
	if g.site == "" {
		frames = append(frames, preparePeople(h.people(), seq, now))
	}
	return frames, seq
}

// after returns the frames after a cursor, and a channel that closes when there
// are more. behind says that the cursor is too far back.
func (g *group) after(cursor uint64) (frames []frame, seq uint64, more <-chan struct{}, behind bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seq-cursor > maxBehind {
		return nil, g.seq, g.more, true
	}
	for s := cursor + 1; s <= g.seq; s++ {
		frames = append(frames, g.ring[s%ringLength]...)
	}
	return frames, g.seq, g.more, false
}

// prepare encodes rows as messages: drones (or a heartbeat), boxes, and what is gone.
func (h *hub) prepare(r rows) []frame {
	dict := h.dict.Load()
	binaries := [][]byte{encodeDrones(r, dict)}
	if len(r.boxes) > 0 || r.kind == kindSnapshot {
		binaries = append(binaries, encodeBoxes(r, dict))
	}
	if len(r.gone.drones) > 0 {
		binaries = append(binaries, encodeGone(r, 0, r.gone.drones, dict))
	}
	if len(r.gone.boxes) > 0 {
		binaries = append(binaries, encodeGone(r, flagBoxes, r.gone.boxes, dict))
	}
	frames := make([]frame, len(binaries))
	for i, b := range binaries {
		frames[i][asBinary], _ = websocket.NewPreparedMessage(websocket.BinaryMessage, b) // fails for a bad message type only
	}
	if text, err := json.Marshal(jsonRows(r)); err == nil { // one message says it all
		frames[0][asJSON], _ = websocket.NewPreparedMessage(websocket.TextMessage, text)
	}
	return frames
}
