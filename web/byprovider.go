package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/visit"
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
	wish, err := h.wished(r)
	var address, binding string
	if err == nil {
		address, binding, err = h.Provider.Begin(r.Context(), wish)
	}
	if err != nil {
		h.back(w, r, wish, err)
		return
	}
	http.SetCookie(w, h.binding(binding, int(provider.AttemptLife.Seconds())))
	http.Redirect(w, r, address, http.StatusFound)
}

// wished is for what a browser is sent to the provider: to sign in, to be joined to the account of its
// session, or to show in it that its person is there.
func (h provided) wished(r *http.Request) (w provider.Wish, err error) {
	joins, confirms := r.URL.Query().Get("join") == "true", r.URL.Query().Get("confirm") == "true"
	if !joins && !confirms {
		return w, nil
	}
	if confirms {
		w.Session = nowhere // until it is known, for the way back
		if w.Page = r.URL.Query().Get("page"); !pageName.MatchString(w.Page) {
			return provider.Wish{}, provider.ErrOver
		}
	}
	a, err := h.who(r)
	if _, kind := credential(r); err == nil && kind != network.ByCookie {
		err = errNotSignedIn
	}
	if err == nil && joins {
		err = confirmed(r) // it is another way in, for good: not for a browser that was left open
	}
	if err != nil {
		return w, err
	}
	if w.Login = a.Login; confirms {
		w.Session = visit.Of(r.Context()).Session
	}
	return w, nil
}

// nowhere is no session's id.
const nowhere = "-"

// pageName is how a page names itself that waits for what comes of a confirmation.
var pageName = regexp.MustCompile(`^[0-9a-f]{32}$`)

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
	said := provider.Answer{State: q.Get("state"), Code: q.Get("code"), Fault: q.Get("error")}
	who, wish, err := h.Provider.Finish(r.Context(), binding, said)
	if !errors.Is(err, provider.ErrOver) { // which may leave another attempt
		http.SetCookie(w, h.binding("", -1))
	}
	outcome := ""
	switch {
	case err != nil:
	case wish.Session != "":
		outcome, err = "confirmed", h.confirms(r, who, wish)
	case wish.Login != "":
		outcome, err = "joined", h.Accounts.Join(r.Context(), identityOf(who), wish.Login, h.Now())
	default:
		err = h.signsIn(w, r, who)
	}
	if err != nil {
		h.back(w, r, wish, err)
		return
	}
	h.toPage(w, r, wish, outcome)
}

func identityOf(who provider.Person) network.Identity {
	return network.Identity{Issuer: who.Issuer, Subject: who.Subject}
}

// known is the account of whom the provider vouches for; as says what it is to be now.
func (h provided) known(r *http.Request, who provider.Person, as func(network.Account) (network.Account, error)) (network.Account, error) {
	a, err := h.Accounts.AccountOf(r.Context(), identityOf(who), h.Now(), as)
	if err == nil && (a.Disabled || a.Automated || h.Dispatcher.Network().Roles.SignsIn(a) != nil) {
		err = errNoRole
	}
	return a, err
}

// confirms keeps that a session's person showed at the provider that it is there.
func (h provided) confirms(r *http.Request, who provider.Person, wish provider.Wish) error {
	itsOwn := func(was network.Account) (network.Account, error) { // which neither makes an account nor changes one
		if was.Login != wish.Login {
			return was, errOther
		}
		return was, nil
	}
	a, err := h.known(r, who, itsOwn)
	if err == nil {
		_, err = itsOwn(a)
	}
	if err != nil {
		return err
	}
	return h.Accounts.ConfirmSession(r.Context(), a.Login, wish.Session, time.Now())
}

// signsIn opens a session for whom the provider vouches for.
func (h provided) signsIn(w http.ResponseWriter, r *http.Request, who provider.Person) error {
	a, err := h.known(r, who, func(was network.Account) (network.Account, error) { return h.account(was, who) })
	if err != nil {
		return err
	}
	o := network.Session{Kind: network.ByCookie, ConfirmedAt: time.Now()}
	if !who.Asked { // the browser may be another's by now
		o.ConfirmedAt = o.ConfirmedAt.Add(-network.ConfirmedFor)
	}
	token, _, err := people(h).opens(r, a, o, cookieLife)
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

var (
	errNoRole = errors.New("no role is meant for this person here")
	errOther  = errors.New("this is another person")
)

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
	{errOther, "other"},
	{refusal.ErrTaken, "taken"},
	{refusal.ErrNotFound, "over"}, // the session or the account has ended
	{refusal.ErrUnconfirmed, "unconfirmed"},
	{errBadLogin, "no_role"}, // disabled meanwhile
}

// back sends a browser to the page, with the reason why nothing came of it.
func (h provided) back(w http.ResponseWriter, r *http.Request, wish provider.Wish, err error) {
	word := "failed"
	for _, reason := range reasons {
		if errors.Is(err, reason.of) {
			word = reason.word
			break
		}
	}
	h.Logger.WarnContext(r.Context(), "no sign-in by the identity provider", "reason", word, "err", err, "address", addressOf(r))
	if quiet := []string{"unavailable", "over", "unconfirmed"}; !slices.Contains(quiet, word) && !(word == "refused" && wish.Session != "") {
		if err := h.Accounts.RefuseSignIn(r.Context(), wish.Login, h.Now()); err != nil {
			h.Logger.WarnContext(r.Context(), "a refused sign-in is not in the log", "err", err)
		}
	}
	h.toPage(w, r, wish, word)
}

// toPage sends a browser to the page, with what came of it in the fragment. Who shows that it is there does
// so beside the page that asks, which waits for it.
func (h provided) toPage(w http.ResponseWriter, r *http.Request, wish provider.Wish, outcome string) {
	to := url.URL{Path: "/"}
	if outcome != "" {
		to.Fragment = "provider=" + outcome
	}
	if wish.Session != "" {
		to.Path = besidePage
		to.Fragment = wish.Page + "=" + outcome
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to.String(), http.StatusFound)
}

// besidePage tells the page that waits what came of it.
const besidePage = "/beside.html"
