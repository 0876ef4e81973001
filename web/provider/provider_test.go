package provider_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"hemolift/web/provider"
	"hemolift/web/provider/providertest"
)

const callback = "http://127.0.0.1:1/auth/callback"

func config(issuer string) provider.Config {
	return provider.Config{
		Issuer: issuer, ClientID: providertest.ClientID, Secret: providertest.Secret, Callback: callback, Claim: "email", Now: time.Now,
	}
}

// attempt is a sign-in at a real provider, as far as the way back.
type attempt struct {
	*provider.Provider
	address, binding string
	said             provider.Answer
}

func begun(t *testing.T, at *providertest.Provider, c provider.Config, wish provider.Wish) attempt {
	t.Helper()
	p, err := provider.New(c)
	if err != nil {
		t.Fatal(err)
	}
	address, binding, err := p.Begin(context.Background(), wish)
	if err != nil {
		t.Fatal(err)
	}
	if u, _ := url.Parse(address); u.Query().Get("code_challenge_method") != "S256" || u.Query().Get("nonce") == "" {
		t.Errorf("no nonce or challenge in %s", address)
	}
	to := at.SignIn(t, providertest.Browser(t, callback), address, at.User())
	q := to.Query()
	if to.Path != "/auth/callback" || q.Get("code") == "" {
		t.Fatalf("the provider sent the browser to %s", to)
	}
	return attempt{p, address, binding, provider.Answer{State: q.Get("state"), Code: q.Get("code")}}
}

func TestARealProviderVouchesForAPerson(t *testing.T) {
	at := providertest.New(t, callback)
	a := begun(t, at, config(at.URL), provider.Wish{Login: "zhao.min"})
	who, wish, err := a.Finish(t.Context(), a.binding, a.said)
	if err != nil {
		t.Fatal(err)
	}
	want := provider.Person{Issuer: at.URL, Subject: "id1", Login: "test-user", Name: "Test User", Values: []string{providertest.Email}, Asked: true}
	if fmt.Sprint(who) != fmt.Sprint(want) || wish.Login != "zhao.min" {
		t.Errorf("%+v, for %+v; want %+v", who, wish, want)
	}
	if _, _, err := a.Finish(t.Context(), a.binding, a.said); !errors.Is(err, provider.ErrRefused) {
		t.Errorf("the same answer again: %v", err)
	}
	// A server that was started anew knows nothing of it.
	anew, err := provider.New(config(at.URL))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := anew.Finish(t.Context(), a.binding, a.said); !errors.Is(err, provider.ErrOver) {
		t.Errorf("another server's: %v", err)
	}
}

// An answer is good for the browser that asked, in time.
func TestAnAnswerThatIsNotToTheQuestion(t *testing.T) {
	at := providertest.New(t, callback)
	var later atomic.Int64
	c := config(at.URL)
	c.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	a := begun(t, at, c, provider.Wish{})
	for what, said := range map[string]struct {
		binding string
		answer  provider.Answer
		want    error
	}{
		"another browser": {"other", a.said, provider.ErrOver},
		"no browser":      {"", a.said, provider.ErrOver},
		"another state":   {a.binding, provider.Answer{State: "x", Code: a.said.Code}, provider.ErrOver},
		"no state":        {a.binding, provider.Answer{Code: a.said.Code}, provider.ErrOver},
	} {
		if _, _, err := a.Finish(t.Context(), said.binding, said.answer); !errors.Is(err, said.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	later.Store(int64(provider.AttemptLife))
	if _, _, err := a.Finish(t.Context(), a.binding, a.said); !errors.Is(err, provider.ErrOver) {
		t.Errorf("too late: %v", err)
	}
	later.Store(0)
	for what, answer := range map[string]provider.Answer{
		"a refusal":    {Fault: "access_denied"},
		"no code":      {},
		"another code": {Code: "x"},
	} {
		a := begun(t, at, c, provider.Wish{})
		answer.State = a.said.State
		if _, _, err := a.Finish(t.Context(), a.binding, answer); !errors.Is(err, provider.ErrRefused) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// claims changes the payload of the identity token in an answer, and signs it with another key.
func claims(t *testing.T, body []byte, key *rsa.PrivateKey, change func(map[string]any)) []byte {
	t.Helper()
	var said map[string]any
	if err := json.Unmarshal(body, &said); err != nil {
		return body
	}
	raw, _ := said["id_token"].(string)
	token, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Errorf("%s: %v", body, err)
		return body
	}
	payload := map[string]any{}
	if err := json.Unmarshal(token.UnsafePayloadWithoutVerification(), &payload); err != nil {
		t.Error(err)
	}
	change(payload)
	text, err := json.Marshal(payload)
	if err != nil {
		t.Error(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "theirs"}}, nil)
	if err != nil {
		t.Error(err)
		return body
	}
	signed, err := signer.Sign(text)
	if err != nil {
		t.Error(err)
	}
	if said["id_token"], err = signed.CompactSerialize(); err != nil {
		t.Error(err)
	}
	body, _ = json.Marshal(said)
	return body
}

// signer returns what a provider says whose key is one of the test's: with changed claims, and its keys.
func signer(t *testing.T) (signed func(change func(map[string]any)) func(string, []byte) []byte, keys []byte) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	keys, err = json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "theirs", Algorithm: "RS256", Use: "sig"}}})
	if err != nil {
		t.Fatal(err)
	}
	return func(change func(map[string]any)) func(string, []byte) []byte {
		return func(path string, body []byte) []byte {
			switch path {
			case "/keys":
				return keys
			case "/oauth/token":
				return claims(t, body, key, change)
			}
			return body
		}
	}, keys
}

// Nothing that a provider says wrongly is believed: not of its keys, its tokens, nor its people.
func TestAProviderThatLies(t *testing.T) {
	signed, keys := signer(t)
	at := func(where string, lie func([]byte) []byte) func(string, []byte) []byte {
		return func(path string, body []byte) []byte {
			if path == where {
				return lie(body)
			}
			return body
		}
	}
	replaced := func(old, is string) func([]byte) []byte {
		return func(body []byte) []byte { return bytes.ReplaceAll(body, []byte(old), []byte(is)) }
	}
	for what, lie := range map[string]struct {
		lie  func(string, []byte) []byte
		want error
	}{
		"nothing":                      {signed(func(map[string]any) {}), nil},
		"keys of another":              {at("/keys", func([]byte) []byte { return keys }), provider.ErrUntrusted},
		"no keys":                      {at("/keys", func([]byte) []byte { return []byte(`{"keys":[]}`) }), provider.ErrUntrusted},
		"keys that are none":           {at("/keys", func([]byte) []byte { return []byte(`<html>`) }), provider.ErrUntrusted},
		"a token without signature":    {at("/oauth/token", replaced(`"id_token":"ey`, `"id_token":"eyJhbGciOiJub25lIn0.ey`)), provider.ErrUntrusted},
		"no identity token":            {at("/oauth/token", replaced(`"id_token"`, `"other"`)), provider.ErrUntrusted},
		"another client's token":       {signed(func(c map[string]any) { c["aud"] = "other" }), provider.ErrUntrusted},
		"another issuer's token":       {signed(func(c map[string]any) { c["iss"] = "https://other.example" }), provider.ErrUntrusted},
		"an old token":                 {signed(func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() }), provider.ErrUntrusted},
		"a token for another question": {signed(func(c map[string]any) { c["nonce"] = "other" }), provider.ErrUntrusted},
		"a token without the question": {signed(func(c map[string]any) { delete(c, "nonce") }), provider.ErrUntrusted},
		"nobody":                       {signed(func(c map[string]any) { c["sub"] = "" }), provider.ErrUntrusted},
		"somebody too long":            {signed(func(c map[string]any) { c["sub"] = strings.Repeat("x", 256) }), provider.ErrUntrusted},
		"another person's claims":      {at("/userinfo", replaced(`"id1"`, `"id2"`)), provider.ErrUntrusted},
		"an answer without end":        {at("/userinfo", func([]byte) []byte { return bytes.Repeat([]byte(" "), 3<<20) }), provider.ErrUnavailable},
	} {
		t.Run(what, func(t *testing.T) {
			p := providertest.New(t, callback)
			p.Lie = lie.lie
			a := begun(t, p, config(p.URL), provider.Wish{})
			if _, _, err := a.Finish(t.Context(), a.binding, a.said); !errors.Is(err, lie.want) {
				t.Errorf("%v, want %v", err, lie.want)
			}
		})
	}
}

// Who is to show anew who it is, was asked by the provider, though it knew the browser.
func TestAProviderAsksAPersonAgain(t *testing.T) {
	signed, _ := signer(t)
	wish := provider.Wish{Login: "zhao.min", Session: "abc"}
	for what, c := range map[string]struct {
		change func(map[string]any)
		want   error
	}{
		"now":         {func(map[string]any) {}, nil},
		"before":      {func(c map[string]any) { c["auth_time"] = time.Now().Add(-2 * time.Minute).Unix() }, provider.ErrUntrusted},
		"later":       {func(c map[string]any) { c["auth_time"] = time.Now().Add(2 * time.Minute).Unix() }, provider.ErrUntrusted},
		"unsaid":      {func(c map[string]any) { delete(c, "auth_time") }, provider.ErrUntrusted},
		"as a text":   {func(c map[string]any) { c["auth_time"] = "now" }, provider.ErrUntrusted},
		"its own way": {func(c map[string]any) { c["auth_time"] = time.Now().Add(-30 * time.Second).Unix() }, nil},
	} {
		t.Run(what, func(t *testing.T) {
			p := providertest.New(t, callback)
			p.Lie = signed(c.change)
			a := begun(t, p, config(p.URL), wish)
			if u, _ := url.Parse(a.address); u.Query().Get("prompt") != "login" || u.Query().Get("max_age") != "0" {
				t.Errorf("it is not to ask: %s", a.address)
			}
			if _, w, err := a.Finish(t.Context(), a.binding, a.said); !errors.Is(err, c.want) || w != wish {
				t.Errorf("%+v, %v, want %v", w, err, c.want)
			}
			in := begun(t, p, config(p.URL), provider.Wish{}) // who only signs in may come as the browser is known
			if who, _, err := in.Finish(t.Context(), in.binding, in.said); err != nil || who.Asked != (c.want == nil) {
				t.Errorf("signed in: %+v, %v", who, err)
			}
		})
	}
}

// A provider that is not there, or describes another one, is told as such; it may be there later.
func TestAProviderThatIsNotThere(t *testing.T) {
	at := providertest.New(t, callback)
	away := true
	at.Lie = func(_ string, body []byte) []byte {
		if away {
			return bytes.ReplaceAll(body, []byte(`"issuer":"http`), []byte(`"issuer":"https`))
		}
		return body
	}
	p, err := provider.New(config(at.URL))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Begin(t.Context(), provider.Wish{}); !errors.Is(err, provider.ErrUnavailable) {
		t.Errorf("a provider of another name: %v", err)
	}
	away = false
	if _, _, err := p.Begin(t.Context(), provider.Wish{}); err != nil {
		t.Errorf("it is right by now: %v", err)
	}
	none, err := provider.New(config("http://127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := none.Begin(t.Context(), provider.Wish{}); !errors.Is(err, provider.ErrUnavailable) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestWhatIsNoProvider(t *testing.T) {
	for what, c := range map[string]provider.Config{
		"plain text across the network": {Issuer: "http://id.example", ClientID: "x", Callback: "https://a.example/auth/callback", Claim: "groups"},
		"codes in plain text":           {Issuer: "https://id.example", ClientID: "x", Callback: "http://a.example/auth/callback", Claim: "groups"},
		"no address":                    {Issuer: "id.example", ClientID: "x", Callback: "https://a.example/auth/callback", Claim: "groups"},
		"a password in it":              {Issuer: "https://a:b@id.example", ClientID: "x", Callback: "https://a.example/auth/callback", Claim: "groups"},
		"no client":                     {Issuer: "https://id.example", Callback: "https://a.example/auth/callback", Claim: "groups"},
		"no claim":                      {Issuer: "https://id.example", ClientID: "x", Callback: "https://a.example/auth/callback"},
	} {
		if err := c.Check(); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}

func TestAMapping(t *testing.T) {
	const file = "value,role,site\nward6,requester,SY06\nward6,receiver,SY06\nqa,quality,\nboss,admin,\nward7,requester,SY07\n"
	m, err := provider.ReadMapping("roles.csv", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		values []string
		roles  string
		site   string
	}{
		{[]string{"ward6"}, "[requester receiver]", "SY06"},
		{[]string{"qa", "ward6"}, "[requester receiver quality]", "SY06"},
		{[]string{"qa"}, "[quality]", ""},
		{[]string{"ward6", "ward7"}, "[]", ""}, // at two sites: nobody guesses
		{[]string{"WARD6", ""}, "[]", ""},
		{nil, "[]", ""},
	} {
		if roles, site := m.Of(x.values); fmt.Sprint(roles) != x.roles || site != x.site {
			t.Errorf("%q: %v at %q, want %v at %q", x.values, roles, site, x.roles, x.site)
		}
	}
	for what, text := range map[string]string{
		"roles.csv:1: site":  "value,role\na,b\n",
		"roles.csv:2: value": "value,role,site\n,admin,\n",
		"roles.csv:2: role":  "value,role,site\na,,\n",
		"given twice":        "value,role,site\na,admin,\na,admin,\n",
	} {
		if _, err := provider.ReadMapping("roles.csv", strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%q: %v, want %s", text, err, what)
		}
	}
}

func FuzzLoginOf(f *testing.F) {
	for _, s := range []string{"Zhao.Min@blood.example", "赵敏", "", "..", "a", strings.Repeat("x", 50), "system", "\u202e@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		login := provider.LoginOf(name)
		if login != "" && (len(login) < 2 || len(login) > 32 || strings.Trim(login, "abcdefghijklmnopqrstuvwxyz0123456789._-") != "") {
			t.Errorf("%q gives %q", name, login)
		}
	})
}
