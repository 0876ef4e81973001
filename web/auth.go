package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/web/api"
)

const (
	cookieName   = "hemolift_session"
	cookieLife   = 12 * time.Hour
	tokenLife    = 30 * 24 * time.Hour
	hashesAtOnce = 2 // each takes 64 MB for a moment
)

// PasswordHash returns the argon2id hash of a password, as a PHC string.
func PasswordHash(password string) (string, error) {
	return argon2id.CreateHash(password, argon2id.DefaultParams)
}

// signInGuard bounds guessing: failures per login and per address, and hashes at
// once.
type signInGuard struct {
	slots chan struct{}
	mu    sync.Mutex
	since time.Time
	fails map[string]int
	decoy string // compared when there is no such account, so that both take as long
}

const (
	maxFails   = 10
	failWindow = time.Minute
)

func newSignInGuard() *signInGuard {
	decoy, err := PasswordHash(rand.Text())
	if err != nil {
		panic(err) // the system has no randomness
	}
	return &signInGuard{slots: make(chan struct{}, hashesAtOnce), fails: map[string]int{}, decoy: decoy}
}

// allowed reports whether more attempts may be made; windows are wall time.
func (g *signInGuard) allowed(keys ...string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if time.Since(g.since) > failWindow {
		g.since, g.fails = time.Now(), map[string]int{}
	}
	for _, k := range keys {
		if g.fails[k] >= maxFails {
			return false
		}
	}
	return true
}

func (g *signInGuard) failed(keys ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, k := range keys {
		g.fails[k]++
	}
}

func (g *signInGuard) compare(ctx context.Context, password, hash string) (bool, error) {
	select {
	case g.slots <- struct{}{}:
		defer func() { <-g.slots }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	return argon2id.ComparePasswordAndHash(password, hash)
}

// verify returns the account of a login and password.
func (s *Server) verify(r *http.Request, c api.Credentials) (network.Account, error) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	keys := []string{"login " + c.Login, "address " + host}
	if !s.guard.allowed(keys...) {
		return network.Account{}, errTooMany
	}
	if len(c.Password) > 200 || len(c.Login) > 32 {
		return network.Account{}, errBadLogin
	}
	a, err := s.Accounts.Account(r.Context(), c.Login)
	missing := errors.Is(err, refusal.ErrNotFound)
	if err != nil && !missing {
		return network.Account{}, err
	}
	hash := a.PasswordHash
	if missing {
		hash = s.guard.decoy
	}
	ok, err := s.guard.compare(r.Context(), c.Password, hash)
	if err != nil {
		return network.Account{}, err
	}
	if missing || a.Disabled || !ok || a.Check() != nil {
		s.guard.failed(keys...)
		return network.Account{}, errBadLogin
	}
	return a, nil
}

// who returns the account that a request comes from.
func (s *Server) who(r *http.Request) (network.Account, error) {
	token, kind := credential(r)
	if token == "" {
		return network.Account{}, errNotSignedIn
	}
	a, err := s.Accounts.SessionAccount(r.Context(), token, kind, time.Now())
	if errors.Is(err, refusal.ErrNotFound) || err == nil && a.Check() != nil {
		return network.Account{}, errNotSignedIn
	}
	return a, err
}

func credential(r *http.Request) (token, kind string) {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return bearer, "token"
	}
	if c, err := r.Cookie(cookieName); err == nil {
		return c.Value, "cookie"
	}
	return "", ""
}

// open makes a session and returns its token. Sessions live in wall time.
func (s *Server) open(ctx context.Context, login, kind string, life time.Duration) (token string, expires time.Time, err error) {
	token = rand.Text()
	now := time.Now()
	expires = now.Add(life).UTC().Truncate(time.Second)
	return token, expires, s.Accounts.OpenSession(ctx, token, login, kind, now, expires)
}

func (s *Server) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name:     cookieName,
		Value:    value,
		Path:     "/",
		MaxAge:   maxAge,
		HttpOnly: true,
		Secure:   s.TLS,
		SameSite: http.SameSiteStrictMode,
	}
}
