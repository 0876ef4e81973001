package web

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/go-json-experiment/json/jsontext"

	"hemolift/dispatch/refusal"
)

//go:embed api.yaml
var description []byte

// newDescription reads the description of the API, which is part of the program.
func newDescription() routers.Router {
	doc, err := openapi3.NewLoader().LoadFromData(description)
	if err == nil {
		var r routers.Router
		if r, err = gorillamux.NewRouter(doc); err == nil {
			return r
		}
	}
	panic(err) // it is tested
}

type routeKey struct{}

// described holds requests against the description of the API: what their path, query and
// headers may be is looked at here, and their bodies in decode.
func (s *Server) described(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/") {
			next.ServeHTTP(w, r)
			return
		}
		if isFeed(r) { // which the description cannot hold; live reads its parameter
			if name := unknownQuery(r, map[string]bool{"after": true}); name != "" {
				s.fail(w, r, fieldError{name, "is no parameter of this operation"})
				return
			}
			next.ServeHTTP(w, r)
			return
		}
		asked := r
		if r.Method == http.MethodHead { // which a GET answers
			asked = r.Clone(r.Context())
			asked.Method = http.MethodGet
		}
		route, params, err := s.description.FindRoute(asked)
		if err != nil { // nothing goes past the description, however it is spelt
			s.fail(w, r, refusal.ErrNotFound)
			return
		}
		if name := unknownQuery(r, parametersOf(route)); name != "" {
			s.fail(w, r, fieldError{name, "is no parameter of this operation"})
			return
		}
		err = openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
			Request: r, PathParams: params, Route: route,
			Options: &openapi3filter.Options{ExcludeRequestBody: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
		})
		if err != nil {
			s.fail(w, r, badInput(err))
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), routeKey{}, route)))
	})
}

// parametersOf are the names that an operation's query may have.
func parametersOf(route *routers.Route) map[string]bool {
	known := map[string]bool{}
	for _, list := range []openapi3.Parameters{route.PathItem.Parameters, route.Operation.Parameters} {
		for _, p := range list {
			if p.Value != nil && p.Value.In == openapi3.ParameterInQuery {
				known[p.Value.Name] = true
			}
		}
	}
	return known
}

// unknownQuery is a name in a request's query that its operation does not have, or one that
// is there twice: what is not read must not look as if it were.
func unknownQuery(r *http.Request, known map[string]bool) string {
	for _, name := range slices.Sorted(maps.Keys(r.URL.Query())) {
		if !known[name] || len(r.URL.Query()[name]) > 1 {
			return name
		}
	}
	return ""
}

// badInput names the parameter that is not as described.
func badInput(err error) error {
	var request *openapi3filter.RequestError
	if !errors.As(err, &request) || request.Parameter == nil {
		return fieldError{"parameters", "are not as described"}
	}
	reason := request.Reason
	if shape := (*openapi3.SchemaError)(nil); errors.As(err, &shape) {
		reason = shape.Reason
	}
	if errors.Is(err, openapi3filter.ErrInvalidRequired) {
		reason = "is missing"
	}
	if at := strings.LastIndex(reason, "at '': "); at >= 0 { // of several lines, the one that says it
		reason = reason[at+len("at '': "):]
	}
	return fieldError{request.Parameter.Name, reason}
}

// conforms holds a body against the description of the operation that it is sent to.
func conforms(r *http.Request, body []byte) error {
	route, known := r.Context().Value(routeKey{}).(*routers.Route)
	if !known || route.Operation.RequestBody == nil {
		return nil
	}
	media := route.Operation.RequestBody.Value.GetMediaType("application/json")
	if media == nil {
		return nil
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return fieldError{"body", "is not JSON"}
	}
	err := media.Schema.Value.VisitJSON(value, openapi3.VisitAsRequest())
	var shape *openapi3.SchemaError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &shape):
		return refusal.OfField(fieldAt(jsontext.Pointer("/"+strings.Join(shape.JSONPointer(), "/"))), shape.Reason)
	}
	return fmt.Errorf("body: %w", err)
}
