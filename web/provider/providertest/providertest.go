// Package providertest runs a real identity provider for tests, which can be made to lie.
package providertest

import (
	"bytes"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The people of the provider have one password. The first is TestUser with the e-mail Email.
const (
	ClientID = "hemolift"
	Secret   = "a secret of tests"
	Password = "verysecure"
	Email    = "test-user@zitadel.ch"
	Other    = "test-user2" // with the e-mail OtherEmail

	OtherEmail = "test-user2@zitadel.ch"
)

// Provider is one that runs until the test ends.
type Provider struct {
	URL string
	// Lie changes an answer before it is sent: the path that was asked, and the body. It is set
	// before the provider is asked.
	Lie func(path string, body []byte) []byte
}

// User is the first person's name at the provider.
func (p *Provider) User() string { return "test-user@127.0.0.1" }

// New starts a provider that knows one client, whose browsers come back to callback.
func New(t testing.TB, callback string) *Provider {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	p := &Provider{URL: "http://" + server.Listener.Addr().String()}
	storage.RegisterClients(storage.WebClient(ClientID, Secret, callback))
	honest := exampleop.SetupServer(p.URL, storage.NewStorage(storage.NewUserStore(p.URL)), nil, false, op.WithAllowInsecure())
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.Lie == nil {
			honest.ServeHTTP(w, r)
			return
		}
		said := httptest.NewRecorder()
		said.Body = &bytes.Buffer{}
		honest.ServeHTTP(said, r)
		body := p.Lie(r.URL.Path, said.Body.Bytes())
		for name, values := range said.Header() {
			if name != "Content-Length" {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(said.Code)
		_, _ = w.Write(body)
	})
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return p
}

// Browser goes from page to page, as far as an address that begins with stop, which it does not open.
func Browser(t testing.TB, stop string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), stop) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

// SignIn follows an address to the provider's form, fills it in, and returns where the browser was
// sent to last.
func (p *Provider) SignIn(t testing.TB, browser *http.Client, address, user string) *url.URL {
	t.Helper()
	form, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	_ = form.Body.Close()
	id := form.Request.URL.Query().Get("authRequestID")
	if !strings.HasPrefix(form.Request.URL.Path, "/login") || id == "" {
		t.Fatalf("no form of the provider: %s", form.Request.URL)
	}
	answer, err := browser.PostForm(p.URL+"/login/username", url.Values{"id": {id}, "username": {user}, "password": {Password}})
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if to, err := answer.Location(); err == nil {
		return to
	}
	return answer.Request.URL
}
