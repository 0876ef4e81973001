package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"hemolift/dispatch/propose"
	"hemolift/dispatch/refusal"
	"hemolift/geo/route"
	"hemolift/telemetry/attempts"
	"hemolift/web/api"
	"hemolift/web/live"
	"hemolift/web/passkey"
)

// errors of the shape of a request.
var (
	errNotSignedIn = errors.New("sign in first")
	errBadLogin    = errors.New("login or password is wrong")
	errBadCode     = errors.New("the device's code is wrong, was used, or has run out: have another one made")
	errOrigin      = errors.New("the request comes from a page of another origin")
)

// fieldError is a value of the wrong shape.
type fieldError struct{ field, reason string }

func (e fieldError) Error() string { return e.field + " " + e.reason }

// problemOf says which status and type an error has. It is the one place.
func problemOf(err error) api.Problem {
	p := func(status int, typ, title string) api.Problem {
		detail := err.Error()
		return api.Problem{Type: "/problems/" + typ, Title: title, Status: status, Detail: &detail}
	}
	var (
		shape fieldError
		field refusal.Field
		scan  refusal.Scan
		state refusal.State
		size  *http.MaxBytesError
		moved propose.MovedOn
	)
	switch {
	case errors.As(err, &shape):
		pr := p(http.StatusBadRequest, "bad-request", "The request cannot be read")
		pr.Field = &shape.field
		return pr
	case errors.As(err, &field):
		pr := p(http.StatusUnprocessableEntity, "bad-value", "A value cannot be accepted")
		pr.Field = &field.Field
		return pr
	case errors.As(err, &scan):
		pr := p(http.StatusConflict, "wrong-scan", "The scan does not fit this step")
		pr.Expected = &scan.Want
		return pr
	case errors.As(err, &state):
		return p(http.StatusConflict, "wrong-state", "The step does not follow from the present state")
	case errors.As(err, &moved):
		pr := p(http.StatusConflict, "moved-on", "The offer has changed meanwhile")
		offer := proposalView(moved.Offer)
		pr.Offer = &offer
		return pr
	case errors.As(err, &size):
		return p(http.StatusRequestEntityTooLarge, "too-large", "The body is too large")
	case errors.Is(err, refusal.ErrSamePerson):
		return p(http.StatusConflict, "same-person", "Another person must do this")
	case errors.Is(err, refusal.ErrTaken):
		return p(http.StatusConflict, "taken", "It was taken meanwhile")
	case errors.Is(err, refusal.ErrUnconfirmed):
		return p(http.StatusConflict, "unconfirmed", "The person must confirm it")
	case errors.Is(err, refusal.ErrChanged):
		return p(http.StatusConflict, "changed", "It was changed meanwhile")
	case errors.Is(err, refusal.ErrKeyReused):
		return p(http.StatusConflict, "key-reused", "The idempotency key was used before")
	case errors.Is(err, refusal.ErrForbidden), errors.Is(err, errOrigin):
		return p(http.StatusForbidden, "forbidden", "This account may not do that")
	case errors.Is(err, refusal.ErrNotFound):
		return p(http.StatusNotFound, "not-found", "There is no such thing")
	case errors.Is(err, errNotSignedIn), errors.Is(err, errBadLogin), errors.Is(err, errBadCode), errors.Is(err, passkey.ErrRefused):
		return p(http.StatusUnauthorized, "not-signed-in", "Sign in")
	case errors.As(err, new(attempts.WaitError)):
		return p(http.StatusTooManyRequests, "too-many", "Too many attempts")
	case errors.Is(err, live.ErrFull), errors.Is(err, live.ErrOver):
		return p(http.StatusServiceUnavailable, "unavailable", "The server cannot do it now")
	case errors.Is(err, refusal.ErrUnavailable):
		pr := p(http.StatusServiceUnavailable, "unavailable", "The server cannot do it now")
		detail := refusal.ErrUnavailable.Error()
		pr.Detail = &detail // why is for the log
		return pr
	case errors.Is(err, route.ErrUnreachable), errors.Is(err, route.ErrStartInside),
		errors.Is(err, route.ErrGoalInside), errors.Is(err, route.ErrWind):
		return p(http.StatusConflict, "no-route", "There is no safe route")
	}
	pr := p(http.StatusInternalServerError, "internal", "The server could not do it")
	if !errors.As(err, new(brokenError)) {
		pr.Detail = nil // what failed inside is for the log
	}
	return pr
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	if errors.Is(err, refusal.ErrForbidden) {
		s.forbade(r)
	}
	s.problems.WithLabelValues(p.Type[len("/problems/"):]).Inc()
	s.tellFailure(r, p.Status, err)
	if wait := (attempts.WaitError{}); errors.As(err, &wait) {
		w.Header().Set("Retry-After", strconv.Itoa(wait.Seconds()))
	}
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may have gone
}

// tellFailure logs what is the server's own fault, once a minute of each operation.
func (s *Server) tellFailure(r *http.Request, status int, err error) {
	if status < http.StatusInternalServerError || errors.Is(err, context.Canceled) || errors.As(err, new(brokenError)) {
		return
	}
	if n := s.failed.Add(fmt.Sprint(r.Pattern, " ", status), time.Now()); n > 0 {
		s.Logger.LogAttrs(r.Context(), slog.LevelError, "request failed",
			slog.String("path", r.URL.Path), slog.Int("status", status), slog.Any("err", err), slog.Int("count", n))
	}
}

// reply writes an answer, whole or not at all.
func (s *Server) reply(w http.ResponseWriter, r *http.Request, status int, body any) {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(body); err != nil {
		s.fail(w, r, fmt.Errorf("answer: %w", err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client may have gone
}
