package web

import (
	"cmp"
	"net/http"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/label"
	"hemolift/dispatch/network"
	"hemolift/dispatch/recovery"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/web/api"
)

func (h handlers) GetDelivery(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "getDelivery", http.StatusOK, func(a member) (any, error) { return h.delivery(r, a, delivery.ID(id)) })
}

func (h *Server) record(r *http.Request, a member, id delivery.ID) (delivery.Record, error) {
	rec, err := h.Boards.Delivery(r.Context(), id)
	if s := scope(a, "getDelivery"); err == nil && s != "" && s != rec.Delivery.Hospital {
		err = refusal.ErrNotFound
	}
	return rec, err
}

func (h *Server) delivery(r *http.Request, a member, id delivery.ID) (any, error) {
	rec, err := h.record(r, a, id)
	if err != nil {
		return nil, err
	}
	return h.deliveryView(rec), nil
}

// stepsOfPeople are those that the API takes; the others follow from the flight.
var stepsOfPeople = map[api.StepScanStep]delivery.Step{
	"check":        delivery.StepCheck,
	"pack":         delivery.StepPack,
	"seal":         delivery.StepSeal,
	"load":         delivery.StepLoad,
	"stand_down":   delivery.StepStandDown,
	"break":        delivery.StepBreak,
	"give_up":      delivery.StepGiveUp,
	"keep":         delivery.StepKeep,
	"arrived":      delivery.StepLand,
	"lose":         delivery.StepLose,
	"find":         delivery.StepFind,
	"compare_seal": delivery.StepCompare,
	"receive":      delivery.StepReceive,
	"quarantine":   delivery.StepReject,
	"pad_clear":    delivery.StepPadClear,
	"pad_taken":    delivery.StepPadTaken,
}

func (h handlers) DoStep(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "doStep", http.StatusOK, func(a member) (any, error) {
		var s api.StepScan
		if _, err := decode(w, r, &s); err != nil {
			return nil, err
		}
		step, scan, err := scanOf(s)
		if err != nil {
			return nil, err
		}
		if _, err := h.record(r, a, delivery.ID(id)); err != nil {
			return nil, err
		}
		if scan.Unconfirmed, err = h.unconfirmed(r, a.Account, s.Password); err != nil {
			return nil, err
		}
		if _, err := h.Dispatcher.Do(r.Context(), a.Actor(), delivery.ID(id), step, scan); err != nil {
			return nil, err
		}
		return h.delivery(r, a, delivery.ID(id))
	})
}

func scanOf(s api.StepScan) (delivery.Step, delivery.Scan, error) {
	step, ok := stepsOfPeople[s.Step]
	if !ok {
		return "", delivery.Scan{}, refusal.Field{Field: "step", Reason: "is none that a person does"}
	}
	var scan delivery.Scan
	if err := unitOfScan(s, &scan); err != nil {
		return "", scan, err
	}
	if s.Box != nil {
		box, err := label.Plain(*s.Box)
		if err != nil {
			return "", scan, refusal.OfField("box", err.Error())
		}
		scan.Box = telemetry.DeviceID(box)
	}
	if s.Seal != nil {
		var err error
		if scan.Seal, err = label.Plain(*s.Seal); err != nil {
			return "", scan, refusal.OfField("seal", err.Error())
		}
	}
	if s.Pad != nil {
		scan.Pad = network.PadID(*s.Pad)
	}
	if s.Note != nil {
		scan.Note = *s.Note
	}
	if len(scan.Note) > 500 {
		return "", scan, refusal.Field{Field: "note", Reason: "is longer than 500 characters"}
	}
	return step, scan, nil
}

// Handlers and views of what goes wrong, and of what is done about it.

func (h handlers) Recover(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "recover", http.StatusOK, func(a member) (any, error) {
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

// handshakeView is nil where there is no pad to speak for any more.
func (s *Server) handshakeView(d delivery.Delivery, m delivery.Mission) *api.Handshake {
	comes := m.Status.In(delivery.MPlanned, delivery.MUploaded, delivery.MOutbound) && m.Hospital == d.Hospital
	if !comes || d.Status.Ended() || d.Status.In(delivery.DLanded, delivery.DOpened) {
		return nil
	}
	w, aloft := d.PadWord, m.Status == delivery.MOutbound
	ofIt := w.By != "" && w.Pad == m.Pad
	v := &api.Handshake{
		Rule: api.HandshakeRule(cmp.Or(d.PadRule, "none")), Taken: ofIt && w.Taken, HeldSince: someTime(m.HeldForPad),
		Spoken: ofIt && len(delivery.PadUnspoken(m, []delivery.Delivery{d}, aloft, s.Now())) == 0 && !w.Taken,
	}
	if ofIt {
		v.By, v.At = &w.By, &w.At
	}
	return v
}

func (s *Server) deliveryView(rec delivery.Record) api.Delivery {
	d, r, m := rec.Delivery, rec.Request, rec.Mission
	class, _ := s.Dispatcher.Network().ClassOf(m.Drone)
	v := api.Delivery{
		Id:           string(d.ID),
		Request:      string(d.Request),
		Component:    api.Component(d.Component),
		BloodGroup:   api.BloodGroup(d.Recipient.Group()),
		Urgency:      api.Urgency(r.Urgency),
		NeededBy:     r.NeededBy,
		Hospital:     string(d.Hospital),
		Centre:       string(d.Centre),
		Status:       api.DeliveryStatus(d.Status),
		Ended:        d.Status.Ended(),
		Seal:         d.Seal,
		Automated:    d.Automated,
		TwoPersons:   d.TwoPersons,
		Handshake:    s.handshakeView(d, m),
		GivenUpAt:    someTime(d.GivenUpAt),
		DivertedFrom: some(string(d.DivertedFrom)),
		Boxes:        []api.Box{},
		Units:        []api.Unit{},
		Custody:      []api.CustodyEvent{},
		Mission: api.Mission{
			Id:        string(m.ID),
			Drone:     string(m.Drone),
			Hospital:  string(m.Hospital),
			Pad:       string(m.Pad),
			Status:    api.MissionStatus(m.Status),
			Out:       lonLats(m.Out),
			Back:      lonLats(m.Back),
			DepartAt:  m.DepartAt,
			ArriveAt:  m.ArriveAt,
			HoverS:    class.Hovers(m.LoadKg).Seconds(),
			Watch:     watchView(m.Watch),
			LandAsked: landAskedView(m.LandAsked, s.Now()),
		},
	}
	for _, b := range d.Boxes {
		v.Boxes = append(
			v.Boxes,
			api.Box{Id: string(b.Box), Profile: profileView(d.Component, s.Dispatcher.ProfileOf(b)), PackedAt: someTime(b.PackedAt)},
		)
	}
	for _, u := range d.Units {
		uv := unitView(u.Unit)
		uv.PackedAt, uv.Outcome = someTime(u.PackedAt), (*api.UnitOutcome)(some(string(u.Outcome)))
		v.Units = append(v.Units, uv)
	}
	for _, e := range rec.Custody {
		v.Custody = append(v.Custody, api.CustodyEvent{Step: api.Step(e.Step), Actor: e.Actor, At: e.At, Scan: e.Scan, Detail: e.Detail})
	}
	return v
}
