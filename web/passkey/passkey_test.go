package passkey_test

import (
	"errors"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"hemolift/web/passkey"
	"hemolift/web/passkey/passkeytest"
)

const page = "https://blood.example"

// phone is an authenticator with one key, for a site as it thinks.
type phone struct {
	device virtualwebauthn.Authenticator
	at     virtualwebauthn.RelyingParty
	key    virtualwebauthn.Credential
}

// desk is a server with one holder, whose phone has a key.
type desk struct {
	*passkey.Door
	t      *testing.T
	now    time.Time
	holder passkey.Holder
}

func newDesk(t *testing.T) (*desk, phone) {
	t.Helper()
	d := &desk{t: t, now: time.Now()}
	var err error
	if d.Door, err = passkey.New(page, func() time.Time { return d.now }); err != nil {
		t.Fatal(err)
	}
	d.holder = passkey.Holder{Login: "anna", Name: "Anna"}
	f := phone{
		at:  virtualwebauthn.RelyingParty{Name: "Hemolift", ID: "blood.example", Origin: page},
		key: passkeytest.NewKey(),
	}
	options, id, err := d.Add(d.holder)
	if err != nil {
		t.Fatal(err)
	}
	o, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	f.device = virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(o.UserID)})
	handle, key, err := d.Added(id, d.holder, []byte(virtualwebauthn.CreateAttestationResponse(f.at, f.device, f.key, *o)))
	if err != nil {
		t.Fatal(err)
	}
	d.holder.Handle, d.holder.Keys = handle, []passkey.Key{key}
	return d, f
}

func (d *desk) ask() (id, options string) {
	d.t.Helper()
	text, id, err := d.Ask()
	if err != nil {
		d.t.Fatal(err)
	}
	return id, string(text)
}

// answers signs what is asked with a phone.
func (d *desk) answers(f phone, options string) []byte {
	d.t.Helper()
	o, err := virtualwebauthn.ParseAssertionOptions(options)
	if err != nil {
		d.t.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAssertionResponse(f.at, f.device, f.key, *o))
}

func (d *desk) shown(id string, answer []byte) error {
	h, k, err := d.Shown(id, answer, func(key, _ []byte) (passkey.Holder, error) {
		if string(key) != string(d.holder.Keys[0].ID) {
			return passkey.Holder{}, passkey.ErrRefused
		}
		return d.holder, nil
	})
	if err == nil {
		if h.Login != "anna" {
			d.t.Errorf("shown by %q", h.Login)
		}
		d.holder.Keys[0] = k
	}
	return err
}

// What is no answer to the question is refused: of another site, by another's key, for another
// account, not unlocked by its person, by a copy, late, or given twice.
func TestAPasskeyThatLies(t *testing.T) {
	t.Parallel()
	d, f := newDesk(t)
	f.key.Counter = 50
	id, options := d.ask()
	right := d.answers(f, options)
	if err := d.shown(id, right); err != nil {
		t.Fatal(err)
	}
	if err := d.shown(id, right); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("given twice: %v", err)
	}
	f.key.Counter = 60
	for why, change := range map[string]func(f *phone){
		"another origin":        func(f *phone) { f.at.Origin = "https://b1ood.example" },
		"another port":          func(f *phone) { f.at.Origin = page + ":444" },
		"not encrypted":         func(f *phone) { f.at.Origin = "http://blood.example" },
		"another host":          func(f *phone) { f.at.ID = "example" },
		"a key that nobody has": func(f *phone) { f.key = passkeytest.NewKey() },
		"signed by another key": func(f *phone) {
			id := f.key.ID
			f.key = passkeytest.NewKey()
			f.key.ID = id
		},
		"not unlocked":      func(f *phone) { f.device.Options.UserNotVerified = true },
		"nobody was there":  func(f *phone) { f.device.Options.UserNotPresent = true },
		"another's handle":  func(f *phone) { f.device.Options.UserHandle = []byte("somebody else") },
		"no handle":         func(f *phone) { f.device.Options.UserHandle = nil },
		"the counter stood": func(f *phone) { f.key.Counter = 50 },
		"a copy":            func(f *phone) { f.key.Counter = 7 },
	} {
		lies := f
		change(&lies)
		id, options := d.ask()
		if err := d.shown(id, d.answers(lies, options)); !errors.Is(err, passkey.ErrRefused) {
			t.Errorf("%s: %v", why, err)
		}
	}
	id, options = d.ask()
	other, _ := d.ask()
	right = d.answers(f, options)
	if err := d.shown(other, right); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("to another question: %v", err)
	}
	if err := d.shown("none", right); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("to no question: %v", err)
	}
	d.now = d.now.Add(5 * time.Minute)
	if err := d.shown(id, right); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("late: %v", err)
	}
	d.now = time.Now()
	id, options = d.ask()
	if err := d.shown(id, d.answers(f, options)); err != nil {
		t.Errorf("after all that: %v", err)
	}
}

// Of ten thousand questions that nobody answers the oldest is forgotten, and the newest is not.
func TestQuestionsThatNobodyAnswers(t *testing.T) {
	t.Parallel()
	d, f := newDesk(t)
	first, options := d.ask()
	old := d.answers(f, options)
	var id string
	for range 10_000 {
		d.now = d.now.Add(time.Millisecond)
		id, options = d.ask()
	}
	if err := d.shown(first, old); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("the oldest: %v", err)
	}
	f.key.Counter++
	if err := d.shown(id, d.answers(f, options)); err != nil {
		t.Errorf("the newest: %v", err)
	}
}

// FuzzAnswers: whatever a browser answers, it is refused or taken, and nothing breaks.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"","signature":"","userHandle":""}}`))
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		d, err := passkey.New(page, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		_, id, err := d.Ask()
		if err != nil {
			t.Fatal(err)
		}
		nobody := func(_, _ []byte) (passkey.Holder, error) { return passkey.Holder{}, passkey.ErrRefused }
		if _, _, err := d.Shown(id, answer, nobody); !errors.Is(err, passkey.ErrRefused) {
			t.Errorf("nobody's key: %v", err)
		}
		_, id, err = d.Add(passkey.Holder{Login: "anna", Name: "Anna"})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.Added(id, passkey.Holder{Login: "anna"}, answer); !errors.Is(err, passkey.ErrRefused) {
			t.Errorf("no challenge was signed: %v", err)
		}
	})
}
