package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/desktest"
	"hemolift/web/api"
)

// Whatever part of a request holds what is no text, it is named, and nothing breaks.
func TestWhatIsNoTextIsRefusedWhereverItStands(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna := d.as(desktest.Anna)
	for _, bad := range []string{"%00", "%ff", "a%00b", "%ed%a0%80"} {
		for _, op := range described(t) {
			if !strings.Contains(op.path, "X-1") {
				continue
			}
			anna.asks(op.method, strings.Replace(op.path, "X-1", bad, 1), "{}").refuses(http.StatusBadRequest, "path")
		}
		anna.asks("GET", "/events?limit="+bad, nil).refuses(http.StatusBadRequest, "limit")
		anna.asks("GET", "/requests?"+bad+"=1", nil).refuses(http.StatusBadRequest, "query")
		anna.asks("GET", "/zones?format="+bad, nil).refuses(http.StatusBadRequest, "format")
	}
	anna.asks("GET", "/events?limit=%zz", nil).refuses(http.StatusBadRequest, "query")
	d.as(desktest.Ward).asks("POST", "/requests", order(1), "Idempotency-Key", "key-\xff\xfe000").refuses(http.StatusBadRequest, "Idempotency-Key")
}

func TestAnswersAreNotKept(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for path, want := range map[string]string{"/api/v1/board": "no-store", "/api/v1/session": "no-store", "/api/v1/none": "no-store", "/": "no-cache"} {
		if got := d.get("GET", path).header.Get("Cache-Control"); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if got := d.get("GET", "/").header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("without TLS: %q", got)
	}
	d.TLS = true
	if got := d.get("GET", "/").header.Get("Strict-Transport-Security"); !strings.HasPrefix(got, "max-age=") {
		t.Errorf("with TLS: %q", got)
	}
}

// Who looks after the server sees what it counts, and what is wrong with it.
func TestWhatOperatorsSee(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	ask := func(p person, path string) answer {
		return d.get("GET", path, "Authorization", "Bearer "+p.token)
	}
	if got := ask(d.as(root), "/metrics"); got.status != http.StatusOK || !strings.Contains(string(got.body), "hemolift_live_connections") {
		t.Errorf("metrics: %d %.80s", got.status, got.body)
	}
	if got := ask(d.as(desktest.Anna), "/metrics"); got.status != http.StatusForbidden {
		t.Errorf("a dispatcher's metrics: %d", got.status)
	}
	d.Ready = func(context.Context) error { return errors.New("the disk is full") }
	for _, tt := range []struct {
		who  person
		says bool
	}{{d.as(root), true}, {d.as(desktest.Anna), false}, {person{door: d}, false}} {
		got := ask(tt.who, "/readyz")
		if got.status != http.StatusServiceUnavailable || strings.Contains(string(got.body), "disk") != tt.says {
			t.Errorf("got %d %s", got.status, got.body)
		}
	}
}

func TestAHandlerThatPanicsIsAnsweredFor(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	serve := func(h http.HandlerFunc) *http.Response {
		t.Helper()
		server := httptest.NewServer(d.unbroken(h))
		t.Cleanup(server.Close)
		res, err := http.Get(server.URL)
		if err != nil {
			return nil
		}
		t.Cleanup(func() { _ = res.Body.Close() })
		return res
	}
	res := serve(func(http.ResponseWriter, *http.Request) { panic("out of blood") })
	if res == nil || res.StatusCode != http.StatusInternalServerError {
		t.Fatalf("got %+v", res)
	}
	body, _ := io.ReadAll(res.Body)
	if s := string(body); strings.Contains(s, "blood") || !strings.Contains(s, "the log has it as") {
		t.Errorf("told %s", s)
	}
	// One that had begun is cut: nobody takes it for a whole answer.
	res = serve(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half of")
		_ = http.NewResponseController(w).Flush()
		panic("and no more")
	})
	if res == nil {
		t.Fatal("no answer had begun")
	}
	if whole, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("read %q as whole", whole)
	}
	if res := serve(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }); res != nil {
		t.Errorf("an aborted one is answered with %d", res.StatusCode)
	}
}

// Every time that a body or a path states is bounded where it is read: one beyond the year
// 9999 could be stored, and no answer that holds it could be written any more.
func TestTimesThatAreStatedAreBounded(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna := d.as(desktest.Anna)
	const beyond = `"9999-12-31T23:59:59-12:00"`
	for _, at := range []string{beyond, `"0001-01-01T00:00:00Z"`, `"1970-01-01T00:00:00Z"`, `"2100-01-01T00:00:00Z"`} {
		for _, tt := range []struct{ path, body, field string }{
			{"/requests", `{"hospital":"SY06","pad":"SY06-P1","component":"red_cells","blood_group":"O+","units":1,"urgency":"stat","needed_by":` + at + `}`, "needed_by"},
			{"/closures", `{"site":"SY06","reason":"x","until":` + at + `}`, "until"},
			{"/zones", `{"name":"x","ring":[[123.4,41.8],[123.5,41.8],[123.5,41.9]],"upper_m":100,"until":` + at + `}`, "until"},
			{"/zones", `{"name":"x","ring":[[123.4,41.8],[123.5,41.8],[123.5,41.9]],"upper_m":100,"until":"2026-11-22T07:00:00Z","from":` + at + `}`, "from"},
			{"/units", `{"units":[{"key":{"din":"A999926000001","product_code":"E0336V00"},"component":"red_cells","blood_group":"A+","mass_g":300,"site":"SYBC","expires_at":` + at + `}]}`, "units[0].expires_at"},
		} {
			anna.asks("POST", tt.path, tt.body, "Idempotency-Key", "bounded-time").refuses(http.StatusBadRequest, tt.field)
		}
	}
	anna.asks("POST", "/days/9999-12-31", `{}`).refuses(http.StatusBadRequest, "date")
	anna.asks("POST", "/days/0001-01-01", `{}`).refuses(http.StatusBadRequest, "date")
}

// An event that an older version wrote and that cannot be told does not keep the others from
// being told, by the log and by the feed, and says what is wrong with it.
func TestAnEventThatCannotBeToldIsShownAsThat(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.submits(order(1))
	const q = `INSERT INTO event_log (at, kind, actor, site_id, subject, detail) VALUES ($1, 'command', 'HL-01', '', 'M-1', '{}')`
	if _, err := d.Pool.Exec(t.Context(), q, time.UnixMilli(253_402_300_800_000)); err != nil {
		t.Fatal(err)
	}
	d.submits(order(2))
	anna := d.as(desktest.Anna)
	d.tells()
	var events []api.Event
	anna.asks("GET", "/events?after=0&limit=1000", nil).gives(http.StatusOK, &events)
	unreadable := slices.IndexFunc(events, func(e api.Event) bool { return e.Detail["unreadable"] != "" })
	if unreadable < 1 || unreadable == len(events)-1 || events[unreadable].Kind != "command" {
		t.Fatalf("got %+v", events)
	}
	feed := anna.watch("?after=0", "hemolift.v1.json")
	until(t, feed, "the event after it", func(f feedFrame) bool { return f.Event != nil && f.Event.Seq == events[len(events)-1].Seq })
}
