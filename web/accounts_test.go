package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"hemolift/dispatch/desktest"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/web/api"
)

const chosen = "several quiet ladders"

// newcomer is an account that may be added.
func newcomer(login string) api.NewAccount {
	site := string(desktest.Ward.Site)
	return api.NewAccount{Login: login, NameZh: "新人", NameEn: "New One", Role: "hospital", Site: &site}
}

// adds adds an account, and returns the token of its invitation.
func (p person) adds(a api.NewAccount) string {
	p.t.Helper()
	var i api.Invitation
	p.asks("POST", "/accounts", a).gives(http.StatusCreated, &i)
	return i.Token
}

// accepts chooses a password by an invitation.
func (d *door) accepts(token, password string) answer {
	d.t.Helper()
	return person{door: d}.asks("POST", "/invitation", api.ChosenPassword{Password: password}, "Invitation-Token", token)
}

// signIn tries a password.
func (d *door) signIn(login, password string) answer {
	d.t.Helper()
	return person{door: d}.asks("POST", "/session", api.Credentials{Login: login, Password: password})
}

// exec changes the record behind the server's back.
func (d *door) exec(q string, args ...any) {
	d.t.Helper()
	if _, err := d.Pool.Exec(context.Background(), q, args...); err != nil {
		d.t.Fatal(err)
	}
}

// account is one as an administrator sees it.
func (d *door) account(login string) api.Account {
	d.t.Helper()
	var list api.Accounts
	d.as(root).asks("GET", "/accounts", nil).gives(http.StatusOK, &list)
	for _, a := range list.Accounts {
		if a.Login == login {
			return a
		}
	}
	d.t.Fatalf("%s is not among %d accounts", login, len(list.Accounts))
	return api.Account{}
}

func TestAPersonIsInvited(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	token := d.as(root).adds(newcomer("hu.lan"))
	if a := d.account("hu.lan"); a.HasPassword || a.InvitedUntil == nil || a.Disabled {
		t.Errorf("invited it is %+v", a)
	}
	d.signIn("hu.lan", network.NoPassword).refuses(http.StatusUnauthorized, "")
	var v api.Invited
	person{door: d}.asks("GET", "/invitation", nil, "Invitation-Token", token).gives(http.StatusOK, &v)
	if v.Login != "hu.lan" || v.RoleEn == "" || v.SiteEn == "" {
		t.Errorf("the invitation says %+v", v)
	}
	for name, bad := range map[string]string{
		"short": "x y z", "common": "password1234", "its own login": "hu.lan hu.lan", "its own name": "新人新人新人新人新人新人", "the product": "Hemolift Hemolift", "a row of keys": "qwertyuiopas", "long": strings.Repeat("aB3 ", 40),
	} {
		if a := d.accepts(token, bad); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	var me api.Me
	d.accepts(token, chosen).gives(http.StatusOK, &me)
	if me.Login != "hu.lan" || me.Site != string(desktest.Ward.Site) {
		t.Errorf("who accepted is %+v", me)
	}
	d.accepts(token, "another good one then").refuses(http.StatusNotFound, "")
	person{door: d}.asks("GET", "/invitation", nil, "Invitation-Token", token).refuses(http.StatusNotFound, "")
	d.signIn("hu.lan", chosen).gives(http.StatusOK, &me)
	if a := d.account("hu.lan"); !a.HasPassword || a.InvitedUntil != nil || a.UsedAt == nil {
		t.Errorf("afterwards it is %+v", a)
	}
}

// Of people who accept at once one chooses the password; a second invitation ends the first,
// and one that was withdrawn opens nothing.
func TestAnInvitationIsForOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.turns = newTurns(100) // a slow machine takes long for passwords: that counts as work, and is not what is tried here
	first := d.as(root).adds(newcomer("hu.lan"))
	var second api.Invitation
	d.as(root).asks("POST", "/accounts/hu.lan/invitation", nil).gives(http.StatusCreated, &second)
	d.accepts(first, chosen).refuses(http.StatusNotFound, "")
	var won sync.Map
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			password := chosen + strings.Repeat(" again", i)
			if d.accepts(second.Token, password).status == http.StatusOK {
				won.Store(password, true)
			}
		})
	}
	all.Wait()
	winners := 0
	won.Range(func(password, _ any) bool {
		winners++
		d.signIn("hu.lan", password.(string)).gives(http.StatusOK, nil)
		return true
	})
	if winners != 1 {
		t.Errorf("%d chose the password", winners)
	}
	var third api.Invitation
	d.as(root).asks("POST", "/accounts/hu.lan/invitation", nil).gives(http.StatusCreated, &third)
	d.as(root).asks("DELETE", "/accounts/hu.lan/invitation", nil).gives(http.StatusNoContent, nil)
	d.as(root).asks("DELETE", "/accounts/hu.lan/invitation", nil).refuses(http.StatusNotFound, "")
	d.accepts(third.Token, chosen).refuses(http.StatusNotFound, "")
	token := strings.Repeat("A", 26)
	if _, _, err := d.Staff.Invite(context.Background(), "hu.lan", root, token, time.Now().Add(-network.InvitedFor-time.Second), d.Now()); err != nil {
		t.Fatal(err)
	}
	d.accepts(token, chosen).refuses(http.StatusNotFound, "")
}

func TestAnAccountMakesSense(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	admin := d.as(root)
	for name, c := range map[string]struct {
		change func(*api.NewAccount)
		field  string
	}{
		"a login with a capital":     {func(a *api.NewAccount) { a.Login = "Hu.Lan" }, "login"},
		"a login of dots":            {func(a *api.NewAccount) { a.Login = ".." }, "login"},
		"a login of one letter":      {func(a *api.NewAccount) { a.Login = "h" }, "login"},
		"the program's own":          {func(a *api.NewAccount) { a.Login = "system" }, "login"},
		"a guest's":                  {func(a *api.NewAccount) { a.Login = "guest" }, "login"},
		"somebody's":                 {func(a *api.NewAccount) { a.Login = "anna" }, "login"},
		"no name":                    {func(a *api.NewAccount) { a.NameZh = " \u3000" }, "name_zh"},
		"a name that turns":          {func(a *api.NewAccount) { a.NameEn = "a\u202eb" }, "name_en"},
		"a long name":                {func(a *api.NewAccount) { a.NameEn = strings.Repeat("字", 61) }, "name_en"},
		"an unknown role":            {func(a *api.NewAccount) { a.Role = "king" }, "role"},
		"the program's role":         {func(a *api.NewAccount) { a.Role = "system" }, "role"},
		"a ward of no hospital":      {func(a *api.NewAccount) { a.Site = nil }, "site"},
		"a hospital on the moon":     {func(a *api.NewAccount) { *a.Site = "MOON" }, "site"},
		"a ward of a blood centre":   {func(a *api.NewAccount) { *a.Site = "SYBC" }, "site"},
		"a dispatcher of a hospital": {func(a *api.NewAccount) { a.Role = "dispatcher" }, "site"},
	} {
		a := newcomer("hu.lan")
		c.change(&a)
		if got := admin.asks("POST", "/accounts", a); got.status != http.StatusUnprocessableEntity || !strings.Contains(string(got.body), `"field":"`+c.field+`"`) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	admin.asks("POST", "/accounts", `{"login":"hu.lan","name_zh":"x","name_en":"x","role":"hospital","sight":"SY06"}`).refuses(http.StatusBadRequest, "sight")
	var list api.Accounts
	admin.asks("GET", "/accounts", nil).gives(http.StatusOK, &list)
	for _, a := range list.Accounts {
		if a.Login == "hu.lan" || a.Login == "system" {
			t.Errorf("there is %+v", a)
		}
	}
}

// An account that is disabled ends at once: its page, its programs, its live feed and its
// invitation; one that may come back signs in again.
func TestADisabledAccountEndsAtOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.accepts(d.as(root).adds(newcomer("hu.lan")), chosen).gives(http.StatusOK, nil)
	lan := network.Actor{Login: "hu.lan", Role: network.RoleHospital, Site: desktest.Ward.Site}
	page, program := d.inBrowser(lan), d.as(lan)
	feed := program.watch("", "hemolift.v1.json")
	until(t, feed, "hello", ofKind("hello"))
	var waits api.Invitation
	d.as(root).asks("POST", "/accounts/hu.lan/invitation", nil).gives(http.StatusCreated, &waits)
	yes, no := true, false
	var a api.Account
	d.as(root).asks("PATCH", "/accounts/hu.lan", api.AccountChange{Disabled: &yes}).gives(http.StatusOK, &a)
	if !a.Disabled {
		t.Errorf("it is %+v", a)
	}
	page.asks("GET", "/board", nil).refuses(http.StatusUnauthorized, "")
	program.asks("GET", "/board", nil).refuses(http.StatusUnauthorized, "")
	d.signIn("hu.lan", chosen).refuses(http.StatusUnauthorized, "")
	d.accepts(waits.Token, chosen+" more").refuses(http.StatusNotFound, "")
	d.as(root).asks("POST", "/accounts/hu.lan/invitation", nil).refuses(http.StatusConflict, "")
	d.tells()
	for open := true; open; { // the feed ends long before it is looked after by itself
		_ = feed.SetReadDeadline(time.Now().Add(10 * time.Second))
		_, _, err := feed.ReadMessage()
		open = err == nil
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("the feed goes on")
		}
	}
	d.as(root).asks("PATCH", "/accounts/hu.lan", api.AccountChange{Disabled: &no}).gives(http.StatusOK, nil)
	page.asks("GET", "/board", nil).refuses(http.StatusUnauthorized, "")
	d.signIn("hu.lan", chosen).gives(http.StatusOK, nil)
}

// What is changed of an account is on record with what it was; nobody changes what they may do
// themselves, and an administrator of a site manages that site's.
func TestWhoChangesWhichAccount(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	keys := network.Actor{Login: "keys", Role: network.RoleAdmin, Site: "SYBC"}
	d.Signs(keys, "")
	d.as(root).adds(newcomer("hu.lan"))
	role, site, none, yes, name := "dispatcher", "SYBC", "", true, "Hu Lan, MD"
	d.as(root).asks("PATCH", "/accounts/hu.lan", api.AccountChange{Role: &role}).refuses(http.StatusUnprocessableEntity, "site")
	d.as(root).asks("PATCH", "/accounts/hu.lan", api.AccountChange{Role: &role, Site: &site, NameEn: &name}).gives(http.StatusOK, nil)
	d.as(root).asks("PATCH", "/accounts/root", api.AccountChange{Disabled: &yes}).refuses(http.StatusConflict, "")
	d.as(root).asks("PATCH", "/accounts/root", api.AccountChange{Role: &role}).refuses(http.StatusConflict, "")
	d.as(root).asks("PATCH", "/accounts/system", api.AccountChange{Disabled: &yes}).refuses(http.StatusNotFound, "")
	d.as(root).asks("PATCH", "/accounts/nobody.here", api.AccountChange{Disabled: &yes}).refuses(http.StatusNotFound, "")
	d.as(keys).asks("PATCH", "/accounts/hu.lan", api.AccountChange{NameEn: &name}).gives(http.StatusOK, nil)
	d.as(keys).asks("PATCH", "/accounts/hu.lan", api.AccountChange{Site: &none}).refuses(http.StatusForbidden, "")
	d.as(keys).asks("PATCH", "/accounts/root", api.AccountChange{Disabled: &yes}).refuses(http.StatusForbidden, "")
	d.as(keys).asks("POST", "/accounts/root/invitation", nil).refuses(http.StatusForbidden, "")
	d.tells()
	var events []api.Event
	d.as(root).asks("GET", "/events?limit=1000", nil).gives(http.StatusOK, &events)
	found := false
	for _, e := range events {
		if e.Kind == "account" && e.Subject == "hu.lan" && e.Detail["what"] == "changed" && e.Detail["was_role"] == "hospital" {
			found = e.Detail["role"] == "dispatcher" && e.Detail["was_site"] == "SY06" && e.Actor == "root"
		}
	}
	if !found {
		t.Error("the log does not tell what the account was")
	}
}

// Of two administrators of all sites who disable each other at once one is left, though there is
// one of a site too.
func TestAnAdministratorIsLeft(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	twin := network.Actor{Login: "twin", Role: network.RoleAdmin}
	hash, err := passwordHash()
	if err != nil {
		t.Fatal(err)
	}
	d.Signs(twin, hash)
	d.Signs(network.Actor{Login: "keys", Role: network.RoleAdmin, Site: "SYBC"}, hash)
	yes := true
	one, two := d.as(root), d.as(twin)
	var both sync.WaitGroup
	both.Go(func() { one.asks("PATCH", "/accounts/twin", api.AccountChange{Disabled: &yes}) })
	both.Go(func() { two.asks("PATCH", "/accounts/root", api.AccountChange{Disabled: &yes}) })
	both.Wait()
	list, err := d.DB.Accounts.Accounts(context.Background(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, a := range list {
		if a.Role == network.RoleAdmin && !a.Disabled && a.Site == "" {
			left++
		}
	}
	if left != 1 {
		t.Errorf("%d administrators are left", left)
	}
}

// An invitation does not outlive what it was made for: not another role or site, nor a password
// that its person chose meanwhile.
func TestAnInvitationEndsWithWhatItWasFor(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	token := d.as(root).adds(newcomer("mole"))
	role, none, name := "admin", "", "Mole"
	d.as(root).asks("PATCH", "/accounts/mole", api.AccountChange{NameEn: &name}).gives(http.StatusOK, nil)
	if d.account("mole").InvitedUntil == nil {
		t.Error("another name ends it")
	}
	d.as(root).asks("PATCH", "/accounts/mole", api.AccountChange{Role: &role, Site: &none}).gives(http.StatusOK, nil)
	d.accepts(token, chosen).refuses(http.StatusNotFound, "")
	var i api.Invitation
	d.as(root).asks("POST", "/accounts/vera/invitation", nil).gives(http.StatusCreated, &i)
	d.inBrowser(vera).asks("PUT", "/password", api.PasswordChange{Password: password, New: chosen}).gives(http.StatusNoContent, nil)
	d.accepts(i.Token, "another good one then").refuses(http.StatusNotFound, "")
}

// What was begun with a password counts for nothing when that is another one by the end, or the
// account is disabled: neither a session nor a change of it.
func TestAPasswordThatWasReplacedMeanwhile(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	ctx, now := context.Background(), time.Now()
	was, err := passwordHash()
	if err != nil {
		t.Fatal(err)
	}
	opens := func() error {
		o := network.Session{Login: "vera", Kind: network.ByToken, OpenedAt: now, ExpiresAt: now.Add(time.Hour)}
		return d.Accounts.OpenSession(ctx, rand.Text(), was, o, d.Now())
	}
	if err := opens(); err != nil {
		t.Fatal(err)
	}
	var i api.Invitation
	d.as(root).asks("POST", "/accounts/vera/invitation", nil).gives(http.StatusCreated, &i)
	d.accepts(i.Token, chosen).gives(http.StatusOK, nil)
	if err := opens(); !errors.Is(err, refusal.ErrNotFound) {
		t.Errorf("a session by the old password: %v", err)
	}
	if err := d.Staff.ChangePassword(ctx, "vera", was, was, "", d.Now()); !errors.Is(err, refusal.ErrChanged) {
		t.Errorf("a change by the old password: %v", err)
	}
	yes := true
	d.as(root).asks("PATCH", "/accounts/vera", api.AccountChange{Disabled: &yes}).gives(http.StatusOK, nil)
	was = ""
	if err := opens(); !errors.Is(err, refusal.ErrNotFound) {
		t.Errorf("a session of a disabled account: %v", err)
	}
}

// Invitations are accepted and accounts disabled at once without a deadlock.
func TestAcceptingAndDisablingAtOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	hash, err := passwordHash()
	if err != nil {
		t.Fatal(err)
	}
	var before, after int
	count := func(n *int) {
		if err := d.Pool.QueryRow(t.Context(), `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`).Scan(n); err != nil {
			t.Fatal(err)
		}
	}
	count(&before)
	admin, yes := d.as(root), true
	for n := range 20 {
		login := fmt.Sprintf("p%d", 10+n)
		token := admin.adds(newcomer(login))
		var both sync.WaitGroup
		both.Go(func() { _ = d.Staff.Accept(context.Background(), token, hash, time.Now(), d.Now()) })
		both.Go(func() {
			admin.asks("PATCH", "/accounts/"+login, api.AccountChange{Disabled: &yes}).gives(http.StatusOK, nil)
		})
		both.Wait()
	}
	if count(&after); after != before {
		t.Errorf("%d deadlocks", after-before)
	}
}

// Who manages accounts in a browser shows the password again after a while.
func TestAccountsAreManagedByWhoShowsThePassword(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	page := d.inBrowser(root)
	page.adds(newcomer("hu.lan")) // just signed in
	d.exec(`UPDATE session SET confirmed_at = now() - interval '11 minutes'`)
	got := page.asks("POST", "/accounts", newcomer("wu.wei"))
	got.refuses(http.StatusConflict, "")
	if !strings.Contains(string(got.body), "/problems/unconfirmed") {
		t.Errorf("it is refused by %s", got.body)
	}
	yes := true
	page.asks("PATCH", "/accounts/hu.lan", api.AccountChange{Disabled: &yes}).refuses(http.StatusConflict, "")
	// To see what a change of the network would do changes nothing.
	var was api.NetworkFiles
	page.asks("GET", "/network/files", nil).gives(http.StatusOK, &was)
	change := api.ChangeNetwork{Files: was.Files, Version: &was.Version, Preview: &yes}
	page.asks("PUT", "/network/files", change).gives(http.StatusOK, nil)
	reason, no := "a look", false
	change.Preview, change.Reason = &no, &reason
	page.asks("PUT", "/network/files", change).refuses(http.StatusConflict, "")
	page.asks("POST", "/accounts/hu.lan/invitation", nil).refuses(http.StatusConflict, "")
	page.asks("POST", "/session/confirmation", api.Confirmation{Password: "wrong"}).refuses(http.StatusUnprocessableEntity, "password")
	page.asks("POST", "/accounts", newcomer("wu.wei")).refuses(http.StatusConflict, "")
	page.asks("POST", "/session/confirmation", api.Confirmation{Password: password}).gives(http.StatusNoContent, nil)
	page.adds(newcomer("wu.wei"))
}

// Another password ends the other sessions, and the old one opens nothing.
func TestAPasswordIsChanged(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	here, there := d.inBrowser(vera), d.inBrowser(vera)
	change := func(old, password string) answer {
		return here.asks("PUT", "/password", api.PasswordChange{Password: old, New: password})
	}
	change("wrong", chosen).refuses(http.StatusUnprocessableEntity, "password")
	change(password, "vera vera vera").refuses(http.StatusUnprocessableEntity, "new")
	there.asks("GET", "/board", nil).gives(http.StatusOK, nil)
	change(password, chosen).gives(http.StatusNoContent, nil)
	here.asks("GET", "/board", nil).gives(http.StatusOK, nil)
	there.asks("GET", "/board", nil).refuses(http.StatusUnauthorized, "")
	d.signIn("vera", password).refuses(http.StatusUnauthorized, "")
	d.signIn("vera", chosen).gives(http.StatusOK, nil)
}

// Who manages by a further role is refused once it is taken away, however late the request comes.
func TestAFurtherRoleIsTakenAway(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	was := network.Account{Login: "aa", Role: network.RoleDispatcher, Also: []network.Role{network.RoleAdmin}, Site: "SYBC"}
	d.Adds(was)
	stale := network.Roles{}.Actor(was)
	adds := func(login string) error {
		a := network.Account{Login: login, NameZH: login, NameEN: login, Role: network.RoleDispatcher, Site: "SYBC", PasswordHash: network.NoPassword}
		i, err := a.Invite("aa", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return d.DB.Accounts.AddAccount(t.Context(), a, stale, rand.Text(), i, d.Now())
	}
	if err := adds("b1"); err != nil {
		t.Fatal(err)
	}
	d.as(root).asks("PATCH", "/accounts/aa", api.AccountChange{Also: &[]api.Role{}}).gives(http.StatusOK, nil)
	if err := adds("b2"); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("added by who may no more: %v", err)
	}

	// A role that the site defines no longer keeps nobody out who has another one.
	d.Adds(network.Account{Login: "cc", Role: network.RoleDispatcher, Also: []network.Role{"gone"}, Site: "SYBC"})
	d.as(network.Actor{Login: "cc"}).asks("GET", "/shelves", nil).gives(http.StatusOK, nil)
}
