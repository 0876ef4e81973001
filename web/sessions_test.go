package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/desktest"
	"hemolift/dispatch/network"
	"hemolift/migrations/pgtest"
	"hemolift/web/api"
)

func TestAPasswordOpensASessionThatSigningOutEnds(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	nobody := person{door: d}
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
	person{door: d}.asks("POST", "/tokens", api.Credentials{Login: "root", Password: password}).gives(http.StatusCreated, &token)
	var me api.Me
	person{door: d, token: token.Token}.asks("GET", "/session", nil).gives(http.StatusOK, &me)
	if me.Login != "root" {
		t.Errorf("the token is %s's", me.Login)
	}
}

// A token of a few operations may these, and nothing else that its account may.
func TestATokenOfAFewOperations(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	nobody := person{door: d}
	hours := 2
	n := api.NewToken{Login: "root", Password: password, Hours: &hours, Only: &[]string{"getBoard", "listSessions", "moveUnits/quarantine"}}
	var token api.Token
	nobody.asks("POST", "/tokens", n).gives(http.StatusCreated, &token)
	if left := time.Until(token.ExpiresAt); left < 119*time.Minute || left > 2*time.Hour {
		t.Errorf("it ends in %v", left)
	}
	program := person{door: d, token: token.Token}
	var me api.Me
	program.asks("GET", "/session", nil).gives(http.StatusOK, &me)
	if want := []string{"getBoard", "getBoard/plans", "listSessions", "moveUnits", "moveUnits/quarantine"}; !slices.Equal(me.May, want) {
		t.Errorf("it may %q, want %q", me.May, want)
	}
	program.asks("GET", "/board", nil).gives(http.StatusOK, nil)
	var open []api.Session
	program.asks("GET", "/sessions", nil).gives(http.StatusOK, &open)
	if i := slices.IndexFunc(open, func(o api.Session) bool { return o.This }); i < 0 || !slices.Equal(open[i].Only, *n.Only) {
		t.Errorf("the sessions are %+v", open)
	}
	for path, method := range map[string]string{"/accounts": "GET", "/network": "GET", "/network/files": "GET", "/live": "GET", "/devices/BX-001/secret": "POST", "/units": "GET"} {
		program.asks(method, path, nil).refuses(http.StatusForbidden, "")
	}
	for field, bad := range map[string]string{
		"only[1]": `"only":["getBoard","fly"]`, "only": `"only":["` + strings.Repeat(`a","`, 100) + `a"]`, "hours": `"hours":0`,
	} {
		nobody.asks("POST", "/tokens", `{"login":"root","password":"`+password+`",`+bad+`}`).refuses(http.StatusUnprocessableEntity, field)
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
	if _, err := pgtest.Owner(t, d.Pool).Exec(t.Context(), `UPDATE account SET disabled = true WHERE login = 'gone'`); err != nil {
		t.Fatal(err)
	}
	nobody := person{door: d}
	for _, c := range []api.Credentials{
		{Login: "vera", Password: "wrong"},
		{Login: "nobody", Password: password},
		{Login: "gone", Password: password},
		{Login: "anna", Password: password}, // has no password
	} {
		nobody.asks("POST", "/session", c).refuses(http.StatusUnauthorized, "")
		nobody.asks("POST", "/tokens", c).refuses(http.StatusUnauthorized, "")
	}
	nobody.asks("POST", "/session", api.Credentials{Login: "vera", Password: strings.Repeat("x", 201)}).refuses(http.StatusUnprocessableEntity, "password")
	nobody.asks("POST", "/tokens", api.Credentials{Login: strings.Repeat("x", 33), Password: password}).refuses(http.StatusUnprocessableEntity, "login")
	nobody.asks("POST", "/session", `{"login":1}`).refuses(http.StatusBadRequest, "login")
	nobody.asks("POST", "/tokens", `{"login":"vera"`).refuses(http.StatusBadRequest, "body")
}

// Whoever guesses must wait for longer and longer, and nobody else: no hash is made for it.
func TestGuessingIsSlowed(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	nobody := person{door: d}
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
	person{door: d, token: token}.asks("GET", "/session", nil).gives(http.StatusOK, nil)
}

// People see their own sessions, with where each was opened, and end them; nobody sees or
// ends another's.
func TestSessionsOfOnesOwn(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	here, there, other := d.as(vera), d.as(vera), d.as(root)
	var mine []api.Session
	here.asks("GET", "/sessions", nil).gives(http.StatusOK, &mine)
	if len(mine) != 2 || mine[0].This == mine[1].This {
		t.Fatalf("sessions: %+v", mine)
	}
	away := mine[0]
	if away.This {
		away = mine[1]
	}
	other.asks("DELETE", "/sessions/"+away.Id, nil).refuses(http.StatusNotFound, "")
	there.asks("GET", "/board", nil).gives(http.StatusOK, nil)
	here.asks("DELETE", "/sessions/"+away.Id, nil).gives(http.StatusNoContent, nil)
	there.asks("GET", "/board", nil).refuses(http.StatusUnauthorized, "")
	here.asks("DELETE", "/sessions/"+away.Id, nil).refuses(http.StatusNotFound, "")
	here.asks("GET", "/sessions", nil).gives(http.StatusOK, &mine)
	if len(mine) != 1 || !mine[0].This {
		t.Errorf("left: %+v", mine)
	}
}

// A person's session ends when nobody uses it for long, a program's does not; both end
// however much they are used.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	accounts, now := d.Accounts, time.Now()
	for _, kind := range []network.SessionKind{network.ByCookie, network.ByToken} {
		token := "token of " + string(kind)
		o := network.Session{Login: "vera", Kind: kind, OpenedAt: now, ExpiresAt: now.Add(12 * time.Hour)}
		if err := accounts.OpenSession(t.Context(), token, "", o, d.Now()); err != nil {
			t.Fatal(err)
		}
		alive := func(after time.Duration) bool {
			_, _, err := accounts.SessionAccount(t.Context(), token, kind, now.Add(after), cookieIdle)
			return err == nil
		}
		for at := time.Duration(0); at < 12*time.Hour; at += time.Hour {
			if !alive(at) {
				t.Fatalf("%s: ended after %v of use", kind, at)
			}
		}
		if alive(12*time.Hour + time.Second) {
			t.Errorf("%s: has no end", kind)
		}
	}
	for kind, lives := range map[network.SessionKind]bool{network.ByCookie: false, network.ByToken: true} {
		token := "unused " + string(kind)
		o := network.Session{Login: "vera", Kind: kind, OpenedAt: now, ExpiresAt: now.Add(12 * time.Hour)}
		if err := accounts.OpenSession(t.Context(), token, "", o, d.Now()); err != nil {
			t.Fatal(err)
		}
		_, _, err := accounts.SessionAccount(t.Context(), token, kind, now.Add(cookieIdle+time.Minute), cookieIdle)
		if (err == nil) != lives {
			t.Errorf("%s, that nobody used for %v: %v", kind, cookieIdle, err)
		}
	}
}

// The log keeps who signed in and out, who was refused, and from which session and address
// things were done; administrators see it.
func TestTheLogKeepsSessions(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	nobody := person{door: d}
	nobody.asks("POST", "/session", api.Credentials{Login: "vera", Password: "wrong"}).refuses(http.StatusUnauthorized, "")
	nobody.asks("POST", "/session", api.Credentials{Login: "a password typed here", Password: "wrong"}).refuses(http.StatusUnauthorized, "")
	in := nobody.asks("POST", "/session", api.Credentials{Login: "vera", Password: password}, "User-Agent", "a\xff browser")
	in.gives(http.StatusOK, nil)
	session, _, _ := strings.Cut(in.header.Get("Set-Cookie"), ";")
	nobody.asks("DELETE", "/session", nil, "Cookie", session).gives(http.StatusNoContent, nil)
	admin := d.as(root)
	admin.asks("POST", "/devices/HL-01/secret", nil).gives(http.StatusCreated, nil)
	var events, seen []api.Event
	admin.asks("GET", "/events?limit=1000", nil).gives(http.StatusOK, &events)
	d.as(vera).asks("GET", "/events?limit=1000", nil).gives(http.StatusOK, &seen)
	var told []string
	var opened string
	for _, e := range events {
		if e.Kind != "account" && e.Kind != "device" {
			continue
		}
		told = append(told, e.Actor+" "+e.Detail["what"])
		if e.Detail["what"] == "signed_in" && e.Actor == "vera" {
			opened = *e.Session
			if e.Detail["agent"] != "a browser" || *e.Address != "127.0.0.1" {
				t.Errorf("signed in: %+v", e)
			}
		}
		if e.Detail["what"] == "signed_out" && (e.Session == nil || *e.Session != opened) {
			t.Errorf("signed out from another session than %s: %+v", opened, e)
		}
	}
	want := []string{"vera refused", " refused", "vera signed_in", "vera signed_out", "root signed_in", "root secret renewed"}
	if !slices.Equal(told, want) {
		t.Errorf("the log tells %q, want %q", told, want)
	}
	for _, e := range seen {
		if e.Session != nil || e.Address != nil {
			t.Errorf("a dispatcher sees sessions: %+v", e)
		}
	}
}

// A record that cannot be written keeps nobody from reading.
func TestWhoOnlyReadsNeedsNoRoom(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna, owner := d.as(desktest.Anna), pgtest.Owner(t, d.Pool)
	for _, q := range []string{
		`UPDATE session SET used_at = used_at - interval '10 min'`,
		`CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room' USING ERRCODE = '53100'; END $$`,
		`CREATE TRIGGER no_room BEFORE UPDATE ON session FOR EACH ROW EXECUTE FUNCTION no_room()`,
	} {
		if _, err := owner.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	anna.asks("GET", "/board", nil).gives(http.StatusOK, nil)
}
