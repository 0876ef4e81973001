package web

import (
	"crypto/rand"
	"net/http"
	"regexp"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/geo"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
	"hemolift/web/api"
)

// guests implements the operations of links for guests, and what these see.
type guests struct{ *Server }

// linked runs f for an account that may do an operation on a delivery's links.
func (h guests) linked(
	w http.ResponseWriter, r *http.Request, op delivery.Operation, id api.Id, status int,
	f func(member, delivery.Delivery) (any, error),
) {
	h.asked(w, r, op, status, func(a member) (any, error) {
		rec, err := h.record(r, a, delivery.ID(id))
		if err != nil {
			return nil, err
		}
		if err := delivery.Permit(a.Actor(), op, rec.Delivery.Hospital, rec.Delivery.Centre); err != nil {
			return nil, err
		}
		return f(a, rec.Delivery)
	})
}

func (h guests) ListGuestLinks(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.linked(w, r, delivery.OpListGuests, id, http.StatusOK, func(_ member, d delivery.Delivery) (any, error) {
		list, err := h.Guests.Links(r.Context(), d.ID, h.Now())
		if err != nil {
			return nil, err
		}
		views := []api.GuestLink{}
		for _, l := range list {
			views = append(views, guestLinkView(l))
		}
		return views, nil
	})
}

func (h guests) MakeGuestLink(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.linked(w, r, delivery.OpMakeGuest, id, http.StatusCreated, func(a member, d delivery.Delivery) (any, error) {
		var n api.NewGuestLink
		if _, err := decode(w, r, &n); err != nil {
			return nil, err
		}
		l, err := delivery.NewGuestLink(d, n.For, n.Hours, a.Login, h.Now())
		if err != nil {
			return nil, err
		}
		token := rand.Text()
		if l, err = h.Guests.MakeLink(r.Context(), token, l, d.Hospital); err != nil {
			return nil, err
		}
		v := guestLinkView(l)
		v.Token = &token
		return v, nil
	})
}

func (h guests) RevokeGuestLink(w http.ResponseWriter, r *http.Request, id api.Id, link string) {
	h.linked(w, r, delivery.OpRevokeGuest, id, http.StatusNoContent, func(a member, d delivery.Delivery) (any, error) {
		return nil, h.Guests.RevokeLink(r.Context(), d.ID, link, a.Login, d.Hospital, h.Now())
	})
}

// tokenForm is of crypto/rand.Text.
var tokenForm = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// SeeAsGuest needs no account: the token of a link is what it shows.
func (h guests) SeeAsGuest(w http.ResponseWriter, r *http.Request, p api.SeeAsGuestParams) {
	if !tokenForm.MatchString(p.GuestToken) {
		h.fail(w, r, refusal.ErrNotFound)
		return
	}
	address, err := h.turns.take(r.Context(), "guests of "+addressOf(r), 0, false) // before the record is read
	if err != nil {
		h.fail(w, r, err)
		return
	}
	defer address()
	l, err := h.Guests.Guest(r.Context(), p.GuestToken, h.Now())
	if err != nil {
		h.fail(w, r, err)
		return
	}
	leave, err := h.turns.take(r.Context(), "guest:"+l.ID, bytesOfGuest, false)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	defer leave()
	rec, err := h.Boards.Delivery(r.Context(), l.Delivery)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	h.reply(w, r, http.StatusOK, h.guestView(rec, l, h.Now()))
}

func guestLinkView(l delivery.GuestLink) api.GuestLink {
	return api.GuestLink{
		Id: l.ID, For: l.For, MadeBy: l.MadeBy, MadeAt: l.MadeAt, ExpiresAt: l.ExpiresAt, OpenedAt: someTime(l.OpenedAt),
	}
}

// guestView is all that a guest is told.
func (h guests) guestView(rec delivery.Record, l delivery.GuestLink, now time.Time) api.GuestView {
	d, m := rec.Delivery, rec.Mission
	v := api.GuestView{
		Now: now, ExpiresAt: l.ExpiresAt, Hospital: h.guestSite(d.Hospital), Centre: h.guestSite(d.Centre),
		Component: api.Component(d.Component), Stage: api.GuestViewStage(d.GuestStage()), Temperature: h.guestTemperature(d, now),
	}
	if d.Status == delivery.DClosed {
		v.HandedOverAt = someTime(handedOverAt(rec))
	}
	drone, heard := h.Tracker.Drone(m.Drone)
	switch d.GuestStage() {
	case delivery.GuestPrepared:
		v.ArriveAt = someTime(m.ArriveAt)
	case delivery.GuestFlying:
		if m.Status != delivery.MOutbound || m.Hospital != d.Hospital || !heard || !drone.Located {
			break // on its way home or elsewhere, or never heard: nobody knows
		}
		live := drone.Link != telemetry.LinkStale
		if live && drone.Arrives() {
			v.ArriveAt = someTime(drone.ETA)
		}
		at := drone.Position.Point
		v.Flight = &api.GuestFlight{
			Position: api.LonLat{at[0], at[1]}, HeightM: drone.HeightM, At: drone.At, Heard: live,
			ToGoM: some(drone.ToGoM), LengthM: some(trackLength(m.Out)),
		}
	case delivery.GuestLanded, delivery.GuestArrived, delivery.GuestNot:
	}
	return v
}

// handedOverAt is when a delivery's last unit was judged at its ward.
func handedOverAt(rec delivery.Record) (at time.Time) {
	for _, c := range rec.Custody {
		if c.Step == delivery.StepReceive || c.Step == delivery.StepReject {
			at = c.At
		}
	}
	return at
}

func trackLength(track []geo.Fix4D) (metres float64) {
	for i := 1; i < len(track); i++ {
		metres += geo.Distance(track[i-1].Point, track[i].Point)
	}
	return metres
}

func (h guests) guestSite(id network.SiteID) api.GuestSite {
	s, _ := h.Dispatcher.Network().Site(id)
	return api.GuestSite{NameZh: s.NameZH, NameEn: s.NameEN}
}

// guestTemperature is the worst of a delivery's boxes, while they are watched for it; of one that
// is silent, or not watched, nothing is known.
func (h guests) guestTemperature(d delivery.Delivery, now time.Time) api.GuestTemperature {
	var worst *telemetry.BoxState
	if d.GuestStage() == delivery.GuestNot { // whose it is now is another's to know
		return api.GuestTemperature{State: api.GuestTemperatureStateUnknown}
	}
	for _, b := range d.Boxes {
		state, known := h.Tracker.Box(now, b.Box)
		if b.PackedAt.IsZero() || b.Released || !known || !state.Watched || d.Status.Ended() {
			return api.GuestTemperature{State: api.GuestTemperatureStateUnknown}
		}
		if worst == nil || graver(state.State, worst.State) {
			worst = &state
		}
	}
	if worst == nil {
		return api.GuestTemperature{State: api.GuestTemperatureStateUnknown}
	}
	v := api.GuestTemperature{State: api.GuestTemperatureState(worst.State.String())}
	if worst.HasReading {
		v.TempMc, v.At = &worst.Reading.TempMC, someTime(worst.Newest.At)
	}
	return v
}

// graver reports whether a box's state is told before another's: an excursion, then what is
// unknown.
func graver(a, b coldchain.State) bool {
	rank := map[coldchain.State]int{coldchain.InRange: 0, coldchain.NearLimit: 1, coldchain.Unknown: 2, coldchain.Excursion: 3}
	return rank[a] > rank[b]
}
