package web

import (
	"errors"
	"net/http"
	"slices"

	"github.com/samber/lo"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/document"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry/tables"
	"hemolift/web/api"
)

// ruling implements the operations of what a blood service decides for itself.
type ruling struct{ *Server }

// maxDocument bounds a body with a document, in bytes: JSON may write a byte as six.
const maxDocument = 6*document.MaxText + 16<<10

func (h ruling) ListDocuments(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, delivery.OpReadDocuments, http.StatusOK, func(a member) (any, error) {
		all, err := h.Dispatcher.Documents(r.Context(), a.Actor())
		list := lo.Map(all, func(v document.Version, _ int) api.Document { return h.view(v, all) })
		slices.Reverse(list)
		return list, err
	})
}

func (h ruling) GetDocument(w http.ResponseWriter, r *http.Request, id int64) {
	h.asked(w, r, "getDocument", http.StatusOK, func(a member) (any, error) { return h.document(r, a, id) })
}

func (h ruling) document(r *http.Request, a member, id int64) (any, error) {
	all, err := h.Dispatcher.Documents(r.Context(), a.Actor())
	if err != nil {
		return nil, err
	}
	v, found := lo.Find(all, func(v document.Version) bool { return v.ID == id })
	if !found {
		return nil, refusal.ErrNotFound
	}
	changes := document.Differences(v.Kind, v.Before(all), v.Text)
	return api.DocumentText{Document: h.view(v, all), Text: v.Text, Differences: differenceViews(changes)}, nil
}

// ProposeDocument takes in a version, or tells what it would change.
func (h ruling) ProposeDocument(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, delivery.OpProposeDocument, http.StatusOK, func(a member) (any, error) {
		var body api.NewDocument
		if _, err := decodeUpTo(w, r, maxDocument, &body); err != nil {
			return nil, err
		}
		kind, preview := document.Kind(body.Kind), given(body.Preview)
		if err := confirmed(r); err != nil && !preview { // to look changes nothing
			return nil, err
		}
		changes, err := h.Dispatcher.CheckDocument(r.Context(), a.Actor(), kind, body.Text)
		var faults tables.Faults
		switch found := errors.As(err, &faults); {
		case found && preview:
			return api.DocumentProposed{Faults: faultViews(faults), Differences: []api.NetworkDifference{}}, nil
		case found:
			return nil, fieldError{"text", faultsTold(faults)}
		case err != nil:
			return nil, err
		}
		out := api.DocumentProposed{Faults: []api.NetworkFault{}, Differences: differenceViews(changes)}
		if preview {
			return out, nil
		}
		v, err := h.Dispatcher.ProposeDocument(r.Context(), a.Actor(), document.Version{Kind: kind, Text: body.Text, Reason: given(body.Reason)})
		if err != nil {
			return nil, err
		}
		view := h.view(v, []document.Version{v})
		out.Document = &view
		return out, nil
	})
}

// DecideDocument takes a decision: in a browser the person shows each time who it is, by the password or at its provider.
func (h ruling) DecideDocument(w http.ResponseWriter, r *http.Request, id int64) {
	h.asked(w, r, delivery.OpDecideDocument, http.StatusOK, func(a member) (any, error) {
		var body api.DocumentDecision
		if _, err := decode(w, r, &body); err != nil {
			return nil, err
		}
		if err := delivery.Permit(a.Actor(), delivery.OpDecideDocument, ""); err != nil {
			return nil, err
		}
		unconfirmed, err := people(h).unconfirmed(r, a.Account, body.Password)
		if err == nil && unconfirmed {
			err = refusal.ErrUnconfirmed
		}
		if err != nil {
			return nil, err
		}
		err = h.Dispatcher.DecideDocument(r.Context(), a.Actor(), id, body.Digest, document.Decision{
			NameZH: a.NameZH, NameEN: a.NameEN, Approved: body.Approved, Note: given(body.Note), From: given(body.From),
		})
		var faults tables.Faults
		if errors.As(err, &faults) {
			err = refusal.OfField("document", "does not fit any more: "+faultsTold(faults))
		}
		if err != nil {
			return nil, err
		}
		return h.document(r, a, id)
	})
}

func (h ruling) view(v document.Version, all []document.Version) api.Document {
	out := api.Document{
		Id: v.ID, Kind: api.DocumentKind(v.Kind), State: api.DocumentState(v.StateIn(all)), Origin: api.DocumentOrigin(v.Origin),
		By: v.By, At: v.At, Reason: v.Reason, Digest: v.Digest(), TookAt: someTime(v.TookAt),
		Held: some(h.Dispatcher.Held(v, all)),
	}
	if d := v.Decision; d != nil {
		out.Decision = &api.DocumentDecided{
			By: d.By, NameZh: d.NameZH, NameEn: d.NameEN, At: d.At, Approved: d.Approved, Note: d.Note, From: someTime(d.From),
		}
	}
	return out
}

func faultViews(faults tables.Faults) []api.NetworkFault {
	return lo.Map(faults, func(f tables.Fault, _ int) api.NetworkFault {
		return api.NetworkFault{File: f.File, Line: some(f.Line), Column: some(f.Column), Reason: f.Reason}
	})
}

func differenceViews(list []network.Difference) []api.NetworkDifference {
	return lo.Map(list, func(d network.Difference, _ int) api.NetworkDifference {
		return api.NetworkDifference{File: d.File, Id: d.ID, Field: some(d.Field), Was: d.Was, Is: d.Is}
	})
}
