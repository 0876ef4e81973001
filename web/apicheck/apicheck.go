// Package apicheck compares what the server answers with web/api.yaml, for tests: a
// transport that looks at every answer on its way. An answer of the API under a status,
// a type of content or a shape that the description does not have is a fault of one of
// the two.
package apicheck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	prefix  = "/api/v1/"
	feed    = "/api/v1/live" // a WebSocket, which the description leaves out
	maxBody = 64 << 20
)

// What is no JSON is compared by its type only.
func init() { openapi3filter.RegisterBodyDecoder("image/svg+xml", openapi3filter.FileBodyDecoder) }

// Transport passes requests on and tells of answers that the description does not have.
type Transport struct {
	// Next makes the requests; Complain is told of each fault, from any goroutine.
	Next     http.RoundTripper
	Complain func(error)

	router routers.Router
	mu     sync.Mutex
	seen   map[string]int
}

// New reads an OpenAPI description from a file.
func New(file string, next http.RoundTripper, complain func(error)) (*Transport, error) {
	doc, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, err
	}
	closed(doc)
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, err
	}
	return &Transport{Next: next, Complain: complain, router: router, seen: map[string]int{}}, nil
}

// closed has the description's objects hold what it names and nothing else: what clients
// must bear from later versions, this version must not send.
func closed(doc *openapi3.T) {
	no := false
	for _, s := range doc.Components.Schemas {
		if s.Value.Properties != nil {
			s.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
		}
	}
}

// Seen are the operationIds whose answers were compared, with how many.
func (t *Transport) Seen() map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	seen := map[string]int{}
	for op, n := range t.seen {
		seen[op] = n
	}
	return seen
}

// RoundTrip makes a request and compares its answer.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := t.Next.RoundTrip(r)
	if err != nil || !strings.HasPrefix(r.URL.Path, prefix) || r.URL.Path == feed || r.Method == http.MethodHead { // no body
		return res, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	plain, err := unpacked(res.Header.Get("Content-Encoding"), body)
	if err == nil {
		err = t.compare(r, res, plain)
	}
	if err != nil {
		t.Complain(fmt.Errorf("%s %s answered %d: %w", r.Method, r.URL.Path, res.StatusCode, err))
	}
	return res, nil
}

// unpacked is a body as it was before it was compressed for the way.
func unpacked(encoding string, body []byte) ([]byte, error) {
	switch encoding {
	case "gzip":
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(io.LimitReader(r, maxBody))
	case "zstd":
		r, err := zstd.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return io.ReadAll(io.LimitReader(r, maxBody))
	}
	return body, nil
}

func (t *Transport) compare(r *http.Request, res *http.Response, body []byte) error {
	route, params, err := t.router.FindRoute(r)
	if err != nil {
		if res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusMethodNotAllowed {
			return nil // nothing is promised there, and nothing was given
		}
		return err
	}
	t.mu.Lock()
	t.seen[route.Operation.OperationID]++
	t.mu.Unlock()
	err = openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 res.StatusCode,
		Header:                 res.Header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true},
	})
	var shape *openapi3.SchemaError
	if errors.As(err, &shape) { // in a line, without the schema and the value
		err = fmt.Errorf("at /%s: %s", strings.Join(shape.JSONPointer(), "/"), shape.Reason)
	}
	if err == nil && len(body) > 0 && res.Header.Get("Content-Type") == "" {
		err = errors.New("a body without a Content-Type")
	}
	return err
}
