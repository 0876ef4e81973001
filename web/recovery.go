package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	openapi "github.com/oapi-codegen/runtime/types"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/recovery"
	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/web/api"
)

// Handlers and views of what goes wrong, and of what is done about it.

func (h handlers) Recover(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) {
		var c api.Recover
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		if _, err := h.record(r, a, delivery.ID(id)); err != nil {
			return nil, err
		}
		request, err := h.Dispatcher.Recover(r.Context(), a.Actor(), delivery.ID(id), recovery.Way(c.Way))
		if err != nil {
			return nil, err
		}
		return h.request(r, request)
	})
}

func (h handlers) request(r *http.Request, id delivery.RequestID) (any, error) {
	req, err := h.Boards.Request(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return h.requestView(req, ""), nil
}

func (h handlers) Divert(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, http.StatusCreated, func(a network.Account) (any, error) {
		var c api.Divert
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		del, err := h.Dispatcher.Divert(r.Context(), a.Actor(), delivery.RequestID(id), delivery.ID(c.Delivery))
		if err != nil {
			return nil, err
		}
		return h.delivery(r, a, del.ID)
	})
}

func (h handlers) Road(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) {
		var c api.Road
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		req, err := h.Dispatcher.Road(r.Context(), a.Actor(), delivery.RequestID(id), delivery.RoadStep(c.Step))
		if err != nil {
			return nil, err
		}
		return h.requestView(req, ""), nil
	})
}

func (h handlers) Close(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, http.StatusCreated, func(a network.Account) (any, error) {
		var c api.NewClosure
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		made := network.Closure{Site: network.SiteID(given(c.Site)), Pad: network.PadID(given(c.Pad)), Device: telemetry.DeviceID(given(c.Device)), Reason: strings.TrimSpace(c.Reason), Until: c.Until.UTC()}
		made, err := h.Dispatcher.Close(r.Context(), a.Actor(), made)
		if err != nil {
			return nil, err
		}
		return closureView(made), nil
	})
}

func (h handlers) Reopen(w http.ResponseWriter, r *http.Request, id int64) {
	h.asked(w, r, http.StatusNoContent, func(a network.Account) (any, error) {
		return nil, h.Dispatcher.Reopen(r.Context(), a.Actor(), id)
	})
}

func (h handlers) DroneTaken(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, http.StatusNoContent, func(a network.Account) (any, error) {
		return nil, h.Dispatcher.TakenAway(r.Context(), a.Actor(), delivery.MissionID(id))
	})
}

func (h handlers) ExportDay(w http.ResponseWriter, r *http.Request, date openapi.Date) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) {
		var body api.DayVariant
		if _, err := decode(w, r, &body); err != nil {
			return nil, err
		}
		v, err := variantOf(body)
		if err != nil {
			return nil, err
		}
		return h.Dispatcher.Day(r.Context(), a.Actor(), date.Time, v)
	})
}

func variantOf(body api.DayVariant) (v propose.DayVariant, err error) {
	if body.Policy != nil {
		p, err := propose.ParsePolicy(strings.NewReader(*body.Policy))
		if err != nil {
			return v, fieldError{"policy", strings.TrimPrefix(err.Error(), "policy: ")}
		}
		v.Policy = &p
	}
	if body.WindMps == nil {
		return v, nil
	}
	v.Wind = &route.Wind{SpeedMPS: *body.WindMps, FromDeg: given(body.WindFromDeg)}
	if !(v.Wind.SpeedMPS >= 0 && v.Wind.SpeedMPS <= 50 && v.Wind.FromDeg >= 0 && v.Wind.FromDeg <= 360) {
		return v, fieldError{"wind_mps", "is not within 0 to 50, or wind_from_deg not within 0 to 360"}
	}
	return v, nil
}

// addRecoveries puts on a board what an account may see: hospitals what is closed of
// their own.
func (s *Server) addRecoveries(v *api.Board, closed []network.Closure, a network.Account) {
	for _, c := range closed {
		if own := scope(a); own == "" || own == c.Site && c.Device == "" {
			v.Closures = append(v.Closures, closureView(c))
		}
	}
	if a.Role == network.RoleHospital {
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

func (s *Server) recoveryView(r recovery.Recovery) api.Recovery {
	v := api.Recovery{Delivery: string(r.Delivery.ID), Request: string(r.Request.ID), Failure: api.RecoveryFailure(r.Failure), Waits: some(api.RecoveryWaits(r.Waits)), Since: r.Since, Options: []api.RecoveryOption{}}
	for _, o := range r.Options {
		ov := api.RecoveryOption{Way: api.RecoveryOptionWay(o.Way), ArriveAt: o.ArriveAt, LateMin: o.LateMin, Doubtful: o.Doubtful, Pad: some(string(o.Pad)), Costs: []api.RecoveryCost{}}
		if o.Proposal != nil {
			p := s.proposalView(*o.Proposal)
			ov.Proposal = &p
		}
		for _, c := range o.Costs {
			ov.Costs = append(ov.Costs, api.RecoveryCost{Request: string(c.Request), LaterMin: c.LaterMin, Unmet: c.Unmet})
		}
		v.Options = append(v.Options, ov)
	}
	return v
}

func diversionView(t recovery.Diversion) api.Diversion {
	return api.Diversion{Request: string(t.Request), Delivery: string(t.Delivery), Drone: string(t.Drone), Pad: string(t.Pad), ArriveAt: t.ArriveAt, Without: someTime(t.Without), Units: t.Units,
		Displaced: string(t.Displaced), Hospital: string(t.Hospital), Was: t.Was, Instead: someTime(t.Instead), Before: t.Before[:], After: t.After[:]}
}

func closureView(c network.Closure) api.Closure {
	return api.Closure{Id: c.ID, Site: string(c.Site), Pad: some(string(c.Pad)), Device: some(string(c.Device)), Reason: c.Reason, By: c.By, From: c.From, Until: c.Until}
}
