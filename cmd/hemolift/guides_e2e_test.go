package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTheGuidesAreRead: the guides are in the program, in both languages, and are searched; nobody
// signs in for them.
func TestTheGuidesAreRead(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	w := stranger(t, p, "reader", 1440, 900)
	w.run("open them", chromedp.Navigate(p.url+"/help"))
	w.see(`.guides article h1`)
	w.shoot("guides")
	w.everywhere("guides")
	w.whole("guides", 320, 390, 1440)
	w.click(`.guides nav a[href="/help/flight-control"]`)
	w.see(`.guides article #alarms`)
	w.run("its picture", chromedp.Poll(`document.querySelector(".guides article img")?.naturalWidth > 0`, nil))

	// The search leads to the heading that has the words.
	w.run("search", chromedp.SendKeys(`.guides input[type=search]`, "alternate pads energy"))
	w.see(`.guides .found button`)
	w.accessible("found in guides", "light", "dark")
	w.shoot("guides-found")
	w.click(`.guides .found li:first-child button`)
	w.see(`.guides article`)
	w.run("at the heading", chromedp.Poll(`(() => {
		const at = document.getElementById(decodeURIComponent(location.hash.slice(1)))
		return location.hash !== "" && at !== null && at.getBoundingClientRect().top < innerHeight
	})()`, nil))

	// In Chinese, where a word is found without spaces.
	w.reads("zh")
	w.run("search", chromedp.SendKeys(`.guides input[type=search]`, "备降停机坪"))
	w.see(`.guides .found button`)
	w.shoot("guides-found-zh")
	w.click(`.guides .found li:first-child button`)
	w.run("in Chinese", chromedp.Poll(`/[一-龥]{4}/.test(document.querySelector(".guides article h1")?.textContent)`, nil))
	w.click(`.guides nav a[href="/help/devices"]`)
	w.run("the devices' too", chromedp.Poll(`document.querySelector(".guides article h1")?.textContent.includes("设备")`, nil))
	w.accessible("a guide in Chinese", "light")
	w.run("nothing found", chromedp.SendKeys(`.guides input[type=search]`, "qqqqzzzz"))
	w.run("it says so", chromedp.Poll(`/qqqqzzzz/.test(document.querySelector(".guides main [role=status]")?.textContent)`, nil))
	if len(w.bad) > 0 {
		t.Error(w.bad)
	}
}
