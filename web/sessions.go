package web

import (
	"errors"
	"net/http"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/web/api"
)

func (h handlers) SignIn(w http.ResponseWriter, r *http.Request) {
	var c api.Credentials
	_, err := decode(w, r, &c)
	if err == nil {
		var a network.Account
		if a, err = h.verify(r, c); err == nil {
			var token string
			if token, _, err = h.open(r.Context(), a.Login, "cookie", cookieLife); err == nil {
				http.SetCookie(w, h.cookie(token, int(cookieLife.Seconds())))
				h.reply(w, r, http.StatusOK, meView(a))
				return
			}
		}
	}
	h.fail(w, r, err)
}

func (h handlers) CreateToken(w http.ResponseWriter, r *http.Request) {
	var c api.Credentials
	_, err := decode(w, r, &c)
	if err == nil {
		var a network.Account
		if a, err = h.verify(r, c); err == nil {
			var t api.Token
			if t.Token, t.ExpiresAt, err = h.open(r.Context(), a.Login, "token", tokenLife); err == nil {
				h.reply(w, r, http.StatusCreated, t)
				return
			}
		}
	}
	h.fail(w, r, err)
}

func (h handlers) WhoAmI(w http.ResponseWriter, r *http.Request) {
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

func (h handlers) SignOut(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "signOut", http.StatusNoContent, func(network.Account) (any, error) {
		token, _ := credential(r)
		http.SetCookie(w, h.cookie("", -1))
		return nil, h.Accounts.CloseSession(r.Context(), token)
	})
}

func meView(a network.Account) api.Me {
	v := api.Me{
		Login:  a.Login,
		NameZh: a.NameZH,
		NameEn: a.NameEN,
		Role:   api.Role(a.Role),
		Site:   string(a.Site),
		Page:   api.MePage(a.Role.Page()),
		May:    []string{},
	}
	v.RoleZh, v.RoleEn = a.Role.Names()
	for _, op := range delivery.Operations(a.Actor()) {
		v.May = append(v.May, string(op))
	}
	return v
}
