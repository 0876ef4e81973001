package web

import (
	"net/http"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// handlers implements the generated routes.
type handlers struct {
	*Server
	people
	watchers
	guests
	told
	invited
	enrolled
	shelved
	signing
	laying
	provided
	ruling
	kept
	keyed
}

// people implements those of sessions.
type people struct{ *Server }

// watchers implements those of alarms, of who has which flight, and of notes to the next shift.
type watchers struct{ *Server }

// permitted returns the account that a request comes from, unless it may not do the
// operation at all. Whose things it is for, the dispatcher looks at.
func (s *Server) permitted(r *http.Request, op delivery.Operation) (member, error) {
	a, err := s.who(r)
	if err == nil && !delivery.May(a.Actor(), op) {
		err = refusal.ErrForbidden
	}
	return a, err
}

// asked runs f for an account that may do an operation, and writes what it returns.
func (h *Server) asked(w http.ResponseWriter, r *http.Request, op delivery.Operation, status int, f func(member) (any, error)) {
	a, err := h.permitted(r, op)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	body, err := f(a)
	switch {
	case err != nil:
		h.fail(w, r, err)
	case body == nil:
		w.WriteHeader(status)
	default:
		h.reply(w, r, status, body)
	}
}

// scope is the site to whose things an account is limited in an operation; empty: none.
func scope(a member, op delivery.Operation) network.SiteID {
	if delivery.MayAll(a.Actor(), op) {
		return ""
	}
	return a.Site
}
