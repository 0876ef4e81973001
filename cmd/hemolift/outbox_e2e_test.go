package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"hemolift/web/api"
)

// fate is what a line does to a request on its way.
type fate int

const (
	passes      fate = iota
	lostBefore       // the server never hears of it
	lostAfter        // the server answers, and nobody hears
	lostWithin       // the answer ends in its middle
	unavailable      // something between says 503
	hangs            // nothing comes back until the page is gone
)

// line stands between a page and a server, and is cut when a test says so.
type line struct {
	url string

	mu      sync.Mutex
	cut     bool
	asks    fate // of a new request for blood
	heard   int  // how many of those came by
	clients map[net.Conn]bool
}

func newLine(t *testing.T, up string) *line {
	t.Helper()
	l := &line{clients: map[net.Conn]bool{}}
	target, err := url.Parse(up)
	if err != nil {
		t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch l.fate(r) {
		case passes:
			pass.ServeHTTP(w, r)
		case lostBefore:
			panic(http.ErrAbortHandler)
		case lostAfter:
			pass.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		case lostWithin:
			whole := httptest.NewRecorder()
			pass.ServeHTTP(whole, r)
			w.Header().Set("Content-Type", whole.Header().Get("Content-Type"))
			w.Header().Set("Content-Length", fmt.Sprint(whole.Body.Len()))
			w.WriteHeader(whole.Code)
			_, _ = io.Copy(w, bytes.NewReader(whole.Body.Bytes()[:whole.Body.Len()/2]))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		case unavailable:
			http.Error(w, "come again", http.StatusServiceUnavailable)
		case hangs:
			pass.ServeHTTP(httptest.NewRecorder(), r)
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		}
	}))
	s.Config.ConnState = func(c net.Conn, state http.ConnState) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if state == http.StateClosed {
			delete(l.clients, c)
		} else {
			l.clients[c] = true
		}
	}
	s.Start()
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	l.url = s.URL
	return l
}

func (l *line) fate(r *http.Request) fate {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch asks := r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/requests"); {
	case l.cut:
		return lostBefore
	case asks:
		l.heard++
		return l.asks
	}
	return passes
}

// turn cuts the line or mends it, and says what becomes of requests for blood.
func (l *line) turn(cut bool, asks fate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut, l.asks, l.heard = cut, asks, 0
	if !cut {
		return
	}
	for c := range l.clients {
		_ = c.Close()
	}
}

func (l *line) came() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.heard
}

// moment is when the line is cut between the first tap and the answer.
type moment struct {
	name  string
	cutAt int  // before which of the taps the line is cut; 0 for none
	asks  fate // what becomes of the request
}

var moments = []moment{
	{"before the first tap", 1, passes},
	{"before the group", 2, passes},
	{"before the factor", 3, passes},
	{"before the press", 4, passes},
	{"on the way to the server", 0, lostBefore},
	{"after the commit", 0, lostAfter},
	{"within the answer", 0, lostWithin},
	{"by something between", 0, unavailable},
	{"after the press, for long", 0, hangs},
	{"after the commit, and then for long", 5, lostAfter},
}

// The line is cut at each of ten moments between the first tap and the answer, and the page
// stays or dies: each request is there, and once.
func TestARequestOutlivesTheLineAndThePage(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	l := newLine(t, p.url)
	p.url = l.url
	w := signIn(t, p, "zhang.min", 390, 844)
	round := 0
	for i, m := range moments {
		for _, dies := range []bool{false, true} {
			component := []string{"red_cells", "plasma", "platelets"}[round%3]
			group := []string{"O+", "A+", "B+", "AB+", "O-", "A-", "B-", "AB-"}[round/3]
			round++
			t.Run(fmt.Sprintf("%s, dies %v", m.name, dies), func(t *testing.T) {
				w.t = t
				lang := []string{"zh", "en"}[i%2]
				w.run("open", chromedp.Evaluate(fmt.Sprintf(`localStorage.setItem("lang", %q)`, lang), nil), chromedp.Navigate(l.url+"/"))
				w.see(`form.request`)
				w.asks(l, m, component, group)
				if m.cutAt > 0 && m.cutAt < 5 || m.asks != hangs && m.asks != passes {
					w.see(`[data-unsent][data-due=ready]`) // it says so
				}
				w.shoot("unsent-" + lang)
				if dies {
					w.dies()
				}
				l.turn(false, passes)
				if dies {
					w.run("open again", chromedp.Navigate(l.url+"/"))
				}
				isThere := func() bool { return stored(t, p, component, group) == 1 }
				eventually(t, 40*time.Second, "the request is there", isThere)
				w.run("nothing is left", chromedp.WaitNotPresent(`[data-unsent]`, chromedp.ByQuery))
				if !isThere() {
					t.Error("there are two")
				}
			})
		}
	}
}

// An order like one of a moment ago is asked about before it is sent, and a person may mean it.
func TestALikelyDuplicateIsAskedAbout(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	l := newLine(t, p.url)
	p.url = l.url
	w := signIn(t, p, "zhang.min", 390, 844)
	for range 2 {
		w.run("open", chromedp.Navigate(l.url+"/"))
		w.see(`form.request`)
		l.turn(false, passes)
		w.taps("red_cells", "O+")
	}
	w.see(`[data-unsent][data-due=alike]`)
	if n := stored(t, p, "red_cells", "O+"); n != 1 || l.came() != 0 {
		t.Errorf("%d requests, %d sent before it was asked", n, l.came())
	}
	w.accessible("a likely duplicate", "light", "dark")
	w.whole("alike", 320, 390, 1440)
	w.click(`[data-unsent] button.primary`)
	w.run("it is sent", chromedp.WaitNotPresent(`[data-unsent]`, chromedp.ByQuery))
	if n := stored(t, p, "red_cells", "O+"); n != 2 {
		t.Errorf("%d requests after it was meant", n)
	}
}

// taps chooses a component and a group, and sends.
func (w *person) taps(component, group string) {
	w.t.Helper()
	for _, tap := range tapsOf(component, group) {
		w.tap(tap)
	}
}

func (w *person) tap(what string) {
	w.t.Helper()
	w.run("tap "+what, chromedp.WaitEnabled(what, chromedp.ByQuery),
		chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%q).click()`, what), nil))
}

// tapsOf are what a person taps to ask for two units.
func tapsOf(component, group string) []string {
	return []string{
		fmt.Sprintf(`input[name=component][value=%s]`, component),
		fmt.Sprintf(`input[name=abo][value=%s]`, strings.TrimRight(group, "+-")),
		fmt.Sprintf(`input[name=rhd][value="%s"]`, group[len(group)-1:]),
		`form.request footer button.primary`,
	}
}

// asks taps a request in, and cuts the line at its moment.
func (w *person) asks(l *line, m moment, component, group string) {
	w.t.Helper()
	l.turn(false, m.asks)
	for i, tap := range tapsOf(component, group) {
		if m.cutAt == i+1 {
			l.turn(true, passes)
		}
		w.tap(tap)
	}
	if m.cutAt == 0 || m.cutAt == 5 {
		eventually(w.t, 20*time.Second, "the request was sent", func() bool { return l.came() > 0 })
	}
	if m.cutAt == 5 {
		l.turn(true, passes)
	}
}

// dies ends the page as a browser that is killed does, without a word to it.
func (w *person) dies() {
	w.t.Helper()
	w.run("die", chromedp.Navigate("about:blank"))
}

// stored is how many requests there are for a component and a group.
func stored(t *testing.T, p *process, component, group string) int {
	t.Helper()
	var b api.Board
	if err := ops(p).call(t.Context(), "GET", "/board", nil, &b); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range b.Requests {
		if string(r.Order.Component) == component && string(r.Order.BloodGroup) == group {
			n++
		}
	}
	return n
}
