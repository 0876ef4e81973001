package main

import (
	"context"
	"net"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// TestPeopleSignInByAPasskey: in a real browser with an authenticator, a person adds a passkey, signs out,
// signs in by it, and confirms by it what only they may do.
func TestPeopleSignInByAPasskey(t *testing.T) {
	t.Parallel()
	_, port, _ := net.SplitHostPort(freePort(t))
	page := "http://localhost:" + port // a name, as passkeys belong to one
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0", "-addr", "127.0.0.1:"+port, "-page", page)
	w := &person{t: t, ctx: browser(t, 1440, 900), login: "admin", wide: 1440, high: 900}
	var unlocked webauthn.AuthenticatorID
	w.run("a computer with a fingerprint reader", webauthn.Enable(), chromedp.ActionFunc(func(ctx context.Context) (err error) {
		unlocked, err = webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}).Do(ctx)
		return err
	}))
	w.run("sign in", chromedp.Navigate(page), chromedp.SendKeys(`input[name=login]`, "admin"), chromedp.SendKeys(`input[name=password]`, p.password))
	w.click(`button.primary`)
	w.see(`header.top`)
	w.run("to where I am signed in", chromedp.Evaluate(`document.querySelector(".top [data-sessions]").click()`, nil))
	w.fills(`dialog.sessions [name=passkey]`, "desk reader")
	w.everywhere("passkeys")
	w.whole("passkeys", 320, 390, 1440)
	w.click(`dialog.sessions [data-add-passkey]`)
	w.see(`dialog.sessions [data-key]`)
	w.shoot("passkeys")
	w.closes()

	w.run("sign out", chromedp.Evaluate(`document.querySelector(".menu [data-sign-out]").click()`, nil))
	w.see(`main.signin [data-passkey]`)
	w.everywhere("sign-in with passkeys")
	w.whole("sign-in with passkeys", 320, 390, 1440)
	w.shoot("passkey-signin")
	w.click(`main.signin [data-passkey]`)
	w.see(`header.top`)
	p.sql(`UPDATE session SET confirmed_at = now() - interval '1 hour'`)
	w.run("to the devices", chromedp.Navigate(page+"/devices/HL-01"))
	w.click(`[data-enrol]`)
	w.click(`dialog.sure [data-confirm-passkey]`)
	w.see(`dialog.code [data-code]`)
	w.closes()

	// Who does not unlock it is not let in, and is told nothing wrong.
	w.run("nobody unlocks it", webauthn.SetUserVerified(unlocked, false))
	w.run("sign out again", chromedp.Evaluate(`document.querySelector(".menu [data-sign-out]").click()`, nil))
	w.see(`main.signin [data-passkey]`)
	w.click(`main.signin [data-passkey]`)
	w.run("it waits again", chromedp.WaitEnabled(`main.signin [data-passkey]`, chromedp.ByQuery), chromedp.WaitNotPresent(`header.top`, chromedp.ByQuery))
}
