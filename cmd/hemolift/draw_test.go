package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"hemolift/web/api"
)

// TestAZoneIsDrawnOnTheMap closes airspace with the drawing tool and opens it again,
// in Chromium.
func TestAZoneIsDrawnOnTheMap(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	w := signIn(t, p, "li.jing", 1440, 900, sliding)
	eventually(t, 30*time.Second, "the map is up", func() (up bool) {
		w.eval(`"hemoliftPositions" in window`, &up)
		return up
	})
	w.run("open the tool", chromedp.KeyEvent("z"))
	w.see(`[data-panel=zones]`)
	for i, at := range [][2]float64{{600, 300}, {700, 320}, {650, 400}} {
		w.run("corner", chromedp.MouseClickXY(at[0], at[1]))
		eventually(t, 10*time.Second, "the corner is counted", func() bool {
			var undo bool
			w.eval(`!document.querySelector("[data-panel=zones] .row button").disabled`, &undo)
			var closable bool
			w.eval(`!document.querySelector("[data-panel=zones] .row button:nth-child(2)").disabled`, &closable)
			return undo && closable == (i == 2)
		})
	}
	w.run("close the ring", chromedp.KeyEvent(kb.Enter))
	w.run("name", chromedp.SendKeys(`[data-panel=zones] input[maxlength]`, "Crane", chromedp.ByQuery))
	w.click(`[data-panel=zones] button.primary`)
	w.see(`[data-panel=zones] [data-touched="0"]`)
	w.see(`[data-panel=zones] li[data-zone]`)
	if got := drawnZones(t, p); len(got) != 1 || *got[0].DrawnBy != "li.jing" || got[0].NameEn != "Crane" {
		t.Fatalf("got %+v", got)
	}
	w.shoot("zone")

	w.focuses(`[data-panel=zones] li[data-zone] button.hold`)
	w.run(
		"open it again, held",
		input.DispatchKeyEvent(input.KeyDown).WithKey("Enter").WithCode("Enter"),
		chromedp.WaitNotPresent(`[data-panel=zones] li[data-zone]`, chromedp.ByQuery),
		input.DispatchKeyEvent(input.KeyUp).WithKey("Enter").WithCode("Enter"),
	)
	if got := drawnZones(t, p); len(got) != 0 {
		t.Errorf("still closed: %+v", got)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.bad) > 0 {
		t.Errorf("the browser complained: %v", w.bad)
	}
}

// Flight control sees what a zone touched, goes on to the flight, and opens the airspace again.
func TestAZoneSaysWhatItTouched(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-speed", "10", "-requests-per-hour", "20")
	tower := signIn(t, p, "sun.tao", 1440, 900)
	d := airborne(t, p)
	zone, _ := across(d)
	if err := p.as("li.jing").call(context.Background(), "POST", "/zones", zone, nil); err != nil {
		t.Fatal(err)
	}
	tower.click(`.kpis [data-zones]`)
	row := fmt.Sprintf(`//dialog//li[@data-zone]//li[@data-outcome="rerouted"]//button[contains(., %q)]`, d.Mission.Drone)
	tower.run("its outcome", chromedp.WaitVisible(row, chromedp.BySearch))
	tower.accessible("zones")
	tower.shoot("zones")
	tower.run("to the flight", chromedp.Click(row, chromedp.BySearch))
	tower.run("the list closes", chromedp.WaitNotPresent(`dialog.zones`, chromedp.ByQuery))
	tower.see(fmt.Sprintf(`[data-flight-panel=%s]`, d.Mission.Drone))
	tower.click(`.kpis [data-zones]`)
	tower.whole("zones", 320, 390)
	tower.holds(`dialog li[data-zone] button.hold`, `dialog .standing:not(:has(li[data-zone]))`)
	if got := drawnZones(t, p); len(got) != 0 {
		t.Errorf("still closed: %+v", got)
	}
	if len(tower.bad) > 0 {
		t.Error(tower.bad)
	}
}

func drawnZones(t *testing.T, p *process) (drawn []api.Zone) {
	t.Helper()
	var n api.Network
	if err := ops(p).call(context.Background(), "GET", "/network", nil, &n); err != nil {
		t.Fatal(fmt.Errorf("network: %w", err))
	}
	for _, z := range n.Zones {
		if z.DrawnBy != nil {
			drawn = append(drawn, z)
		}
	}
	return drawn
}
