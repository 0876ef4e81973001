package provider

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gorilla/securecookie"
	"golang.org/x/oauth2"
)

// Errors of signing in by a provider.
var (
	// ErrUnavailable: the provider does not answer, or not as one.
	ErrUnavailable = errors.New("the identity provider does not answer as it should")
	// ErrOver: the attempt was made elsewhere, or took too long.
	ErrOver = errors.New("this sign-in has run out or was begun elsewhere: begin again")
	// ErrRefused: the provider did not let the person in.
	ErrRefused = errors.New("the identity provider refused")
	// ErrUntrusted: what the provider sent cannot be believed.
	ErrUntrusted = errors.New("what the identity provider says cannot be believed")
)

// Config is which provider, and how it knows this server.
type Config struct {
	Issuer   string         // its address, as it names itself
	ClientID string         // of this server at the provider
	Secret   string         // of this server; empty: a public client
	Callback string         // address of this server that the provider sends browsers back to
	Name     string         // what the page calls the provider
	Claim    string         // whose values a Mapping reads
	Roots    *x509.CertPool // authorities of its certificate; nil: the system's
	Now      func() time.Time
}

// Check refuses what cannot be safe: an address that is not https, but on this machine.
func (c Config) Check() error {
	for what, address := range map[string]string{"issuer": c.Issuer, "callback": c.Callback} {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return fmt.Errorf("%s %q: want an https address", what, address)
		}
		if u.Scheme != "https" && !(u.Scheme == "http" && onThisMachine(u.Hostname())) {
			return fmt.Errorf("%s %q: want https: keys and codes cross the network", what, address)
		}
	}
	switch "" {
	case c.ClientID:
		return errors.New("client id: is missing")
	case c.Claim:
		return errors.New("claim: is missing")
	}
	return nil
}

func onThisMachine(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// Person is whom the provider vouches for.
type Person struct {
	Issuer, Subject string   // who somebody is
	Login           string   // what the provider calls the account; no key
	Name            string   // for people
	Values          []string // of the claim that roles are read from
	Asked           bool     // by the provider, for this sign-in, who it is: it did not only know the browser
}

// Bounds: nobody has the server wait.
const (
	AttemptLife = 10 * time.Minute // for so long may a person take at the provider
	askFor      = 10 * time.Second
	mostBytes   = 1 << 20
)

// Wish is for what a person goes to the provider, beside signing in.
type Wish struct {
	Login   string // of the account; empty: to sign in
	Session string // of that account, in which the person shows anew who it is; empty: the person is joined to the account
	Page    string // names the page that waits for that
}

// attempt is a sign-in under way. The browser keeps it, sealed: the server remembers none, so that
// nobody fills its memory with them.
type attempt struct {
	State, Nonce, Verifier string
	Wish                   Wish
	Begun                  time.Time
}

const attemptName = "attempt"

// Provider signs people in. Its methods may be called at once.
type Provider struct {
	Config
	client *http.Client
	seal   *securecookie.SecureCookie // with keys of this run of the server

	mu    sync.Mutex
	known *oidc.Provider // as it described itself when it was first asked
}

// New is a provider that was not asked anything yet.
func New(c Config) (*Provider, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if issuer, _ := url.Parse(c.Issuer); c.Name == "" {
		c.Name = issuer.Hostname()
	}
	keys := make([]byte, 64)
	if _, err := rand.Read(keys); err != nil {
		return nil, err
	}
	tls := http.DefaultTransport.(*http.Transport).Clone()
	tls.TLSClientConfig.RootCAs = c.Roots
	return &Provider{
		Config: c, seal: securecookie.New(keys[:32], keys[32:]).MaxAge(0), // Until counts
		client: &http.Client{Timeout: askFor, Transport: bounded{tls}, CheckRedirect: sameHost},
	}, nil
}

// described asks the provider, once, what it is.
func (p *Provider) described(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	known := p.known
	p.mu.Unlock()
	if known != nil {
		return known, nil
	}
	// The keys are fetched with this context later on: it must not end with the request.
	known, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	p.mu.Lock()
	p.known = known
	p.mu.Unlock()
	return known, nil
}

func (p *Provider) flow(of *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: of.Endpoint(), RedirectURL: p.Callback,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}
}

// Begin is where a browser goes, and what it keeps meanwhile. Who is to show anew who it is, the provider is
// to ask though it knows the browser. ErrUnavailable.
func (p *Provider) Begin(ctx context.Context, wish Wish) (address, binding string, err error) {
	of, err := p.described(ctx)
	if err != nil {
		return "", "", err
	}
	a := attempt{ // 32 random bytes each
		State: oauth2.GenerateVerifier(), Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier(),
		Wish: wish, Begun: p.Now(),
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)}
	if wish.Session != "" { // Core 1.0, 3.1.2.1
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	if binding, err = p.seal.Encode(attemptName, a); err != nil {
		return "", "", err
	}
	return p.flow(of).AuthCodeURL(a.State, options...), binding, nil
}

// opened is the attempt that a browser keeps; ErrOver when it is not the one that the provider answers.
func (p *Provider) opened(binding, state string) (a attempt, err error) {
	if p.seal.Decode(attemptName, binding, &a) != nil {
		return attempt{}, ErrOver
	}
	if p.Now().Sub(a.Begun) >= AttemptLife || subtle.ConstantTimeCompare([]byte(a.State), []byte(state)) == 0 {
		return a, ErrOver
	}
	return a, nil
}

// Answer is what the provider sent a browser back with.
type Answer struct{ State, Code, Fault string }

// Finish is whom the provider vouches for, and for what the person came, which is told of one that
// was refused too. ErrOver, ErrRefused, ErrUntrusted or ErrUnavailable.
func (p *Provider) Finish(ctx context.Context, binding string, said Answer) (who Person, wish Wish, err error) {
	a, err := p.opened(binding, said.State)
	if err == nil {
		who, err = p.finish(ctx, a, said)
	}
	return who, a.Wish, err
}

func (p *Provider) finish(ctx context.Context, a attempt, said Answer) (who Person, err error) {
	if said.Fault != "" || said.Code == "" {
		return who, fmt.Errorf("%w: %.100q", ErrRefused, said.Fault)
	}
	of, err := p.described(ctx)
	if err != nil {
		return who, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	tokens, err := p.flow(of).Exchange(ctx, said.Code, oauth2.VerifierOption(a.Verifier))
	if refused := (*oauth2.RetrieveError)(nil); errors.As(err, &refused) && refused.Response.StatusCode < http.StatusInternalServerError {
		return who, fmt.Errorf("%w: %.100q", ErrRefused, refused.ErrorCode)
	} else if err != nil {
		return who, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	token, err := of.Verifier(&oidc.Config{ClientID: p.ClientID, Now: p.Now}).Verify(ctx, raw)
	if err == nil && subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(a.Nonce)) == 0 {
		err = errors.New("the nonce is another one")
	}
	if err != nil {
		return who, fmt.Errorf("%w: %w", ErrUntrusted, err)
	}
	shown := p.shown(a, token)
	if shown != nil && a.Wish.Session != "" {
		return who, fmt.Errorf("%w: %w", ErrUntrusted, shown)
	}
	who, err = p.person(ctx, of, token, tokens)
	who.Asked = shown == nil
	return who, err
}

// clocksApart is how far the provider's clock may be from this server's.
const clocksApart = time.Minute

// shown refuses a person whom the provider let through as it knew the browser.
func (p *Provider) shown(a attempt, token *oidc.IDToken) error {
	var said struct {
		At int64 `json:"auth_time"` // seconds of Unix
	}
	switch err := token.Claims(&said); {
	case err != nil:
		return err
	case said.At == 0:
		return errors.New("it does not say when the person showed who it is (auth_time)")
	case time.Unix(said.At, 0).Before(a.Begun.Add(-clocksApart)):
		return errors.New("it did not ask the person again")
	case time.Unix(said.At, 0).After(p.Now().Add(clocksApart)):
		return errors.New("it says that the person shows it later (auth_time)")
	}
	return nil
}

// person reads who a token is of. What the token leaves out, the provider is asked for.
func (p *Provider) person(ctx context.Context, of *oidc.Provider, token *oidc.IDToken, tokens *oauth2.Token) (Person, error) {
	said := map[string]any{}
	if err := token.Claims(&said); err != nil {
		return Person{}, fmt.Errorf("%w: %w", ErrUntrusted, err)
	}
	if said["preferred_username"] == nil || said[p.Claim] == nil {
		more, err := of.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
		asked := map[string]any{}
		if err == nil {
			err = more.Claims(&asked)
		}
		if err != nil {
			return Person{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		if more.Subject != token.Subject { // Core 1.0, 5.3.2
			return Person{}, fmt.Errorf("%w: it tells of another person", ErrUntrusted)
		}
		for claim, value := range asked {
			if said[claim] == nil {
				said[claim] = value
			}
		}
	}
	who := Person{Issuer: token.Issuer, Subject: token.Subject, Values: values(said[p.Claim])}
	if who.Subject == "" || len(who.Subject) > 255 { // Core 1.0, 2
		return Person{}, fmt.Errorf("%w: a subject has 1 to 255 characters", ErrUntrusted)
	}
	for _, claim := range []string{"preferred_username", "email"} {
		if text, _ := said[claim].(string); who.Login == "" {
			who.Login = LoginOf(text)
		}
	}
	if who.Login == "" {
		sum := sha256.Sum256([]byte(who.Issuer + " " + who.Subject))
		who.Login = "p-" + hex.EncodeToString(sum[:6])
	}
	who.Name, _ = said["name"].(string)
	return who, nil
}

// values are those of a claim that is one text or a list of them.
func values(claim any) (list []string) {
	switch c := claim.(type) {
	case string:
		return []string{c}
	case []any:
		for _, v := range c {
			if text, ok := v.(string); ok {
				list = append(list, text)
			}
		}
	}
	return list
}
