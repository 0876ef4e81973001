package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/samber/lo"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry/stated"
	"hemolift/web/api"
	"hemolift/web/live"
)

func (h handlers) GetBoard(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "getBoard", http.StatusOK, func(a member) (any, error) {
		now := h.Now()
		b, err := h.Boards.Board(r.Context(), scope(a, delivery.OpReadBoard), now)
		if err != nil {
			return nil, err
		}
		v := h.boardView(b, now)
		h.addAlarms(&v, b, a, now)
		h.addRecoveries(&v, b.Closures, a)
		return v, nil
	})
}

func (s *Server) boardView(b delivery.Board, now time.Time) api.Board {
	v := api.Board{
		Now:        now,
		Rate:       s.Rate,
		Seq:        int64(b.Seq),
		Requests:   []api.Request{},
		Deliveries: []api.Delivery{},
		Alarms:     []api.Alarm{},
		Recoveries: []api.Recovery{},
		Diversions: []api.Diversion{},
		Closures:   []api.Closure{},
	}
	if w, known := s.Dispatcher.Wind(now); known {
		v.Wind = &api.Wind{SpeedMps: w.SpeedMPS, FromDeg: w.FromDeg}
	}
	current := map[delivery.RequestID]delivery.ID{}
	for _, rec := range b.Deliveries {
		v.Deliveries = append(v.Deliveries, s.deliveryView(rec))
		if rec.Delivery.Serves() {
			current[rec.Delivery.Request] = rec.Delivery.ID
		}
	}
	for _, r := range b.Requests {
		v.Requests = append(v.Requests, s.requestView(r, current[r.ID]))
	}
	return v
}

// addRecoveries puts on a board what an account may see: hospitals what is closed of
// their own.
func (s *Server) addRecoveries(v *api.Board, closed []network.Closure, a member) {
	for _, c := range closed {
		if own := scope(a, delivery.OpReadBoard); own == "" || own == c.Site && c.Device == "" {
			v.Closures = append(v.Closures, closureView(a, c))
		}
	}
	if !delivery.May(a.Actor(), delivery.OpReadPlans) {
		return
	}
	for _, r := range s.Dispatcher.Recoveries() {
		v.Recoveries = append(v.Recoveries, s.recoveryView(r))
	}
	for _, t := range s.Dispatcher.Diversions() {
		v.Diversions = append(v.Diversions, diversionView(t))
	}
	slices.SortFunc(v.Diversions, func(a, b api.Diversion) int { return cmp.Compare(a.Request, b.Request) })
	slices.SortFunc(v.Recoveries, func(a, b api.Recovery) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Delivery, b.Delivery))
	})
}

func (h handlers) GetEvents(w http.ResponseWriter, r *http.Request, p api.GetEventsParams) {
	h.asked(w, r, "getEvents", http.StatusOK, func(a member) (any, error) {
		after, limit := given(p.After), 100
		if p.Limit != nil {
			limit = *p.Limit
		}
		events, err := h.eventsOf(r.Context(), scope(a, "getEvents"), uint64(after), limit)
		if err != nil {
			return nil, err
		}
		views, audit := []api.Event{}, delivery.May(a.Actor(), delivery.OpAudit)
		for _, e := range events {
			views = append(views, eventView(e, audit))
		}
		return views, nil
	})
}

func (h shelved) FindEvents(w http.ResponseWriter, r *http.Request, p api.FindEventsParams) {
	h.asked(w, r, "findEvents", http.StatusOK, func(a member) (any, error) {
		q := delivery.EventQuery{
			Actor: given(p.Actor), Subject: given(p.About), Kind: delivery.EventKind(given(p.Kind)), From: given(p.From), To: given(p.To),
			Before: uint64(given(p.Before)), Limit: 100,
		}
		if p.Limit != nil {
			q.Limit = *p.Limit
		}
		events, err := h.Log.Find(r.Context(), q)
		if err != nil {
			return nil, err
		}
		audit := delivery.May(a.Actor(), delivery.OpAudit)
		return lo.Map(events, func(e delivery.Event, _ int) api.Event { return eventView(e, audit) }), nil
	})
}

// eventsOf reads the events of a site, or of all; the last one's sequence is where the next
// page begins.
func (h handlers) eventsOf(ctx context.Context, only network.SiteID, after uint64, limit int) ([]delivery.Event, error) {
	if only == "" {
		return h.Log.EventsSince(ctx, after, limit)
	}
	return h.Log.EventsOf(ctx, only, after, limit)
}

// maySee limits an account to the events that concern its site, unless it may see all.
func maySee(a member, e delivery.Event) bool {
	only := scope(a, "getEvents")
	return only == "" || e.Site == only
}

// eventView shows an event. One that cannot be told as it stands, as an older version may
// have written it, is shown without what is wrong with it, which it says instead. The session and address are for an audit.
func eventView(e delivery.Event, audit bool) api.Event {
	if err := e.Check(); err != nil {
		e = delivery.Event{Seq: e.Seq, At: stated.Bound(e.At), Kind: e.Kind, Site: e.Site, Detail: map[string]string{"unreadable": err.Error()}}
	}
	v := api.Event{Seq: int64(e.Seq), At: e.At, Kind: string(e.Kind), Actor: e.Actor, Subject: e.Subject, Detail: e.Detail}
	if audit {
		v.Session, v.Address = some(e.Session), some(e.Address)
	}
	return v
}

// isFeed reports whether a request is for the live feed.
func isFeed(r *http.Request) bool { return r.URL.Path == "/api/v1/live" }

// serveLive upgrades a signed-in request to the live feed. ?after=SEQ resumes the events.
func (s *Server) serveLive(w http.ResponseWriter, r *http.Request) {
	a, err := s.permitted(r, "live")
	after := s.Feed.Last()
	if q := r.URL.Query().Get("after"); err == nil && q != "" {
		if after, err = strconv.ParseUint(q, 10, 63); err != nil {
			err = fieldError{"after", "is not a sequence number"}
		}
	}
	if err == nil && !live.Spoken(r) {
		err = fieldError{"Sec-WebSocket-Protocol", "must offer hemolift.v1 or hemolift.v1.json"}
	}
	may := delivery.Operations(a.Actor())
	again := r.WithContext(context.WithoutCancel(r.Context())) // the request ends, the connection goes on
	if err == nil {
		c, _ := r.Context().Value(callerKey{}).(caller)
		c.turn.taken = true
		c.turn.taken, err = s.live.Serve(w, r, live.Session{
			Site: scope(a, "live"), After: after, Left: c.turn.leave,
			Who: live.Person{
				Login: a.Login, NameZH: a.NameZH, NameEN: a.NameEN, Role: a.Role, Site: a.Site,
				Watches: delivery.May(a.Actor(), delivery.OpWatch),
			},
			Sees: func(e delivery.Event) bool { return maySee(a, e) },
			Signed: func() bool {
				now := s.lookUp(again)
				if now.err != nil {
					return !errors.Is(now.err, errNotSignedIn)
				}
				return slices.Equal(delivery.Operations(now.account.Actor()), may) // else it is another feed
			},
		})
	}
	if err != nil {
		s.fail(w, r, err)
	}
}
