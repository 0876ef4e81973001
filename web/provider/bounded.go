package provider

import (
	"errors"
	"io"
	"net/http"
)

// bounded reads no more of an answer than a provider has reason to say.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.next.RoundTrip(r)
	if err == nil {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(answer.Body, mostBytes), answer.Body}
	}
	return answer, err
}

// sameHost follows a provider's redirects to itself alone: it leads the server nowhere else.
func sameHost(r *http.Request, via []*http.Request) error {
	if first := via[0].URL; r.URL.Host != first.Host || r.URL.Scheme != first.Scheme || len(via) > 3 {
		return errors.New("the provider leads elsewhere")
	}
	return nil
}
