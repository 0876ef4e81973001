package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"hemolift/dispatch"
	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/desktest"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
	"hemolift/web/api"
)

type feedDrone struct {
	ID         string  `json:"id"`
	BatteryPct float64 `json:"battery_pct"`
}

// feedFrame is what these tests read of the JSON feed.
type feedFrame struct {
	Kind  string
	Seq   uint64
	Hello *struct {
		Drones, Boxes []string
		Resync        bool
	}
	Drones []feedDrone
	Gone   []string
	Event  *api.Event
}

// watch opens the feed as a person; protocol is one of the feed's.
func (p person) watch(query, protocol string) *websocket.Conn {
	p.t.Helper()
	conn, res, err := p.dial(query, protocol)
	if err != nil {
		p.t.Fatalf("dial: %v, %+v", err, res)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	return conn
}

func (p person) dial(query string, protocols ...string) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{Subprotocols: protocols}
	return d.Dial("ws"+strings.TrimPrefix(p.url, "http")+"/api/v1/live"+query, http.Header{"Authorization": {"Bearer " + p.token}})
}

// until reads frames until one fits.
func until(t *testing.T, conn *websocket.Conn, what string, fits func(feedFrame) bool) feedFrame {
	t.Helper()
	for {
		var f feedFrame
		if err := conn.ReadJSON(&f); err != nil {
			t.Fatalf("before %s: %v", what, err)
		}
		if fits(f) {
			return f
		}
	}
}

// tells has the dispatcher tell those who listen of what was logged.
func (d *door) tells() {
	d.t.Helper()
	if err := d.FeedOnce(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

func ofKind(kind string) func(feedFrame) bool {
	return func(f feedFrame) bool { return f.Kind == kind }
}

func TestTheFeedShowsWhereThingsAreAndWhatHappens(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	feed := d.as(desktest.Anna).watch("", "hemolift.v1.json")
	hello := until(t, feed, "hello", ofKind("hello"))
	if len(hello.Hello.Drones) != len(d.Network().Drones) || len(hello.Hello.Boxes) != len(d.Network().Boxes) {
		t.Errorf("hello: %+v", hello.Hello)
	}
	all := until(t, feed, "a snapshot", ofKind("snapshot"))
	if len(all.Drones) != len(d.Network().Drones) {
		t.Errorf("the snapshot holds %d drones", len(all.Drones))
	}
	// A drone that reports is in the next tick.
	id := d.Network().Drones[3].ID
	d.Tick(time.Second)
	d.Observes(id, telemetry.Position{Point: d.Network().Sites[0].Point, AltM: 50, BatteryPct: 90, WindMPS: -1})
	until(t, feed, "the drone's move", func(f feedFrame) bool {
		return f.Kind == "delta" && slices.ContainsFunc(f.Drones, func(x feedDrone) bool { return x.ID == string(id) && x.BatteryPct == 90 })
	})
	// What happens comes as it is stored.
	r := d.submits(order(1))
	d.tells()
	e := until(t, feed, "the request", func(f feedFrame) bool { return f.Kind == "event" && f.Event.Subject == r.Id })
	if e.Event.Actor != "ward" || e.Seq != uint64(e.Event.Seq) {
		t.Errorf("event: %+v", e)
	}
	// A hidden tab is told of events only, and sees all again when it is shown.
	if err := feed.WriteMessage(websocket.TextMessage, []byte(`{"hidden":true}`)); err != nil {
		t.Fatal(err)
	}
	if err := feed.WriteMessage(websocket.TextMessage, []byte(`{"hidden":false}`)); err != nil {
		t.Fatal(err)
	}
	until(t, feed, "the snapshot of who came back", ofKind("snapshot"))
	// What is no message of a page's ends the connection.
	if err := feed.WriteMessage(websocket.TextMessage, []byte(`{`)); err != nil {
		t.Fatal(err)
	}
	for {
		if _, _, err := feed.ReadMessage(); err != nil {
			break
		}
	}
}

func TestTheFeedGoesOnAfterWhatIsKnown(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	r := d.submits(order(1))
	d.tells()
	var events []api.Event
	anna := d.as(desktest.Anna)
	anna.asks("GET", "/events", nil).gives(http.StatusOK, &events)
	i := slices.IndexFunc(events, func(e api.Event) bool { return e.Subject == r.Id })
	if i < 0 {
		t.Fatalf("events: %+v", events)
	}
	feed := anna.watch(fmt.Sprintf("?after=%d", events[i].Seq-1), "hemolift.v1.json")
	if f := until(t, feed, "the event", ofKind("event")); f.Seq != uint64(events[i].Seq) {
		t.Errorf("went on with %+v", f)
	}
	// One that was heard of long ago reads the record first.
	feed = anna.watch("?after=0", "hemolift.v1.json")
	if f := until(t, feed, "the first event", ofKind("event")); f.Seq != uint64(events[0].Seq) {
		t.Errorf("began with %+v", f)
	}

	anna.asks("GET", fmt.Sprintf("/events?after=%d&limit=1", events[i].Seq-1), nil).gives(http.StatusOK, &events)
	if len(events) != 1 || events[0].Subject != r.Id {
		t.Errorf("events after: %+v", events)
	}
	for _, q := range []string{"after=-1", "limit=0", "limit=1001"} {
		name, _, _ := strings.Cut(q, "=")
		anna.asks("GET", "/events?"+q, nil).refuses(http.StatusBadRequest, name)
	}
	d.as(desktest.Other).asks("GET", "/events", nil).gives(http.StatusOK, &events)
	for _, e := range events {
		if e.Subject == r.Id {
			t.Errorf("another hospital is told %+v", e)
		}
	}
}

// A hospital follows what is under way to it, and nothing else.
func TestAHospitalsFeed(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 1)
	wards := []network.Actor{desktest.Other, desktest.Ward} // the drone carries something for the second
	del := d.loads(d.submits(order(1)).Id)
	d.TakesOff(d.stored(del.Id))
	for n, who := range wards {
		feed := d.as(who).watch("", "hemolift.v1.json")
		f := until(t, feed, "a snapshot", ofKind("snapshot"))
		if len(f.Drones) != n || n == 1 && f.Drones[0].ID != del.Mission.Drone {
			t.Errorf("%s sees %+v", who.Login, f.Drones)
		}
	}
}

func TestTheBinaryFeed(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	r := d.submits(order(1))
	d.tells()
	feed := d.as(desktest.Anna).watch("?after=0", "hemolift.v1")
	kind, first, err := feed.ReadMessage()
	if err != nil || kind != websocket.BinaryMessage {
		t.Fatalf("kind %d, %v", kind, err)
	}
	start := strings.IndexByte(string(first), '{')
	var hello struct{ Drones []string }
	if start < 0 || json.Unmarshal(first[start:], &hello) != nil || len(hello.Drones) != len(d.Network().Drones) {
		t.Errorf("hello: %q", first)
	}
	for {
		_, msg, err := feed.ReadMessage()
		if err != nil {
			t.Fatalf("before the event of %s: %v", r.Id, err)
		}
		if strings.Contains(string(msg), r.Id) {
			return
		}
	}
}

func TestWhoMayNotWatch(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna := d.as(desktest.Anna)
	for name, tt := range map[string]struct {
		who      person
		query    string
		protocol string
		status   int
	}{
		"nobody":           {person{door: d, token: "guess"}, "", "hemolift.v1", http.StatusUnauthorized},
		"no sequence":      {anna, "?after=x", "hemolift.v1", http.StatusBadRequest},
		"another protocol": {anna, "", "hemolift.v0", http.StatusBadRequest},
	} {
		_, res, err := tt.who.dial(tt.query, tt.protocol)
		if err == nil || res == nil || res.StatusCode != tt.status {
			t.Errorf("%s: got %+v, %v", name, res, err)
		}
	}
}

// A hospital pages through what concerns it: however many other events lie between, a page
// is full while there are more, and the last one's sequence begins the next page.
func TestAHospitalPagesThroughItsEvents(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	var own []string
	for i := range 6 {
		own = append(own, d.submits(order(1)).Id)
		d.as(desktest.Other).asks("POST", "/requests", askedView(elsewhere()), "Idempotency-Key", fmt.Sprintf("elsewhere-%d", i)).gives(http.StatusCreated, nil)
	}
	ward := d.as(desktest.Ward)
	var got []string
	after := int64(0)
	for range 10 {
		var page []api.Event
		ward.asks("GET", fmt.Sprintf("/events?after=%d&limit=2", after), nil).gives(http.StatusOK, &page)
		if len(page) == 0 {
			break
		}
		if len(page) != 2 {
			t.Errorf("a page of %d", len(page))
		}
		for _, e := range page {
			got, after = append(got, e.Subject), e.Seq
		}
	}
	if !slices.Equal(got, own) {
		t.Errorf("got %v, want %v", got, own)
	}
}

// elsewhere is an order of another hospital.
func elsewhere() delivery.Asked {
	o := desktest.Order(1)
	o.Hospital, o.Pad = "CMU1", "CMU1-P1"
	return o
}

// A page that knows more than there is, as after a restored record, begins anew.
func TestAPageThatIsAhead(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	feed := d.as(desktest.Anna).watch("?after=100000", "hemolift.v1.json")
	if hello := until(t, feed, "hello", ofKind("hello")); !hello.Hello.Resync {
		t.Errorf("hello: %+v", hello)
	}
	r := d.submits(order(1))
	d.tells()
	until(t, feed, "the request", func(f feedFrame) bool { return f.Kind == "event" && f.Event.Subject == r.Id })
}

// A page that says more than pages say is let go; one that is hidden and shown is not.
func TestAPageThatTalksTooMuch(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	feed := d.as(desktest.Anna).watch("", "hemolift.v1.json")
	var err error
	for i := 0; i < 100_000 && err == nil; i++ {
		err = feed.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"hidden":%v}`, i%2 == 0))
	}
	for err == nil {
		_, _, err = feed.ReadMessage()
	}
	if websocket.IsUnexpectedCloseError(err) || strings.Contains(err.Error(), "timeout") {
		t.Errorf("ended by %v", err)
	}
}

// A device that joins the network is named before anything is told of it, and a feed ends when
// the network takes a right of its account away.
func TestAFeedFollowsTheNetwork(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.hires()
	i := slices.IndexFunc(everybody, func(a network.Actor) bool { return a.Login == "wall" })
	all, wall := d.as(desktest.Anna).watch("", "hemolift.v1.json"), d.as(everybody[i]).watch("", "hemolift.v1.json")
	until(t, all, "a snapshot", ofKind("snapshot"))
	until(t, wall, "a snapshot", ofKind("snapshot"))
	files, _, err := d.NetworkFiles(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	files["drones.csv"] += "AA-01,MR-10,SYBC\n"
	lines := strings.Split(files["roles.csv"], "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "monitor,") })
	lines[at] += " listRequests"
	files["roles.csv"] = strings.Join(lines, "\n")
	if out, err := d.ChangeNetwork(t.Context(), root, dispatch.NetworkChange{Files: files, Reason: "grown"}); err != nil || len(out.Differences) != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	d.tells()
	d.Observes("AA-01", telemetry.Position{Point: d.Network().Sites[0].Point, AltM: 50, BatteryPct: 90, WindMPS: -1})
	named := false
	until(t, all, "the drone that joined", func(f feedFrame) bool {
		named = named || f.Kind == "hello" && slices.Contains(f.Hello.Drones, "AA-01")
		told := slices.ContainsFunc(f.Drones, func(x feedDrone) bool { return x.ID == "AA-01" })
		if told && !named {
			t.Error("it is told of before it is named")
		}
		return told
	})
	for {
		if _, _, err := wall.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
				t.Errorf("the feed ends by %v", err)
			}
			return
		}
	}
}
