package live

import (
	"sync"
	"sync/atomic"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
)

const (
	ringLength = 64 // frames that a group remembers
	maxBehind  = 8  // a connection farther behind gets a snapshot
)

// group is the connections that see the same: all, or one hospital's.
type group struct {
	site    network.SiteID
	members int
	readers [encodings]atomic.Int32

	mu   sync.Mutex
	seq  uint64
	ring [ringLength][]frame // by seq
	// what was shown to the group
	drones, boxes map[telemetry.DeviceID]bool
	more          chan struct{}
	pushed        time.Time // wall time of the newest frame

	skipped [encodings]uint64 // the newest sequence whose frames are not in an encoding
	making  sync.Mutex        // a snapshot, for all who wait for one
	newest  [encodings]snapshot
}

// snapshot is all that a group sees, at a sequence.
type snapshot struct {
	seq    uint64
	made   time.Time // wall time
	frames []frame
}

// wanted are the encodings that somebody reads.
func (g *group) wanted() (want [encodings]bool) {
	for enc := range want {
		want[enc] = g.readers[enc].Load() > 0
	}
	return want
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

// push appends the frames of the next sequence; the group is locked.
func (g *group) push(frames []frame, want [encodings]bool) {
	g.seq++
	for enc, is := range want {
		if !is {
			g.skipped[enc] = g.seq
		}
	}
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
