package web

import (
	"net/http"
	"strings"
	"testing"

	"hemolift/dispatch/desktest"
	"hemolift/dispatch/network"
	"hemolift/web/api"
)

func TestAPasswordOpensASessionThatSigningOutEnds(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	nobody := person{d, ""}
	nobody.asks("GET", "/session", nil).gives(http.StatusNoContent, nil)
	in := nobody.asks("POST", "/session", api.Credentials{Login: "vera", Password: password})
	var me api.Me
	in.gives(http.StatusOK, &me)
	if me.Login != "vera" || me.Role != "dispatcher" || me.Page != api.MePageDispatch || len(me.May) < 20 {
		t.Errorf("signed in as %+v", me)
	}
	cookie := in.header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie is %q, without %s", cookie, want)
		}
	}
	session, _, _ := strings.Cut(cookie, ";")
	nobody.asks("GET", "/session", nil, "Cookie", session).gives(http.StatusOK, &me)
	nobody.asks("GET", "/session", nil, "Authorization", "Bearer "+strings.TrimPrefix(session, cookieName+"=")).gives(http.StatusNoContent, nil)
	nobody.asks("DELETE", "/session", nil, "Cookie", session).gives(http.StatusNoContent, nil)
	nobody.asks("GET", "/session", nil, "Cookie", session).gives(http.StatusNoContent, nil)
	nobody.asks("DELETE", "/session", nil, "Cookie", session).refuses(http.StatusUnauthorized, "")
}

func TestATokenIsForPrograms(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	var token api.Token
	person{d, ""}.asks("POST", "/tokens", api.Credentials{Login: "root", Password: password}).gives(http.StatusCreated, &token)
	var me api.Me
	person{d, token.Token}.asks("GET", "/session", nil).gives(http.StatusOK, &me)
	if me.Login != "root" {
		t.Errorf("the token is %s's", me.Login)
	}
}

func TestWhoIsNotLetIn(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	hash, err := passwordHash()
	if err != nil {
		t.Fatal(err)
	}
	d.Signs(network.Actor{Login: "gone", Role: network.RoleDispatcher}, hash)
	if _, err := d.Pool.Exec(t.Context(), `UPDATE account SET disabled = true WHERE login = 'gone'`); err != nil {
		t.Fatal(err)
	}
	nobody := person{d, ""}
	for _, c := range []api.Credentials{
		{Login: "vera", Password: "wrong"},
		{Login: "nobody", Password: password},
		{Login: "gone", Password: password},
		{Login: "anna", Password: password}, // has no password
		{Login: "vera", Password: strings.Repeat("x", 201)},
		{Login: strings.Repeat("x", 33), Password: password},
	} {
		nobody.asks("POST", "/session", c).refuses(http.StatusUnauthorized, "")
		nobody.asks("POST", "/tokens", c).refuses(http.StatusUnauthorized, "")
	}
	nobody.asks("POST", "/session", `{"login":1}`).refuses(http.StatusBadRequest, "login")
	nobody.asks("POST", "/tokens", `{"login":"vera"`).refuses(http.StatusBadRequest, "body")
}

// Whoever guesses must wait for longer and longer, and nobody else: no hash is made for it.
func TestGuessingIsSlowed(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	nobody := person{d, ""}
	wrong := api.Credentials{Login: "vera", Password: "wrong"}
	for range 4 {
		nobody.asks("POST", "/session", wrong).refuses(http.StatusUnauthorized, "")
	}
	got := nobody.asks("POST", "/tokens", wrong)
	got.refuses(http.StatusTooManyRequests, "")
	if got.header.Get("Retry-After") != "1" || !strings.Contains(string(got.body), "wait 1 s") {
		t.Errorf("to wait %q: %s", got.header.Get("Retry-After"), got.body)
	}
	nobody.asks("POST", "/session", api.Credentials{Login: "root", Password: password}).gives(http.StatusOK, nil)
}

// Another site's page cannot act with a person's cookie.
func TestAnotherOriginIsRefused(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	r, err := http.NewRequest("DELETE", d.url+"/api/v1/session", nil)
	if err != nil {
		t.Fatal(err)
	}
	token := d.as(desktest.Anna).token
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Origin", "https://elsewhere.example")
	d.sends(r).refuses(http.StatusForbidden, "")
	person{d, token}.asks("GET", "/session", nil).gives(http.StatusOK, nil)
}
