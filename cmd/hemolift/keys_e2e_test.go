package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// reaches presses Tab until something has the focus, and sees that it shows.
func (w *person) reaches(selector string) {
	w.t.Helper()
	w.see(selector)
	for range 150 {
		w.key(kb.Tab)
		var at struct{ There, Shows bool }
		w.eval(fmt.Sprintf(`(() => {
			const el = document.activeElement, style = getComputedStyle(el)
			return {There: el.matches(%q), Shows: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0}
		})()`, selector), &at)
		if at.There {
			if !at.Shows {
				w.t.Errorf("%s: %s has the focus, and nothing shows it", w.login, selector)
			}
			return
		}
	}
	w.shoot("failed")
	w.t.Fatalf("%s: no key leads to %s", w.login, selector)
}

// opensByKey opens a dialog from what has the focus: it has the focus within then, where its form
// begins, and gives it back by Esc.
func (w *person) opensByKey(opener, dialog string) {
	w.t.Helper()
	w.reaches(opener)
	w.key(kb.Enter)
	w.see(dialog)
	eventually(w.t, 30*time.Second, "the focus is in "+dialog, func() (within bool) {
		w.eval(fmt.Sprintf(`document.activeElement.matches(%q + " *") && !document.activeElement.matches(".close")`, dialog), &within)
		return within
	})
	w.key(kb.Escape)
	w.run("it closes", chromedp.WaitNotPresent(dialog, chromedp.ByQuery))
	eventually(w.t, 30*time.Second, opener+" has the focus again", func() (back bool) {
		w.eval(fmt.Sprintf(`document.activeElement.matches(%q)`, opener), &back)
		return back
	})
}

// TestPagesByKeys: what is managed is managed without a mouse.
func TestPagesByKeys(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	admin := signIn(t, p, "admin", 1440, 900)
	to := func(w *person, page string) {
		w.run("to "+page, chromedp.Navigate(p.url+page), chromedp.WaitVisible(`main h1`, chromedp.ByQuery))
	}
	to(admin, "/people")
	admin.reaches(`header.top .skip`)
	admin.key(kb.Enter)
	admin.opensByKey(`[data-add]`, `dialog.person`)

	// The pages are turned by their links, and one goes on from there.
	admin.reaches(`nav.pages [href="/devices"]`)
	admin.key(kb.Enter)
	admin.see(`[data-enrol]`)
	eventually(t, 30*time.Second, "the link has the focus still", func() (still bool) {
		admin.eval(`document.activeElement.matches("nav.pages [aria-current]")`, &still)
		return still
	})
	to(admin, "/network")
	admin.opensByKey(`.network [data-add]`, `dialog.netrow`)

	desk := signIn(t, p, "li.jing", 1440, 900)
	to(desk, "/stock")
	desk.opensByKey(`.stock [data-scan]`, `dialog.stocking`)
	desk.opensByKey(`.stock [data-count]`, `dialog.stocking`)

	// What was typed is not thrown away at the first Esc.
	to(admin, "/people")
	admin.reaches(`[data-add]`)
	admin.key(kb.Enter)
	admin.see(`dialog.person [name=login]`)
	admin.run("type", chromedp.SendKeys(`dialog.person [name=login]`, "half.a.name"))
	admin.key(kb.Escape)
	admin.see(`dialog.person [data-held]`)
	admin.accessible("it asks before it closes", "light")
	admin.key(kb.Escape)
	admin.run("it closes", chromedp.WaitNotPresent(`dialog.person`, chromedp.ByQuery))

	// A form is filled in, sent and confirmed by keys alone.
	admin.reaches(`[data-add]`)
	admin.key(kb.Enter)
	admin.see(`dialog.person [name=login]`)
	for _, field := range []struct{ name, text string }{{"login", "keys.only"}, {"name_zh", "键盘"}, {"name_en", "Keys Only"}, {"role", "disp"}} {
		eventually(t, 30*time.Second, "the field "+field.name, func() (there bool) {
			admin.eval(fmt.Sprintf(`document.activeElement.name === %q`, field.name), &there)
			if !there {
				admin.key(kb.Tab)
			}
			return there
		})
		admin.run("type", chromedp.KeyEvent(field.text))
	}
	admin.reaches(`dialog.person button.primary`)
	admin.key(kb.Enter)
	admin.see(`dialog .copylink input`)
	for _, w := range []*person{admin, desk} {
		if len(w.bad) > 0 {
			t.Errorf("%s: %v", w.login, w.bad)
		}
	}
}
