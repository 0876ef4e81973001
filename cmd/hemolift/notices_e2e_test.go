package main

import (
	"context"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"

	"hemolift/web/api"
	"hemolift/web/notify/pushtest"
)

// TestNoticesReachAPhone: a ward chooses in its page of what it is told, its phone is told
// through a push service when a drone leaves, and its service worker shows that, over no page.
func TestNoticesReachAPhone(t *testing.T) {
	t.Parallel()
	phone := pushtest.New(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: phone.Server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startDemo(t, dataDir(t), "-speed", "20", "-requests-per-hour", "0",
		"-notify", "ops@example.org", "-notify-inside", "127.0.0.0/8", "-notify-ca", ca)
	ward := signIn(t, p, "zhang.min", 390, 844, ownChromium)
	worker := make(chan *serviceworker.Registration, 100)
	chromedp.ListenTarget(ward.ctx, func(ev any) {
		if e, ok := ev.(*serviceworker.EventWorkerRegistrationUpdated); ok {
			for _, r := range e.Registrations {
				worker <- r
			}
		}
	})
	ward.run("look at workers", serviceworker.Enable())
	ward.click(`.menu summary`)
	ward.click(`.menu [data-notices-of]`)
	ward.see(`dialog.told fieldset`)
	ward.everywhere("how one is told")
	ward.whole("how one is told", 320, 390, 1440)
	ward.click(`dialog.told label:nth-of-type(2) input`) // urgent ones too
	ward.run("it is chosen", chromedp.Poll(`document.querySelectorAll("dialog.told label input:checked").length === 2`, nil))
	ward.shoot("notices")
	ward.key("\u001b")

	zhang := p.as("zhang.min")
	ctx := context.Background()
	if err := zhang.call(ctx, "POST", "/notices/devices", api.NewNoticeDevice{
		Endpoint: phone.Server.URL + "/phone", P256dh: phone.P256DH, Auth: phone.Auth, Lang: "en",
	}, nil); err != nil {
		t.Fatal(err)
	}
	d := brought(t, p, "zhang.min", api.NewRequest{
		Hospital: "SY06", Pad: "SY06-P1", Component: "red_cells", BloodGroup: "A+", Units: 1, Urgency: api.Urgent,
		NeededBy: demoNow(t, p).Add(2 * time.Hour),
	}, api.DeliveryStatusAirborne)
	var came []byte
	select {
	case came = <-phone.Got:
	case <-time.After(time.Minute):
		t.Fatal("the phone is not told")
	}
	if !strings.Contains(string(came), d.Mission.Drone+" is on its way") || strings.Contains(string(came), "A+") {
		t.Errorf("it is told %s", came)
	}

	// The push service hands that to the browser.
	origin := p.url
	ward.run("allow notices", chromedp.ActionFunc(func(ctx context.Context) error {
		c := chromedp.FromContext(ctx)
		return cdpbrowser.GrantPermissions([]cdpbrowser.PermissionType{cdpbrowser.PermissionTypeNotifications}).WithOrigin(origin).
			Do(cdp.WithExecutor(ctx, c.Browser))
	}))
	ward.run("the worker is there", chromedp.Evaluate(`navigator.serviceWorker.ready.then(() => 0)`, nil, awaited))
	var registration *serviceworker.Registration
	select {
	case registration = <-worker:
	case <-time.After(time.Minute):
		t.Fatal("no service worker is registered")
	}
	ward.run("hand it over", serviceworker.DeliverPushMessage(origin+"/", registration.RegistrationID, string(came)))
	shown := `navigator.serviceWorker.ready.then(r => r.getNotifications()).then(l => l.map(n => n.title + ": " + n.body + " " + n.data).join())`
	eventually(t, time.Minute, "the notice is shown", func() bool {
		var text string
		ward.run("what is shown", chromedp.Evaluate(shown, &text, awaited))
		return strings.Contains(text, d.Mission.Drone+" is on its way") && strings.Contains(text, "/track/"+d.Id)
	})
	var n api.Notices
	eventually(t, time.Minute, "it is noted that the phone was reached", func() bool {
		if err := zhang.call(ctx, "GET", "/notices", nil, &n); err != nil {
			t.Fatal(err)
		}
		return len(n.Devices) == 1 && n.Devices[0].SentAt != nil
	})
}
