package main

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"hemolift/web/api"
)

// widths are those of a phone, a tablet, desks and walls, and 720, which is a desk's 1440 at 200 %.
var widths = []int64{320, 390, 720, 1024, 1100, 1280, 1440, 1920}

// outside lists what a page does not show whole at its width: the page itself where it scrolls
// sideways, and every control or heading that stands beyond its edge, but for those in something
// that scrolls.
const outside = `(() => {
	const w = document.documentElement.clientWidth, bad = []
	if (document.documentElement.scrollWidth > w + 1) bad.push("the page is " + document.documentElement.scrollWidth + " wide")
	for (const e of document.querySelectorAll("button, a[href], input, select, summary, h1, h2, h3")) {
		const r = e.getBoundingClientRect()
		if (r.width < 2 || !e.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue
		const dialog = e.closest("dialog")?.getBoundingClientRect() ?? {left: 0, right: w}
		let scrolls = false // a dialog never does
		for (let p = e.parentElement; p !== null && !e.closest("dialog"); p = p.parentElement)
			scrolls ||= ["auto", "scroll"].includes(getComputedStyle(p).overflowX) && p.scrollWidth > p.clientWidth
		if (!scrolls && (r.left < dialog.left - 1 || r.right > dialog.right + 1))
			bad.push(e.tagName + "." + e.className + " " + JSON.stringify((e.innerText ?? "").slice(0, 30)) + ": " + r.left + " to " + r.right)
	}
	return bad
})()`

// whole holds what a page shows against its width.
func (w *person) whole(state string, at ...int64) {
	w.t.Helper()
	for _, width := range at {
		height := int64(900)
		if width < 700 {
			height = 844
		}
		var bad []string
		w.run("resize", chromedp.EmulateViewport(width, height),
			chromedp.Evaluate(`new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))`, nil, awaited),
			chromedp.Evaluate(outside, &bad))
		for _, b := range bad {
			w.t.Errorf("%s, %s, %d wide: %s", w.login, state, width, b)
		}
		if width == 390 || width == 1440 {
			w.shoot(fmt.Sprintf("%s-%d", state, width))
		}
	}
	w.run("as it was", chromedp.EmulateViewport(w.wide, w.high))
}

// still holds a page to what a person asked for who bears no motion: nothing moves by itself,
// not even the mark of an alarm that nobody has seen.
func (w *person) still(state string) {
	w.t.Helper()
	var moves []string
	w.run("without motion", emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}),
		chromedp.Evaluate(`new Promise(done => requestAnimationFrame(() => done(document.getAnimations().map(a => a.effect.target.className + ""))))`, &moves, awaited),
		emulation.SetEmulatedMedia().WithFeatures(nil))
	for _, m := range moves {
		w.t.Errorf("%s, %s: %s moves", w.login, state, m)
	}
}

// everyPlace reads, at a random moment, every place of a page where a number of a flight is shown:
// which are not one, and of how many there is more than one.
const everyPlace = `(async () => {
	await new Promise(done => setTimeout(done, 80 * Math.random()))
	const shown = new Map()
	const note = (fact, text) => shown.set(fact, [...(shown.get(fact) ?? []), text])
	for (const e of document.querySelectorAll("[data-says]")) {
		const text = e.innerText.trim()
		if (e.checkVisibility()) note(e.dataset.says, e.dataset.says.startsWith("doing") ? text : (/[−+]?\d[\d:.]*|—/.exec(text) ?? [text])[0])
	}
	for (const card of document.querySelectorAll("li[data-delivery]")) {
		const block = document.querySelector("[data-block=" + card.querySelector("code").innerText + "]:not([hidden])")
		if (block === null) continue
		const [, eta, bottom] = block.dataset.text.split("\n"), id = card.dataset.delivery
		if (shown.has("eta " + id) && /\d/.test(eta)) note("eta " + id, eta)
		const temp = /· (.*)°/.exec(bottom)
		if (shown.has("temp " + id) && temp !== null) note("temp " + id, temp[1])
	}
	const several = [...shown].filter(([, texts]) => texts.length > 1)
	return {differ: several.filter(([, texts]) => new Set(texts).size > 1).map(([fact, texts]) => fact + ": " + texts.join(", ")), several: several.length}
})()`

// agrees looks at a page at so many random moments: a number of a flight is one in every place.
func (w *person) agrees(moments int) {
	w.t.Helper()
	several := 0
	for range moments {
		var now struct {
			Differ  []string
			Several int
		}
		w.run("read every place", chromedp.Evaluate(everyPlace, &now, awaited))
		several += now.Several
		for _, d := range now.Differ {
			w.t.Errorf("%s: %s", w.login, d)
		}
	}
	w.t.Logf("%s: %d numbers stood in several places at %d moments", w.login, several, moments)
	if several < 2*moments {
		w.t.Errorf("%s: hardly a number stood in two places: %d at %d moments", w.login, several, moments)
	}
}

// pageView is one state of a page: how a person comes to it.
type pageView struct {
	name string
	open func(*person)
	// dialog says that it stands over another page, which is seen at every width by itself.
	dialog bool
}

func visits(path, sees string) func(*person) {
	return func(w *person) {
		w.click(fmt.Sprintf(`.top nav a[href="/%s"]`, path))
		w.see(sees)
	}
}

// Every page and dialog, in both themes and languages, with an alarm that stands, is what
// axe-core finds no fault with, and is shown whole at every width.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-speed", "20", "-requests-per-hour", "20")
	d := airborne(t, p)
	playBox(t, p, d.Boxes[0].Id)(12_000)
	alarmStands(t, p, "temp_excursion")
	presses := func(button, sees string) func(*person) {
		return func(w *person) {
			w.run("press "+button, chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%q).click()`, button), nil))
			w.see(sees)
		}
	}
	for login, views := range map[string][]pageView{
		"zhang.min": {
			{name: "form", open: func(w *person) { w.see(`.col.form form`) }},
			{name: "track", open: presses(`.phone-tabs [role=tab]:last-child`, `.hospital`)},
		},
		"sun.tao": {
			{name: "console", open: func(w *person) { w.see(`.control .strip`) }},
			{"notes", presses(`.kpis [data-notes]`, `dialog.notes textarea`), true},
		},
		"qin.yue": {
			{name: "records", open: visits("records", `.records table`)},
			{name: "stock", open: presses(`.people .pages a[href="/stock"]`, `.stock [data-shelf]`)},
			{name: "log", open: presses(`.people .pages a[href="/audit"]`, `.audit tr[data-seq]`)},
		},
		"li.jing": {
			{name: "live", open: func(w *person) { w.see(`.queue`) }},
			{name: "requests", open: visits("requests", `.top nav a[href="/requests"][aria-current=page]`)},
			{name: "cold", open: visits("cold", `.top nav a[href="/cold"][aria-current=page]`)},
			{"alarms", presses(`.alarm-chip`, `dialog.alarms li`), true},
			{"help", presses(`.top .ask`, `dialog.help dd`), true},
			{"sessions", presses(`.top [data-sessions]`, `dialog.sessions li`), true},
			{"delivery", func(w *person) {
				visits("live", `li[data-delivery] .body`)(w)
				presses(`li[data-delivery] .body`, `aside.panel`)(w)
			}, false},
			{"new request", func(w *person) { w.key("n"); w.see(`dialog.request form`) }, true},
			{name: "sign in", open: presses(`.menu [data-sign-out]`, `main.signin`)},
		},
	} {
		t.Run(login, func(t *testing.T) {
			w := signIn(t, p, login, 1440, 900)
			for _, v := range views {
				v.open(w)
				w.accessible(v.name, "light", "dark")
				w.still(v.name)
				if v.dialog {
					w.whole(v.name, 320, 390, 1440)
					w.key("\u001b")
					w.run("the dialog closes", chromedp.WaitNotPresent(`dialog[open]`, chromedp.ByQuery))
					continue
				}
				w.whole(v.name, widths...)
				w.reads("zh")
				w.accessible(v.name+", zh", "light")
				w.whole(v.name+"-zh", 320, 1024, 1440)
				w.reads("en")
			}
			if len(w.bad) > 0 {
				t.Errorf("%s: %v", w.login, w.bad)
			}
		})
	}
}

// alarmStands waits for an alarm of a kind that stands.
func alarmStands(t *testing.T, p *process, kind string) {
	t.Helper()
	eventually(t, time.Minute, kind+" is an alarm", func() bool {
		var b api.Board
		if err := ops(p).call(context.Background(), "GET", "/board", nil, &b); err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(b.Alarms, func(a api.Alarm) bool { return a.Kind == kind && a.ClearedAt == nil })
	})
}
