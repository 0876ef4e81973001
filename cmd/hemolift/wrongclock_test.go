package main

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"hemolift/web/api"
)

// wrongClock sets a computer's clock an hour ahead.
const wrongClock = `(() => {
	const ahead = 3_600_000, True = Date
	window.Date = class extends True {
		constructor(...of) { of.length > 0 ? super(...of) : super(True.now() + ahead) }
		static now() { return True.now() + ahead }
	}
})()`

// A computer whose clock is wrong by an hour shows the server's time, and what it asks for is
// needed when the server's clock says so.
func TestAComputersClockIsWrong(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	w := signIn(t, p, "zhang.min", 390, 844)
	w.run("turn the clock", chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(wrongClock).Do(ctx)
		return err
	}), chromedp.Reload())
	w.click(`.options.four label:nth-child(4)`)
	w.click(`.groups .options.two label:nth-child(1)`)
	w.click(`form.request footer button.primary`)
	w.see(`.tracking`)
	var b api.Board
	if err := ops(p).call(t.Context(), "GET", "/board", nil, &b); err != nil {
		t.Fatal(err)
	}
	if len(b.Requests) != 1 {
		t.Fatalf("got %d requests", len(b.Requests))
	}
	if left := b.Requests[0].Order.NeededBy.Sub(b.Now); left < 25*time.Minute || left > 30*time.Minute {
		t.Errorf("a request for in half an hour is needed in %v", left)
	}
	if len(w.bad) > 0 {
		t.Error(w.bad)
	}
}
