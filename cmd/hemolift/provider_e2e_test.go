package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"hemolift/web/provider/providertest"
)

// TestPeopleSignInByAProvider: in a real browser, whose cookies cross from one site to another, people
// sign in by a real provider, and join their accounts to it.
func TestPeopleSignInByAProvider(t *testing.T) {
	t.Parallel()
	_, port, _ := net.SplitHostPort(freePort(t))
	url := "http://localhost:" + port // another site than the provider's
	at := providertest.New(t, url+"/auth/callback")
	dir := t.TempDir()
	file := func(name, text string) string {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, name)
	}
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0", "-addr", "127.0.0.1:"+port,
		"-oidc-issuer", at.URL, "-oidc-client", providertest.ClientID, "-oidc-secret", file("secret", providertest.Secret+"\n"),
		"-page", url, "-oidc-name", "City Hospital", "-oidc-claim", "email", "-oidc-roles", file("roles.csv", "value,role,site\n"+providertest.Email+",admin,\n"))

	w := &person{t: t, ctx: browser(t, 390, 844), login: "test-user", wide: 390, high: 844}
	atProvider := func(w *person, user string) {
		t.Helper()
		w.run("at the provider", chromedp.WaitVisible(`input[name=username]`), chromedp.SendKeys(`input[name=username]`, user),
			chromedp.SendKeys(`input[name=password]`, providertest.Password))
		w.click(`button[type=submit]`)
	}
	w.run("open the page", chromedp.EmulateViewport(390, 844), chromedp.Navigate(url))
	w.see(`[data-provider]`)
	w.accessible("sign-in with a provider", "light", "dark")
	w.whole("sign-in with a provider", 320, 390, 1440)
	w.shoot("provider-signin")
	w.click(`[data-provider]`)
	atProvider(w, providertest.Other)
	w.see(`.signin .refusal`)
	if said := w.text(`.signin .refusal`); !strings.Contains(said, "No role") {
		t.Errorf("somebody without a role is told %q", said)
	}
	w.accessible("nobody by a provider", "light")
	w.shoot("provider-refused")
	w.click(`[data-provider]`)
	atProvider(w, at.User())
	w.see(`header.top`)
	var login string
	w.eval(`document.querySelector("header.top .menu summary").textContent`, &login)
	if !strings.Contains(login, "Test User") {
		t.Errorf("signed in as %q", login)
	}
	w.run("again after a reload", chromedp.Reload(), chromedp.WaitVisible(`header.top`))

	// An hour later the provider is asked again, beside the page, which goes on by itself.
	p.sql(`UPDATE session SET confirmed_at = now() - interval '1 hour'`)
	w.run("to a device", chromedp.Navigate(url+"/devices/HL-01"))
	w.click(`[data-enrol]`)
	w.see(`dialog.sure [data-confirm-provider]`)
	w.run("no password is asked for", chromedp.WaitNotPresent(`dialog.sure input`, chromedp.ByQuery))
	w.everywhere("confirm by a provider")
	w.whole("confirm by a provider", 320, 390, 1440)
	w.shoot("provider-confirm")
	// The page there ends as soon as it can: whoever drives it may be left without an answer.
	beside := func(user, came string) {
		t.Helper()
		opened := chromedp.WaitNewTarget(w.ctx, func(i *target.Info) bool { return i.Type == "page" })
		w.click(`dialog.sure [data-confirm-provider]`)
		var there context.Context
		select {
		case id := <-opened:
			ctx, done := chromedp.NewContext(w.ctx, chromedp.WithTargetID(id))
			defer done()
			there = ctx
		case <-time.After(time.Minute):
			t.Fatal("no page of the provider's")
		}
		fill := fmt.Sprintf(`(([name, password, go]) => name && (name.value = %q, password.value = %q, setTimeout(() => go.click()), true))(
			["input[name=username]", "input[name=password]", "button[type=submit]"].map(s => document.querySelector(s)))`, user, providertest.Password)
		eventually(t, 2*time.Minute, came, func() (done bool) {
			ctx, cancel := context.WithTimeout(there, 3*time.Second)
			defer cancel()
			_ = chromedp.Run(ctx, chromedp.Evaluate(fill, nil))
			w.eval(came, &done)
			return done
		})
	}
	beside(providertest.Other, `/another person/.test(document.querySelector("dialog.sure .refusal")?.innerText)`)
	beside(at.User(), `!!document.querySelector("dialog.code [data-code]")`)
}
