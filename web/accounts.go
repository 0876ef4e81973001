package web

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/visit"
	"hemolift/web/api"
)

// invited implements the operations of accounts, invitations and passwords. Invitations live
// in wall time, as sessions do.
type invited struct{ *Server }

// managed runs f for an account that may manage accounts or devices, and whose person showed the
// password lately.
func (h invited) managed(
	w http.ResponseWriter, r *http.Request, op delivery.Operation, status int, f func(member) (any, error),
) {
	h.asked(w, r, op, status, func(a member) (any, error) {
		if err := confirmed(r); err != nil {
			return nil, err
		}
		return f(a)
	})
}

// confirmed refuses a session whose person did not show the password lately.
func confirmed(r *http.Request) error {
	if c, _ := r.Context().Value(callerKey{}).(caller); !c.session.Confirmed(time.Now()) {
		return refusal.ErrUnconfirmed
	}
	return nil
}

func (h invited) ListAccounts(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, delivery.OpListAccounts, http.StatusOK, func(a member) (any, error) {
		list, err := h.Staff.Accounts(r.Context(), time.Now())
		if err != nil {
			return nil, err
		}
		v := api.Accounts{Accounts: []api.Account{}, Roles: []api.RoleRow{}}
		for _, s := range list {
			if delivery.Permit(a.Actor(), delivery.OpListAccounts, s.Site) == nil {
				v.Accounts = append(v.Accounts, accountView(s))
			}
		}
		for _, d := range a.roles.All() {
			v.Roles = append(v.Roles, api.RoleRow{
				Role: api.Role(d.Role), SiteKind: string(d.SiteKind()), NeedsSite: d.Like.NeedsSite(), NameZh: d.NameZH, NameEn: d.NameEN,
			})
		}
		return v, nil
	})
}

func (h invited) AddAccount(w http.ResponseWriter, r *http.Request) {
	h.managed(w, r, delivery.OpAddAccount, http.StatusCreated, func(a member) (any, error) {
		var n api.NewAccount
		if _, err := decode(w, r, &n); err != nil {
			return nil, err
		}
		added := network.Account{
			Login: n.Login, NameZH: strings.TrimSpace(n.NameZh), NameEN: strings.TrimSpace(n.NameEn),
			Role: network.Role(n.Role), Site: network.SiteID(given(n.Site)), PasswordHash: network.NoPassword,
		}
		if also := rolesOf(n.Also); also != nil {
			added.Also = *also
		}
		if err := h.Dispatcher.Network().CheckAccount(added); err != nil {
			return nil, err
		}
		if err := delivery.Permit(a.Actor(), delivery.OpAddAccount, added.Site); err != nil {
			return nil, err
		}
		i, err := added.Invite(a.Login, time.Now())
		if err != nil {
			return nil, err
		}
		token := rand.Text()
		return invitationView(added, token, i), h.Staff.AddAccount(r.Context(), added, a.Actor(), token, i, h.Now())
	})
}

func (h invited) ChangeAccount(w http.ResponseWriter, r *http.Request, login string) {
	h.managed(w, r, delivery.OpChange, http.StatusOK, func(a member) (any, error) {
		var c api.AccountChange
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		change := network.AccountChange{
			NameZH: c.NameZh, NameEN: c.NameEn, Role: (*network.Role)(c.Role), Also: rolesOf(c.Also), Site: (*network.SiteID)(c.Site),
			Disabled: c.Disabled,
		}
		err := h.Staff.ChangeAccount(r.Context(), login, a.Actor(), h.Now(), func(was network.Account) (network.Account, error) {
			is, err := change.Of(was, a.Login)
			if err != nil {
				return was, err
			}
			return is, h.Dispatcher.Network().CheckAccount(is)
		})
		if err != nil {
			return nil, err
		}
		list, err := h.Staff.Accounts(r.Context(), time.Now())
		i := slices.IndexFunc(list, func(s network.AccountState) bool { return s.Login == login })
		if err != nil || i < 0 {
			return nil, errors.Join(err, refusal.ErrNotFound)
		}
		return accountView(list[i]), nil
	})
}

func (h invited) Invite(w http.ResponseWriter, r *http.Request, login string) {
	h.managed(w, r, delivery.OpInvite, http.StatusCreated, func(a member) (any, error) {
		token := rand.Text()
		of, i, err := h.Staff.Invite(r.Context(), login, a.Actor(), token, time.Now(), h.Now())
		return invitationView(of, token, i), err
	})
}

func (h invited) WithdrawInvitation(w http.ResponseWriter, r *http.Request, login string) {
	h.asked(w, r, delivery.OpWithdraw, http.StatusNoContent, func(a member) (any, error) {
		return nil, h.Staff.Withdraw(r.Context(), login, a.Actor(), time.Now(), h.Now())
	})
}

// asGuest runs f for whoever shows a token's form: it needs no account, and has its turn.
func (h invited) asGuest(w http.ResponseWriter, r *http.Request, token string, f func() (any, error)) {
	leave, err := h.turns.take(r.Context(), "invited "+addressOf(r), bytesOfGuest, false) // before the record is read
	if err != nil {
		h.fail(w, r, err)
		return
	}
	defer leave()
	if !tokenForm.MatchString(token) {
		h.fail(w, r, refusal.ErrNotFound)
		return
	}
	body, err := f()
	if err != nil {
		h.fail(w, r, err)
		return
	}
	h.reply(w, r, http.StatusOK, body)
}

func (h invited) SeeInvitation(w http.ResponseWriter, r *http.Request, p api.SeeInvitationParams) {
	h.asGuest(w, r, p.InvitationToken, func() (any, error) {
		a, until, err := h.Staff.Invited(r.Context(), p.InvitationToken, time.Now())
		if err != nil {
			return nil, err
		}
		v := api.Invited{Login: a.Login, NameZh: a.NameZH, NameEn: a.NameEN, ExpiresAt: until}
		v.RoleZh, v.RoleEn = h.member(a).roleNames()
		if site, known := h.Dispatcher.Network().Site(a.Site); known {
			v.SiteZh, v.SiteEn = site.NameZH, site.NameEN
		}
		return v, nil
	})
}

func (h invited) AcceptInvitation(w http.ResponseWriter, r *http.Request, p api.AcceptInvitationParams) {
	h.asGuest(w, r, p.InvitationToken, func() (any, error) {
		var c api.ChosenPassword
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		a, _, err := h.Staff.Invited(r.Context(), p.InvitationToken, time.Now())
		if err != nil {
			return nil, err
		}
		hash, err := newPassword("password", c.Password, a)
		if err != nil {
			return nil, err
		}
		if err := h.Staff.Accept(r.Context(), p.InvitationToken, hash, time.Now(), h.Now()); err != nil {
			return nil, err
		}
		a.PasswordHash = hash
		token, _, err := h.open(r, a, network.ByCookie, cookieLife)
		if err == nil {
			err = people(h).endBefore(r)
		}
		if err != nil {
			return nil, err
		}
		http.SetCookie(w, h.cookie(token, int(cookieLife.Seconds())))
		return meView(h.member(a)), nil
	})
}

func (h invited) ConfirmSession(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "confirmSession", http.StatusNoContent, func(a member) (any, error) {
		var c api.Confirmation
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		if _, err := people(h).shows(r, a.Account, c.Password); err != nil {
			return nil, err
		}
		return nil, h.Accounts.ConfirmSession(r.Context(), a.Login, visit.Of(r.Context()).Session, time.Now())
	})
}

func (h invited) ChangePassword(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "changePassword", http.StatusNoContent, func(a member) (any, error) {
		var c api.PasswordChange
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		shown, err := people(h).shows(r, a.Account, c.Password)
		if err != nil {
			return nil, err
		}
		hash, err := newPassword("new", c.New, shown)
		if err != nil {
			return nil, err
		}
		return nil, h.Staff.ChangePassword(r.Context(), a.Login, shown.PasswordHash, hash, visit.Of(r.Context()).Session, h.Now())
	})
}

// newPassword is the hash of a password that may be an account's.
func newPassword(field, password string, a network.Account) (string, error) {
	if err := checkPassword(field, password, a); err != nil {
		return "", err
	}
	return PasswordHash(password)
}

func invitationView(a network.Account, token string, i network.Invitation) api.Invitation {
	return api.Invitation{
		Account: accountView(network.AccountState{Account: a, InvitedUntil: i.ExpiresAt}), Token: token, ExpiresAt: i.ExpiresAt,
	}
}

func rolesOf(list *[]api.Role) *[]network.Role {
	if list == nil {
		return nil
	}
	roles := make([]network.Role, len(*list))
	for i, r := range *list {
		roles[i] = network.Role(r)
	}
	return &roles
}

func alsoView(roles []network.Role) []api.Role {
	list := make([]api.Role, len(roles))
	for i, r := range roles {
		list[i] = api.Role(r)
	}
	return list
}

func accountView(s network.AccountState) api.Account {
	return api.Account{
		Login: s.Login, NameZh: s.NameZH, NameEn: s.NameEN, Role: api.Role(s.Role), Also: alsoView(s.Also), Site: string(s.Site),
		Automated: s.Automated,
		Disabled:  s.Disabled, HasPassword: s.PasswordHash != network.NoPassword, UsedAt: someTime(s.UsedAt),
		InvitedUntil: someTime(s.InvitedUntil),
	}
}
