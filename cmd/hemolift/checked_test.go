package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"testing"

	"hemolift/web/apicheck"
)

// checked stands before a running program: whoever asks it, a page in Chromium or a test,
// has each answer of the API compared with web/api.yaml on its way.
func checked(t testing.TB, program string) (address string, seen func() map[string]int) {
	t.Helper()
	target, err := url.Parse(program)
	if err != nil {
		t.Fatal(err)
	}
	next := http.DefaultTransport.(*http.Transport).Clone()
	transport, err := apicheck.New("../../web/api.yaml", next, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // the page's own origin stays its own
		},
		Transport:    transport,
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // the program is gone: so is the answer
		ErrorLog:     log.New(io.Discard, "", 0),
	})
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		next.CloseIdleConnections()
	})
	return server.URL, transport.Seen
}

// answered complains of operations none of whose answers came by.
func (p *process) answered(operations ...string) {
	p.t.Helper()
	seen := p.seen()
	for _, op := range operations {
		if seen[op] == 0 {
			p.t.Errorf("no answer to %s was compared with the description", op)
		}
	}
	var all []string
	for op := range seen {
		all = append(all, op)
	}
	slices.Sort(all)
	p.t.Logf("answers compared with the description: %v", all)
}
