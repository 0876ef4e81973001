package web

import (
	"net/http"
	"strings"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/handover"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/web/api"
)

func (h handlers) Estimate(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "estimate", http.StatusOK, func(a member) (any, error) {
		var o api.NewRequest
		if _, err := decode(w, r, &o); err != nil {
			return nil, err
		}
		e, err := h.Dispatcher.Estimate(r.Context(), a.Actor(), askedOf(o))
		if err != nil {
			return nil, err
		}
		var v api.Estimate
		if e.Proposal != nil {
			p := proposalView(*e.Proposal)
			v.Proposal, v.Handover = &p, handoverView(handover.Told{Forecast: e.Handover})
			v.Held = &api.HeldForecasts{Told: e.Held.Told, AfterP50: e.Held.AfterP50, AfterP90: e.Held.AfterP90}
		}
		if e.Impossible != nil {
			i := impossibleView(*e.Impossible)
			v.Impossible = &i
		}
		return v, nil
	})
}

func (h handlers) SubmitRequest(w http.ResponseWriter, r *http.Request, p api.SubmitRequestParams) {
	h.asked(w, r, "submitRequest", http.StatusCreated, func(a member) (any, error) {
		var o api.NewRequest
		hash, err := decode(w, r, &o)
		if err != nil {
			return nil, err
		}
		req, err := h.Dispatcher.Submit(r.Context(), a.Actor(), askedOf(o), p.IdempotencyKey, hash)
		if err != nil {
			return nil, err
		}
		return h.requestView(req, ""), nil
	})
}

func (h handlers) ListRequests(w http.ResponseWriter, r *http.Request, p api.ListRequestsParams) {
	h.asked(w, r, "listRequests", http.StatusOK, func(a member) (any, error) {
		q := delivery.RequestQuery{
			Hospital: scope(a, "listRequests"), Before: delivery.RequestID(given(p.Before)), Limit: 100,
			Status:    delivery.RequestStatus(given(p.Status)),
			Component: blood.Component(given(p.Component)), Group: blood.Group(given(p.BloodGroup)), Urgency: delivery.Urgency(given(p.Urgency)),
		}
		if p.Limit != nil {
			q.Limit = *p.Limit
		}
		list, servedBy, err := h.Boards.Requests(r.Context(), q)
		if err != nil {
			return nil, err
		}
		views := []api.Request{}
		for _, req := range list {
			views = append(views, h.requestView(req, servedBy[req.ID]))
		}
		return views, nil
	})
}

func (h handlers) GetRequest(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "getRequest", http.StatusOK, func(a member) (any, error) {
		req, err := h.Boards.Request(r.Context(), delivery.RequestID(id))
		if err != nil {
			return nil, err
		}
		if s := scope(a, "getRequest"); s != "" && s != req.Hospital {
			return nil, refusal.ErrNotFound
		}
		return h.requestView(req, ""), nil
	})
}

func (h handlers) AmendRequest(w http.ResponseWriter, r *http.Request, id api.Id, p api.AmendRequestParams) {
	h.asked(w, r, "amendRequest", http.StatusOK, func(a member) (any, error) {
		var o api.NewRequest
		if _, err := decode(w, r, &o); err != nil {
			return nil, err
		}
		req, err := h.Dispatcher.Amend(r.Context(), a.Actor(), delivery.RequestID(id), askedOf(o), given(p.Version))
		if err != nil {
			return nil, err
		}
		return h.requestView(req, ""), nil
	})
}

func (h handlers) CancelRequest(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "cancelRequest", http.StatusOK, func(a member) (any, error) {
		var c api.Cancel
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		if n := len(strings.TrimSpace(c.Reason)); n == 0 || n > 200 {
			return nil, refusal.Field{Field: "reason", Reason: "is not 1 to 200 characters"}
		}
		req, err := h.Dispatcher.Cancel(r.Context(), a.Actor(), delivery.RequestID(id), c.Reason)
		if err != nil {
			return nil, err
		}
		return h.requestView(req, ""), nil
	})
}

func (h handlers) AcceptProposal(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "acceptProposal", http.StatusCreated, func(a member) (any, error) {
		var c api.Accept
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		var seen *propose.Seen
		if c.Seen != nil {
			seen = &propose.Seen{Drone: telemetry.DeviceID(c.Seen.Drone), ArriveAt: c.Seen.ArriveAt, Units: c.Seen.Units}
		}
		del, err := h.Dispatcher.Accept(r.Context(), a.Actor(), delivery.RequestID(id), telemetry.DeviceID(given(c.Drone)), seen)
		if err != nil {
			return nil, err
		}
		return h.delivery(r, a, del.ID)
	})
}

func (h handlers) Divert(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "divert", http.StatusCreated, func(a member) (any, error) {
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
	h.asked(w, r, "road", http.StatusOK, func(a member) (any, error) {
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

func (h *Server) request(r *http.Request, id delivery.RequestID) (any, error) {
	req, err := h.Boards.Request(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return h.requestView(req, ""), nil
}

func askedOf(o api.NewRequest) delivery.Asked {
	d := delivery.Asked{
		Hospital:  network.SiteID(o.Hospital),
		Pad:       network.PadID(o.Pad),
		Component: blood.Component(o.Component),
		Group:     blood.Group(o.BloodGroup),
		Units:     o.Units,
		Urgency:   delivery.Urgency(o.Urgency),
		NeededBy:  o.NeededBy.UTC().Truncate(time.Millisecond),
	}
	if p := o.Patient; p != nil {
		d.Patient.AntiD = p.AntiD
		if p.Sex != nil {
			d.Patient.Sex = blood.Sex(*p.Sex)
		}
		if p.Age != nil {
			d.Patient.Age = blood.AgeClass(*p.Age)
		}
	}
	return d
}

func askedView(o delivery.Asked) api.NewRequest {
	v := api.NewRequest{
		Hospital: string(o.Hospital), Pad: string(o.Pad), Component: api.Component(o.Component), BloodGroup: api.BloodGroup(o.Group),
		Units: o.Units, Urgency: api.Urgency(o.Urgency), NeededBy: o.NeededBy,
	}
	if o.Patient != (blood.Patient{}) {
		v.Patient = &api.Patient{
			AntiD: o.Patient.AntiD,
			Sex:   (*api.PatientSex)(some(string(o.Patient.Sex))),
			Age:   (*api.PatientAge)(some(string(o.Patient.Age))),
		}
	}
	return v
}

// handoverView is nil before a first forecast.
func handoverView(t handover.Told) *api.HandoverForecast {
	if t.MadeAt.IsZero() {
		return nil
	}
	return &api.HandoverForecast{
		MadeAt: t.MadeAt, PlannedAt: t.Planned, P50At: someTime(t.P50), P90At: someTime(t.P90), Measured: t.Measured,
		HandedOverAt: someTime(t.HandedOver),
	}
}

// requestView joins a request with its delivery's id, if it has one, and else with
// what is proposed for it.
func (s *Server) requestView(r delivery.Request, servedBy delivery.ID) api.Request {
	v := api.Request{
		Id: string(r.ID), Order: askedView(r.Asked), Status: api.RequestStatus(r.Status), CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy,
		Automated: r.Automated, Version: r.Version, Delivery: some(string(servedBy)), RestOf: some(string(r.RestOf)), RoadAt: someTime(r.RoadAt),
		Handover: handoverView(r.Told),
	}
	if r.Status == delivery.Open {
		proposals, impossible := s.Dispatcher.Proposals()
		if p, ok := proposals[r.ID]; ok {
			pv := proposalView(p)
			v.Proposal = &pv
		}
		if i, ok := impossible[r.ID]; ok {
			iv := impossibleView(i)
			v.Impossible = &iv
		}
	}
	return v
}
