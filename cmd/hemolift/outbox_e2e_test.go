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
	lostHead         // of the answer its head comes, and nothing more
	unavailable      // something between says 503
	tooLong          // something between says 504, though the server has answered
	hangs            // nothing comes back until the page is gone
)

// line stands between a page and a server, and is cut when a test says so.
type line struct {
	url    string
	behind *process

	mu      sync.Mutex
	cut     bool
	asks    fate // of a new request for blood
	heard   int  // how many of those came by
	clients map[net.Conn]bool
}

func newLine(t *testing.T, p *process) *line {
	t.Helper()
	l := &line{behind: p, clients: map[net.Conn]bool{}}
	target, err := url.Parse(p.url)
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
		switch fate := l.fate(r); fate {
		case passes:
			pass.ServeHTTP(w, r)
		case lostBefore:
			panic(http.ErrAbortHandler)
		case lostAfter:
			pass.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		case lostWithin, lostHead:
			whole := httptest.NewRecorder()
			pass.ServeHTTP(whole, r)
			w.Header().Set("Content-Type", whole.Header().Get("Content-Type"))
			w.Header().Set("Content-Length", fmt.Sprint(whole.Body.Len()))
			w.WriteHeader(whole.Code)
			if fate == lostWithin {
				_, _ = io.Copy(w, bytes.NewReader(whole.Body.Bytes()[:whole.Body.Len()/2]))
			}
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		case unavailable:
			http.Error(w, "come again", http.StatusServiceUnavailable)
		case tooLong:
			pass.ServeHTTP(httptest.NewRecorder(), r)
			http.Error(w, "too long", http.StatusGatewayTimeout)
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
	name   string
	cutAt  int  // before which of the taps the line is cut; answered: after the press; 0 for none
	mendAt int  // before which of the taps it is mended; 0 for none
	asks   fate // what becomes of the request
}

const answered = 5

var moments = []moment{
	{"before the first tap", 1, 0, passes},
	{"before the group", 2, 0, passes},
	{"before the factor", 3, 0, passes},
	{"before the press", 4, 0, passes},
	{"on the way to the server", 0, 0, lostBefore},
	{"after the commit", 0, 0, lostAfter},
	{"after the answer's head", 0, 0, lostHead},
	{"within the answer", 0, 0, lostWithin},
	{"by something between", 0, 0, unavailable},
	{"by something between, after the commit", 0, 0, tooLong},
	{"after the press, for long", 0, 0, hangs},
	{"on the way to the server, and then for long", answered, 0, lostBefore},
	{"after the commit, and then for long", answered, 0, lostAfter},
	{"within the answer, and then for long", answered, 0, lostWithin},
	{"by something between, and then for long", answered, 0, unavailable},
	{"by something between after the commit, and then for long", answered, 0, tooLong},
	{"before the first tap, and again on the way", 1, 4, lostBefore},
	{"before the group, and again after the commit", 2, 4, lostAfter},
	{"before the factor, and again within the answer", 3, 4, lostWithin},
	{"before the first tap, and again by something between", 1, 3, unavailable},
}

// The line is cut at each of twenty moments between the first tap and the answer, in both
// languages, and in half of them the page dies: each request is there, and once.
func TestARequestOutlivesTheLineAndThePage(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	for lang, login := range map[string]string{"zh": "zhang.min", "en": "liu.yang"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			l := newLine(t, p)
			q := *p
			q.url = l.url
			w := signIn(t, &q, login, 390, 844)
			w.run("in a language", chromedp.Evaluate(fmt.Sprintf(`localStorage.setItem("lang", %q)`, lang), nil))
			for i, m := range moments {
				component := []string{"red_cells", "plasma", "platelets"}[i%3]
				group := []string{"O+", "A+", "B+", "AB+", "O-", "A-", "B-", "AB-"}[i/3]
				t.Run(m.name, func(t *testing.T) {
					w.t = t
					w.outlives(l, m, component, group, (i%2 == 0) == (lang == "zh"))
				})
			}
		})
	}
}

// outlives has a person ask for something, the line being cut at a moment.
func (w *person) outlives(l *line, m moment, component, group string, dies bool) {
	w.t.Helper()
	w.run("open", chromedp.Navigate(l.url+"/"))
	w.see(`form.request`)
	w.asks(l, m, component, group)
	if cutForLong := m.cutAt > 0 && m.cutAt < answered && m.mendAt == 0; cutForLong || m.asks != hangs && m.asks != passes {
		w.see(`[data-unsent][data-due=ready]`) // it says so
	}
	w.shoot("unsent")
	if dies {
		w.dies()
	}
	l.turn(false, passes)
	if dies {
		w.run("open again", chromedp.Navigate(l.url+"/"))
	}
	isThere := func() bool { return stored(w.t, l.behind, w.login, component, group) == 1 }
	eventually(w.t, 40*time.Second, "the request is there", isThere)
	w.run("nothing is left", chromedp.WaitNotPresent(`[data-unsent]`, chromedp.ByQuery))
	if !isThere() {
		w.t.Error("there are two")
	}
}

// An order like one of a moment ago is asked about before it is sent, and a person may mean it.
func TestALikelyDuplicateIsAskedAbout(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	l := newLine(t, p)
	p.url = l.url
	w := signIn(t, p, "zhang.min", 390, 844)
	for range 2 {
		w.run("open", chromedp.Navigate(l.url+"/"))
		w.see(`form.request`)
		l.turn(false, passes)
		w.taps("red_cells", "O+")
	}
	w.see(`[data-unsent][data-due=alike]`)
	if n := stored(t, p, "zhang.min", "red_cells", "O+"); n != 1 || l.came() != 0 {
		t.Errorf("%d requests, %d sent before it was asked", n, l.came())
	}
	w.accessible("a likely duplicate", "light", "dark")
	w.whole("alike", 320, 390, 1440)
	w.click(`[data-unsent] button.primary`)
	w.run("it is sent", chromedp.WaitNotPresent(`[data-unsent]`, chromedp.ByQuery))
	if n := stored(t, p, "zhang.min", "red_cells", "O+"); n != 2 {
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
		switch i + 1 {
		case m.cutAt:
			l.turn(true, passes)
		case m.mendAt:
			l.turn(false, m.asks)
		}
		w.tap(tap)
	}
	if m.cutAt == 0 || m.cutAt == answered || m.mendAt > 0 {
		eventually(w.t, 20*time.Second, "the request was sent", func() bool { return l.came() > 0 })
	}
	if m.cutAt == answered {
		l.turn(true, passes)
	}
}

// dies ends the page as a browser that is killed does, without a word to it.
func (w *person) dies() {
	w.t.Helper()
	w.run("die", chromedp.Navigate("about:blank"))
}

// stored is how many requests of a person's hospital there are for a component and a group.
func stored(t testing.TB, p *process, login, component, group string) int {
	t.Helper()
	var b api.Board
	if err := p.as(login).call(t.Context(), "GET", "/board", nil, &b); err != nil {
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
