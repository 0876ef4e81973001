package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"hemolift/web/api"
)

// TestAGuestFollowsADelivery: a ward makes a link on its page, and a browser without an
// account follows the delivery by it; revoked, it shows nothing.
func TestAGuestFollowsADelivery(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-speed", "10", "-requests-per-hour", "0")
	ward := signIn(t, p, "zhang.min", 390, 844)
	d := brought(t, p, "zhang.min", api.NewRequest{
		Hospital: "SY06", Pad: "SY06-P1", Component: "red_cells", BloodGroup: "A+", Units: 1, Urgency: api.Stat,
		NeededBy: demoNow(t, p).Add(2 * time.Hour),
	}, api.DeliveryStatusAirborne)
	ward.run("to the delivery", chromedp.Navigate(p.url+"/track/"+d.Id))
	ward.click(`.guests summary`)
	ward.run("say whom it is for", chromedp.SendKeys(`.guests input[name=for]`, "the ambulance", chromedp.ByQuery))
	ward.click(`.guests form button`)
	ward.see(`.guests .copylink input`)
	ward.accessible("a link for a guest", "light", "dark")
	ward.whole("a link for a guest", 320, 390, 1440)
	var address string
	ward.eval(`document.querySelector(".guests .copylink input").value`, &address)
	if !strings.HasPrefix(address, p.url+"/guest#") {
		t.Fatalf("the link is %q", address)
	}

	guest := &person{t: t, ctx: browser(t, 390, 844), login: "guest", wide: 390, high: 844}
	guest.run("follow the link", chromedp.EmulateViewport(390, 844), chromedp.Navigate(address))
	guest.see(`.guest[data-stage=flying] progress`)
	for _, secret := range []string{d.Id, d.Request, d.Mission.Drone, d.Boxes[0].Id, "A+", d.Units[0].Key.Din, "Li Jing"} {
		if strings.Contains(guest.text(`main`), secret) {
			t.Errorf("a guest reads %q: %s", secret, guest.text(`main`))
		}
	}
	guest.accessible("a guest's page", "light", "dark")
	guest.whole("a guest's page", 320, 390, 1440)
	guest.shoot("guest")
	guest.reads("zh")
	guest.accessible("a guest's page, zh", "light")
	guest.shoot("guest-zh")
	guest.reads("en")

	if err := p.as("zhang.min").call(context.Background(), "POST", "/deliveries/"+d.Id+"/guests", api.NewGuestLink{For: "the theatre", Hours: 2}, nil); err != nil {
		t.Fatal(err)
	}
	ward.click(`.guests .link button`)
	ward.run("no link but the other", chromedp.Poll(`document.querySelectorAll(".guests .link").length === 1`, nil))
	guest.run("it shows nothing any more", chromedp.Poll(`/nothing any more/.test(document.querySelector("main.guest h1")?.innerText)`, nil))
	guest.accessible("a link that was revoked", "light")
}
