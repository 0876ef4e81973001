package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	mqtt "github.com/eclipse/paho.mqtt.golang"

	"hemolift/dispatch/label"
	"hemolift/web/api"
)

const (
	e2eTimeout   = 9 * time.Minute
	flightWithin = 4 * time.Minute // 40 simulated minutes; the first line takes 14 to 20
)

// sliding is a Chromium of its own in which drones slide, as most people have it.
var sliding = chromedp.Flag("force-prefers-reduced-motion", false)

// ownChromium is one that is nobody else's: others have a profile each in one that they share.
var ownChromium = chromedp.Flag("disable-quic", true)

var shared struct {
	sync.Mutex
	chromium context.Context
	end      []context.CancelFunc
}

// sharedChromium is started when it is first asked for, and ends with the tests.
func sharedChromium(t testing.TB) context.Context {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.chromium == nil {
		shared.chromium, shared.end = startChromium(t, context.Background())
	}
	return shared.chromium
}

func endSharedChromium() {
	for _, end := range slices.Backward(shared.end) {
		end()
	}
}

// startChromium starts a Chromium; what it returns ends it, the last first.
func startChromium(t testing.TB, ctx context.Context, more ...chromedp.ExecAllocatorOption) (context.Context, []context.CancelFunc) {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is missing; run make deps")
	}
	opts := append(
		chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)],
		chromedp.ExecPath(path),
		chromedp.NoSandbox,
		chromedp.Flag("use-gl", "angle"),
		chromedp.Flag("use-angle", "swiftshader"),
		chromedp.Flag("enable-unsafe-swiftshader", true),
		// Without a graphics card, only the map is worth an emulated one: the rest is drawn sooner without.
		chromedp.Flag("disable-gpu-rasterization", true),
		chromedp.Flag("disable-gpu-compositing", true),
		// Half the time of all would go into drones that slide.
		chromedp.Flag("force-prefers-reduced-motion", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("lang", "en-US"),
	)
	ctx, end := chromedp.NewExecAllocator(ctx, append(opts, more...)...)
	ctx, close := chromedp.NewContext(ctx)
	if err := chromedp.Run(ctx); err != nil {
		close()
		end()
		t.Fatalf("chromium: %v", err)
	}
	return ctx, []context.CancelFunc{end, close}
}

// newProfile opens a window with a profile of its own.
func newProfile(t testing.TB, chromium context.Context) context.Context {
	t.Helper()
	b := cdp.WithExecutor(chromium, chromedp.FromContext(chromium).Browser)
	profile, err := target.CreateBrowserContext().Do(b)
	if err != nil {
		t.Fatalf("a profile: %v", err)
	}
	t.Cleanup(func() {
		if err := target.DisposeBrowserContext(profile).Do(b); err != nil {
			t.Errorf("its end: %v", err)
		}
	})
	window, err := target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).Do(b)
	if err != nil {
		t.Fatalf("a window: %v", err)
	}
	ctx, end := chromedp.NewContext(chromium, chromedp.WithTargetID(window))
	t.Cleanup(end)
	return ctx
}

// browser opens a window of a person's own: its cookies and all it keeps are nobody else's.
func browser(t testing.TB, width, height int, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	ctx := context.Background()
	if len(more) > 0 {
		var ends []context.CancelFunc
		ctx, ends = startChromium(t, ctx, more...)
		for _, end := range ends {
			t.Cleanup(end)
		}
	} else {
		ctx = newProfile(t, sharedChromium(t))
	}
	ctx, cancel := context.WithTimeout(ctx, e2eTimeout+soak())
	t.Cleanup(cancel)
	err := chromedp.Run(ctx, chromedp.EmulateViewport(int64(width), int64(height)), emulation.SetFocusEmulationEnabled(true))
	if err != nil {
		t.Fatalf("a window: %v", err)
	}
	return ctx
}

// person is somebody at a screen.
type person struct {
	t     testing.TB
	ctx   context.Context
	login string
	wide  int64 // the person's own screen
	high  int64
	mu    sync.Mutex
	bad   []string // console errors and requests to other hosts
}

// signIn is somebody who has signed in.
func signIn(t testing.TB, p *process, login string, width, height int, more ...chromedp.ExecAllocatorOption) *person {
	t.Helper()
	who := stranger(t, p, login, width, height, more...)
	who.run(
		"sign in",
		chromedp.Navigate(p.url),
		chromedp.SendKeys(`input[name=login]`, login),
		chromedp.SendKeys(`input[name=password]`, p.password),
	)
	who.click(`button.primary`)
	who.see(`header.top`)
	return who
}

// stranger is somebody at a screen who has not signed in; what goes wrong in it is kept.
func stranger(t testing.TB, p *process, login string, width, height int, more ...chromedp.ExecAllocatorOption) *person {
	t.Helper()
	ctx := browser(t, width, height, more...)
	who := &person{t: t, ctx: ctx, login: login, wide: int64(width), high: int64(height)}
	host := strings.TrimPrefix(p.url, "http://")
	chromedp.ListenTarget(ctx, func(ev any) {
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			who.complain("exception: " + e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError {
				who.complain(fmt.Sprintf("console: %s", e.Args[0].Value))
			}
		case *log.EventEntryAdded:
			mayBe := func(end string) bool { return strings.HasSuffix(e.Entry.URL, end) } // refused, see scan and allocate; or over meanwhile
			if e.Entry.Level == log.LevelError && !slices.ContainsFunc([]string{"/steps", "/labels", "/invitation", "/confirmation", "/accept", "/signatures", "/decision", "/alternates", "?version=2"}, mayBe) {
				who.complain("log: " + e.Entry.Text + " " + e.Entry.URL)
			}
		case *network.EventRequestWillBeSent:
			if u, err := url.Parse(e.Request.URL); err == nil && u.Host != "" && u.Host != host {
				who.complain("request to " + e.Request.URL)
			}
		}
	})
	who.run("listen to it", log.Enable(), network.Enable())
	return who
}

func (w *person) complain(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bad = append(w.bad, s)
}

// run does actions, each of which waits for what it needs.
func (w *person) run(what string, actions ...chromedp.Action) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 90*time.Second)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		w.shoot("failed")
		w.t.Fatalf("%s: %s: %v", w.login, what, err)
	}
}

// eval returns a JavaScript expression's value.
func (w *person) eval(js string, into any) {
	w.t.Helper()
	w.run(js, chromedp.Evaluate(js, into))
}

// see waits until the selector shows.
func (w *person) see(selector string) {
	w.t.Helper()
	w.run("see "+selector, chromedp.WaitVisible(selector, chromedp.ByQuery))
}

// click presses what the selector finds. A press that missed, because the page moved
// under it or the button was busy, is made again, as a person would.
func (w *person) click(selector string) {
	w.t.Helper()
	aim := fmt.Sprintf(`(() => {
		window.aimed = true; window.hit = false
		document.addEventListener("click", e => { if (e.target.closest(%q)) window.hit = true }, {capture: true, once: true})
	})()`, selector)
	for range 10 {
		w.run(
			"click "+selector,
			chromedp.WaitVisible(selector, chromedp.ByQuery),
			chromedp.WaitEnabled(selector, chromedp.ByQuery),
			chromedp.Evaluate(aim, nil),
			chromedp.Click(selector, chromedp.ByQuery),
		)
		var missed bool // a page that the press has left behind answers nothing, or knows of no aim
		if chromedp.Run(w.ctx, chromedp.Evaluate(`window.aimed === true && window.hit === false`, &missed)) != nil || !missed {
			return
		}
	}
	w.shoot("failed")
	w.t.Fatalf("%s: ten presses missed %s", w.login, selector)
}

// allocate presses the button of a proposal until its delivery is allocated. What is
// proposed may have changed when the button is pressed: the server refuses it, the card
// shows another one, and a person presses again.
func (w *person) allocate(button string) {
	w.t.Helper()
	const shown, again = `aside.panel[data-status=allocated]`, 15 * time.Second
	w.run("see "+button, chromedp.WaitVisible(button, chromedp.ByQuery))
	var pressed time.Time
	defer func() {
		if w.t.Failed() { // what the page says of it
			w.shoot("failed")
			var says string
			w.eval(fmt.Sprintf(`document.querySelector(%q)?.closest("li")?.innerText + " | " + document.querySelector("aside.panel")?.innerText`, button), &says)
			w.t.Logf("not allocated: %s", says)
		}
	}()
	eventually(w.t, 3*time.Minute, "allocated", func() bool {
		var done bool
		press := time.Since(pressed) > again
		w.eval(fmt.Sprintf(`(() => {
			if (document.querySelector(%q)) return true
			const b = document.querySelector(%q)
			if (%v && b && !b.disabled) b.click()
			return false
		})()`, shown, button, press), &done)
		if press {
			pressed = time.Now()
		}
		return done
	})
}

// scan fills the ground step's first field and submits it, once the step before is
// done with.
func (w *person) scan(step, text string) {
	w.t.Helper()
	form := fmt.Sprintf("form.ground[data-step=%s] ", step)
	fill := fmt.Sprintf(
		`{const i = document.querySelector(%q); i.value = %q; i.dispatchEvent(new Event("input", {bubbles: true})); true}`,
		form+"input",
		text,
	)
	w.run(
		"scan "+text,
		chromedp.WaitVisible(form+"input", chromedp.ByQuery),
		chromedp.WaitEnabled(form+"button.primary", chromedp.ByQuery),
		chromedp.Evaluate(fill, nil),
	)
	w.click(form + "button.primary")
}

// scanner types a scan as fast as a scanner does, into whatever has the focus, and Enter.
func (w *person) scanner(scan string) {
	w.t.Helper()
	w.run("a scanner types "+scan, chromedp.Evaluate(fmt.Sprintf(`{for (const key of [...%q, "Enter"]) {
		const at = document.activeElement ?? document.body, text = at instanceof HTMLInputElement
		if (!at.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}))) continue
		if (text && key === "Enter") at.form.requestSubmit()
		if (text && key.length === 1) { at.value += key; at.dispatchEvent(new Event("input", {bubbles: true})) }
	} true}`, scan), nil))
}

// confirms shows again who ends a delivery.
func (w *person) confirms(password string) {
	w.t.Helper()
	const field = `form.ground input[name=password]`
	fill := fmt.Sprintf(`{const i = document.querySelector(%q); i.value = %q; i.dispatchEvent(new Event("input", {bubbles: true})); true}`, field, password)
	w.run("confirm", chromedp.WaitVisible(field, chromedp.ByQuery), chromedp.WaitEnabled(`form.ground button.primary`, chromedp.ByQuery),
		chromedp.Evaluate(fill, nil))
	w.click(`form.ground button.primary`)
}

// refused does what does not fit, and waits for a refusal that says what was expected. A
// press that missed because the page moved under it is made again, as a person would.
func (w *person) refused(do func(), want string) {
	w.t.Helper()
	var text string
	var pressed time.Time
	eventually(w.t, 2*time.Minute, w.login+" is refused", func() bool {
		if time.Since(pressed) > 15*time.Second {
			do()
			pressed = time.Now()
		}
		w.eval(`document.querySelector("form.ground .refusal")?.textContent ?? ""`, &text)
		return text != ""
	})
	if !strings.Contains(text, want) {
		w.t.Errorf("%s: refusal %q does not say %q", w.login, text, want)
	}
	eventually(w.t, 5*time.Second, "the refusal is in sight", func() (seen bool) {
		w.eval(`(() => {
			const said = document.querySelector("form.ground .refusal"), at = said.getBoundingClientRect()
			return [at.top + 2, at.bottom - 2].every(y => said.contains(document.elementFromPoint((at.left + at.right) / 2, y)))
		})()`, &seen)
		return seen
	})
}

// compares lays a logger's file beside a flight whose panel is open, and reads how it was
// read: which columns it has, and which line was left out.
func (w *person) compares(p *process, delivery string) {
	w.t.Helper()
	var d api.Delivery
	if err := p.client("sun.tao").call(context.Background(), "GET", "/deliveries/"+delivery, nil, &d); err != nil {
		w.t.Fatal(err)
	}
	rows := []string{"Logger,RC-5", "时间,温度(℃),露点(℃)"}
	for i, v := range []string{"5.2", "5.3", "NC", "5.2", "5.1", "5.2"} {
		rows = append(rows, fmt.Sprintf("%s,%s,-2.9", d.Boxes[0].PackedAt.Add(time.Duration(i)*time.Second).UTC().Format(time.RFC3339), v))
	}
	file := filepath.Join(w.t.TempDir(), "logger.csv")
	if err := os.WriteFile(file, []byte(strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.click(`details.logger summary`)
	w.run("choose a file", chromedp.SetUploadFiles(`details.logger input[type=file]`, []string{file}, chromedp.ByQuery))
	w.see(`details.logger .howread`)
	var text string
	w.eval(`document.querySelector("details.logger").innerText`, &text)
	for _, want := range []string{"温度(℃)", "露点(℃)", "NC"} {
		if !strings.Contains(text, want) {
			w.t.Errorf("how the file was read says nothing of %q: %s", want, text)
		}
	}
	w.run("scroll to it", chromedp.ScrollIntoView(`details.logger .howread`, chromedp.ByQuery))
	w.shoot("logger")
	var wide int64 // on a phone, nothing of it is beyond the page
	w.run("take a phone", chromedp.EmulateViewport(390, 844), chromedp.ScrollIntoView(`details.logger .howread`, chromedp.ByQuery))
	w.eval(`Math.max(document.documentElement.scrollWidth, document.querySelector("details.logger .howread").getBoundingClientRect().right | 0)`, &wide)
	if wide > 390 {
		w.t.Errorf("how the file was read is %d pixels wide on a phone", wide)
	}
	w.shoot("logger-phone")
	w.run("take the desk again", chromedp.EmulateViewport(1440, 900))
}

// lists opens the list of all alarms: it shows the temperature that the box has now and
// what to do, holds the focus, and Esc closes it.
func (w *person) lists(box string) {
	w.t.Helper()
	w.click(`.banners .more`)
	row := fmt.Sprintf(`dialog.alarms li[data-alarm=temp_excursion][data-device=%s]`, box)
	w.see(row)
	var shown struct {
		Text  string
		Focus bool
	}
	eventually(w.t, 30*time.Second, "the list shows the temperature of now", func() bool {
		w.eval(fmt.Sprintf(`(() => {
			const text = document.querySelector(%q)?.innerText ?? ""
			return {text, focus: document.activeElement?.closest("dialog.alarms") !== null}
		})()`, row), &shown)
		return strings.Contains(shown.Text, "12.0 / 10.0 °C") && shown.Focus
	})
	if !strings.Contains(shown.Text, "have the units judged") {
		w.t.Errorf("the list says %q", shown.Text)
	}
	w.shoot("alarms")
	var right float64 // on a phone it is not wider than the page
	w.run("take a phone", chromedp.EmulateViewport(390, 844))
	w.eval(`Math.max(...[...document.querySelectorAll("dialog.alarms, dialog.alarms li, dialog.alarms button")].map(e => e.getBoundingClientRect().right))`, &right)
	if right > 390 {
		w.t.Errorf("the list reaches to %v pixels on a phone", right)
	}
	w.shoot("alarms-phone")
	w.run("take the desk again", chromedp.EmulateViewport(1440, 900))
	w.run("close the list", chromedp.KeyEvent("\x1b"), chromedp.WaitNotPresent(`dialog.alarms`, chromedp.ByQuery))
	w.see(`aside.panel`) // Esc closed the list alone
}

// shoot keeps a screenshot where HEMOLIFT_SHOTS says.
func (w *person) shoot(name string) {
	dir := os.Getenv("HEMOLIFT_SHOTS")
	if dir == "" {
		return
	}
	var png []byte
	if chromedp.Run(w.ctx, chromedp.CaptureScreenshot(&png)) == nil {
		_ = os.WriteFile(filepath.Join(dir, w.login+"-"+name+".png"), png, 0o644)
	}
}

// leaves closes the page: a map that nobody looks at takes a processor from the tests beside it.
func (w *person) leaves() {
	w.t.Helper()
	w.run("leave", chromedp.Navigate("about:blank"))
}

// TestFromRequestToReceipt drives the real program in Chromium: a person's request
// goes through two people, its drone moves, its box warms, its receipt is checked.
func TestFromRequestToReceipt(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-speed", "10", "-requests-per-hour", "4")
	ward := signIn(t, p, "zhang.min", 390, 844)
	first := signIn(t, p, "li.jing", 1440, 900)
	second := signIn(t, p, "wang.lei", 1440, 900)

	// The ward asks, on a phone.
	ward.click(`.options.four label:nth-child(4)`)
	ward.click(`.groups .options.two label:nth-child(1)`)
	ward.run("wait for the estimate", chromedp.WaitReady(`form.request footer .estimate span:nth-child(2)`, chromedp.ByQuery))
	ward.click(`form.request footer button.primary`)
	ward.see(`.tracking`)
	var request string
	ward.eval(`document.querySelector(".tracking").dataset.tracking`, &request)

	// One person allocates, and may not check.
	card := fmt.Sprintf(`li[data-request=%q] `, request)
	first.click(card + `.body`)
	first.allocate(card + `.foot button.primary`)
	first.refused(func() { first.click(`form.ground[data-step=check] button.primary`) }, "Another person")
	d := deliveryOf(t, p, request)
	second.click(fmt.Sprintf(`li[data-delivery=%q] .body`, d.Id))
	second.click(`form.ground[data-step=check] button.primary`)

	// Pack, seal and load; a bag of another delivery is refused.
	first.see(`form.ground[data-step=pack]`)
	second.leaves()
	// A scanner is no keyboard: what it types while the focus is nowhere, or at a button, reaches the
	// field for scans, and no shortcut.
	first.run("nothing has the focus", chromedp.WaitEnabled(`form.ground[data-step=pack] button.primary`, chromedp.ByQuery), chromedp.Evaluate(`document.activeElement?.blur()`, nil))
	first.scanner("=A99992699999900")
	first.see(`form.ground[data-step=pack] .met`)
	first.click(`form.ground[data-step=pack] .met button`)
	first.refused(func() { first.scan("pack", "=A99992699999900=<A0001V00") }, d.Units[0].Key.Din)
	first.refused(func() { first.scan("pack", d.Units[0].Key.Din+d.Units[0].Key.ProductCode) }, "check character is missing")
	for _, u := range d.Units {
		first.scan("pack", "]C0="+u.Key.Din+"00") // one symbol a scan
		first.see(`form.ground[data-step=pack] .met`)
		first.shoot("scan")
		first.scan("pack", "]C0=<"+u.Key.ProductCode)
		first.run(
			"packed",
			chromedp.WaitNotPresent(
				fmt.Sprintf(`//form[@data-step="pack"]//li[not(@class="done")]/code[contains(., %q)]`, label.Printed(u.Key.Din)),
				chromedp.BySearch,
			),
		)
	}
	first.scan("seal", "SL-E2E-1")
	first.scan("load", d.Boxes[0].Id)

	// The drone moves on the map.
	first.see(`aside.panel[data-status=airborne]`)
	at := func() (lon, lat float64, ok bool) {
		var all map[string]struct{ Lon, Lat float64 }
		first.eval(`window.hemoliftPositions()`, &all)
		pos, ok := all[d.Mission.Drone]
		return pos.Lon, pos.Lat, ok
	}
	eventually(t, 30*time.Second, "the drone is on the map", func() bool { _, _, ok := at(); return ok })
	lon0, lat0, _ := at()
	eventually(t, 60*time.Second, "the drone moved on the map by a kilometre", func() bool {
		lon, lat, ok := at()
		return ok && (lon-lon0)*(lon-lon0)+(lat-lat0)*(lat-lat0) > 0.012*0.012
	})
	first.shoot("airborne")
	ward.shoot("airborne")
	first.compares(p, d.Id)

	// A warm box raises the excursion, on both screens.
	warmBox(t, p, d.Boxes[0].Id)
	alarm := fmt.Sprintf(`.banner[data-alarm=temp_excursion][data-device=%s]`, d.Boxes[0].Id)
	first.see(alarm)
	first.see(`section.temp[data-state=excursion]`)
	first.see(`section.recovery[data-failure=box_warm] li[data-way=courier] button`) // failure is a plan
	ward.see(alarm)
	first.shoot("excursion")
	ward.shoot("excursion")
	first.lists(d.Boxes[0].Id)
	first.leaves()

	// At the ward: the seal is compared and every unit judged. How long the flight
	// takes is the wind's, which is not of the page's making.
	eventually(t, flightWithin, "the drone landed", func() bool { return deliveryOf(t, p, request).Status == "landed" })
	ward.see(`.tracking[data-status=landed]`)
	ward.run("take a small phone", chromedp.EmulateViewport(320, 568))
	ward.refused(func() { ward.scan("compare_seal", "SL-E2E-2") }, "SL-E2E-1")
	ward.shoot("refused")
	ward.everywhere("refused")
	ward.scan("compare_seal", "SL-E2E-1")
	ward.see(`form.ground[data-step=receive]`)
	ward.see(`.verdicts li[data-advice=quarantine]`)
	ward.run("reason", chromedp.SendKeys(`form.ground[data-step=receive] input[name=note]`, "by mistake", chromedp.ByQuery))
	ward.refused(func() { ward.scan("receive", "=A99992699999900=<A0001V00") }, d.Units[0].Key.Din)
	ward.shoot("refused-unit")
	ward.everywhere("refused-unit")
	for i, u := range d.Units {
		form := `form.ground[data-step=receive]`
		ward.see(form)
		if i == 0 { // the first is quarantined for the excursion
			ward.click(form + ` .row button.plain`)
			ward.run("reason", chromedp.SendKeys(`form.ground[data-step=quarantine] label:nth-of-type(2) input`, "box too warm", chromedp.ByQuery))
			ward.scan("quarantine", "=<"+u.Key.ProductCode) // the number is still wanted
			ward.see(`form.ground[data-step=quarantine] .met`)
			ward.shoot("scan")
			ward.everywhere("scan")
			ward.scan("quarantine", "="+u.Key.Din+"00\x1d=<"+u.Key.ProductCode)
			continue
		}
		// The cold chain advises against it, so that a reason is asked for.
		ward.see(`.verdicts li[data-advice=quarantine]`)
		ward.shoot("verdict")
		ward.everywhere("verdict")
		ward.run("reason", chromedp.SendKeys(`form.ground[data-step=receive] input[name=note]`, "transfused at once", chromedp.ByQuery))
		ward.scan("receive", label.Printed(u.Key.Din)+" "+u.Key.ProductCode) // typed, as it is printed
	}
	ward.refused(func() { ward.confirms("not the password") }, "password is wrong")
	ward.shoot("refused-password")
	ward.everywhere("refused-password")
	if got := deliveryOf(t, p, request).Status; got != "opened" {
		t.Errorf("without the right password the delivery is %s", got)
	}
	ward.confirms(p.password)
	eventually(t, 20*time.Second, "the delivery is closed", func() bool { d = deliveryOf(t, p, request); return d.Status == "closed" })
	ward.shoot("closed")
	ward.everywhere("closed")
	judgeRecord(t, d)
	quality := signIn(t, p, "qin.yue", 1440, 900)
	quality.signs(p, d.Id)
	p.answered(
		"signIn", "whoAmI", "createToken", "getNetwork", "getBoard", "estimate", "submitRequest", "acceptProposal", "doStep", "getColdRecord",
		"getTrack", "readLabel", "renewSecret",
	)
	for _, w := range []*person{ward, first, second, quality} {
		w.mu.Lock()
		if len(w.bad) > 0 {
			t.Errorf("%s: the browser complained: %v", w.login, w.bad)
		}
		w.mu.Unlock()
	}
}

// judgeRecord reads the custody record: two people, each step, each outcome.
func judgeRecord(t *testing.T, d api.Delivery) {
	t.Helper()
	actors := map[string]string{}
	var steps []string
	for _, c := range d.Custody {
		actors[string(c.Step)] = c.Actor
		steps = append(steps, string(c.Step))
	}
	if actors["allocate"] != "li.jing" || actors["check"] != "wang.lei" {
		t.Errorf("allocated by %s and checked by %s", actors["allocate"], actors["check"])
	}
	want := []string{"allocate", "check", "pack", "pack", "seal", "load", "take_off", "land", "compare_seal", "quarantine", "receive"}
	if !slices.Equal(steps, want) {
		t.Errorf("custody: got %v, want %v", steps, want)
	}
}

func deliveryOf(t *testing.T, p *process, request string) api.Delivery {
	t.Helper()
	var b api.Board
	if err := ops(p).call(context.Background(), "GET", "/board", nil, &b); err != nil {
		t.Fatal(err)
	}
	for _, d := range b.Deliveries {
		if d.Request == request {
			return d
		}
	}
	t.Fatalf("request %s has no delivery", request)
	return api.Delivery{}
}

var tokens sync.Map // by url and login: signing in costs a password hash

// as is a client of a person who signed in once.
func (p *process) as(login string) apiClient {
	p.t.Helper()
	key := p.url + " " + login
	if c, ok := tokens.Load(key); ok {
		return c.(apiClient)
	}
	c := p.client(login)
	tokens.Store(key, c)
	return c
}

func ops(p *process) apiClient { return p.as("sun.tao") }

// warmBox takes a box's place with a new credential and reports 12 °C until the
// test ends; the simulated box is refused from then on.
func warmBox(t *testing.T, p *process, id string) {
	t.Helper()
	playBox(t, p, id)(12_000)
}

// playBox is warmBox with temperatures, in thousandths of a degree, that the test says.
func playBox(t *testing.T, p *process, id string) (says func(tempMC int32)) {
	t.Helper()
	var temp atomic.Int32
	var s api.Secret
	if err := p.as("admin").call(context.Background(), "POST", "/devices/"+id+"/secret", nil, &s); err != nil {
		t.Fatal(err)
	}
	c := mqtt.NewClient(
		mqtt.NewClientOptions().AddBroker("tcp://" + p.mqtt).SetClientID(id).SetUsername(id).SetPassword(s.Secret).SetAutoReconnect(false),
	)
	if tok := c.Connect(); !tok.WaitTimeout(5*time.Second) || tok.Error() != nil {
		t.Fatalf("connect as %s: %v", id, tok.Error())
	}
	stop, done := make(chan struct{}), make(chan struct{})
	c.Subscribe("hl/v1/clock", 0, func(_ mqtt.Client, m mqtt.Message) {
		var clock struct{ T int64 }
		if mc := temp.Load(); mc != 0 && json.Unmarshal(m.Payload(), &clock) == nil {
			c.Publish(
				"hl/v1/"+id+"/temp",
				1,
				false,
				fmt.Sprintf(`{"seq":%d,"t":%d,"temp_mc":%d,"ambient_mc":21000}`, time.Now().UnixNano(), clock.T, mc),
			)
		}
	})
	go func() {
		defer close(done)
		<-stop
		c.Disconnect(100)
	}()
	t.Cleanup(func() { close(stop); <-done })
	return temp.Store
}
