package web

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/visit"
	"hemolift/web/api"
	"hemolift/web/passkey"
)

// keyed implements the operations of passkeys.
type keyed struct{ *Server }

// holder is an account as authenticators know it.
func (h keyed) holder(ctx context.Context, a network.Account) (passkey.Holder, error) {
	list, err := h.Keys.Passkeys(ctx, a.Login)
	holds := passkey.Holder{Login: a.Login, Name: a.NameZH}
	for _, p := range list {
		holds.Handle = p.Handle
		holds.Keys = append(holds.Keys, passkey.Key{ID: p.ID, Kept: p.Kept})
	}
	return holds, err
}

func (h keyed) AskForPasskey(w http.ResponseWriter, r *http.Request) {
	if h.KeyDoor == nil {
		h.fail(w, r, refusal.ErrNotFound)
		return
	}
	v, err := question(h.KeyDoor.Ask())
	if err != nil {
		h.fail(w, r, err)
		return
	}
	h.reply(w, r, http.StatusCreated, v)
}

func question(options []byte, id string, err error) (api.PasskeyQuestion, error) {
	v := api.PasskeyQuestion{Question: id}
	if err == nil {
		err = json.Unmarshal(options, &v.Options)
	}
	return v, err
}

// mostOfKeyID is how much of a key's id tells it from others, in bytes.
const mostOfKeyID = 64

// shown returns the account whose passkey answered a question. Wrong answers by one key are slowed
// as those of passwords.
func (h keyed) shown(r *http.Request, answer api.PasskeyAnswer) (a network.Account, err error) {
	if h.KeyDoor == nil {
		return a, refusal.ErrNotFound
	}
	id, _ := answer.Credential["id"].(string)
	done, err := h.guard.Begin(r.Context(), "passkey "+id[:min(len(id), mostOfKeyID)], addressOf(r))
	if err != nil {
		return a, err
	}
	defer func() { done(err == nil) }()
	text, err := json.Marshal(answer.Credential)
	if err != nil {
		return a, err
	}
	_, key, err := h.KeyDoor.Shown(answer.Question, text, func(key, _ []byte) (passkey.Holder, error) {
		p, err := h.Keys.Passkey(r.Context(), key)
		if errors.Is(err, refusal.ErrNotFound) {
			err = passkey.ErrRefused
		}
		if err == nil {
			a, err = h.Accounts.Account(r.Context(), p.Login)
		}
		if err == nil && (a.Disabled || a.Automated || h.Dispatcher.Network().Roles.SignsIn(a) != nil) {
			err = passkey.ErrRefused
		}
		if err != nil {
			return passkey.Holder{}, err
		}
		return h.holder(r.Context(), a)
	})
	if err == nil {
		err = h.Keys.UsePasskey(r.Context(), key.ID, key.Kept, time.Now())
	}
	if errors.Is(err, passkey.ErrRefused) {
		if err := h.Accounts.RefuseSignIn(r.Context(), a.Login, h.Now()); err != nil {
			return a, err
		}
	}
	return a, err
}

func (h keyed) SignInByPasskey(w http.ResponseWriter, r *http.Request) {
	var answer api.PasskeyAnswer
	var a network.Account
	var token string
	_, err := decode(w, r, &answer)
	if err == nil {
		a, err = h.shown(r, answer)
	}
	if err == nil {
		token, _, err = h.open(r, a, network.ByCookie, cookieLife)
	}
	if err == nil {
		err = people(h).endBefore(r)
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	http.SetCookie(w, h.cookie(token, int(cookieLife.Seconds())))
	h.reply(w, r, http.StatusOK, meView(h.member(a)))
}

func (h keyed) ConfirmByPasskey(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "confirmByPasskey", http.StatusNoContent, func(a member) (any, error) {
		var answer api.PasskeyAnswer
		if _, err := decode(w, r, &answer); err != nil {
			return nil, err
		}
		whose, err := h.shown(r, answer)
		if err == nil && whose.Login != a.Login {
			err = passkey.ErrRefused
		}
		if err != nil {
			return nil, ofCredential(err)
		}
		return nil, h.Accounts.ConfirmSession(r.Context(), a.Login, visit.Of(r.Context()).Session, time.Now())
	})
}

func (h keyed) ListPasskeys(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "listPasskeys", http.StatusOK, func(a member) (any, error) {
		list, err := h.Keys.Passkeys(r.Context(), a.Login)
		v := api.Passkeys{Offered: h.KeyDoor != nil, Passkeys: []api.Passkey{}}
		for _, p := range list {
			v.Passkeys = append(v.Passkeys, api.Passkey{
				Id: base64.RawURLEncoding.EncodeToString(p.ID), Name: p.Name, MadeAt: p.MadeAt, UsedAt: someTime(p.UsedAt),
			})
		}
		return v, err
	})
}

func (h keyed) AskForNewPasskey(w http.ResponseWriter, r *http.Request) {
	invited(h).managed(w, r, "askForNewPasskey", http.StatusCreated, func(a member) (any, error) {
		if err := h.mayAdd(r); err != nil {
			return nil, err
		}
		holds, err := h.holder(r.Context(), a.Account)
		if err != nil {
			return nil, err
		}
		return question(h.KeyDoor.Add(holds))
	})
}

// ofCredential is a refusal in a session that goes on.
func ofCredential(err error) error {
	if errors.Is(err, passkey.ErrRefused) {
		return refusal.OfField("credential", "was not accepted")
	}
	return err
}

// mayAdd refuses a passkey to a program: its token would open the account for longer than it lasts.
func (h keyed) mayAdd(r *http.Request) error {
	_, kind := credential(r)
	switch {
	case h.KeyDoor == nil:
		return refusal.ErrNotFound
	case kind != network.ByCookie:
		return refusal.OfState("this session", "a program's", "given a passkey")
	}
	return nil
}

func (h keyed) AddPasskey(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "addPasskey", http.StatusCreated, func(a member) (any, error) { // confirmed when it was asked for
		var n api.NewPasskey
		_, err := decode(w, r, &n)
		if err == nil {
			err = h.mayAdd(r)
		}
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(n.Credential)
		if err != nil {
			return nil, err
		}
		holds, err := h.holder(r.Context(), a.Account)
		if err != nil {
			return nil, err
		}
		handle, key, err := h.KeyDoor.Added(n.Question, holds, text)
		if err != nil {
			return nil, ofCredential(err)
		}
		p := network.Passkey{
			ID: key.ID, Login: a.Login, Handle: handle, Kept: key.Kept, Name: strings.TrimSpace(n.Name), MadeAt: time.Now(),
		}
		return nil, h.Keys.AddPasskey(r.Context(), p, visit.Of(r.Context()).Session, h.Now())
	})
}

func (h keyed) RemovePasskey(w http.ResponseWriter, r *http.Request, key string) {
	invited(h).managed(w, r, "removePasskey", http.StatusNoContent, func(a member) (any, error) {
		id, err := base64.RawURLEncoding.DecodeString(key)
		if err != nil {
			return nil, refusal.ErrNotFound
		}
		return nil, h.Keys.RemovePasskey(r.Context(), a.Login, id, h.Now())
	})
}
