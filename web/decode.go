package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxBody bounds a request's body; a list of 1000 units fits.
const maxBody = 512 << 10

// decode reads one JSON object into v. Unknown fields, trailing data and wrong
// types are refused, naming the field. The hash is of the body's meaning: of its
// compact form, so that white space does not matter.
func decode(w http.ResponseWriter, r *http.Request, v any) (hash []byte, err error) {
	if ct := r.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		return nil, fieldError{"Content-Type", fmt.Sprintf("is %q, want application/json", ct)}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, err
	}
	if bytes.Contains(body, []byte(`\u0000`)) { // which Postgres does not keep
		return nil, fieldError{"body", "holds a NUL character"}
	}
	if err := decodeStrict(body, v); err != nil {
		return nil, err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, body); err != nil {
		return nil, fieldError{"body", "is not JSON"}
	}
	sum := sha256.Sum256(compact.Bytes())
	return sum[:], nil
}

func decodeStrict(body []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	var typ *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case err == nil:
	case errors.As(err, &typ):
		field := typ.Field
		if field == "" {
			field = "body"
		}
		return fieldError{field, fmt.Sprintf("is a %s, want %s", typ.Value, typ.Type)}
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fieldError{"body", "is not JSON"}
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return fieldError{strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`), "is unknown"}
	default: // time.Time and other types of their own
		return fieldError{"body", strings.TrimPrefix(err.Error(), "json: ")}
	}
	if d.More() {
		return fieldError{"body", "holds more than one object"}
	}
	return nil
}
