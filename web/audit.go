package web

import (
	"net/http"
	"strconv"
	"time"

	"hemolift/dispatch/delivery"
)

// exported keeps that the record was given out, before it is.
func (s *Server) exported(r *http.Request, a member, what, form string) error {
	return s.Log.Append(r.Context(), delivery.Event{
		At: s.Now(), Kind: delivery.EvExport, Actor: a.Login, Subject: what, Detail: map[string]string{"form": form},
	})
}

// forbade keeps that somebody tried what it may not do: once a minute for each thing, with
// how often.
func (s *Server) forbade(r *http.Request) {
	c, known := r.Context().Value(callerKey{}).(caller)
	if !known || c.err != nil {
		return
	}
	n := s.forbidden.Add(c.account.Login+" "+r.Pattern, time.Now())
	if n == 0 {
		return
	}
	if err := s.Log.Append(r.Context(), delivery.Event{
		At: s.Now(), Kind: delivery.EvAccount, Actor: c.account.Login, Subject: c.account.Login,
		Detail: map[string]string{"what": "forbidden", "asked": r.Pattern, "count": strconv.Itoa(n)},
	}); err != nil {
		s.Logger.ErrorContext(r.Context(), "keep what was forbidden", "err", err)
	}
}
