package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/web/api"
)

const (
	cookieName = "hemolift_session"
	cookieLife = 12 * time.Hour
	tokenLife  = 30 * 24 * time.Hour
)

// PasswordHash returns the argon2id hash of a password, as a PHC string.
func PasswordHash(password string) (string, error) {
	return argon2id.CreateHash(password, argon2id.DefaultParams)
}

// newDecoy is a hash that no password has: it is compared when there is no such account,
// so that both take as long.
func newDecoy() string {
	decoy, err := PasswordHash(rand.Text())
	if err != nil {
		panic(err) // the system has no randomness
	}
	return decoy
}

// verify returns the account of a login and password. It takes as long for an account that
// there is not, that is disabled or that has no password.
func (s *Server) verify(r *http.Request, c api.Credentials) (network.Account, error) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if len(c.Password) > 200 || len(c.Login) > 32 {
		return network.Account{}, errBadLogin
	}
	done, err := s.guard.Begin(r.Context(), c.Login, host)
	if err != nil {
		return network.Account{}, err
	}
	a, right, err := s.compare(r.Context(), c)
	done(right)
	if err == nil && !right {
		err = errBadLogin
	}
	return a, err
}

func (s *Server) compare(ctx context.Context, c api.Credentials) (a network.Account, right bool, err error) {
	a, err = s.Accounts.Account(ctx, c.Login)
	missing := errors.Is(err, refusal.ErrNotFound)
	if err != nil && !missing {
		return a, false, err
	}
	hash := a.PasswordHash
	if _, _, _, err := argon2id.DecodeHash(hash); missing || err != nil { // an account for programs has no hash
		hash, missing = s.decoy, true
	}
	same, err := argon2id.ComparePasswordAndHash(c.Password, hash)
	return a, same && !missing && !a.Disabled && a.Check() == nil, err
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
