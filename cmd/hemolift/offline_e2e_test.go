package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// A hospital's page is loaded anew while there is no line: it comes up with what it knew last and
// how old that is, and with what is unsent; a request can be asked for; all is sent once, when
// there is a line. Nothing is left of it on the device when the person has signed out.
func TestThePageComesUpWithoutALine(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	l := newLine(t, p)
	p.url = l.url
	w := signIn(t, p, "zhang.min", 390, 844)
	var errors []*page.InstallabilityError
	w.run("installable", chromedp.ActionFunc(func(ctx context.Context) (err error) {
		errors, err = page.GetInstallabilityErrors().Do(ctx)
		return err
	}))
	for _, e := range errors {
		if e.ErrorID != "in-incognito" { // as every browser of a test is
			t.Errorf("not installable: %+v", e)
		}
	}
	w.taps("red_cells", "A+")
	w.see(`.tracking`)
	w.run("the shell is kept", chromedp.Evaluate(`navigator.serviceWorker.ready.then(r => new Promise(done => {
		const look = () => r.active?.state === "activated" && navigator.serviceWorker.controller ? done(0) : setTimeout(look, 50)
		look()
	}))`, nil, awaited))
	w.run("back to the form", chromedp.Navigate(l.url+"/"))
	w.see(`form.request`)
	l.turn(true, passes)
	w.taps("plasma", "B-")
	w.see(`[data-unsent][data-due=ready]`)

	w.run("load anew, without a line", chromedp.Reload())
	w.see(`[data-unsent][data-due=ready]`)
	w.see(`.banner.lost`)
	if age := w.text(`.banner.lost`); !strings.Contains(age, ":") {
		t.Errorf("how old it is: %q", age)
	}
	w.run("what it knew", chromedp.Poll(`document.querySelector(".phone-tabs button:nth-child(2)").innerText.includes("1")`, nil))
	w.accessible("offline", "light", "dark")
	w.whole("offline", 320, 390, 1440)
	w.taps("platelets", "O+")
	w.run("two are unsent", chromedp.Poll(`document.querySelectorAll("[data-unsent]").length === 2`, nil))
	var needed float64
	w.eval(`Math.min(...Object.keys(localStorage).filter(k => k.startsWith("unsent ")).map(k => (Date.parse(JSON.parse(localStorage[k]).order.needed_by) - JSON.parse(localStorage[k]).at) / 60000))`, &needed)
	if needed < 10 {
		t.Errorf("asked for without a line, for in %.0f min", needed)
	}

	l.turn(false, passes)
	w.run("both are sent", chromedp.WaitNotPresent(`[data-unsent]`, chromedp.ByQuery))
	w.run("the page is live", chromedp.WaitVisible(`[data-connection=live]`, chromedp.ByQuery))
	for _, is := range [][2]string{{"red_cells", "A+"}, {"plasma", "B-"}, {"platelets", "O+"}} {
		eventually(t, 20*time.Second, is[0]+" is there once", func() bool { return stored(t, p, "zhang.min", is[0], is[1]) == 1 })
	}
	var kept bool
	if w.eval(`localStorage.getItem("last known") !== null`, &kept); !kept {
		t.Error("nothing was kept of what the page knows")
	}
	l.turn(true, passes)
	w.run("the menu", chromedp.Evaluate(`document.querySelector("details.menu").open = true`, nil))
	w.click(`[data-sign-out]`)
	w.see(`details.menu .refusal`) // without a line nobody is signed out
	w.shoot("not-signed-out")
	l.turn(false, passes)
	w.run("the page goes on", chromedp.WaitVisible(`[data-connection=live]`, chromedp.ByQuery))
	w.click(`[data-sign-out]`)
	w.see(`input[name=password]`)
	if w.eval(`localStorage.getItem("last known") !== null`, &kept); kept {
		t.Error("what the page knew is still on the device of somebody who has signed out")
	}
}
