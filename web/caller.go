package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/visit"
)

// caller is who a request comes from, found out once for each.
type caller struct {
	account member
	session network.Session
	err     error // errNotSignedIn, or why it could not be found out
	turn    *held
}

type callerKey struct{}

// identified finds out who asks, has them wait for their turn, and says so to what comes
// after: the log keeps the session and the address of what is done.
func (s *Server) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isAsked(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		c := s.lookUp(r)
		leave, err := s.turnOf(r, c)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		c.turn = &held{leave: leave}
		defer c.turn.end()
		ctx := visit.With(r.Context(), visit.Visit{Session: c.session.ID, Address: addressOf(r)})
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, callerKey{}, c)))
	})
}

// held is a request's turn, which ends with it unless something longer takes it over.
type held struct {
	leave func()
	taken bool
}

func (h *held) end() {
	if !h.taken {
		h.leave()
	}
}

// isAsked reports whether a path is for what somebody asks, not a file of the page.
func isAsked(path string) bool {
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, providerPaths) || path == "/metrics" || path == "/readyz"
}

// turnOf waits for a request's turn. Whether the server is ready may be asked any time.
func (s *Server) turnOf(r *http.Request, c caller) (leave func(), err error) {
	switch {
	case r.URL.Path == "/readyz":
		return func() {}, nil
	case c.err != nil:
		return func() {}, s.turns.comes(r.Context(), addressOf(r))
	}
	return s.turns.take(r.Context(), c.account.Login, r.ContentLength, isFeed(r))
}

// member is an account with the roles of the network, by which it acts, and with the operations
// to which its token is limited.
type member struct {
	network.Account
	roles network.Roles
	only  []string
}

func (m member) Actor() network.Actor {
	a := m.roles.Actor(m.Account)
	a.Only = m.only
	return a
}

func (s *Server) member(a network.Account) member {
	return member{a, s.Dispatcher.Network().Roles, nil}
}

// roleNames are the names of all its roles in Chinese and English.
func (m member) roleNames() (zh, en string) {
	var zhs, ens []string
	for _, r := range append([]network.Role{m.Role}, m.Also...) {
		d, _ := m.roles.Def(r)
		zhs, ens = append(zhs, d.NameZH), append(ens, d.NameEN)
	}
	return strings.Join(zhs, "、"), strings.Join(ens, ", ")
}

// who returns the account that a request comes from.
func (s *Server) who(r *http.Request) (member, error) {
	c, known := r.Context().Value(callerKey{}).(caller)
	if !known {
		return member{}, errNotSignedIn
	}
	return c.account, c.err
}

// lookUp finds whose session a request shows.
func (s *Server) lookUp(r *http.Request) caller {
	token, kind := credential(r)
	if token == "" {
		return caller{err: errNotSignedIn}
	}
	a, o, err := s.Accounts.SessionAccount(r.Context(), token, kind, time.Now(), cookieIdle)
	roles := s.Dispatcher.Network().Roles
	if errors.Is(err, refusal.ErrNotFound) || err == nil && roles.SignsIn(a) != nil {
		return caller{err: errNotSignedIn}
	}
	return caller{account: member{a, roles, o.Only}, session: o, err: err}
}

func credential(r *http.Request) (token string, kind network.SessionKind) {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return bearer, network.ByToken
	}
	if c, err := r.Cookie(cookieName); err == nil {
		return c.Value, network.ByCookie
	}
	return "", ""
}

// addressOf is the host that a request comes from.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
