package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"hemolift/dispatch/desktest"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/web/api"
	"hemolift/web/passkey"
	"hemolift/web/passkey/passkeytest"
)

// phone is an authenticator of somebody.
type phone struct {
	virtualwebauthn.Authenticator
	at  virtualwebauthn.RelyingParty
	key virtualwebauthn.Credential
}

const keyPage = "https://blood.example"

func newPhone(handle []byte) *phone {
	return &phone{
		Authenticator: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: handle}),
		at:            virtualwebauthn.RelyingParty{Name: "Hemolift", ID: "blood.example", Origin: keyPage},
		key:           passkeytest.NewKey(),
	}
}

// withKeys is a server whose address browsers know.
func withKeys(t *testing.T) *door {
	d := newDoor(t)
	keys, err := passkey.New(keyPage, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	d.Server.KeyDoor = keys
	return d
}

// asked is a question, and its options as text.
func asked(a answer) (id, options string) {
	a.t.Helper()
	var q api.PasskeyQuestion
	a.gives(http.StatusCreated, &q)
	text, err := json.Marshal(q.Options)
	if err != nil {
		a.t.Fatal(err)
	}
	return q.Question, string(text)
}

func said(t *testing.T, text string) (v map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// toMake is a question to a person's browser from which a passkey is made.
type toMake struct {
	person
	question string
	options  virtualwebauthn.AttestationOptions
}

func (p person) asksForKey() toMake {
	p.t.Helper()
	q, options := asked(p.asks("POST", "/passkeys/question", nil))
	o, err := virtualwebauthn.ParseAttestationOptions(options)
	if err != nil {
		p.t.Fatal(err)
	}
	return toMake{p, q, *o}
}

func (m toMake) answers(name string) (*phone, answer) {
	m.t.Helper()
	f := newPhone([]byte(m.options.UserID))
	made := virtualwebauthn.CreateAttestationResponse(f.at, f.Authenticator, f.key, m.options)
	return f, m.asks("POST", "/passkeys", api.NewPasskey{Question: m.question, Credential: said(m.t, made), Name: name})
}

// makesKey makes a passkey of a person.
func (p person) makesKey(name string) (*phone, answer) {
	p.t.Helper()
	return p.asksForKey().answers(name)
}

// answers signs a question that anybody may ask for.
func (d *door) answers(f *phone) api.PasskeyAnswer {
	d.t.Helper()
	q, options := asked(person{door: d}.asks("POST", "/passkey-questions", nil))
	o, err := virtualwebauthn.ParseAssertionOptions(options)
	if err != nil {
		d.t.Fatal(err)
	}
	f.key.Counter++
	return api.PasskeyAnswer{Question: q, Credential: said(d.t, virtualwebauthn.CreateAssertionResponse(f.at, f.Authenticator, f.key, *o))}
}

// A person adds a passkey, signs in by it, confirms by it, and removes it; then it opens nothing.
func TestASignInByAPasskey(t *testing.T) {
	t.Parallel()
	d := withKeys(t)
	page := d.inBrowser(desktest.Anna)
	f, a := page.makesKey("her phone")
	a.gives(http.StatusCreated, nil)
	var me api.Me
	guest := person{door: d}
	once := d.answers(f)
	guest.asks("POST", "/passkey-sessions", once).gives(http.StatusOK, &me)
	if me.Login != desktest.Anna.Login {
		t.Errorf("signed in as %s", me.Login)
	}
	guest.asks("POST", "/passkey-sessions", once).refuses(http.StatusUnauthorized, "")

	d.exec(`UPDATE session SET confirmed_at = now() - interval '11 minutes'`)
	page.asks("POST", "/passkeys/question", nil).refuses(http.StatusConflict, "")
	page.asks("POST", "/session/confirmation/passkey", d.answers(f)).gives(http.StatusNoContent, nil)
	var held api.Passkeys
	page.asks("GET", "/passkeys", nil).gives(http.StatusOK, &held)
	if !held.Offered || len(held.Passkeys) != 1 || held.Passkeys[0].Name != "her phone" || held.Passkeys[0].UsedAt == nil {
		t.Fatalf("she holds %+v", held)
	}
	d.inBrowser(desktest.Ward).asks("DELETE", "/passkeys/"+held.Passkeys[0].Id, nil).refuses(http.StatusNotFound, "")
	page.asks("DELETE", "/passkeys/"+held.Passkeys[0].Id, nil).gives(http.StatusNoContent, nil)
	guest.asks("POST", "/passkey-sessions", d.answers(f)).refuses(http.StatusUnauthorized, "")
	for _, what := range []string{"passkey_added", "passkey_removed"} {
		if e := d.found("account", desktest.Anna.Login); e.Actor != desktest.Anna.Login {
			t.Errorf("%s: the log says %+v", what, e)
		}
	}
}

// Somebody else's passkey confirms nothing, a disabled account's opens nothing, and what was asked of
// one person's browser is not answered by another's.
func TestAPasskeyIsItsPersonsAlone(t *testing.T) {
	t.Parallel()
	d := withKeys(t)
	page, ward := d.inBrowser(desktest.Anna), d.inBrowser(desktest.Ward)
	f, a := page.makesKey("phone")
	a.gives(http.StatusCreated, nil)
	guest := person{door: d}
	ward.asks("POST", "/session/confirmation/passkey", d.answers(f)).refuses(http.StatusUnprocessableEntity, "credential")
	d.exec(`UPDATE account SET disabled = true WHERE login = $1`, desktest.Anna.Login)
	guest.asks("POST", "/passkey-sessions", d.answers(f)).refuses(http.StatusUnauthorized, "")
	d.exec(`UPDATE account SET disabled = false WHERE login = $1`, desktest.Anna.Login)
	guest.asks("POST", "/passkey-sessions", d.answers(f)).gives(http.StatusOK, nil)

	q, options := asked(ward.asks("POST", "/passkeys/question", nil))
	o, err := virtualwebauthn.ParseAttestationOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	made := said(t, virtualwebauthn.CreateAttestationResponse(f.at, newPhone([]byte(o.UserID)).Authenticator, f.key, *o))
	page.asks("POST", "/passkeys", api.NewPasskey{Question: q, Credential: made, Name: "x"}).refuses(http.StatusUnprocessableEntity, "credential")
	_, again := page.makesKey(strings.Repeat("n", 61))
	again.refuses(http.StatusUnprocessableEntity, "name")
	late := network.Passkey{ID: []byte("late"), Login: desktest.Ward.Login, Handle: []byte("h"), Kept: []byte("{}"), Name: "late", MadeAt: time.Now()}
	if err := d.DB.Accounts.AddPasskey(context.Background(), late, "ended", d.Now()); !errors.Is(err, refusal.ErrChanged) {
		t.Errorf("in a session that has ended: %v", err)
	}
	first := ward.asksForKey()
	if _, a := ward.makesKey("the first"); a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if _, a := first.answers("of another handle"); a.status != http.StatusConflict {
		t.Errorf("made beside the first: %d %s", a.status, a.body)
	}
	d.as(desktest.Anna).asks("POST", "/passkeys/question", nil).refuses(http.StatusConflict, "")
	d.exec(`INSERT INTO identity (issuer, subject, login, managed, made_at) VALUES ('https://id.example', '7', $1, true, now())`, desktest.Ward.Login)
	_, managed := ward.makesKey("a key that would outlive the provider's word")
	managed.refuses(http.StatusConflict, "")
}

// A new password by an invitation ends the passkeys: whoever had the account before has no key to it.
func TestAnInvitationEndsPasskeys(t *testing.T) {
	t.Parallel()
	d := withKeys(t)
	f, a := d.inBrowser(desktest.Ward).makesKey("phone")
	a.gives(http.StatusCreated, nil)
	var i api.Invitation
	d.as(root).asks("POST", "/accounts/"+desktest.Ward.Login+"/invitation", nil).gives(http.StatusCreated, &i)
	person{door: d}.asks("POST", "/invitation", api.ChosenPassword{Password: "quartz ladder violet 7 comet"}, "Invitation-Token", i.Token).gives(http.StatusOK, nil)
	person{door: d}.asks("POST", "/passkey-sessions", d.answers(f)).refuses(http.StatusUnauthorized, "")
}

// A server that does not know its address has no passkeys.
func TestNoPasskeysWithoutAnAddress(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	person{door: d}.asks("POST", "/passkey-questions", nil).refuses(http.StatusNotFound, "")
	person{door: d}.asks("POST", "/passkey-sessions", api.PasskeyAnswer{Question: "x", Credential: map[string]any{}}).refuses(http.StatusNotFound, "")
	d.inBrowser(desktest.Anna).asks("POST", "/passkeys/question", nil).refuses(http.StatusNotFound, "")
	for _, page := range []string{"https://127.0.0.1", "http://blood.example", "blood.example", "https://blood.example/x"} {
		if _, err := passkey.New(page, time.Now); err == nil {
			t.Errorf("%s is taken", page)
		}
	}
}
