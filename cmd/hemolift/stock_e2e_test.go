package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"hemolift/web/api"
)

// A dispatcher takes units in by list and by scan, puts one aside, releases it, and counts the
// shelf; an administrator finds all of it in the log.
func TestStockOnThePage(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-speed", "1", "-requests-per-hour", "0")
	desk := signIn(t, p, "li.jing", 1440, 900)
	desk.run("to the stock", chromedp.Navigate(p.url+"/stock"))
	desk.see(`.stock [data-shelf="red_cells O-"]`)
	desk.see(`.stock tr[data-unit]`)
	desk.everywhere("stock")
	desk.whole("stock", 320, 390, 1024, 1440)
	desk.shoot("stock")

	// A list with a line that is refused adds nothing; corrected, it adds all; again, nothing.
	head := "din,product_code,component,blood_group,mass_g,expires_at\n"
	good := "A999955000001,E0336V00,red_cells,O-,320,2031-01-01\n=A99995500000200,=<E0336V00,red_cells,=%9500,320,2031-01-01\n"
	file := filepath.Join(t.TempDir(), "list.csv")
	list := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		desk.run("choose a list", chromedp.SetUploadFiles(`dialog.stocking input[type=file]`, []string{file}, chromedp.ByQuery))
	}
	desk.click(`.stock [data-list]`)
	desk.see(`dialog.stocking input[type=file]`)
	list(head + good + "A999955000003,E0336V00,red_cells,Z,320,2031-01-01\n")
	desk.see(`dialog.stocking tr.refused`)
	desk.accessible("a list with a fault", "light", "dark")
	desk.whole("a list with a fault", 320, 390, 1440)
	desk.shoot("stock-list")
	var offered bool
	if desk.eval(`document.querySelector("dialog.stocking [data-add-list]") !== null`, &offered); offered {
		t.Error("a list with a fault may be added")
	}
	list(head + good)
	desk.click(`dialog.stocking [data-add-list]`)
	desk.see(`dialog.stocking [data-done]`)
	list(head + good)
	desk.run("all are on record", chromedp.Poll(`/nothing to add/.test(document.querySelector("dialog.stocking")?.innerText)`, nil))
	desk.closes()

	// A bag by its bar codes.
	desk.click(`.stock [data-scan]`)
	for _, scan := range []string{"=A99995500000300", "=<E0336V00", "=%9500", "&>0310012359"} {
		desk.run("scan "+scan, chromedp.SendKeys(`dialog.stocking input[name=scan]`, scan+"\r", chromedp.ByQuery),
			chromedp.Poll(`document.querySelector("dialog.stocking input[name=scan]").value === ""`, nil))
	}
	desk.run("the label filled it in", chromedp.Poll(`["A999955000003", "E0336V00", "O-", "2031-01-01T23:59"].join() ===
		["din", "product_code", "group", "expires"].map((n) => document.querySelector("dialog.stocking [name=" + n + "]").value).join()`, nil))
	desk.fills(`dialog.stocking [name=mass]`, "310")
	desk.accessible("a bag's form", "light", "dark")
	desk.whole("a bag's form", 320, 390, 1440)
	desk.shoot("stock-scan")
	desk.click(`dialog.stocking form:not(.bagscan) button.primary`)
	desk.see(`dialog.stocking [data-said]`)
	// The next bag's scans reach the field for scans, wherever the focus went meanwhile.
	for _, focus := range []string{"[name=mass]", "[name=din]", "[name=group]", "button.primary"} {
		desk.run("focus at "+focus, chromedp.Evaluate(fmt.Sprintf(`document.querySelector("dialog.stocking form:not(.bagscan) %s").focus()`, focus), nil))
		desk.scanner("=A99995500000400")
		desk.run("it was read", chromedp.Poll(`["A999955000004", "", "", ""].join() === ["din", "product_code", "group", "mass"]
			.map((n) => document.querySelector("dialog.stocking [name=" + n + "]").value).join()`, nil))
		desk.click(`dialog.stocking form:not(.bagscan) button.plain`)
	}
	desk.closes()
	// Where nothing asks for a scan, what is typed stays, however fast.
	desk.focuses(`.stock input[name=number]`)
	desk.run("typed fast", chromedp.Evaluate(`{for (const key of "=A99995500000400") {
		const at = document.activeElement
		if (at.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}))) at.value += key
	} document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true}))}`, nil),
		chromedp.Poll(`document.querySelector(".stock input[name=number]").value === "=A99995500000400"`, nil))

	// One is put aside, with a reason, and released.
	row := `.stock tr[data-unit=A999955000003]`
	find := func(status string) {
		t.Helper()
		desk.fills(`.stock input[name=number]`, "A99995500000")
		desk.fills(`.stock select[name=status]`, status)
		desk.see(row)
	}
	move := func(m string) {
		t.Helper()
		desk.click(row + ` input[type=checkbox]`)
		desk.click(fmt.Sprintf(`.stock [data-move=%s]:not(:disabled)`, m))
		desk.see(`dialog.moving [name=reason]`)
		desk.fills(`dialog.moving [name=reason]`, "a leak was seen")
		desk.accessible("a move", "light")
		desk.whole("a move", 320, 390, 1440)
		desk.shoot("stock-" + m)
		desk.click(`dialog.moving button.primary`)
		desk.run("it is gone from here", chromedp.Poll(fmt.Sprintf(`document.querySelector(%q) === null`, row), nil))
	}
	find("in_stock")
	move("quarantine")
	find("quarantined")
	move("release")
	find("in_stock")
	desk.click(row + ` button.link`)
	desk.run("its past", chromedp.Poll(`document.querySelectorAll("dialog.past ol li").length === 3`, nil))
	desk.accessible("a unit's past", "light", "dark")
	desk.shoot("stock-past")
	desk.closes()

	// The shelf is counted: two of the bags are scanned, and one that is on no record.
	desk.click(`.stock [data-shelf="red_cells O-"]`)
	desk.click(`.stock [data-count]`)
	for i, din := range []string{"=A99995500000100", "=A99995500000200", "=A99995500000900"} {
		for _, scan := range []string{din, "=<E0336V00"} {
			desk.run("scan "+scan, chromedp.SendKeys(`dialog.stocking input[name=scan]`, scan+"\r", chromedp.ByQuery),
				chromedp.Poll(`document.querySelector("dialog.stocking input[name=scan]").value === ""`, nil))
		}
		desk.run("it is counted", chromedp.Poll(fmt.Sprintf(`/\b%d bags scanned/.test(document.querySelector("dialog.stocking").innerText)`, i+1), nil))
	}
	desk.click(`dialog.stocking [data-compare]`)
	desk.see(`dialog.stocking [data-outcome]`)
	var units []api.StockUnit
	if err := p.as("li.jing").call(t.Context(), "GET", "/units?site=SYBC&component=red_cells&blood_group=O-&limit=500", nil, &units); err != nil {
		t.Fatal(err)
	}
	missing := -2
	for _, u := range units {
		if u.Status == "in_stock" || u.Status == "reserved" || u.Status == "quarantined" {
			missing++
		}
	}
	if said := desk.text(`dialog.stocking [data-outcome]`); missing < 1 || !strings.Contains(said, fmt.Sprintf("Missing: %d", missing)) ||
		!strings.Contains(said, "Not expected here: 1") || !strings.Contains(said, "on no record") {
		t.Errorf("%d are missing, the page says %s", missing, said)
	}
	desk.accessible("a count", "light", "dark")
	desk.whole("a count", 320, 390, 1440)
	desk.shoot("stock-count")
	desk.closes()
	desk.reads("zh")
	desk.whole("stock in Chinese", 320, 390, 1440)
	desk.accessible("stock in Chinese", "light")
	desk.shoot("stock-zh")

	admin := signIn(t, p, "admin", 1440, 900)
	admin.run("to the log", chromedp.Navigate(p.url+"/audit"))
	admin.see(`.audit tr[data-seq]`)
	admin.everywhere("the log")
	admin.whole("the log", 320, 390, 1024, 1440)
	admin.fills(`.audit [name=about]`, "A999955000003")
	admin.fills(`.audit [name=actor]`, "li.jing")
	admin.click(`.audit form button.primary`)
	admin.run("its three events", chromedp.Poll(`document.querySelectorAll(".audit tr[data-seq]").length === 3`, nil))
	admin.shoot("audit")
	admin.run("to the stock", chromedp.Navigate(p.url+"/stock"))
	admin.see(`.stock [data-shelf="red_cells O-"]`)
	admin.whole("stock of an administrator", 390, 1440)
	for _, w := range []*person{desk, admin} {
		if len(w.bad) > 0 {
			t.Errorf("%s: %v", w.login, w.bad)
		}
	}
}

// signs looks at a delivery's record and rejects it, which needs a reason and the password.
func (w *person) signs(p *process, delivery string) {
	w.t.Helper()
	w.run("to the records", chromedp.Navigate(p.url+"/records"))
	row := fmt.Sprintf(`.records tr[data-delivery=%q]`, delivery)
	w.see(row)
	w.everywhere("records")
	w.whole("records", 320, 390, 1024, 1440)
	w.shoot("records")
	w.click(row + ` [data-look]`)
	w.see(`dialog.record form.sign`)
	w.see(`dialog.record .verdicts li`)
	w.accessible("a record to sign", "light", "dark")
	w.whole("a record to sign", 320, 390, 1440)
	w.shoot("record-sign")
	w.click(`dialog.record [name=meaning][value=rejected]`)
	w.fills(`dialog.record [name=note]`, "received in spite of the advice")
	w.fills(`dialog.record [name=password]`, "not the password")
	w.click(`dialog.record form.sign button.primary`)
	w.see(`dialog.record .refusal`)
	w.fills(`dialog.record [name=password]`, p.password)
	w.click(`dialog.record form.sign button.primary`)
	w.see(`dialog.record [data-signed] li`)
	w.accessible("a record that is signed", "light", "dark")
	w.shoot("record-signed")
	w.closes()
	w.run("it waits no more", chromedp.WaitNotPresent(row, chromedp.ByQuery))
}
