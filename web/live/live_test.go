package live

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/paulmach/orb"
	"github.com/prometheus/client_golang/prometheus"

	"hemolift/dispatch"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
	"hemolift/web/api"
)

// feed is a live feed of three drones, before a server of HTTP.
type feed struct {
	*Live
	t   *testing.T
	url string
	seq uint64
}

// noLog is no record: what the feed has forgotten is gone.
type noLog struct{}

func (noLog) EventsSince(context.Context, uint64, int) ([]delivery.Event, error) {
	return nil, errors.New("no record")
}

func newFeed(t *testing.T, most int) *feed {
	t.Helper()
	n := &network.Network{Drones: []network.Drone{{ID: "HL-01"}, {ID: "HL-02"}, {ID: "HL-03"}}}
	f := &feed{t: t}
	f.Live = New(Parts{
		Tracker: telemetry.NewTracker(telemetry.DefaultLimits(), 0), Feed: dispatch.NewFeed(0), Log: noLog{},
		Network:  func() *network.Network { return n },
		Carriers: func(network.SiteID) map[telemetry.DeviceID]bool { return map[telemetry.DeviceID]bool{"HL-01": true} },
		Gauges:   func() ([]delivery.Gauge, uint64) { return nil, 0 },
		EventView: func(e delivery.Event) any {
			return api.Event{Seq: int64(e.Seq), At: e.At, Kind: string(e.Kind), Subject: e.Subject}
		},
		Now: time.Now, Rate: 1, Most: most, Metrics: prometheus.NewRegistry(), Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	for _, d := range n.Drones {
		f.Tracker.Know(d.ID)
		f.moves(d.ID)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := f.Serve(w, r, Session{
			Left: func() {}, Site: network.SiteID(r.URL.Query().Get("site")), Who: Person{Login: r.URL.Query().Get("login")},
			Sees: func(delivery.Event) bool { return true }, Signed: func() bool { return r.URL.Query().Get("login") != "out" },
		})
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	}))
	f.url = "ws" + strings.TrimPrefix(server.URL, "http")
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- f.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the feed ended with %v", err)
		}
		server.Close()
	})
	return f
}

func (f *feed) moves(id telemetry.DeviceID) {
	f.seq++
	f.Tracker.Observe(time.Now(), telemetry.Sample{Device: id, Seq: f.seq, At: time.Now(), Reading: telemetry.Position{Point: orb.Point{123.4, 41.8}, AltM: 60}})
}

func (f *feed) happens(n int) {
	for range n {
		f.Feed.Publish(delivery.Event{Seq: f.Feed.Last() + 1, At: time.Now(), Kind: delivery.EvRequest, Subject: "R-1"})
	}
}

func (f *feed) dials(query, protocol string) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{Subprotocols: []string{protocol}}
	return d.Dial(f.url+"/?"+query, nil)
}

// comes opens the feed.
func (f *feed) comes(query, protocol string) *websocket.Conn {
	f.t.Helper()
	conn, _, err := f.dials(query, protocol)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	return conn
}

// frameTold is what these tests read of a frame.
type frameTold struct {
	kind byte
	seq  uint64
	rows int // drones
}

// reads is the next frame, in JSON or in the binary form.
func reads(t *testing.T, conn *websocket.Conn) frameTold {
	t.Helper()
	typ, msg, err := conn.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	if typ == websocket.BinaryMessage {
		f := frameTold{kind: msg[1], seq: binary.LittleEndian.Uint64(msg[8:])}
		if msg[2]&flagBoxes == 0 {
			f.rows = int(msg[4])
		}
		return f
	}
	var j jsonFrame
	if err := json.Unmarshal(msg, &j); err != nil {
		t.Fatal(err)
	}
	for kind, name := range kindNames {
		if name == j.Kind {
			return frameTold{kind, j.Seq, len(j.Drones)}
		}
	}
	t.Fatalf("a frame of kind %q", j.Kind)
	return frameTold{}
}

// next reads frames until one of a kind comes.
func next(t *testing.T, conn *websocket.Conn, kind byte) frameTold {
	t.Helper()
	for {
		if f := reads(t, conn); f.kind == kind {
			return f
		}
	}
}

// Whoever reads JSON comes to a group that has been read in the binary form alone, again and again: what it
// is shown first and what follows leave out no move.
func TestWhoeverComesMissesNothing(t *testing.T) {
	t.Parallel()
	f := newFeed(t, 10)
	there := f.comes("login=a", "hemolift.v1")
	next(t, there, kindSnapshot)
	for i := range 20 {
		f.moves("HL-02")
		next(t, there, kindDelta)
		protocol := subprotocols[i%2]
		conn := f.comes(fmt.Sprintf("login=b%d", i), protocol)
		last := next(t, conn, kindSnapshot)
		if last.rows != 3 {
			t.Fatalf("a snapshot of %d drones", last.rows)
		}
		f.moves("HL-03")
		for last.kind != kindDelta || last.rows == 0 {
			was := last
			if last = reads(t, conn); last.seq > was.seq+1 {
				t.Fatalf("%s: frame %d came after %d", protocol, last.seq, was.seq)
			}
		}
		_ = conn.Close()
	}
}

// Many who come at once are given one snapshot; a hospital's is another one.
func TestASnapshotIsMadeOnce(t *testing.T) {
	t.Parallel()
	f := newFeed(t, 10)
	f.comes("login=a", "hemolift.v1")
	g, ok := f.hub.join("", Person{Login: "b"}, asBinary)
	if !ok {
		t.Fatal("full")
	}
	defer f.hub.leave(g, Person{Login: "b"}, asBinary)
	one, two := f.hub.snapshot(g, asBinary), f.hub.snapshot(g, asBinary)
	if time.Since(one.made) < lookEvery && two.frames[0][asBinary] != one.frames[0][asBinary] && two.seq == one.seq {
		t.Error("the same was encoded twice")
	}
	if one.frames[0][asJSON] != nil {
		t.Error("JSON was made, which nobody reads")
	}
	if s := next(t, f.comes("login=ward&site=SY06", "hemolift.v1"), kindSnapshot); s.rows != 1 {
		t.Errorf("a hospital sees %d drones", s.rows)
	}
}

// An event is encoded once for all who may see it, and again when it has become old: a frame tells the time.
func TestAnEventIsEncodedOnce(t *testing.T) {
	t.Parallel()
	f := newFeed(t, 10)
	var conns []*websocket.Conn
	for i := range 4 {
		conns = append(conns, f.comes(fmt.Sprintf("login=%d", i), subprotocols[i%2]))
		next(t, conns[i], kindSnapshot)
	}
	f.happens(300)
	for _, conn := range conns {
		for want := uint64(1); want <= 300; want++ {
			if e := next(t, conn, kindEvent); e.seq != want {
				t.Fatalf("event %d came for %d", e.seq, want)
			}
		}
	}
	now := time.Now()
	e := delivery.Event{Seq: 301, At: now, Kind: delivery.EvRequest}
	first, err := f.told.event(e, f.EventView, now, asBinary)
	if again, _ := f.told.event(e, f.EventView, now, asBinary); err != nil || again != first {
		t.Errorf("encoded twice, %v", err)
	}
	if later, _ := f.told.event(e, f.EventView, now.Add(time.Second), asBinary); later == first {
		t.Error("a frame tells a time of long ago")
	}
}

// As many as there is room for are let in; who leaves makes room; none is let in when the feed has ended.
func TestThereIsRoomForSoMany(t *testing.T) {
	t.Parallel()
	f := newFeed(t, 2)
	one := f.comes("login=a", "hemolift.v1")
	f.comes("login=b", "hemolift.v1")
	_, res, err := f.dials("login=c", "hemolift.v1")
	if err == nil || res == nil || res.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("a third was answered %+v, %v", res, err)
	}
	_ = one.Close()
	for {
		conn, _, err := f.dials("login=c", "hemolift.v1")
		if err == nil {
			_ = conn.Close()
			break
		}
		if t.Context().Err() != nil {
			t.Fatal("no room was made")
		}
	}
	f.end()
	if _, _, err := f.dials("login=d", "hemolift.v1"); err == nil {
		t.Error("one was let in after the end")
	}
}
