package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPolicyIsApproved: an administrator proposes another policy on the page, quality approves it
// by password, and it counts at once; what is wrong is said by its place; what nobody has approved says so.
func TestPolicyIsApproved(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	admin := signIn(t, p, "admin", 1440, 900)
	admin.run("to the documents", chromedp.Navigate(p.url+"/documents"))
	admin.see(`[data-kind=policy] [data-state=in_force]`)
	admin.see(`[data-kind=profiles] [data-state=in_force]`)
	admin.shoot("documents")
	admin.everywhere("documents")
	admin.whole("documents", 320, 390, 1440)

	// A value that is none is found by its line; put right, it is proposed with a reason.
	to := func(value string) {
		admin.see(`[data-row="reserve_units"]`)
		admin.click(`[data-row="reserve_units"] [data-edit]`)
		admin.fills(`dialog [name=value]`, value)
		admin.click(`[data-keep]`)
		admin.click(`[data-preview]`)
	}
	admin.click(`[data-change=policy]`)
	admin.see(`[data-draft] [data-row="reserve_open stat"]`)
	admin.accessible("a draft", "light", "dark")
	admin.shoot("documents-draft")
	to("many")
	admin.see(`ul.faults`)
	if said := admin.text(`ul.faults`); !strings.Contains(said, "reserve_units") {
		t.Errorf("the fault is told as %q", said)
	}
	admin.accessible("a draft with a fault", "light")
	admin.click(`[data-back]`)
	to("3")
	admin.see(`[data-difference="reserve_units"]`)
	admin.whole("a draft that differs", 390, 1440)
	admin.shoot("documents-differs")
	admin.fills(`dialog [name=why]`, "winter: more emergencies")
	admin.click(`[data-propose]`)
	admin.see(`[data-proposed]`)
	admin.see(`[data-kind=policy] [data-state=waiting]`)

	// Who proposed it sees no way to approve it; quality approves it.
	admin.click(`[data-kind=policy] [data-state=waiting] [data-look]`)
	admin.see(`dialog [data-difference="reserve_units"]`)
	quality := signIn(t, p, "qin.yue", 390, 844)
	quality.run("to the documents", chromedp.Navigate(p.url+"/documents"))
	quality.see(`[data-kind=policy] [data-state=waiting]`)
	quality.shoot("documents-390")
	quality.click(`[data-kind=policy] [data-state=waiting] [data-look]`)
	quality.see(`dialog [data-difference="reserve_units"]`)
	quality.click(`dialog [name=verdict][value=approved]`)
	quality.everywhere("a decision")
	quality.whole("a decision", 320, 390)
	quality.shoot("documents-decision-390")
	quality.fills(`dialog [name=password]`, "not hers")
	quality.click(`dialog form button.primary`)
	quality.see(`dialog .refusal`)
	quality.fills(`dialog [name=password]`, p.password)
	quality.click(`dialog form button.primary`)
	quality.see(`dialog [data-state=in_force]`)
	quality.shoot("documents-approved-390")

	// It counts, and the built-in one is in the past; its differences are kept.
	admin.closes()
	admin.click(`[data-again]`)
	admin.see(`[data-kind=policy] [data-state=superseded]`) // the list has come
	if said := admin.text(`[data-kind=policy] [data-state=in_force]`); !strings.Contains(said, "qin.yue") || !strings.Contains(said, "winter") {
		t.Errorf("in force: %q", said)
	}

	// The profiles that came with the program are approved while they count.
	quality.closes()
	quality.click(`[data-kind=profiles] [data-state=in_force] [data-look]`)
	quality.click(`dialog [name=verdict][value=approved]`)
	quality.fills(`dialog [name=password]`, p.password)
	quality.click(`dialog form button.primary`)
	quality.run("approved", chromedp.WaitNotPresent(`dialog form`, chromedp.ByQuery))
	for _, w := range []*person{admin, quality} {
		if len(w.bad) > 0 {
			t.Errorf("%s: %v", w.login, w.bad)
		}
	}
}
