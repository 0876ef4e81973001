package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"hemolift/web/provider/providertest"
)

// TestPeopleSignInByAProvider: in a real browser, whose cookies cross from one site to another, people
// sign in by a real provider, and join their accounts to it.
func TestPeopleSignInByAProvider(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	_ = l.Close()
	page := "http://localhost:" + port // another site than the provider's
	at := providertest.New(t, page+"/auth/callback")
	dir := t.TempDir()
	file := func(name, text string) string {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, name)
	}
	startDemo(t, dataDir(t), "-requests-per-hour", "0", "-addr", "127.0.0.1:"+port,
		"-oidc-issuer", at.URL, "-oidc-client", providertest.ClientID, "-oidc-secret", file("secret", providertest.Secret+"\n"),
		"-page", page, "-oidc-name", "City Hospital", "-oidc-claim", "email", "-oidc-roles", file("roles.csv", "value,role,site\n"+providertest.Email+",dispatcher,SYBC\n"))

	w := &person{t: t, ctx: browser(t, 390, 844), login: "test-user", wide: 390, high: 844}
	atProvider := func(user string) {
		w.run("at the provider", chromedp.WaitVisible(`input[name=username]`), chromedp.SendKeys(`input[name=username]`, user),
			chromedp.SendKeys(`input[name=password]`, providertest.Password))
		w.click(`button[type=submit]`)
	}
	w.run("open the page", chromedp.EmulateViewport(390, 844), chromedp.Navigate(page))
	w.see(`[data-provider]`)
	w.accessible("sign-in with a provider", "light", "dark")
	w.whole("sign-in with a provider", 320, 390, 1440)
	w.shoot("provider-signin")
	w.click(`[data-provider]`)
	atProvider(providertest.Other)
	w.see(`.signin .refusal`)
	if said := w.text(`.signin .refusal`); !strings.Contains(said, "No role") {
		t.Errorf("somebody without a role is told %q", said)
	}
	w.accessible("nobody by a provider", "light")
	w.shoot("provider-refused")
	w.click(`[data-provider]`)
	atProvider(at.User())
	w.see(`header.top`)
	var login string
	w.eval(`document.querySelector("header.top .menu summary").textContent`, &login)
	if !strings.Contains(login, "Test User") {
		t.Errorf("signed in as %q", login)
	}
	w.run("again after a reload", chromedp.Reload(), chromedp.WaitVisible(`header.top`))
}
