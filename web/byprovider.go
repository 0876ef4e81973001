package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/web/api"
	"hemolift/web/provider"
)

// provided lets people sign in by the organisation's identity provider. Its two addresses are
// for browsers that go from page to page, and are no part of the API.
type provided struct{ *Server }

const (
	providerPaths = "/auth/"
	bindingCookie = "hemolift_signin"
)

func (h provided) SeeProvider(w http.ResponseWriter, r *http.Request) {
	v := api.Provider{Passkeys: h.KeyDoor != nil}
	if h.Provider != nil {
		v.Offered, v.Name = true, h.Provider.Name
	}
	h.reply(w, r, http.StatusOK, v)
}

// start sends a browser to the provider.
func (h provided) start(w http.ResponseWriter, r *http.Request) {
	if h.Provider == nil {
		h.fail(w, r, refusal.ErrNotFound)
		return
	}
	joins := ""
	if r.URL.Query().Get("join") == "true" {
		a, err := h.who(r)
		if _, kind := credential(r); err == nil && kind != network.ByCookie {
			err = errNotSignedIn
		}
		if err == nil {
			err = confirmed(r) // it is another way in, for good: not for a browser that was left open
		}
		if err != nil {
			h.back(w, r, err)
			return
		}
		joins = a.Login
	}
	address, binding, err := h.Provider.Begin(r.Context(), joins)
	if err != nil {
		h.back(w, r, err)
		return
	}
	http.SetCookie(w, h.binding(binding, int(provider.AttemptLife.Seconds())))
	http.Redirect(w, r, address, http.StatusFound)
}

// binding is the cookie of a sign-in under way. It comes back from another site's page.
func (h provided) binding(value string, maxAge int) *http.Cookie {
	c := h.cookie(value, maxAge)
	c.Name, c.Path, c.SameSite = bindingCookie, providerPaths, http.SameSiteLaxMode
	return c
}

// finish takes a browser back from the provider.
func (h provided) finish(w http.ResponseWriter, r *http.Request) {
	if h.Provider == nil {
		h.fail(w, r, refusal.ErrNotFound)
		return
	}
	q, binding := r.URL.Query(), ""
	if c, err := r.Cookie(bindingCookie); err == nil {
		binding = c.Value
	}
	http.SetCookie(w, h.binding("", -1))
	said := provider.Answer{State: q.Get("state"), Code: q.Get("code"), Fault: q.Get("error")}
	who, joins, err := h.Provider.Finish(r.Context(), binding, said)
	switch {
	case err == nil && joins != "":
		if err = h.Accounts.Join(r.Context(), network.Identity{Issuer: who.Issuer, Subject: who.Subject}, joins, h.Now()); err == nil {
			h.toPage(w, r, "joined")
			return
		}
	case err == nil:
		err = h.signsIn(w, r, who)
	}
	h.back(w, r, err)
}

// signsIn opens a session for whom the provider vouches for.
func (h provided) signsIn(w http.ResponseWriter, r *http.Request, who provider.Person) error {
	id := network.Identity{Issuer: who.Issuer, Subject: who.Subject}
	a, err := h.Accounts.AccountOf(r.Context(), id, h.Now(), func(was network.Account) (network.Account, error) { return h.account(was, who) })
	if err != nil {
		return err
	}
	if a.Disabled || a.Automated || h.Dispatcher.Network().Roles.SignsIn(a) != nil {
		return errNoRole
	}
	token, _, err := h.open(r, a, network.ByCookie, cookieLife)
	if err == nil {
		err = people(h).endBefore(r)
	}
	if err == nil {
		http.SetCookie(w, h.cookie(token, int(cookieLife.Seconds())))
	}
	return err
}

// account is what a person's account is to be, by what the provider says of the person now.
func (h provided) account(was network.Account, who provider.Person) (network.Account, error) {
	roles, site := h.Mapping.Of(who.Values)
	if len(roles) == 0 {
		return was, errNoRole
	}
	is := was
	if was.Login == "" {
		is.Login, is.PasswordHash = who.Login, network.NoPassword
		name := []rune(cmp.Or(strings.TrimSpace(who.Name), who.Login))
		is.NameZH = string(name[:min(len(name), network.LongestName)])
		is.NameEN = is.NameZH
	}
	is.Role, is.Also, is.Site = network.Role(roles[0]), []network.Role{}, network.SiteID(site)
	for _, role := range roles[1:] {
		is.Also = append(is.Also, network.Role(role))
	}
	if err := h.Dispatcher.Network().CheckAccount(is); err != nil {
		return is, errors.Join(errNoRole, err)
	}
	return is, nil
}

var errNoRole = errors.New("no role is meant for this person here")

// reasons are why a sign-in by the provider came to nothing, as the page tells them.
var reasons = []struct {
	of   error
	word string
}{
	{provider.ErrUnavailable, "unavailable"},
	{provider.ErrOver, "over"},
	{errNotSignedIn, "over"},
	{provider.ErrRefused, "refused"},
	{provider.ErrUntrusted, "untrusted"},
	{errNoRole, "no_role"},
	{refusal.ErrTaken, "taken"},
	{refusal.ErrUnconfirmed, "unconfirmed"},
	{errBadLogin, "no_role"}, // disabled meanwhile
}

// back sends a browser to the page, with the reason why it is not signed in.
func (h provided) back(w http.ResponseWriter, r *http.Request, err error) {
	if err == nil {
		h.toPage(w, r, "")
		return
	}
	word := "failed"
	for _, reason := range reasons {
		if errors.Is(err, reason.of) {
			word = reason.word
			break
		}
	}
	h.Logger.WarnContext(r.Context(), "no sign-in by the identity provider", "reason", word, "err", err, "address", addressOf(r))
	if !slices.Contains([]string{"unavailable", "over", "unconfirmed"}, word) {
		if err := h.Accounts.RefuseSignIn(r.Context(), "", h.Now()); err != nil {
			h.Logger.WarnContext(r.Context(), "a refused sign-in is not in the log", "err", err)
		}
	}
	h.toPage(w, r, word)
}

// toPage sends a browser to the page, with what came of it in the fragment.
func (h provided) toPage(w http.ResponseWriter, r *http.Request, outcome string) {
	to := url.URL{Path: "/"}
	if outcome != "" {
		to.Fragment = "provider=" + outcome
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to.String(), http.StatusFound)
}
