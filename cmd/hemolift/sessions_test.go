package main

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// People see on the page where they are signed in, and end another browser's session.
func TestOnesOwnSessionsOnThePage(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	for _, x := range []struct {
		login         string
		width, height int
	}{{"li.jing", 1440, 900}, {"zhang.min", 390, 844}} {
		other := signIn(t, p, x.login, x.width, x.height)
		w := signIn(t, p, x.login, x.width, x.height)
		w.click(`header.top .menu summary`)
		w.shoot("menu-" + x.login)
		w.click(`header.top .menu [data-sessions]`)
		w.see(`.modal.sessions li`)
		w.shoot("sessions-" + x.login)
		w.click(`.modal.sessions li button`)
		eventually(t, 30*time.Second, "the other one is gone from the list", func() bool {
			var left int
			w.eval(`document.querySelectorAll(".modal.sessions li").length`, &left)
			return left == 1
		})
		var status int
		other.run("ask", chromedp.Evaluate(`fetch("/api/v1/board").then((r) => r.status)`, &status, func(e *runtime.EvaluateParams) *runtime.EvaluateParams {
			return e.WithAwaitPromise(true)
		}))
		if status != 401 {
			t.Errorf("%s: the other browser is answered %d", x.login, status)
		}
	}
}
