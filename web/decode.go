package web

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	types "github.com/oapi-codegen/runtime/types"

	"hemolift/telemetry/stated"
)

// maxBody bounds a request's body; a list of 1000 units fits.
const maxBody = 512 << 10

// decode reads one JSON object into v. Unknown and repeated fields, names in another case,
// text that is no Unicode, trailing data and wrong types are refused, naming the field. The
// hash is of the body's meaning: of its compact form, so that white space does not matter.
func decode(w http.ResponseWriter, r *http.Request, v any) (hash []byte, err error) {
	return decodeUpTo(w, r, maxBody, v)
}

// decodeUpTo is decode with another bound of the body, in bytes.
func decodeUpTo(w http.ResponseWriter, r *http.Request, most int64, v any) (hash []byte, err error) {
	if ct := r.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		return nil, fieldError{"Content-Type", fmt.Sprintf("is %q, want application/json", ct)}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err != nil {
		return nil, err
	}
	if bytes.Contains(body, []byte(`\u0000`)) { // which Postgres does not keep
		return nil, fieldError{"body", "holds a NUL character"}
	}
	if err := decodeStrict(body, v); err != nil {
		return nil, err
	}
	if err := conforms(r, body); err != nil {
		return nil, err
	}
	compact := jsontext.Value(body)
	if err := compact.Compact(); err != nil {
		return nil, fieldError{"body", "is not JSON"}
	}
	sum := sha256.Sum256(compact)
	return sum[:], nil
}

func decodeStrict(body []byte, v any) error {
	err := json.Unmarshal(body, v, json.RejectUnknownMembers(true), json.WithUnmarshalers(times))
	var syntax *jsontext.SyntacticError
	var meaning *json.SemanticError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax) && errors.Is(err, jsontext.ErrDuplicateName):
		return fieldError{fieldAt(syntax.JSONPointer), "is given more than once"}
	case errors.As(err, &syntax):
		return fieldError{"body", "is not JSON, or holds more than one object"}
	case !errors.As(err, &meaning):
		return fieldError{"body", "cannot be read"}
	case errors.Is(err, json.ErrUnknownName):
		return fieldError{fieldAt(meaning.JSONPointer), "is unknown"}
	case errors.As(err, new(*time.ParseError)):
		return fieldError{fieldAt(meaning.JSONPointer), "is no time in RFC 3339, as 2026-01-02T15:04:05Z"}
	case meaning.Err != nil:
		return fieldError{fieldAt(meaning.JSONPointer), meaning.Err.Error()}
	}
	return fieldError{fieldAt(meaning.JSONPointer), fmt.Sprintf("is a %s, want %s", meaning.JSONKind, wantedOf(meaning.GoType))}
}

// wantedOf is a type as JSON has it.
func wantedOf(t reflect.Type) string {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil {
		return "another value"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Float32, reflect.Float64:
		return "a number"
	default:
		return "a whole number"
	}
}

// times bounds every time and every day that a body states.
var times = json.JoinUnmarshalers(
	json.UnmarshalFunc(func(text []byte, at *time.Time) error {
		if err := at.UnmarshalJSON(text); err != nil {
			return err
		}
		return stated.Check(*at)
	}),
	json.UnmarshalFunc(func(text []byte, day *types.Date) error {
		if err := day.UnmarshalJSON(text); err != nil {
			return err
		}
		return stated.Check(day.Time)
	}),
)

// fieldAt names a place in a body as people write it: units[2].key.
func fieldAt(p jsontext.Pointer) string {
	var b strings.Builder
	for token := range p.Tokens() {
		if i, err := strconv.Atoi(token); err == nil {
			fmt.Fprintf(&b, "[%d]", i)
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(token)
	}
	if b.Len() == 0 {
		return "body"
	}
	return b.String()
}
