package notify

import (
	"context"
	"crypto/x509"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"
	"github.com/go-json-experiment/json"
	"github.com/prometheus/client_golang/prometheus"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/desktest"
	"hemolift/dispatch/network"
	"hemolift/dispatch/notice"
	"hemolift/migrations/pgtest"
	"hemolift/web/notify/pushtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestWhoMayBeCalled(t *testing.T) {
	inside := []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00:1::/32")}
	for address, may := range map[string]bool{
		"8.8.8.8:443": true, "[2606:4700::1111]:443": true, "10.1.2.3:443": true, "[fd00:1::9]:443": true, "[::ffff:10.1.2.3]:443": true,
		"10.2.2.3:443": false, "127.0.0.1:443": false, "[::1]:443": false, "169.254.169.254:80": false, "192.168.1.1:443": false,
		"172.16.0.1:443": false, "0.0.0.0:443": false, "100.64.1.1:443": false, "224.0.0.1:443": false, "255.255.255.255:443": false,
		"[::ffff:127.0.0.1]:443": false, "[::ffff:192.168.1.1]:443": false, "[fe80::1%eth0]:443": false, "[fd00:2::9]:443": false,
		"[64:ff9b::7f00:1]:443": false, "[2002:7f00:1::]:443": false, "nonsense": false, "[::7f00:1]:443": false, "[fec0::1]:443": false,
	} {
		if err := mayCall(address, inside); (err == nil) != may {
			t.Errorf("%s: %v, want %v", address, err, may)
		}
	}
}

// device is a phone as the record has it.
func device(p *pushtest.Phone, login, id string) notice.Device {
	return notice.Device{
		ID: id, Login: login, Endpoint: p.Server.URL + "/" + id, Lang: "en", MadeAt: desktest.T0, P256DH: p.P256DH, Auth: p.Auth,
	}
}

// understood is the next push that came to a phone.
func understood(t *testing.T, p *pushtest.Phone, what string) (m pushed) {
	t.Helper()
	if err := json.Unmarshal(receive(t, p.Got, what), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func created(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) }

// desk is the desk's with somebody who tells people outside the page.
type desk struct {
	*desktest.Desk
	t *testing.T
}

// telling runs a Sender that may call the test's own endpoints, unless inside is empty.
func telling(t *testing.T, inside string, servers ...*httptest.Server) *desk {
	t.Helper()
	d := &desk{desktest.New(t), t}
	private, public, err := d.DB.Notices.PushKey(context.Background(), webpush.GenerateVAPIDKeys)
	if err != nil {
		t.Fatal(err)
	}
	p := Parts{
		Feed: d.Feed, Boards: d.DB.Boards, Store: d.DB.Notices, Contact: "ops@example.org", Private: private, Public: public,
		Roots: x509.NewCertPool(), Now: d.Now, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)), Metrics: prometheus.NewRegistry(),
	}
	if inside != "" {
		p.Inside = append(p.Inside, netip.MustParsePrefix(inside))
	}
	for _, s := range servers {
		p.Roots.AddCert(s.Certificate())
	}
	if err := d.FeedOnce(context.Background()); err != nil { // what was before is not told
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	s := New(p)
	running.Go(func() { _ = s.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return d
}

// flies brings a STAT delivery of the ward's into the air, and tells of it.
func (d *desk) flies() delivery.Delivery {
	d.t.Helper()
	d.Stocks("A+", blood.RedCells, 1)
	del := d.Loads(d.Accepts(d.Submits(desktest.Order(1), "KEY-00001")), "KEY-00001")
	d.TakesOff(del)
	d.tells()
	return del
}

func (d *desk) tells() {
	d.t.Helper()
	if err := d.FeedOnce(context.Background()); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) adds(devices ...notice.Device) {
	d.t.Helper()
	for _, x := range devices {
		if err := d.DB.Notices.AddDevice(context.Background(), x); err != nil {
			d.t.Fatal(err)
		}
	}
}

func receive[T any](t *testing.T, from <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(time.Minute):
		t.Fatalf("%s does not come", what)
	}
	return v
}

// until waits for a device to be as it should.
func (d *desk) until(login, what string, fits func([]notice.Device) bool) {
	d.t.Helper()
	for end := time.Now().Add(time.Minute); ; {
		list, err := d.DB.Notices.Devices(context.Background(), login)
		if err != nil {
			d.t.Fatal(err)
		}
		if fits(list) {
			return
		}
		if time.Now().After(end) {
			d.t.Fatalf("%s: %+v", what, list)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func TestAWardsPhoneIsTold(t *testing.T) {
	t.Parallel()
	mine, others := pushtest.New(t, created), pushtest.New(t, created)
	d := telling(t, "127.0.0.0/8", mine.Server, others.Server)
	d.adds(device(mine, desktest.Ward.Login, "mine"), device(others, desktest.Other.Login, "others"))
	del := d.flies()
	got := understood(t, mine, "that it is on its way")
	if !strings.Contains(got.Body, string(del.Drone)+" is on its way") || got.Path != "/track/"+string(del.ID) || !got.Loud {
		t.Errorf("told %+v", got)
	}
	for _, secret := range []string{"A+", del.Units[0].Unit.Key.DIN, desktest.Anna.Login} {
		if strings.Contains(got.Body+got.Title, secret) {
			t.Errorf("%+v tells %s", got, secret)
		}
	}
	d.Reaches(del)
	d.FliesOnce()
	d.until(desktest.Ward.Login, "it is noted that the phone was reached", func(l []notice.Device) bool { return len(l) == 1 && !l[0].SentAt.IsZero() })
	if len(others.Got) != 0 {
		t.Error("another hospital's phone is told")
	}
}

func TestWhoWishesNoNoticeGetsNone(t *testing.T) {
	t.Parallel()
	quiet, loud := pushtest.New(t, created), pushtest.New(t, created)
	d := telling(t, "127.0.0.0/8", quiet.Server, loud.Server)
	second := desktest.Ward
	second.Login = "ward.second"
	d.Signs(second, "")
	d.adds(device(quiet, desktest.Ward.Login, "quiet"), device(loud, second.Login, "loud"))
	if err := d.DB.Notices.Wish(context.Background(), desktest.Ward.Login, []delivery.Urgency{delivery.Urgent}); err != nil {
		t.Fatal(err)
	}
	d.flies()
	receive(t, loud.Got, "a notice of STAT")
	if len(quiet.Got) != 0 {
		t.Error("who chose urgent ones alone is told of a STAT one")
	}
}

// An address that never answers keeps nobody waiting, one that its service knows no more is
// forgotten, and one within the network is not called.
func TestAddressesThatAreOfNoUse(t *testing.T) {
	t.Parallel()
	hangs := make(chan struct{})
	silent := pushtest.New(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hangs:
		case <-r.Context().Done():
		}
	})
	gone := pushtest.New(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	fine := pushtest.New(t, created)
	d := telling(t, "127.0.0.0/8", silent.Server, gone.Server, fine.Server)
	t.Cleanup(func() { close(hangs) })
	d.adds(device(silent, desktest.Ward.Login, "a-silent"), device(gone, desktest.Ward.Login, "b-gone"), device(fine, desktest.Ward.Login, "c-fine"))
	d.flies()
	receive(t, silent.Got, "a push for the silent one")
	receive(t, fine.Got, "a push for the other one")
	d.until(desktest.Ward.Login, "the one that is gone is forgotten", func(l []notice.Device) bool {
		known := map[string]bool{}
		for _, x := range l {
			known[x.ID] = true
		}
		return known["a-silent"] && known["c-fine"] && !known["b-gone"]
	})

	within := pushtest.New(t, created)
	d = telling(t, "", within.Server)
	d.adds(device(within, desktest.Ward.Login, "within"))
	d.flies()
	d.until(desktest.Ward.Login, "the failure is counted", func(l []notice.Device) bool { return len(l) == 1 && l[0].Failures == 1 })
	if len(within.Got) != 0 {
		t.Error("an address within the network was called")
	}
}

func TestAHospitalsWebhookIsCalled(t *testing.T) {
	t.Parallel()
	type came struct {
		signature string
		body      []byte
	}
	calls := make(chan came, 10)
	pager := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		calls <- came{r.Header.Get("Hemolift-Signature"), body}
	}))
	t.Cleanup(pager.Close)
	d := telling(t, "127.0.0.0/8", pager)
	d.Signs(network.Actor{Login: "root", Role: network.RoleAdmin}, "")
	hook := notice.Webhook{Site: desktest.Ward.Site, URL: pager.URL + "/page", Secret: "a secret", SetBy: "root", SetAt: desktest.T0}
	if err := d.DB.Notices.SetWebhook(context.Background(), hook); err != nil {
		t.Fatal(err)
	}
	del := d.flies()
	c := receive(t, calls, "the call")
	var got called
	if err := json.Unmarshal(c.body, &got); err != nil || c.signature != Sign("a secret", c.body) {
		t.Fatalf("called with %q, %s: %v", c.signature, c.body, err)
	}
	if got.Kind != notice.OnItsWay || got.Delivery != del.ID || got.Site != desktest.Ward.Site || got.Urgency != delivery.STAT || got.Text["zh"] == "" {
		t.Errorf("called with %+v", got)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := pushtest.New(t, created)
	sends := pushtest.New(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.Server.URL+"/x", http.StatusTemporaryRedirect)
	})
	d := telling(t, "127.0.0.0/8", sends.Server, elsewhere.Server)
	d.adds(device(sends, desktest.Ward.Login, "sends"))
	d.flies()
	receive(t, sends.Got, "a push")
	d.until(desktest.Ward.Login, "the failure is counted", func(l []notice.Device) bool { return len(l) == 1 && l[0].Failures == 1 })
	if len(elsewhere.Got) != 0 {
		t.Error("it was followed")
	}
}
