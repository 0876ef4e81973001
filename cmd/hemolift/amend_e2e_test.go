package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"hemolift/web/api"
)

// A ward amends what it asked for, on a phone: what somebody else changed meanwhile is not
// written over, what is left as it was changes nothing, and what is cancelled is found again
// among all the requests of the hospital.
func TestARequestIsAmendedAndFoundAgain(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	ctx, ward := context.Background(), p.as("zhang.min")
	w := signIn(t, p, "zhang.min", 390, 844)
	w.taps("red_cells", "A+")
	w.see(`.tracking`)
	var id string
	w.eval(`document.querySelector(".tracking").dataset.tracking`, &id)
	now := func() (r api.Request) {
		t.Helper()
		if err := ward.call(ctx, "GET", "/requests/"+id, nil, &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := now()

	amends := func(press string) {
		t.Helper()
		w.click(`.tracking [data-amend]`)
		w.see(`dialog.request form`)
		w.run("choose", chromedp.Evaluate(fmt.Sprintf(`document.querySelectorAll("dialog.request "+%q).forEach(e => e.click())`, press), nil))
	}
	amends(`.stepper button:last-child`)
	w.accessible("amend", "light", "dark")
	w.whole("amend", 320, 390, 1440)
	w.shoot("amend")
	w.click(`dialog.request footer button.primary`)
	w.run("it is amended", chromedp.WaitNotPresent(`dialog.request`, chromedp.ByQuery))
	if r := now(); r.Order.Units != first.Order.Units+1 || r.Version != first.Version+1 || !r.Order.NeededBy.Equal(first.Order.NeededBy) {
		t.Fatalf("amended from %+v to %+v", first, r)
	}
	amends(`nothing`)
	w.click(`dialog.request footer button.primary`)
	w.run("it is as it was", chromedp.WaitNotPresent(`dialog.request`, chromedp.ByQuery))
	if r := now(); r.Version != first.Version+1 {
		t.Errorf("what is as it was became version %d", r.Version)
	}

	amends(`input[value=urgent]`)
	o := now().Order
	o.Units = 7
	if err := ward.call(ctx, "PUT", "/requests/"+id, o, nil); err != nil {
		t.Fatal(err)
	}
	w.click(`dialog.request footer button.primary`)
	w.see(`dialog.request .refusal`)
	if r := now(); r.Order.Units != 7 || r.Order.Urgency != api.Stat {
		t.Errorf("written over: %+v", r.Order)
	}
	w.key("\u001b")
	w.run("the dialog closes", chromedp.WaitNotPresent(`dialog.request`, chromedp.ByQuery))

	w.run("open", chromedp.Evaluate(`document.querySelector("details.cancel").open = true`, nil),
		chromedp.SendKeys(`details.cancel input`, "not needed", chromedp.ByQuery))
	w.click(`details.cancel button`)
	w.see(`.tracking[data-status=cancelled]`)

	// A page is 25 requests; this is the oldest of 27.
	for i := range 26 {
		o := first.Order
		o.NeededBy, o.Urgency = o.NeededBy.Add(time.Hour), api.Routine
		if i%2 == 0 {
			o.BloodGroup = "O-"
		}
		if err := ward.call(ctx, "POST", "/requests", o, nil, "Idempotency-Key", fmt.Sprintf("past-%05d", i)); err != nil {
			t.Fatal(err)
		}
	}
	w.click(`.tracking .back`)
	w.run("all have come", chromedp.Poll(`document.querySelectorAll("[data-request]").length === 26`, nil))
	w.click(`details.past summary`)
	rows := func() (n int) {
		w.eval(`document.querySelectorAll("[data-past]").length`, &n)
		return n
	}
	eventually(t, time.Minute, "a page is shown", func() bool { return rows() == 25 })
	w.accessible("past", "light", "dark")
	w.whole("past", 320, 390, 1440)
	w.shoot("past")
	w.click(`[data-older]`)
	eventually(t, time.Minute, "the next page too", func() bool { return rows() == 27 })
	w.run("filter", chromedp.SetValue(`details.past select[name=status]`, "cancelled", chromedp.ByQuery),
		chromedp.Evaluate(`document.querySelector("details.past select[name=status]").dispatchEvent(new Event("change", {bubbles: true}))`, nil))
	eventually(t, time.Minute, "one is cancelled", func() bool { return rows() == 1 })
	w.click(fmt.Sprintf(`[data-past=%q]`, id))
	w.see(fmt.Sprintf(`.tracking[data-tracking=%q][data-status=cancelled]`, id))
	if len(w.bad) > 0 {
		t.Error(w.bad)
	}
}
