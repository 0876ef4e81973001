package web

import (
	"net/http"
	"strings"

	"github.com/samber/lo"

	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
	"hemolift/web/api"
)

// signing implements the operations of signatures on cold-chain records.
type signing struct{ *Server }

// SignRecord takes a signature: in a browser the person shows each time who it is, by the password or at its provider.
func (h signing) SignRecord(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, delivery.OpSign, http.StatusCreated, func(a member) (any, error) {
		var body api.NewSignature
		if _, err := decode(w, r, &body); err != nil {
			return nil, err
		}
		if _, err := h.record(r, a, delivery.ID(id)); err != nil {
			return nil, err
		}
		unconfirmed, err := people(h).unconfirmed(r, a.Account, body.Password)
		if err == nil && unconfirmed {
			err = refusal.ErrUnconfirmed
		}
		if err != nil {
			return nil, err
		}
		c, err := h.Dispatcher.Sign(r.Context(), a.Actor(), delivery.ID(id), coldrecord.Signature{
			NameZH: a.NameZH, NameEN: a.NameEN, Meaning: coldrecord.Meaning(body.Meaning), Digest: body.Digest,
			Note: strings.TrimSpace(given(body.Note)),
		})
		if err != nil {
			return nil, err
		}
		return coldRecordView(c), nil
	})
}

// mostUnsigned bounds the list of records that wait for a signature.
const mostUnsigned = 200

func (h signing) ListUnsigned(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, delivery.OpUnsigned, http.StatusOK, func(member) (any, error) {
		list, err := h.Cold.Unsigned(r.Context(), mostUnsigned)
		return lo.Map(list, func(u coldrecord.Unsigned, _ int) api.Unsigned {
			return api.Unsigned{
				Delivery: string(u.Delivery), Hospital: string(u.Hospital), Component: api.Component(u.Component), Units: u.Units,
				EndedAt: u.EndedAt, Worst: string(u.Worst),
			}
		}), err
	})
}

func signaturesView(c coldrecord.Record, digest string) []api.Signature {
	return lo.Map(c.Signed, func(s coldrecord.Signature, _ int) api.Signature {
		return api.Signature{
			By: s.By, NameZh: s.NameZH, NameEn: s.NameEN, At: s.At, Meaning: api.SignatureMeaning(s.Meaning), Note: s.Note,
			Digest: s.Digest, OfThis: s.Digest == digest,
		}
	})
}
