package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"hemolift/dispatch/desktest"
	"hemolift/web/api"
)

// Every answer says what browsers may do with it, whatever it is.
func TestEveryAnswerBindsBrowsers(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, path := range []string{"/", "/assets/a-1.js", "/none", "/healthz", "/api/v1/session", "/api/v1/board", "/api/v1/none"} {
		h := d.get("GET", path).header
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self' 'wasm-unsafe-eval';", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy %q is without %s", path, csp, want)
			}
		}
		// What reads labels from a camera's pictures is WebAssembly, and nothing else is let in for it.
		if strings.Contains(strings.ReplaceAll(csp, "'wasm-unsafe-eval'", ""), "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("%s: the policy is %q", path, csp)
		}
		if got := h.Get("Permissions-Policy"); got != "geolocation=(), microphone=(), camera=(self)" {
			t.Errorf("%s: pages may use %s", path, got)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

// A page of another origin opens no live feed with a person's cookie.
func TestTheFeedIsForTheOwnPage(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna := d.as(desktest.Anna)
	for origin, want := range map[string]int{"http://elsewhere.example": http.StatusForbidden, d.url: http.StatusSwitchingProtocols} {
		dialer := websocket.Dialer{Subprotocols: []string{"hemolift.v1.json"}}
		conn, res, err := dialer.Dial("ws"+strings.TrimPrefix(d.url, "http")+"/api/v1/live",
			http.Header{"Authorization": {"Bearer " + anna.token}, "Origin": {origin}})
		if res == nil || res.StatusCode != want {
			t.Errorf("from %s: %v, %v", origin, res, err)
		}
		if err == nil {
			_ = conn.Close()
		}
	}
}

// Signing in anew ends the session that the browser had, and with TLS a cookie goes over
// nothing else.
func TestSigningInAnew(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	nobody := person{door: d}
	signsIn := func(header ...string) string {
		got := nobody.asks("POST", "/session", api.Credentials{Login: "vera", Password: password}, header...)
		got.gives(http.StatusOK, nil)
		session, rest, _ := strings.Cut(got.header.Get("Set-Cookie"), ";")
		if strings.Contains(rest, "Secure") != d.TLS {
			t.Errorf("with TLS %v the cookie is %s", d.TLS, rest)
		}
		return session
	}
	first := signsIn()
	d.TLS = true
	second := signsIn("Cookie", first)
	nobody.asks("GET", "/board", nil, "Cookie", first).refuses(http.StatusUnauthorized, "")
	nobody.asks("GET", "/board", nil, "Cookie", second).gives(http.StatusOK, nil)
	third := signsIn() // another browser
	nobody.asks("GET", "/board", nil, "Cookie", second).gives(http.StatusOK, nil)
	nobody.asks("GET", "/board", nil, "Cookie", third).gives(http.StatusOK, nil)
}
