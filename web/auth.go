package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/visit"
	"hemolift/web/api"
)

const (
	cookieName = "hemolift_session"
	cookieLife = 12 * time.Hour
	cookieIdle = 2 * time.Hour // without a request; an open page asks by itself
	tokenLife  = 30 * 24 * time.Hour

	mostOfAgent = 200 // characters
)

// verify returns the account of a login and password. It takes as long for an account that
// there is not, that is disabled or that has no password.
func (s *Server) verify(r *http.Request, c api.Credentials) (network.Account, error) {
	done, err := s.guard.Begin(r.Context(), c.Login, addressOf(r))
	if err != nil {
		return network.Account{}, err
	}
	a, right, err := s.compare(r.Context(), c)
	done(right)
	if err != nil || right {
		return a, err
	}
	if err := s.Accounts.RefuseSignIn(r.Context(), a.Login, s.Now()); err != nil {
		return a, err
	}
	return a, errBadLogin
}

// unconfirmed reports whether a browser's session did not show its person's password again: the
// browser may be another's by now. Who has no password has just shown who it is otherwise, and does so for
// each act. A wrong password is refused.
func (s people) unconfirmed(r *http.Request, a network.Account, password *string) (bool, error) {
	if password == nil {
		if _, kind := credential(r); kind != network.ByCookie || a.PasswordHash != network.NoPassword {
			return kind == network.ByCookie, nil
		}
		shown, err := s.Accounts.SpendProof(r.Context(), a.Login, visit.Of(r.Context()).Session, time.Now())
		return !shown, err
	}
	_, err := s.shows(r, a, *password)
	return false, err
}

// shows returns the account as it was compared with; a password that is not its own is refused.
func (s people) shows(r *http.Request, a network.Account, password string) (network.Account, error) {
	a, err := s.verify(r, api.Credentials{Login: a.Login, Password: password})
	if errors.Is(err, errBadLogin) {
		err = refusal.OfField("password", "is wrong")
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
	return a, same && !missing && !a.Disabled && s.Dispatcher.Network().Roles.SignsIn(a) == nil, err
}

// open makes a session for a request, of an account whose person has just shown who it is, and returns its
// token. only are the operations that it may; none: all that the account may.
func (s *Server) open(
	r *http.Request, a network.Account, kind network.SessionKind, life time.Duration, only ...string,
) (token string, expires time.Time, err error) {
	return people{s}.opens(r, a, network.Session{Kind: kind, ConfirmedAt: time.Now(), Only: only}, life)
}

// opens makes a session of a kind, as it was confirmed. Sessions live in wall time.
func (s people) opens(
	r *http.Request, a network.Account, o network.Session, life time.Duration,
) (token string, expires time.Time, err error) {
	token = rand.Text()
	now := time.Now()
	o.Login, o.Address, o.Agent, o.OpenedAt = a.Login, addressOf(r), agentOf(r), now
	o.ExpiresAt = now.Add(life).UTC().Truncate(time.Second)
	err = s.Accounts.OpenSession(r.Context(), token, a.PasswordHash, o, s.Now())
	if errors.Is(err, refusal.ErrNotFound) { // disabled meanwhile, or of another password
		err = errBadLogin
	}
	return token, o.ExpiresAt, err
}

// agentOf is what a browser or program calls itself, as far as it is text.
func agentOf(r *http.Request) string {
	agent := strings.ReplaceAll(strings.ToValidUTF8(r.UserAgent(), ""), "\x00", "")
	if runes := []rune(agent); len(runes) > mostOfAgent {
		agent = string(runes[:mostOfAgent])
	}
	return agent
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
