package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/desktest"
	"hemolift/dispatch/network"
	"hemolift/migrations/pgtest"
	"hemolift/telemetry/telemetrydb"
	"hemolift/web/api"
	"hemolift/web/apicheck"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// People beside those of the desk, who have a password: root administers the server, vera
// is a dispatcher.
var (
	root = network.Actor{Login: "root", Role: network.RoleAdmin}
	vera = network.Actor{Login: "vera", Role: network.RoleDispatcher}
)

const password = "correct horse"

// passwordHash is made once: it is slow on purpose.
var passwordHash = sync.OnceValues(func() (string, error) { return PasswordHash(password) })

// door is the server on a real database, with a dispatcher whose drones do as the test
// says. Every answer is compared with the description of the API.
type door struct {
	*desktest.Desk
	*Server
	t      *testing.T
	url    string
	client *http.Client
}

func newDoor(t *testing.T) *door {
	t.Helper()
	desk := desktest.New(t)
	hash, err := passwordHash()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []network.Actor{vera, root} {
		desk.Signs(p, hash)
	}
	d := &door{Desk: desk, t: t}
	d.Server = New(Parts{
		Dispatcher: desk.Dispatcher, Boards: desk.DB.Boards, Log: desk.DB.Log, Shelves: desk.DB.Stock, Cold: desk.DB.Cold, Accounts: desk.DB.Accounts, Keys: desk.DB.Accounts, Staff: desk.DB.Accounts, Devices: desk.DB.Devices, Guests: desk.DB.Guests, Notices: desk.DB.Notices, PushKey: "a-key",
		Samples: telemetrydb.New(desk.Pool), Tracker: desk.Tracker, Feed: desk.Dispatcher.Feed, Now: desk.Now, Rate: 1,
		Page: fstest.MapFS{
			"index.html": {Data: []byte("<!doctype html>the page")}, "icon.svg": {Data: []byte("<svg/>")},
			"assets/a-1.js": {Data: []byte("1")}, "assets/a-1.js.br": {Data: []byte("as brotli")}, "assets/a-1.js.gz": {Data: gzipped(t, "1")},
		},
		Ready: desk.Pool.Ping, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)), Metrics: prometheus.NewRegistry(),
	})
	server := httptest.NewServer(d.Handler())
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = d.Server.Run(ctx) })
	transport := &http.Transport{}
	check, err := apicheck.New("api.yaml", transport, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	d.url, d.client = server.URL, &http.Client{Transport: check}
	t.Cleanup(func() {
		cancel()
		running.Wait()
		transport.CloseIdleConnections()
		server.CloseClientConnections()
		server.Close()
	})
	return d
}

// person is somebody who calls the API.
type person struct {
	*door
	token string
	kind  network.SessionKind
}

// as signs a person in, without the cost of a password.
func (d *door) as(a network.Actor) person { return d.signed(a, network.ByToken) }

// inBrowser is as with a browser's cookie.
func (d *door) inBrowser(a network.Actor) person { return d.signed(a, network.ByCookie) }

func (d *door) signed(a network.Actor, kind network.SessionKind) person {
	d.t.Helper()
	token := rand.Text()
	now := time.Now()
	session := network.Session{Login: a.Login, Kind: kind, OpenedAt: now, ConfirmedAt: now, ExpiresAt: now.Add(time.Hour)}
	if err := d.Accounts.OpenSession(context.Background(), token, "", session, d.Now()); err != nil {
		d.t.Fatal(err)
	}
	return person{d, token, kind}
}

// answer is what came back.
type answer struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   []byte
}

// asks calls the API. A body that is a string goes as it is; header are names and values.
func (p person) asks(method, path string, body any, header ...string) answer {
	p.t.Helper()
	var payload io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		payload = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			p.t.Fatal(err)
		}
		payload = bytes.NewReader(text)
	}
	r, err := http.NewRequest(method, p.url+"/api/v1"+path, payload)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	switch {
	case p.token == "":
	case p.kind == network.ByCookie:
		r.AddCookie(&http.Cookie{Name: cookieName, Value: p.token})
	default:
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return p.door.sends(r)
}

func (d *door) sends(r *http.Request) answer {
	d.t.Helper()
	res, err := d.client.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return answer{d.t, r.Method + " " + r.URL.Path, res.StatusCode, res.Header, got}
}

// gives reads an answer of this status into v, if v is not nil.
func (a answer) gives(status int, v any) {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: got %d %s, want %d", a.what, a.status, a.body, status)
	}
	if v != nil {
		if err := json.Unmarshal(a.body, v); err != nil {
			a.t.Fatalf("%s: %v in %s", a.what, err, a.body)
		}
	}
}

// refuses expects a problem of this status that names the field, if there is one.
func (a answer) refuses(status int, field string) {
	a.t.Helper()
	var p api.Problem
	a.gives(status, &p)
	if got := given(p.Field); got != field {
		a.t.Errorf("%s: the refusal names %q, want %q: %s", a.what, got, field, a.body)
	}
}

// order is what the ward asks for.
func order(units int) api.NewRequest { return askedView(desktest.Order(units)) }

// submits stores a request of the ward's and has the dispatcher plan it.
func (d *door) submits(o api.NewRequest) api.Request {
	d.t.Helper()
	var r api.Request
	d.as(desktest.Ward).asks("POST", "/requests", o, "Idempotency-Key", fmt.Sprintf("key-%08d", d.Serial())).gives(http.StatusCreated, &r)
	d.plans()
	return r
}

func (d *door) plans() {
	d.t.Helper()
	if err := d.PlanOnce(context.Background(), d.Now()); err != nil {
		d.t.Fatal(err)
	}
}

// step does a step of a delivery as a person.
func (p person) step(id string, s api.StepScan) api.Delivery {
	p.t.Helper()
	var d api.Delivery
	p.asks("POST", "/deliveries/"+id+"/steps", s).gives(http.StatusOK, &d)
	return d
}

// loads brings a request's delivery to loaded: two people, each step over HTTP.
func (d *door) loads(request string) api.Delivery {
	d.t.Helper()
	anna, bert := d.as(desktest.Anna), d.as(desktest.Bert)
	var del api.Delivery
	anna.asks("POST", "/requests/"+request+"/accept", api.Accept{}).gives(http.StatusCreated, &del)
	bert.step(del.Id, api.StepScan{Step: "check"})
	for _, u := range del.Units {
		anna.step(del.Id, api.StepScan{Step: "pack", Unit: &u.Key})
	}
	anna.step(del.Id, api.StepScan{Step: "seal", Seal: some("SL-1")})
	del = anna.step(del.Id, api.StepScan{Step: "load", Box: &del.Boxes[0].Id})
	d.Cools()
	return del
}

// stored is a delivery as the record has it.
func (d *door) stored(id string) delivery.Delivery {
	d.t.Helper()
	rec, err := d.Boards.Delivery(context.Background(), delivery.ID(id))
	if err != nil {
		d.t.Fatal(err)
	}
	return rec.Delivery
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
