package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// loads is put into a page before it begins: it notes when the queue can be used, and what
// keeps the page busy after that, in ms.
const loads = `
	window.usable = 0
	window.longest = 0
	new PerformanceObserver(list => {
		for (const task of list.getEntries()) if (window.usable > 0 && task.startTime > window.usable) window.longest = Math.max(window.longest, task.duration)
	}).observe({type: "longtask", buffered: true})
	const look = () => {
		if (document.querySelector(".queue .card .body, .queue .empty, .col.form form, .strip button") === null) return requestAnimationFrame(look)
		window.usable = performance.now()
	}
	requestAnimationFrame(look)
`

// BenchmarkPage opens pages five times on a processor that is four times slower, in a
// demonstration, and reports the medians: from the navigation until the queue, the form or the
// strips can be used, and the longest task in the five seconds after that.
func BenchmarkPage(b *testing.B) {
	for _, c := range []struct{ login, path string }{{"li.jing", "/live"}, {"sun.tao", "/control"}, {"zhang.min", "/"}} {
		b.Run(c.login, func(b *testing.B) {
			p := startDemo(b, dataDir(b), "-speed", "20", "-requests-per-hour", "20")
			w := signIn(b, p, c.login, 1440, 900, sliding)
			var usable, longest []float64
			for range 5 {
				var u, l float64
				w.run("open",
					chromedp.ActionFunc(func(ctx context.Context) error {
						_, err := page.AddScriptToEvaluateOnNewDocument(loads).Do(ctx)
						return err
					}),
					emulation.SetCPUThrottlingRate(4), chromedp.Navigate(p.url+c.path),
					chromedp.Poll(`window.usable > 0 && performance.now() > window.usable + 5000`, nil),
					chromedp.Evaluate(`window.usable`, &u), chromedp.Evaluate(`window.longest`, &l))
				usable, longest = append(usable, u), append(longest, l)
			}
			slices.Sort(usable)
			slices.Sort(longest)
			b.ReportMetric(usable[2], "ms-usable")
			b.ReportMetric(longest[2], "ms-longest-task")
		})
	}
}

// BenchmarkRequest asks for blood five times by four taps on a phone, and reports the median from
// the first tap until the server's answer is shown.
func BenchmarkRequest(b *testing.B) {
	p := startDemo(b, dataDir(b), "-requests-per-hour", "0")
	w := signIn(b, p, "zhang.min", 390, 844)
	var took []float64
	for _, group := range []string{"O+", "A+", "B+", "O-", "A-"} {
		w.run("open", chromedp.Navigate(p.url+"/"))
		w.see(`form.request`)
		begun := time.Now()
		w.taps("red_cells", group)
		w.see(`.tracking`)
		took = append(took, time.Since(begun).Seconds())
	}
	slices.Sort(took)
	b.ReportMetric(took[2], "s-request")
}
