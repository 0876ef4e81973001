package web

import (
	"crypto/rand"
	"errors"
	"net/http"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/notice"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/visit"
	"hemolift/web/api"
)

// told implements the operations of how people are told outside the page.
type told struct{ *Server }

// errNoNotices is what is answered where the operator has the server call nobody.
var errNoNotices = refusal.OfState("this server", "set up to call nobody", "made to tell people outside the page")

func (h told) ReadNotices(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, delivery.OpReadNotices, http.StatusOK, func(a member) (any, error) { return h.noticesOf(r, a) })
}

func (h told) noticesOf(r *http.Request, a member) (any, error) {
	wishes, err := h.Notices.Wishes(r.Context(), a.Login)
	if err != nil {
		return nil, err
	}
	devices, err := h.Notices.Devices(r.Context(), a.Login)
	if err != nil {
		return nil, err
	}
	v := api.Notices{PublicKey: some(h.PushKey), Urgencies: []api.Urgency{}, Devices: []api.NoticeDevice{}}
	for _, u := range wishes {
		v.Urgencies = append(v.Urgencies, api.Urgency(u))
	}
	for _, d := range devices {
		v.Devices = append(v.Devices, api.NoticeDevice{
			Id: d.ID, MadeAt: d.MadeAt, SentAt: someTime(d.SentAt), Failures: d.Failures, Endpoint: d.Endpoint,
		})
	}
	return v, nil
}

func (h told) ChooseNotices(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, delivery.OpChooseNotices, http.StatusOK, func(a member) (any, error) {
		var c api.ChosenNotices
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		chosen := []delivery.Urgency{}
		for _, u := range c.Urgencies {
			chosen = append(chosen, delivery.Urgency(u))
		}
		if err := notice.CheckUrgencies(chosen); err != nil {
			return nil, err
		}
		if err := h.Notices.Wish(r.Context(), a.Login, chosen); err != nil {
			return nil, err
		}
		return h.noticesOf(r, a)
	})
}

func (h told) AddNoticeDevice(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, delivery.OpAddNoticeDevice, http.StatusCreated, func(a member) (any, error) {
		var n api.NewNoticeDevice
		if _, err := decode(w, r, &n); err != nil {
			return nil, err
		}
		if h.PushKey == "" {
			return nil, errNoNotices
		}
		d := notice.Device{
			ID: rand.Text(), Login: a.Login, Session: visit.Of(r.Context()).Session, Endpoint: n.Endpoint, P256DH: n.P256dh, Auth: n.Auth,
			Lang: string(n.Lang), MadeAt: h.Now(),
		}
		if err := d.Check(); err != nil {
			return nil, err
		}
		if err := h.Notices.AddDevice(r.Context(), d); err != nil {
			return nil, err
		}
		return h.noticesOf(r, a)
	})
}

func (h told) RemoveNoticeDevice(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, delivery.OpRemoveNoticeDevice, http.StatusNoContent, func(a member) (any, error) {
		return nil, h.Notices.RemoveDevice(r.Context(), a.Login, id, h.Now())
	})
}

// hospital refuses what is no hospital of the network.
func (h told) hospital(id api.Id) (network.SiteID, error) {
	s, known := h.Dispatcher.Network().Site(network.SiteID(id))
	if !known || s.Kind != network.Hospital {
		return "", refusal.ErrNotFound
	}
	return s.ID, nil
}

func (h told) GetWebhook(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, delivery.OpGetWebhook, http.StatusOK, func(member) (any, error) {
		site, err := h.hospital(id)
		if err != nil {
			return nil, err
		}
		hook, err := h.Notices.Webhook(r.Context(), site)
		if err != nil {
			return nil, err
		}
		return webhookView(hook), nil
	})
}

// SetWebhook answers with the secret that what is sent is signed with, once.
func (h told) SetWebhook(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, delivery.OpSetWebhook, http.StatusOK, func(a member) (any, error) {
		var n api.NewWebhook
		if _, err := decode(w, r, &n); err != nil {
			return nil, err
		}
		site, err := h.hospital(id)
		switch {
		case err != nil:
			return nil, err
		case h.PushKey == "":
			return nil, errNoNotices
		}
		if err := notice.CheckAddress("url", n.Url); err != nil {
			return nil, err
		}
		hook := notice.Webhook{Site: site, URL: n.Url, Secret: rand.Text(), SetBy: a.Login, SetAt: h.Now()}
		if err := h.Notices.SetWebhook(r.Context(), hook); err != nil {
			return nil, err
		}
		v := webhookView(hook)
		v.Secret = &hook.Secret
		return v, nil
	})
}

func (h told) EndWebhook(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, delivery.OpEndWebhook, http.StatusNoContent, func(a member) (any, error) {
		site, err := h.hospital(id)
		if err != nil {
			return nil, err
		}
		return nil, h.Notices.EndWebhook(r.Context(), site, a.Login, h.Now())
	})
}

func webhookView(w notice.Webhook) api.Webhook {
	return api.Webhook{Url: w.URL, SetBy: w.SetBy, SetAt: w.SetAt, SentAt: someTime(w.SentAt), Failures: w.Failures}
}

// untold ends a session of a person's, and being told by what was added in it.
func (h people) untold(r *http.Request, a member, session string) error {
	return errors.Join(
		h.Notices.RemoveSession(r.Context(), a.Login, session, h.Now()),
		h.Accounts.EndSession(r.Context(), a.Login, session, h.Now()),
	)
}
