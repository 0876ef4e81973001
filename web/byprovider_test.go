package web

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/network"
	"hemolift/web/api"
	"hemolift/web/provider"
	"hemolift/web/provider/providertest"
)

// offers lets people sign in to the door by a real provider, with a mapping.
func (d *door) offers(mapping provider.Mapping) *providertest.Provider {
	d.t.Helper()
	at := providertest.New(d.t, d.url+"/auth/callback")
	p, err := provider.New(provider.Config{
		Issuer: at.URL, ClientID: providertest.ClientID, Secret: providertest.Secret, Callback: d.url + "/auth/callback",
		Name: "the hospital's", Claim: "email", Now: time.Now,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.Server.Provider, d.Server.Mapping = p, mapping
	return at
}

// comes signs somebody in by the provider, in a browser; why is what the page says when it came to nothing.
func (d *door) comes(at *providertest.Provider, user string) (who api.Me, why string) {
	d.t.Helper()
	browser := providertest.Browser(d.t, "nowhere")
	to := at.SignIn(d.t, browser, d.url+"/auth/start", user)
	if !strings.HasPrefix(to.String(), d.url+"/") || to.Path != "/" || to.RawQuery != "" {
		d.t.Errorf("the browser was sent to %s", to)
	}
	answer, err := browser.Get(d.url + "/api/v1/session")
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode == http.StatusOK {
		if err := json.NewDecoder(answer.Body).Decode(&who); err != nil {
			d.t.Fatal(err)
		}
	}
	if (who.Login == "") != strings.HasPrefix(to.Fragment, "provider=") {
		d.t.Errorf("signed in as %q, and told %q", who.Login, to.Fragment)
	}
	return who, strings.TrimPrefix(to.Fragment, "provider=")
}

func TestPeopleComeByTheirProvider(t *testing.T) {
	d := newDoor(t)
	var offered api.Provider
	person{door: d}.asks("GET", "/provider", nil).gives(http.StatusOK, &offered)
	if offered.Offered {
		t.Errorf("offered without a provider: %+v", offered)
	}
	at := d.offers(provider.Mapping{{Value: providertest.Email, Role: "dispatcher"}})
	person{door: d}.asks("GET", "/provider", nil).gives(http.StatusOK, &offered)
	if offered.Name != "the hospital's" {
		t.Errorf("offered as %+v", offered)
	}

	// Whom a value of the claim gives a role gets an account; whom it gives none, nothing.
	if who, why := d.comes(at, at.User()); who.Login != "test-user" || who.Role != "dispatcher" || who.NameEn != "Test User" {
		t.Errorf("%+v (%s)", who, why)
	}
	if who, why := d.comes(at, providertest.Other); why != "no_role" {
		t.Errorf("%+v (%s)", who, why)
	}

	// Who comes again is the same, and nothing is changed for it; who was refused is in the log.
	if who, why := d.comes(at, at.User()); who.Login != "test-user" {
		t.Errorf("%+v (%s)", who, why)
	}
	for what, want := range map[string]int{"added": 1, "changed": 0, "signed_in": 2, "refused": 1} {
		var n int
		const q = `SELECT count(*) FROM event_log WHERE kind = 'account' AND subject IN ('test-user', '') AND detail->>'what' = $1`
		if err := d.Pool.QueryRow(t.Context(), q, what).Scan(&n); err != nil || n != want {
			t.Errorf("%d times %s in the log, want %d: %v", n, what, want, err)
		}
	}

	// The roles follow what the provider says now, and what the account is signed in to by others ends.
	desk := d.inBrowser(network.Actor{Login: "test-user", Role: network.RoleDispatcher})
	d.Server.Mapping = provider.Mapping{{Value: providertest.Email, Role: "quality"}}
	if who, why := d.comes(at, at.User()); who.Role != "quality" {
		t.Errorf("%+v (%s)", who, why)
	}
	desk.asks("GET", "/board", nil).refuses(http.StatusUnauthorized, "")
	d.Server.Mapping = nil
	if who, why := d.comes(at, at.User()); why != "no_role" {
		t.Errorf("with no role any more: %+v (%s)", who, why)
	}

	// A role or a site that there is not is none; disabled is disabled.
	for _, g := range []provider.Grant{{Role: "janitor"}, {Role: "hospital", Site: "NONE"}, {Role: "hospital"}} {
		g.Value = providertest.Email
		d.Server.Mapping = provider.Mapping{g}
		if who, why := d.comes(at, at.User()); why != "no_role" {
			t.Errorf("%+v: %+v (%s)", g, who, why)
		}
	}
	d.Server.Mapping = provider.Mapping{{Value: providertest.Email, Role: "quality"}}
	page := d.inBrowser(root)
	yes := true
	page.asks("PATCH", "/accounts/test-user", api.AccountChange{Disabled: &yes}).gives(http.StatusOK, nil)
	if who, why := d.comes(at, at.User()); why != "no_role" {
		t.Errorf("disabled: %+v (%s)", who, why)
	}

	// Its password is none, however it is typed.
	person{door: d}.asks("POST", "/session", api.Credentials{Login: "test-user", Password: network.NoPassword}).refuses(http.StatusUnauthorized, "")
}

// An account that has the name is not given away; its own person joins it.
func TestAnAccountIsJoinedByItsPersonAlone(t *testing.T) {
	d := newDoor(t)
	hash, err := passwordHash()
	if err != nil {
		t.Fatal(err)
	}
	d.Signs(network.Actor{Login: "test-user", Role: network.RoleDispatcher}, hash)
	at := d.offers(provider.Mapping{{Value: providertest.Email, Role: "admin"}, {Value: providertest.OtherEmail, Role: "quality"}})
	if who, why := d.comes(at, at.User()); why != "taken" {
		t.Fatalf("a name was enough: %+v (%s)", who, why)
	}

	joins := func(browser *http.Client, user string) string {
		return at.SignIn(t, browser, d.url+"/auth/start?join=true", user).Fragment
	}
	signedIn := func(login string) *http.Client {
		browser := providertest.Browser(t, "nowhere")
		body := strings.NewReader(`{"login":"` + login + `","password":"` + password + `"}`)
		answer, err := browser.Post(d.url+"/api/v1/session", "application/json", body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatal(err, answer)
		}
		_ = answer.Body.Close()
		return browser
	}
	browser := signedIn("test-user")
	if why := joins(browser, at.User()); why != "provider=joined" {
		t.Fatalf("joining: %s", why)
	}
	if why := joins(browser, at.User()); why != "provider=joined" {
		t.Errorf("joining again: %s", why)
	}
	// It stays what it was: the provider does not manage it.
	if who, why := d.comes(at, at.User()); who.Login != "test-user" || who.Role != "dispatcher" {
		t.Errorf("%+v (%s)", who, why)
	}
	// Who somebody is at the provider is one account's.
	if why := joins(signedIn("vera"), at.User()); why != "provider=taken" {
		t.Errorf("another account's: %s", why)
	}
	// A browser that was left open gives nobody another way in.
	left := signedIn("vera")
	if _, err := d.Pool.Exec(t.Context(), `UPDATE session SET confirmed_at = now() - interval '11 minutes' WHERE login = 'vera'`); err != nil {
		t.Fatal(err)
	}
	later, err := left.Get(d.url + "/auth/start?join=true")
	if err != nil {
		t.Fatal(err)
	}
	_ = later.Body.Close()
	if later.Request.URL.Fragment != "provider=unconfirmed" {
		t.Errorf("sent to %s", later.Request.URL)
	}
	// Without a session nobody joins anything.
	answer, err := providertest.Browser(t, "nowhere").Get(d.url + "/auth/start?join=true")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.Request.URL.Fragment != "provider=over" {
		t.Errorf("sent to %s", answer.Request.URL)
	}
	var logged int
	const q = `SELECT count(*) FROM event_log WHERE kind = 'account' AND subject = 'test-user' AND detail->>'what' = 'joined' AND detail->>'issuer' = $1`
	if err := d.Pool.QueryRow(t.Context(), q, at.URL).Scan(&logged); err != nil || logged != 2 {
		t.Errorf("the log tells of it %d times: %v", logged, err)
	}
}

// Who has no password signs with what the provider says of the person at that moment.
func TestASignatureByTheProvider(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 2)
	del := d.received()
	at := d.offers(provider.Mapping{{Value: providertest.Email, Role: "quality"}, {Value: providertest.OtherEmail, Role: "quality"}})
	browser := providertest.Browser(t, "nowhere")
	at.SignIn(t, browser, d.url+"/auth/start", at.User())
	asks := func(method, path string, body any) answer {
		t.Helper()
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), method, d.url+"/api/v1"+path, strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		res, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		got, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer{t, method + " " + path, res.StatusCode, res.Header, got}
	}
	var me api.Me
	asks("GET", "/session", nil).gives(http.StatusOK, &me)
	if me.NoPassword == nil || !*me.NoPassword {
		t.Errorf("she is asked for a password: %+v", me)
	}
	var c api.ColdRecord
	asks("GET", "/deliveries/"+del.Id+"/coldchain", nil).gives(http.StatusOK, &c)
	signs := func() answer {
		return asks("POST", "/deliveries/"+del.Id+"/signatures", api.NewSignature{Meaning: "accepted", Digest: c.Digest})
	}
	d.exec(`UPDATE session SET confirmed_at = now() - interval '61 seconds'`)
	signs().refuses(http.StatusConflict, "")
	const waits = "/auth/start?confirm=true&page=0f5e2c1a111122223333444455556666"
	confirms := func(user string) string {
		to := at.SignIn(t, browser, d.url+waits, user)
		if to.Path != besidePage {
			t.Errorf("the browser was sent to %s", to)
		}
		return strings.TrimPrefix(to.Fragment, "0f5e2c1a111122223333444455556666=")
	}
	if why := confirms(providertest.Other); why != "other" {
		t.Errorf("another person: %s", why)
	}
	var made int
	if err := d.Pool.QueryRow(t.Context(), `SELECT count(*) FROM identity`).Scan(&made); err != nil || made != 1 {
		t.Errorf("%d identities, %v: a confirmation made one", made, err)
	}
	signs().refuses(http.StatusConflict, "")
	if why := confirms(at.User()); why != "confirmed" {
		t.Errorf("she herself: %s", why)
	}
	signs().gives(http.StatusCreated, &c)
	signs().refuses(http.StatusConflict, "") // one proof, one signature
	if len(c.Signatures) != 1 || c.Signatures[0].By != "test-user" {
		t.Errorf("signed: %+v", c.Signatures)
	}
	// In no session there is nothing to confirm.
	answer, err := providertest.Browser(t, "nowhere").Get(d.url + waits)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if to := answer.Request.URL; to.Path != besidePage || !strings.HasSuffix(to.Fragment, "6666=over") {
		t.Errorf("sent to %s", to)
	}
	// A session that has ended is confirmed no more, and a page names itself as pages do.
	d.exec(`DELETE FROM session`)
	for path, want := range map[string]string{waits: "6666=over", "/auth/start?confirm=true&page=<x>": "provider=over"} {
		answer, err := browser.Get(d.url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if to := answer.Request.URL; !strings.HasSuffix(to.Fragment, want) {
			t.Errorf("%s: sent to %s", path, to)
		}
	}
}

// A fresh sign-in is no signature of who has a password.
func TestAPasswordSignsWhereThereIsOne(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	hash, err := passwordHash()
	if err != nil {
		t.Fatal(err)
	}
	qing := network.Actor{Login: "qing", Role: network.RoleQuality}
	d.Signs(qing, hash)
	d.Stocks("A+", blood.RedCells, 2)
	del := d.received()
	browser := d.inBrowser(qing)
	d.exec(`UPDATE session SET confirmed_at = now()`)
	var c api.ColdRecord
	browser.asks("GET", "/deliveries/"+del.Id+"/coldchain", nil).gives(http.StatusOK, &c)
	browser.asks("POST", "/deliveries/"+del.Id+"/signatures", api.NewSignature{Meaning: "accepted", Digest: c.Digest}).refuses(http.StatusConflict, "")
}

func TestWithoutAProviderThereIsNone(t *testing.T) {
	d := newDoor(t)
	for _, path := range []string{"/auth/start", "/auth/callback?state=x&code=y", "/auth/start?join=true"} {
		answer, err := d.client.Get(d.url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.StatusCode)
		}
	}
}
