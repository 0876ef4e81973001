package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/paulmach/orb"

	"hemolift/web/api"
)

// key presses a key, as a person does whose hands stay on the keyboard.
func (w *person) key(k string) {
	w.t.Helper()
	w.run("press "+k, chromedp.KeyEvent(k))
}

// holds keeps Enter down on a button until something shows.
func (w *person) holds(button, until string) {
	w.t.Helper()
	enter := func(kind input.KeyType) chromedp.Action {
		return input.DispatchKeyEvent(kind).WithKey("Enter").WithCode("Enter").WithWindowsVirtualKeyCode(13)
	}
	w.focuses(button)
	w.run("hold "+button,
		enter(input.KeyRawDown), chromedp.WaitVisible(until, chromedp.ByQuery), enter(input.KeyUp))
}

// focuses gives an element the focus as soon as it can have it: what needs the line is off while a busy
// machine's page has lost it.
func (w *person) focuses(selector string) {
	w.t.Helper()
	w.run("focus "+selector, chromedp.Poll(fmt.Sprintf(`(() => {
		const e = document.querySelector(%q)
		e?.focus()
		return e !== null && document.activeElement === e
	})()`, selector), nil))
}

// records keeps, in the page, every state that an alarm's row is shown in from now on: a state
// that lasts some seconds is not missed by a busy machine.
func (w *person) records(row string) {
	w.t.Helper()
	w.eval(fmt.Sprintf(`(() => {
		window.states = []
		const look = () => {
			const state = document.querySelector(%q)?.dataset.state
			if (state !== undefined && state !== window.states.at(-1)) window.states.push(state)
		}
		look()
		new MutationObserver(look).observe(document.body, {subtree: true, childList: true, attributes: true, attributeFilter: ["data-state"]})
	})()`, row), nil)
}

// text is what an element shows, empty without one.
func (w *person) text(selector string) string {
	w.t.Helper()
	var s string
	w.eval(fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ""`, selector), &s)
	return s
}

// axeRules are those of WCAG 2.2 A and AA, and what screen readers need of a page's parts;
// axeContrast what depends on the theme, and axeWords what does not.
const (
	axeRules    = `{resultTypes: ["violations"], runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}`
	axeContrast = `{resultTypes: ["violations"], runOnly: {type: "rule", values: ["color-contrast"]}}`
	axeWords    = `{resultTypes: ["violations"], runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
		rules: {"color-contrast": {enabled: false}}}`
)

// awaited has an expression's promise be waited for.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// accessible holds what a page shows now against axe-core, in one theme, and its contrasts in
// others.
func (w *person) accessible(state string, themes ...string) {
	w.t.Helper()
	for i, theme := range themes {
		rules := axeRules
		if i > 0 {
			rules = axeContrast
		}
		w.axe(state, theme, rules)
	}
}

// axe holds what a page shows now, in a theme, against rules of axe-core.
func (w *person) axe(state, theme, rules string) {
	w.t.Helper()
	var there bool
	if w.run("axe", chromedp.Evaluate(`"axe" in window`, &there)); !there {
		script, err := os.ReadFile("../../web/ui/node_modules/axe-core/axe.min.js")
		if err != nil {
			w.t.Fatalf("axe-core is missing; run make ui: %v", err)
		}
		w.run("axe", chromedp.Evaluate(string(script)+"; 0", nil))
	}
	var found []string
	w.run("axe", chromedp.Evaluate(fmt.Sprintf(`(async () => {
		const was = document.documentElement.dataset.theme
		document.documentElement.dataset.theme = %q
		await new Promise(requestAnimationFrame)
		const {violations} = await axe.run(document, %s)
		document.documentElement.dataset.theme = was
		return violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target + ": " + n.failureSummary))
	})()`, theme, rules), &found, awaited))
	for _, f := range found {
		w.t.Errorf("%s, %s: %s", state, theme, f)
	}
}

// everywhere holds a state of a page against axe-core in each theme and language, and leaves it
// in English. Contrasts are those of a theme whatever the language, and words those of a language
// whatever the theme.
func (w *person) everywhere(state string) {
	w.t.Helper()
	w.reads("zh")
	w.accessible(state+", zh", "light", "dark")
	w.reads("en")
	w.axe(state+", en", "light", axeWords)
}

// reads chooses the page's language, zh or en, and waits until it is shown.
func (w *person) reads(lang string) {
	w.t.Helper()
	button := map[string]string{"zh": "first", "en": "last"}[lang]
	w.run("in "+lang, chromedp.Evaluate(fmt.Sprintf(`document.querySelector(".switch button:%s-child").click()`, button), nil),
		chromedp.Poll(fmt.Sprintf(`document.documentElement.lang.startsWith(%q)`, lang), nil))
}

// airborne waits for a delivery in the air that has a long way to go.
func airborne(t *testing.T, p *process) (d api.Delivery) {
	t.Helper()
	eventually(t, flightWithin, "a delivery with a long way to go is in the air", func() bool {
		var b api.Board
		if err := ops(p).call(context.Background(), "GET", "/board", nil, &b); err != nil {
			t.Fatal(err)
		}
		for _, x := range b.Deliveries {
			if x.Status == api.DeliveryStatusAirborne && x.Mission.ArriveAt.Sub(b.Now) > 8*time.Minute && x.Boxes[0].Profile.HighC != nil {
				d = x
				return true
			}
		}
		return false
	})
	return d
}

// A flight controller works by keyboard: finds a flight, holds its drone, sees its box warm
// and get worse, has seen it; two people of two roles silence the alarm, and it is heard again
// when its shelf runs out; the drone goes on. Every place shows the same.
func TestFlightControl(t *testing.T) {
	p := startDemo(t, dataDir(t), "-speed", "20", "-requests-per-hour", "20")
	tower := signIn(t, p, "sun.tao", 1440, 900)
	desk := signIn(t, p, "li.jing", 1440, 900)
	tower.see(`.control .strip`)
	d := airborne(t, p)
	drone, box := d.Mission.Drone, d.Boxes[0].Id
	strip := fmt.Sprintf(`.strip button[data-flight=%s]`, drone)
	tower.see(strip)
	eventually(t, time.Minute, "J comes to the flight", func() bool {
		var at string
		tower.eval(`document.querySelector("[data-flight-panel]")?.dataset.flightPanel ?? ""`, &at)
		if at == drone {
			return true
		}
		tower.key("j")
		return false
	})
	tower.see(`.flight-charts [data-chart=battery] canvas`)

	// The flight is theirs.
	tower.focuses(`.watch [data-take]`)
	tower.key("\r")
	tower.see(`.watch[data-watch="sun.tao"]`)
	eventually(t, 30*time.Second, "the strip says whose it is, and the page who is on shift", func() bool {
		return strings.Contains(tower.text(strip), "Sun Tao") && strings.HasPrefix(strings.TrimSpace(tower.text(`.kpis .shift`)), "1")
	})

	// The drone is held: it hovers, and nobody is told when it arrives.
	tower.holds(`.control-flight footer .hold:first-of-type`, `.control-flight footer .told`)
	tower.see(strip + `[data-doing=hovers]`)
	eventually(t, 30*time.Second, "the page says that the drone confirmed", func() bool {
		return strings.Contains(tower.text(`.control-flight footer .told`), "confirmed hold after")
	})
	if eta := tower.text(strip + " .lands"); strings.TrimSpace(eta) != "—" {
		t.Errorf("a drone that hovers arrives in %q", eta)
	}
	queue := fmt.Sprintf(`li[data-delivery=%q] .body`, d.Id)
	eventually(t, 30*time.Second, "the queue says that it hovers, and no time", func() bool {
		said := desk.text(queue)
		return strings.Contains(said, "hovers") && strings.Contains(said, "—")
	})
	tower.shoot("hovers")
	// The box warms: strip, card, list and banner say so, and follow as it gets worse.
	says := playBox(t, p, box)
	says(12_000)
	card := fmt.Sprintf(`[data-flight-panel=%s] .alarm-card[data-alarm=temp_excursion]`, drone)
	row := fmt.Sprintf(`.control-main [data-alarm=temp_excursion][data-device=%s]`, box)
	banner := fmt.Sprintf(`.banner[data-alarm=temp_excursion][data-device=%s]`, box)
	tower.see(card)
	tower.see(row)
	desk.see(banner)
	says(13_400)
	begun := time.Now()
	eventually(t, 30*time.Second, "every place shows 13.4 °C", func() bool {
		places := []string{tower.text(strip + " .boxtemp"), tower.text(card), tower.text(row), desk.text(banner)}
		for _, said := range places {
			if !strings.Contains(said, "13.4") {
				return false
			}
		}
		return true
	})
	t.Logf("every place followed within %v of the box's report", time.Since(begun).Round(100*time.Millisecond))
	tower.shoot("control")
	tower.reads("zh")
	tower.shoot("control-zh")
	tower.reads("en")

	// It has been seen, on both screens.
	tower.focuses(row + " .what")
	tower.key("a")
	tower.see(row + `[data-state=acknowledged]`)
	desk.run("the banner goes", chromedp.WaitNotPresent(banner, chromedp.ByQuery))

	desk.click(`.banners .more`)
	desk.see(`dialog.alarms li`)

	tower.records(row)
	desk.records(fmt.Sprintf(`dialog.alarms li[data-alarm=temp_excursion][data-device=%s]`, box))

	// Flight control asks that it be silent; the desk confirms; it is heard again at its end.
	tower.focuses(row + " .what")
	tower.key("s")
	tower.see(`dialog.shelf input[maxlength]`)
	tower.key("a") // in a field, a key is text
	tower.key(" probe is being changed")
	tower.click(`dialog.shelf .choice:nth-of-type(1) input`)
	tower.shoot("shelf")
	tower.accessible("shelf", "light")
	tower.key("\r")
	tower.run("the dialog closes", chromedp.WaitNotPresent(`dialog.shelf`, chromedp.ByQuery))
	if state := tower.text(row); !strings.Contains(state, "Sun Tao asks to shelve it") {
		t.Errorf("asked for, the row says %q", state)
	}
	listed := fmt.Sprintf(`dialog.alarms li[data-alarm=temp_excursion][data-device=%s]`, box)
	desk.run("the row says that it is asked for",
		chromedp.Poll(fmt.Sprintf(`/asks to shelve it/.test(document.querySelector(%q)?.innerText)`, listed), nil))
	desk.focuses(listed + " .what")
	desk.key("s")
	desk.see(`dialog.shelf blockquote`)
	desk.click(`dialog.shelf button.primary`)
	for _, w := range []*person{tower, desk} {
		eventually(t, 90*time.Second, "the alarm was shelved, and is heard again five minutes later", func() bool {
			var states []string
			w.eval(`window.states`, &states)
			shelved := slices.Index(states, "shelved")
			return shelved >= 0 && slices.Contains(states[shelved:], "unacknowledged")
		})
	}

	tower.holds(`.control-flight footer .hold:first-of-type`, strip+`:not([data-doing=hovers])`)

	// Whatever is shown twice is the same, on both pages.
	desk.key("\u001b")
	desk.run("the flight", chromedp.WaitNotPresent(`dialog[open]`, chromedp.ByQuery),
		chromedp.Evaluate(fmt.Sprintf(`document.querySelector('li[data-delivery=%q] .body').click()`, d.Id), nil))
	desk.see(`aside.panel .temp`)
	desk.agrees(50)
	tower.agrees(50)

	// It is offered to the next shift.
	tower.focuses(`.watch [data-offer]`)
	tower.key("\r")
	tower.see(`.watch [data-keep]`)
	tower.shoot("offered")

	for _, w := range []*person{tower, desk} {
		if len(w.bad) > 0 {
			t.Errorf("%s: %v", w.login, w.bad)
		}
	}
}

// A flight controller takes a flight by keyboard, sees it leave its path, holds it, diverts it to
// an alternate pad and hands it over; two persons have it land where it is. Every place says so.
func TestAFlightIsDiverted(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-speed", "5", "-requests-per-hour", "20")
	tower := signIn(t, p, "sun.tao", 1440, 900)
	d := airborne(t, p)
	drone := d.Mission.Drone
	flown := fly(t, p, d)
	desk := signIn(t, p, map[string]string{"SYBC": "li.jing", "SYN2": "zhao.min"}[d.Centre], 1440, 900)
	strip := fmt.Sprintf(`.strip button[data-flight=%s]`, drone)
	tower.see(strip)
	eventually(t, time.Minute, "J comes to the flight", func() bool {
		tower.key("j")
		var at string
		tower.eval(`document.querySelector("[data-flight-panel]")?.dataset.flightPanel ?? ""`, &at)
		return at == drone
	})
	tower.focuses(`.watch [data-take]`)
	tower.key("\r")
	tower.see(`.watch[data-watch="sun.tao"]`)

	// It leaves its path: the strip and an alarm say so.
	goal := d.Mission.Out[len(d.Mission.Out)-1]
	flown.strays(orb.Point{goal[0], goal[1]}, 220) // less than what has it be led back
	tower.see(strip + ` .aside.warn`)
	tower.see(fmt.Sprintf(`[data-flight-panel=%s] .alarm-card[data-alarm=off_route]`, drone))
	tower.holds(`.control-flight footer .hold:first-of-type`, strip+`[data-doing=hovers]`)

	// It is sent to another pad, with what it keeps there.
	pad := `.control-flight .alternates input:not(:disabled)`
	tower.focuses(pad)
	tower.key(" ")
	tower.shoot("alternates")
	tower.holds(`.control-flight .alternates .hold`, `.control-flight [data-diverted]`)
	tower.see(strip + `[data-doing=alternate]`)
	eventually(t, 30*time.Second, "the drone has answered, and the desk is told", func() bool {
		return strings.Contains(tower.text(`.control-flight [data-diverted]`), "confirmed divert after") &&
			strings.Contains(desk.text(fmt.Sprintf(`li[data-delivery=%q] .body`, d.Id)), "alternate pad")
	})
	tower.shoot("diverted")
	tower.accessible("diverted", "light")
	var now api.Delivery
	if err := ops(p).call(context.Background(), "GET", "/deliveries/"+d.Id, nil, &now); err != nil {
		t.Fatal(err)
	}
	if now.Mission.Hospital == d.Hospital || now.Mission.Pad == d.Mission.Pad {
		t.Errorf("it flies to %s, %s", now.Mission.Hospital, now.Mission.Pad)
	}

	tower.focuses(`.watch [data-offer]`)
	tower.key("\r")
	tower.see(`.watch [data-keep]`)

	// One asks that it land where it is, another one confirms before that is void.
	desk.run("to the flight", chromedp.Evaluate(fmt.Sprintf(`document.querySelector('li[data-delivery=%q] button').click()`, d.Id), nil))
	desk.see(`aside.panel footer .hold`)
	tower.focuses(`.last-resort summary`)
	tower.key("\r")
	tower.holds(`.last-resort .hold`, `.control-flight [data-land-asked="sun.tao"]`)
	confirm := `aside.panel footer .hold:last-of-type`
	desk.see(`aside.panel [data-land-asked="sun.tao"]`)
	desk.holds(confirm, `aside.panel footer:not(:has([data-land-asked]))`)
	tower.see(strip + `[data-doing=lands]`)
	if eta := strings.TrimSpace(tower.text(strip + " .lands")); eta != "—" {
		t.Errorf("one that comes down where it is arrives in %q", eta)
	}
	flown.touches()
	eventually(t, 30*time.Second, "everybody is told that it is down elsewhere", func() bool {
		return strings.Contains(desk.text(fmt.Sprintf(`li[data-delivery=%q] .body`, d.Id)), "down elsewhere") &&
			strings.Contains(tower.text(`.control-main [data-alarm=down_elsewhere]`), drone)
	})
	tower.shoot("down-elsewhere")
	desk.shoot("down-elsewhere")
	for _, w := range []*person{tower, desk} {
		if len(w.bad) > 0 {
			t.Errorf("%s: %v", w.login, w.bad)
		}
	}
}

// A dispatcher sends another drone than the proposed one, by keyboard.
func TestAnotherDroneIsAllocated(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-speed", "1", "-requests-per-hour", "0")
	var r api.Request
	order := api.NewRequest{
		Hospital: "HNDH", Pad: "HNDH-P1", Component: "red_cells", BloodGroup: "A+", Units: 1, Urgency: "urgent",
		NeededBy: demoNow(t, p).Add(2 * time.Hour), // near the centre: flown in any wind of the demonstration
	}
	if err := p.as("li.jing").call(context.Background(), "POST", "/requests", order, &r, "Idempotency-Key", "another-drone"); err != nil {
		t.Fatal(err)
	}
	desk := signIn(t, p, "li.jing", 1440, 900)
	desk.see(fmt.Sprintf(`li[data-request=%q]`, r.Id))
	desk.key("j")
	desk.see(`aside.panel footer button.primary`)
	var at string
	desk.eval(`location.pathname`, &at)
	if at != "/live/"+r.Id {
		t.Errorf("the address is %s", at)
	}
	desk.run("why not", chromedp.Evaluate(`document.querySelectorAll("aside.panel details").forEach(d => d.open = true)`, nil))
	desk.see(`aside.panel [data-other]`)
	var other string
	desk.eval(`document.querySelector("aside.panel [data-other]").dataset.other`, &other)
	desk.shoot("others")
	desk.accessible("a proposal", "light")
	for _, tab := range []string{"requests", "cold"} {
		desk.click(fmt.Sprintf(`.top nav a[href="/%s"]`, tab))
		desk.see(fmt.Sprintf(`.top nav a[href="/%s"][aria-current=page]`, tab))
	}
	desk.run("back", chromedp.NavigateBack(), chromedp.NavigateBack())
	desk.run("why not", chromedp.WaitVisible(`aside.panel footer`, chromedp.ByQuery),
		chromedp.Evaluate(`document.querySelectorAll("aside.panel details").forEach(d => d.open = true)`, nil))
	var pressed time.Time // again, as a person does where the plan moved on under the key
	eventually(t, 3*time.Minute, "allocated", func() (done bool) {
		desk.eval(`!!document.querySelector("aside.panel[data-status=allocated]")`, &done)
		if done || time.Since(pressed) < 15*time.Second {
			return done
		}
		desk.eval(`(() => {
			document.querySelectorAll("aside.panel details").forEach(d => d.open = true)
			const b = document.querySelector("aside.panel [data-other]")
			b?.focus()
			return b && document.activeElement === b ? b.dataset.other : ""
		})()`, &other)
		if other != "" {
			desk.key("\r")
			pressed = time.Now()
		}
		return false
	})
	if d := deliveryOf(t, p, r.Id); d.Mission.Drone != other {
		t.Errorf("%s was sent, not %s", d.Mission.Drone, other)
	}
	desk.run("back", chromedp.NavigateBack())
	desk.see(`.queue`)
	desk.run("reload", chromedp.NavigateForward(), chromedp.Reload())
	desk.see(`aside.panel[data-status=allocated]`) // what was selected is in the address
}

// When the session ends, the same person signs in over the page, and what they typed is still
// there; signing out in one tab ends the others.
func TestASessionEndsUnderAPage(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-speed", "1", "-requests-per-hour", "0")
	desk := signIn(t, p, "li.jing", 1440, 900)
	desk.key("n")
	chosen := `dialog input[name=abo][value=B]`
	desk.run("choose", chromedp.WaitReady(chosen, chromedp.ByQuery), chromedp.Evaluate(`document.querySelector("`+chosen+`").click()`, nil))
	var sessions []api.Session
	me := p.as("li.jing")
	if err := me.call(context.Background(), "GET", "/sessions", nil, &sessions); err != nil {
		t.Fatal(err)
	}
	for _, s := range sessions {
		if s.Kind == api.SessionKindCookie {
			if err := me.call(context.Background(), "DELETE", "/sessions/"+s.Id, nil, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	again := `dialog.again input[name=again]`
	desk.run("sign in again", chromedp.WaitVisible(again, chromedp.ByQuery), chromedp.SendKeys(again, "wrong\r", chromedp.ByQuery))
	desk.see(`dialog.again .fault`)
	desk.accessible("sign in again", "dark")
	desk.run("rightly", chromedp.Evaluate(`(e => { e.value = ""; e.dispatchEvent(new Event("input")) })(document.querySelector("`+again+`"))`, nil),
		chromedp.SendKeys(again, p.password+"\r", chromedp.ByQuery),
		chromedp.WaitNotPresent(`dialog.again`, chromedp.ByQuery))
	var kept bool
	desk.eval(`document.querySelector("`+chosen+`").checked`, &kept)
	if !kept {
		t.Error("what was chosen is gone")
	}
	desk.see(`[data-connection=live]`)
	desk.run("another tab signs out", chromedp.Evaluate(`new BroadcastChannel("hemolift").postMessage("signed out")`, nil))
	desk.see(`main.signin, header.top`)
}

// demoNow is the demonstration's time.
func demoNow(t *testing.T, p *process) time.Time {
	t.Helper()
	var b api.Board
	if err := ops(p).call(context.Background(), "GET", "/board", nil, &b); err != nil {
		t.Fatal(err)
	}
	return b.Now
}
