package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	mqtt "github.com/eclipse/paho.mqtt.golang"

	"hemolift/dispatch/network"
	"hemolift/web/api"
)

const (
	firstPassword = "several quiet ladders"
	wardPassword  = "turnip over marble sky"
)

// chooses opens an invitation's link, and chooses a password there.
func (w *person) chooses(link, password string) {
	w.t.Helper()
	w.run("follow the link", chromedp.Navigate(link))
	w.see(`.invitation input[name=new-password]`)
	w.accessible("an invitation", "light", "dark")
	w.whole("an invitation", 320, 390, 1440)
	w.shoot("invitation")
	w.run("choose a password", chromedp.SendKeys(`input[name=new-password]`, password, chromedp.ByQuery))
	w.click(`.invitation button.primary`)
	w.see(`header.top`)
}

// fills types into a field, or chooses in a list.
func (w *person) fills(field, value string) {
	w.t.Helper()
	w.run("fill "+field, chromedp.WaitReady(field, chromedp.ByQuery), chromedp.Evaluate(fmt.Sprintf(`(() => {
		const el = document.querySelector(%q)
		el.value = %q
		el.dispatchEvent(new Event(el.tagName === "SELECT" ? "change" : "input", {bubbles: true}))
	})()`, field, value), nil))
}

// A server that has just been installed: its first administrator chooses a password by the
// link that it printed, invites a ward, who chooses one too, on a phone; the ward forgets it
// and gets another link; what it is signed in to ends when it is disabled.
func TestAnAdministratorInvitesPeople(t *testing.T) {
	t.Parallel()
	files := dataDir(t)
	if err := os.CopyFS(files, network.Shenyang()); err != nil {
		t.Fatal(err)
	}
	p := startServe(t, dataDir(t), "-network", files)
	if p.link == "" {
		t.Fatal("no link for the first account")
	}
	admin := stranger(t, p, "admin", 1440, 900)
	admin.chooses(p.url+p.link, firstPassword)
	admin.run("to the people", chromedp.Navigate(p.url+"/people"))
	admin.see(`.people tr[data-login=admin]`)

	// A ward is added.
	admin.click(`.people [data-add]`)
	admin.see(`dialog.person form`)
	admin.fills(`dialog.person [name=login]`, "hu.lan")
	admin.fills(`dialog.person [name=name_zh]`, "胡兰")
	admin.fills(`dialog.person [name=name_en]`, "Hu Lan")
	admin.fills(`dialog.person [name=role]`, "hospital")
	admin.fills(`dialog.person [name=site]`, "SY06")
	admin.accessible("a new account", "light", "dark")
	admin.whole("a new account", 320, 390, 1440)
	admin.shoot("person-new")
	admin.click(`dialog.person button.primary`)
	link := admin.linkMade()
	admin.accessible("a link", "light")
	admin.shoot("person-link")
	admin.closes()
	admin.see(`.people tr[data-login="hu.lan"] [data-withdraw]`)
	admin.everywhere("people")
	admin.whole("people", 320, 390, 1024, 1440)
	admin.shoot("people")

	ward := stranger(t, p, "hu.lan", 390, 844)
	ward.chooses(p.url+link, wardPassword)
	ward.see(`.col.form form`)
	ward.run("the link again", chromedp.Navigate(p.url+link))
	ward.run("it opens nothing", chromedp.Poll(`/opens nothing/.test(document.querySelector("main.invitation h1")?.innerText)`, nil))
	ward.accessible("a link that was used", "light")

	// Ten minutes later the administrator is asked for the password again.
	p.sql(`UPDATE session SET confirmed_at = confirmed_at - interval '11 minutes'`)
	admin.click(`.people tr[data-login="hu.lan"] [data-invite]`)
	admin.see(`dialog.sure input[name=confirm]`)
	admin.accessible("the password again", "light", "dark")
	admin.whole("the password again", 320, 390, 1440)
	admin.shoot("person-sure")
	admin.run("a wrong one", chromedp.SendKeys(`dialog.sure input`, "wrong\r", chromedp.ByQuery))
	admin.see(`dialog.sure .refusal`)
	admin.run("the right one", chromedp.SendKeys(`dialog.sure input`, firstPassword+"\r", chromedp.ByQuery))
	again := admin.linkMade()
	if again == link {
		t.Error("the second link is the first one")
	}
	admin.closes()

	// It is used at another screen: the ward's first page ends, for the password is another.
	ward.run("to the page", chromedp.Navigate(p.url))
	ward.see(`.col.form form`)
	desk := stranger(t, p, "hu.lan", 1440, 900)
	desk.chooses(p.url+again, "marble over turnip sea")
	ward.see(`dialog.again input[name=again]`)

	// One's own password, on the page.
	desk.run("to the sessions", chromedp.Evaluate(`document.querySelector(".top [data-sessions]").click()`, nil))
	desk.see(`dialog.sessions .password summary`)
	desk.click(`dialog.sessions .password summary`)
	desk.run("the same words as the account", chromedp.SendKeys(`.password input[name=password]`, "marble over turnip sea", chromedp.ByQuery),
		chromedp.SendKeys(`.password input[name=new-password]`, "hu.lan hu.lan", chromedp.ByQuery))
	desk.accessible("another password", "light", "dark")
	desk.whole("another password", 320, 390, 1440)
	desk.click(`.password button.primary`)
	desk.see(`.password .refusal`)
	desk.fills(`.password input[name=password]`, "marble over turnip sea")
	desk.fills(`.password input[name=new-password]`, wardPassword)
	desk.click(`.password button.primary`)
	desk.see(`.password [role=status]`)
	desk.key("\u001b")

	// Disabled, it is out at once.
	admin.click(`.people tr[data-login="hu.lan"] [data-change]`)
	admin.see(`dialog.person [name=disabled]`)
	admin.click(`dialog.person [name=disabled]`)
	admin.see(`dialog.person [role=status]`)
	admin.shoot("person-change")
	begun := time.Now()
	admin.click(`dialog.person button.primary`)
	admin.see(`.people tr.off[data-login="hu.lan"]`)
	desk.see(`dialog.again input[name=again]`)
	t.Logf("its page knew within %v", time.Since(begun).Round(100*time.Millisecond))
	desk.run("its password", chromedp.SendKeys(`dialog.again input`, wardPassword+"\r", chromedp.ByQuery))
	desk.see(`dialog.again .fault`)
	for _, w := range []*person{admin} {
		if len(w.bad) > 0 {
			t.Errorf("%s: %v", w.login, w.bad)
		}
	}
}

// An administrator gives a drone a code; the drone has its secret for it, and connects.
func TestADeviceIsEnrolledOnThePage(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-speed", "1", "-requests-per-hour", "0")
	admin := signIn(t, p, "admin", 1440, 900)
	admin.run("to the devices", chromedp.Navigate(p.url+"/devices"))
	row := `.people tr[data-device="BX-030"]`
	admin.see(row)
	admin.everywhere("devices")
	admin.whole("devices", 320, 390, 1024, 1440)
	admin.shoot("devices")
	admin.click(row + ` [data-enrol]`)
	admin.see(`dialog.code [data-code]`)
	admin.accessible("a code", "light", "dark")
	admin.whole("a code", 320, 390, 1440)
	admin.shoot("device-code")
	var s api.Secret
	body := api.Enrol{Device: "BX-030", Code: admin.text(`dialog.code [data-code]`)}
	if err := (apiClient{url: p.url}).call(t.Context(), "POST", "/enrolment", body, &s); err != nil {
		t.Fatal(err)
	}
	cut := make(chan error, 1)
	client := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://" + p.mqtt).SetClientID(s.Device).SetUsername(s.Device).SetPassword(s.Secret).
		SetAutoReconnect(false).SetConnectionLostHandler(func(_ mqtt.Client, err error) { cut <- err }))
	if tok := client.Connect(); !tok.WaitTimeout(time.Minute) || tok.Error() != nil {
		t.Fatalf("connect by the secret: %v", tok.Error())
	}
	admin.closes()
	admin.click(`.find button`)
	admin.run("it has a secret since", chromedp.Poll(fmt.Sprintf(`/since/.test(document.querySelector(%q)?.innerText)`, row), nil))

	// Its own page: the log of what was done to it, what that says is due, and the end of its secret.
	admin.click(row + ` a`)
	admin.see(`.devices h1 code`)
	day := func(days int) string { return demoNow(t, p).AddDate(0, 0, days).Format(time.DateOnly) }
	admin.click(`[data-add=maintenance]`)
	admin.fills(`dialog select[name=kind]`, "validation")
	admin.fills(`dialog [name=done_on]`, day(-30))
	admin.fills(`dialog [name=what]`, "summer profile held for 8 h")
	admin.fills(`dialog [name=due_on]`, day(5))
	admin.everywhere("maintenance")
	admin.whole("maintenance", 320, 390, 1440)
	admin.shoot("device-maintenance")
	admin.click(`dialog form button.primary`)
	admin.see(`.dues [data-due=soon]`)
	admin.click(`[data-add=calibration]`)
	admin.fills(`dialog [name=certificate]`, "K-2044")
	admin.fills(`dialog [name=calibrated_on]`, day(-400))
	admin.fills(`dialog [name=due_on]`, day(-35))
	admin.click(`dialog form button.primary`)
	admin.see(`.dues [data-due=overdue]`)
	admin.everywhere("a device")
	admin.whole("a device", 320, 390, 1024, 1440)
	admin.shoot("device")
	admin.run("on a phone", chromedp.EmulateViewport(390, 844))
	admin.shoot("device-390")
	admin.run("at the desk", chromedp.EmulateViewport(1440, 900))
	admin.click(`[data-strike]`)
	admin.fills(`dialog [name=why]`, "of BX-031")
	admin.click(`dialog form button.primary`)
	admin.run("it counts no more", chromedp.WaitVisible(`tr.struck`, chromedp.ByQuery), chromedp.WaitNotPresent(`.dues [data-due=soon]`, chromedp.ByQuery))
	admin.click(`[data-revoke]`)
	admin.click(`dialog [data-revoke-go]`)
	select {
	case <-cut:
	case <-time.After(time.Minute):
		t.Error("a device whose secret was taken away stays connected")
	}
	admin.run("it has none", chromedp.WaitNotPresent(`[data-revoke]`, chromedp.ByQuery))
	admin.run("to a drone", chromedp.Navigate(p.url+"/devices/HL-01"))
	admin.see(`.devices h1 code`)
	admin.run("and back", chromedp.Click(`.devices a[href="/devices"]`, chromedp.ByQuery))
	admin.see(row + ` [data-due=overdue]`)
	if len(admin.bad) > 0 {
		t.Errorf("%s: %v", admin.login, admin.bad)
	}
}

// The only administrator has lost the password: the operator has a link printed at the start, and
// at no other start.
func TestTheOnlyAdministratorLostThePassword(t *testing.T) {
	t.Parallel()
	data := dataDir(t)
	accepts := func(p *process, password string) {
		t.Helper()
		_, token, _ := strings.Cut(p.link, "#")
		body := api.ChosenPassword{Password: password}
		if err := (apiClient{url: p.url}).call(t.Context(), "POST", "/invitation", body, nil, "Invitation-Token", token); err != nil {
			t.Fatalf("%q: %v", p.link, err)
		}
		p.password = password
		p.client("admin")
	}
	p := startServe(t, data)
	accepts(p, firstPassword)
	p.stop()
	if p = startServe(t, data); p.link != "" {
		t.Errorf("a link without need: %s", p.link)
	}
	p.stop()
	accepts(startServe(t, data, "-invite", "admin"), wardPassword)
}

// linkMade is the link that was just made, of the server itself.
func (w *person) linkMade() (link string) {
	w.t.Helper()
	w.see(`dialog.invited .copylink input`)
	w.eval(`document.querySelector("dialog.invited .copylink input").value`, &link)
	_, token, _ := strings.Cut(link, "#")
	return "/invitation#" + token
}

// closes ends the dialog on top, once more where it asks about what was typed.
func (w *person) closes() {
	w.t.Helper()
	w.key("\u001b")
	w.run("the dialog closes, or asks", chromedp.Poll(`!document.querySelector("dialog[open]") || document.querySelector("[data-held]") !== null`, nil))
	var asks bool
	if w.eval(`document.querySelector("[data-held]") !== null`, &asks); asks {
		w.key("\u001b")
	}
	w.run("the dialog closes", chromedp.WaitNotPresent(`dialog[open]`, chromedp.ByQuery))
}
