package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"hemolift/dispatch/propose"
	"hemolift/web/api"
)

// served is a delivery of a person's order, as far as the ground crew's part goes before the
// ward's.
func served(t *testing.T, p *process, ward string, o api.NewRequest) api.Delivery {
	t.Helper()
	return brought(t, p, ward, o, api.DeliveryStatusLanded)
}

// brought is a delivery of a person's order that people bring to a status.
func brought(t *testing.T, p *process, ward string, o api.NewRequest, to api.DeliveryStatus) (d api.Delivery) {
	t.Helper()
	ctx, crew := context.Background(), groundCrew{}
	var r api.Request
	if err := p.as(ward).call(ctx, "POST", "/requests", o, &r, "Idempotency-Key", "served-00001"); err != nil {
		t.Fatal(err)
	}
	eventually(t, time.Minute, "it is allocated", func() bool {
		return p.as("li.jing").call(ctx, "POST", "/requests/"+r.Id+"/accept", api.Accept{}, &d) == nil
	})
	eventually(t, flightWithin, "it is "+string(to), func() bool {
		if err := ops(p).call(ctx, "GET", "/deliveries/"+d.Id, nil, &d); err != nil {
			t.Fatal(err)
		}
		if d.Status == to {
			return true
		}
		if login, scan, due := crew.next(ctx, d); due {
			person := map[string]string{crewA: "li.jing", crewB: "wang.lei"}[login]
			if err := p.as(person).call(ctx, "POST", "/deliveries/"+d.Id+"/steps", scan, nil); err != nil {
				t.Log(err) // it is tried again
			}
		}
		return false
	})
	return d
}

// says has a person say that a pad is clear, and that somebody is there.
func (w *person) says(side string) {
	w.t.Helper()
	for _, box := range []string{"1", "2"} {
		w.click(`form.handshake label.check:nth-of-type(` + box + `) input`)
	}
	w.click(`form.handshake button.primary`)
	w.see(`[data-handshake=spoken]`)
}

// alarmCame holds that there was an alarm of a kind, whether it stands or not.
func alarmCame(t *testing.T, p *process, kind string) {
	t.Helper()
	var events []api.Event
	if err := ops(p).call(context.Background(), "GET", "/events?limit=1000", nil, &events); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(events, func(e api.Event) bool {
		return e.Kind == "alarm" && e.Detail["what"] == "raised" && e.Detail["kind"] == kind
	}) {
		t.Errorf("no alarm %s came", kind)
	}
}

// TestAWardSpeaksForItsPad: it says that its pad is clear, takes that back, and the drone
// holds before the pad; the dispatcher sees it, and whom to telephone. Told again, it lands.
func TestAWardSpeaksForItsPad(t *testing.T) {
	t.Parallel()
	policy := filepath.Join(t.TempDir(), "policy.csv")
	text := strings.Replace(propose.PolicyText(), "pad_clear,stat,no", "pad_clear,stat,descent", 1)
	if err := os.WriteFile(policy, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startDemo(t, dataDir(t), "-speed", "12", "-requests-per-hour", "0", "-policy", policy)
	ward := signIn(t, p, "liu.yang", 390, 844)
	d := brought(t, p, "liu.yang", api.NewRequest{ // near, so that the drone can wait for long
		Hospital: "LNPH", Pad: "LNPH-P1", Component: "red_cells", BloodGroup: "A+", Units: 1, Urgency: api.Stat,
		NeededBy: demoNow(t, p).Add(2 * time.Hour),
	}, api.DeliveryStatusLoaded)
	ward.click(`.due[data-due=padWord]`)
	ward.see(`form.handshake[data-handshake=wanted]`)
	ward.accessible("a pad to be confirmed", "light", "dark")
	ward.whole("a pad to be confirmed", 320, 390, 1440)
	ward.shoot("ward-pad-wanted")
	ward.says("ward")
	ward.click(`section.handshake button.plain`)
	ward.run("say why not", chromedp.SendKeys(`section.handshake input[name=note]`, "an ambulance stands there\r", chromedp.ByQuery))
	ward.see(`form.handshake[data-handshake=wanted]`)

	desk := signIn(t, p, "li.jing", 1440, 900)
	desk.run("to the delivery", chromedp.Navigate(p.url+"/live/"+d.Id))
	desk.see(`.panel form.handshake`)
	desk.run("say who was told", chromedp.Poll(`/Liu Yang|刘洋/.test(document.querySelector(".panel form.handshake")?.innerText)`, nil))
	desk.accessible("a pad to be confirmed", "dark")
	desk.see(`.panel form.handshake.waits`) // it holds
	ward.says("ward")
	desk.shoot("desk-pad-waits")
	ward.see(`form.ground[data-step=compare_seal]`)
	alarmCame(t, p, "pad_unready")
	var custody string
	desk.eval(`document.querySelector(".panel .custody").textContent`, &custody)
	if !strings.Contains(custody, "pad_clear") || !strings.Contains(custody, "pad_taken") {
		t.Errorf("the custody record says %q", custody)
	}
}
