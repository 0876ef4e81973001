package web

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/visit"
	"hemolift/web/api"
)

func (h people) SignIn(w http.ResponseWriter, r *http.Request) {
	var c api.Credentials
	_, err := decode(w, r, &c)
	if err == nil {
		var a network.Account
		if a, err = h.verify(r, c); err == nil {
			var token string
			if token, _, err = h.open(r, a, network.ByCookie, cookieLife); err == nil {
				err = h.endBefore(r)
			}
			if err == nil {
				http.SetCookie(w, h.cookie(token, int(cookieLife.Seconds())))
				h.reply(w, r, http.StatusOK, meView(h.member(a)))
				return
			}
		}
	}
	h.fail(w, r, err)
}

// endBefore ends the session that a browser had before it signed in anew.
func (h people) endBefore(r *http.Request) error {
	before, err := h.who(r)
	if _, kind := credential(r); err != nil || kind != network.ByCookie {
		return nil
	}
	err = h.Accounts.EndSession(r.Context(), before.Login, visit.Of(r.Context()).Session, h.Now())
	if errors.Is(err, refusal.ErrNotFound) { // it was one too many
		return nil
	}
	return err
}

func (h people) CreateToken(w http.ResponseWriter, r *http.Request) {
	var n api.NewToken
	t, err := h.newToken(w, r, &n)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	h.reply(w, r, http.StatusCreated, t)
}

func (h people) newToken(w http.ResponseWriter, r *http.Request, n *api.NewToken) (t api.Token, err error) {
	if _, err := decode(w, r, n); err != nil {
		return t, err
	}
	only, life := given(n.Only), tokenLife
	for i, op := range only {
		if !delivery.Known(delivery.Operation(op)) {
			return t, refusal.OfField(fmt.Sprintf("only[%d]", i), "is no operation")
		}
	}
	if n.Hours != nil {
		life = time.Duration(*n.Hours) * time.Hour
	}
	a, err := h.verify(r, api.Credentials{Login: n.Login, Password: n.Password})
	if err != nil {
		return t, err
	}
	t.Token, t.ExpiresAt, err = h.open(r, a, network.ByToken, life, only...)
	return t, err
}

func (h people) WhoAmI(w http.ResponseWriter, r *http.Request) {
	a, err := h.who(r)
	switch {
	case errors.Is(err, errNotSignedIn): // a question, not an attempt
		w.WriteHeader(http.StatusNoContent)
	case err != nil:
		h.fail(w, r, err)
	default:
		h.reply(w, r, http.StatusOK, meView(a))
	}
}

func (h people) SignOut(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "signOut", http.StatusNoContent, func(a member) (any, error) {
		http.SetCookie(w, h.cookie("", -1))
		return nil, h.untold(r, a, visit.Of(r.Context()).Session)
	})
}

func (h people) ListSessions(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "listSessions", http.StatusOK, func(a member) (any, error) {
		list, err := h.Accounts.Sessions(r.Context(), a.Login, time.Now(), cookieIdle)
		if err != nil {
			return nil, err
		}
		views := []api.Session{}
		for _, o := range list {
			views = append(views, api.Session{
				Id: o.ID, Kind: api.SessionKind(o.Kind), Address: o.Address, Agent: o.Agent,
				OpenedAt: o.OpenedAt, UsedAt: o.UsedAt, ExpiresAt: o.ExpiresAt, This: o.ID == visit.Of(r.Context()).Session,
				Only: append([]string{}, o.Only...),
			})
		}
		return views, nil
	})
}

func (h people) EndSession(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "endSession", http.StatusNoContent, func(a member) (any, error) {
		return nil, h.untold(r, a, id)
	})
}

func meView(a member) api.Me {
	first, _ := a.roles.Def(a.Role)
	v := api.Me{
		Login:  a.Login,
		NameZh: a.NameZH,
		NameEn: a.NameEN,
		Role:   api.Role(a.Role),
		Site:   string(a.Site),
		Page:   api.MePage(first.Page()),
		May:    []string{},
	}
	if a.PasswordHash == network.NoPassword {
		v.NoPassword = some(true)
	}
	v.RoleZh, v.RoleEn = a.roleNames()
	for _, op := range delivery.Operations(a.Actor()) {
		v.May = append(v.May, string(op))
	}
	return v
}
