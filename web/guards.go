package web

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"unicode/utf8"
)

// secured sets the headers that every answer carries. Nothing that the API answers is kept
// by browsers or proxies.
func (s *Server) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set(
			"Content-Security-Policy",
			"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' data: blob:; "+
				"font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
		)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Permissions-Policy", "geolocation=(), microphone=(), camera=(self)")
		if strings.HasPrefix(r.URL.Path, "/api/") {
			h.Set("Cache-Control", "no-store")
		}
		if s.TLS {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// wellFormed refuses requests whose path, query or idempotency key hold what no text of
// ours does and Postgres does not keep: NUL and bytes that are no UTF-8.
func (s *Server) wellFormed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := checkForm(r); err != nil {
			s.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func checkForm(r *http.Request) error {
	if !isText(r.URL.Path) {
		return fieldError{"path", notText}
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return fieldError{"query", "cannot be read"}
	}
	for name, values := range query {
		if !isText(name) {
			return fieldError{"query", notText}
		}
		for _, v := range values {
			if !isText(v) {
				return fieldError{name, notText}
			}
		}
	}
	const key = "Idempotency-Key"
	if !isText(r.Header.Get(key)) {
		return fieldError{key, notText}
	}
	return nil
}

const notText = "holds a NUL character or bytes that are no UTF-8"

func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// unbroken answers for a handler that panics: with a number under which the log says what
// happened. When an answer had begun, the connection is cut, so that nobody takes it for a
// whole one.
func (s *Server) unbroken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := &begun{ResponseWriter: w}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { //nolint:errorlint // as net/http compares it
				panic(p)
			}
			id := rand.Text()[:8]
			s.Logger.ErrorContext(
				r.Context(), "handler panicked",
				"id", id, "method", r.Method, "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()),
			)
			if begun.it {
				panic(http.ErrAbortHandler)
			}
			s.fail(w, r, brokenError{id})
		}()
		next.ServeHTTP(begun, r)
	})
}

// brokenError is a fault of ours, with its number in the log.
type brokenError struct{ id string }

func (e brokenError) Error() string {
	return fmt.Sprintf("a fault of ours; the log has it as %s", e.id)
}

// begun knows whether an answer has begun.
type begun struct {
	http.ResponseWriter
	it bool
}

func (b *begun) WriteHeader(status int) {
	b.it = true
	b.ResponseWriter.WriteHeader(status)
}

func (b *begun) Write(p []byte) (int, error) {
	b.it = true
	return b.ResponseWriter.Write(p)
}

// Unwrap is how http.ResponseController finds what the connection can do.
func (b *begun) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// Hijack takes the connection over, as the live feed does.
func (b *begun) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	b.it = true
	return http.NewResponseController(b.ResponseWriter).Hijack()
}
