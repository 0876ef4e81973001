package passkey

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// ErrRefused means that what a browser showed is no answer to what it was asked.
var ErrRefused = errors.New("this passkey was not accepted: try again")

// Holder is who holds passkeys.
type Holder struct {
	Handle []byte // random; names the account to authenticators; nil: it has no key yet
	Login  string
	Name   string
	Keys   []Key
}

// Key is the public half of a passkey.
type Key struct {
	ID   []byte
	Kept []byte // JSON as go-webauthn has it, with the counter and the flags
}

const (
	answerWithin = 5 * time.Minute
	mostPending  = 10_000
	handleBytes  = 32
)

// Door asks browsers for passkeys of one address.
type Door struct {
	web *webauthn.WebAuthn
	now func() time.Time

	mu      sync.Mutex
	pending map[string]ceremony
}

// ceremony is what was asked of a browser.
type ceremony struct {
	login string // whose key is to be made; empty: a key is to be shown
	asked webauthn.SessionData
	until time.Time
}

// New takes the address of the server as browsers know it: https, or http of localhost.
func New(page string, now func() time.Time) (*Door, error) {
	u, err := url.Parse(page)
	switch {
	case err != nil || u.Host == "" || u.Path != "" && u.Path != "/":
		return nil, fmt.Errorf("%q is no address of a page: want https://HOST", page)
	case net.ParseIP(u.Hostname()) != nil:
		return nil, fmt.Errorf("%s names a host by its number: passkeys belong to a name", page)
	case u.Scheme != "https" && u.Hostname() != "localhost":
		return nil, fmt.Errorf("%s is not encrypted: want https", page)
	}
	within := webauthn.TimeoutConfig{Enforce: true, Timeout: answerWithin, TimeoutUVD: answerWithin}
	web, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "Hemolift", RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: within, Registration: within},
	})
	if err != nil {
		return nil, err
	}
	return &Door{web: web, now: now, pending: map[string]ceremony{}}, nil
}

// Add asks for a new key of a holder, who is given a handle with the first. id names the question, to
// this browser alone.
func (d *Door) Add(h Holder) (options []byte, id string, err error) {
	if h.Handle == nil {
		h.Handle = make([]byte, handleBytes)
		_, _ = rand.Read(h.Handle) // it never fails
	}
	held, err := h.user()
	if err != nil {
		return nil, "", err
	}
	var not []protocol.CredentialDescriptor
	for _, c := range held.WebAuthnCredentials() {
		not = append(not, c.Descriptor())
	}
	o, asked, err := d.web.BeginRegistration(held, webauthn.WithExclusions(not))
	if err != nil {
		return nil, "", err
	}
	return d.keep(o, ceremony{login: h.Login, asked: *asked})
}

// Added takes the key that was made for a question, and tells its holder's handle. The error wraps
// ErrRefused.
func (d *Door) Added(id string, h Holder, answer []byte) (handle []byte, k Key, err error) {
	c, asked := d.take(id)
	if !asked || c.login != h.Login {
		return nil, k, ErrRefused
	}
	h.Handle = c.asked.UserID
	held, err := h.user()
	if err != nil {
		return nil, k, err
	}
	said, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, k, fmt.Errorf("%w (%w)", ErrRefused, err)
	}
	made, err := d.web.CreateCredential(held, c.asked, said)
	if err != nil {
		return nil, k, fmt.Errorf("%w (%w)", ErrRefused, err)
	}
	k, err = keyOf(made)
	return h.Handle, k, err
}

// Ask asks for any key of this address.
func (d *Door) Ask() (options []byte, id string, err error) {
	o, asked, err := d.web.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", err
	}
	return d.keep(o, ceremony{asked: *asked})
}

// Shown returns whose key answered a question, and the key as it is to be kept now; find looks the
// holder up. The error wraps ErrRefused, or is find's.
func (d *Door) Shown(id string, answer []byte, find func(key, handle []byte) (Holder, error)) (h Holder, k Key, err error) {
	c, asked := d.take(id)
	if !asked || c.login != "" {
		return h, k, ErrRefused
	}
	said, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return h, k, fmt.Errorf("%w (%w)", ErrRefused, err)
	}
	var fault error
	_, used, err := d.web.ValidatePasskeyLogin(func(key, handle []byte) (webauthn.User, error) {
		if h, fault = find(key, handle); fault != nil {
			return nil, fault
		}
		if !bytes.Equal(h.Handle, handle) {
			return nil, ErrRefused
		}
		return h.user()
	}, c.asked, said)
	switch {
	case fault != nil:
		return h, k, fault
	case err != nil:
		return h, k, fmt.Errorf("%w (%w)", ErrRefused, err)
	case used.Authenticator.CloneWarning:
		return h, k, fmt.Errorf("%w (its counter went back: it may have been copied)", ErrRefused)
	}
	k, err = keyOf(used)
	return h, k, err
}

// keep has a question wait for its answer; of too many the one that waited longest is forgotten.
func (d *Door) keep(options any, c ceremony) (text []byte, id string, err error) {
	if text, err = json.Marshal(options); err != nil {
		return nil, "", err
	}
	id, c.until = rand.Text(), d.now().Add(answerWithin)
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.pending) >= mostPending {
		oldest := ""
		for id, p := range d.pending {
			if oldest == "" || p.until.Before(d.pending[oldest].until) {
				oldest = id
			}
		}
		delete(d.pending, oldest)
	}
	d.pending[id] = c
	return text, id, nil
}

// take ends a question.
func (d *Door) take(id string) (ceremony, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, asked := d.pending[id]
	delete(d.pending, id)
	return c, asked && d.now().Before(c.until)
}

func keyOf(c *webauthn.Credential) (Key, error) {
	kept, err := json.Marshal(c)
	return Key{ID: c.ID, Kept: kept}, err
}

// user is a holder as go-webauthn asks about one.
func (h Holder) user() (webauthn.User, error) {
	u := user{Holder: h}
	for _, k := range h.Keys {
		var c webauthn.Credential
		if err := json.Unmarshal(k.Kept, &c); err != nil {
			return nil, fmt.Errorf("a passkey of %s: %w", h.Login, err)
		}
		u.keys = append(u.keys, c)
	}
	return u, nil
}

type user struct {
	Holder
	keys []webauthn.Credential
}

func (u user) WebAuthnID() []byte                         { return u.Handle }
func (u user) WebAuthnName() string                       { return u.Login }
func (u user) WebAuthnDisplayName() string                { return u.Name }
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.keys }
