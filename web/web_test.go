package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hemolift/web/api"
)

const goodOrder = `{"hospital":"SY06","pad":"SY06-P1","component":"red_cells","blood_group":"O+","units":2,"urgency":"stat","needed_by":"2026-01-01T00:00:00Z"}`

func TestDecodeNamesTheField(t *testing.T) {
	tests := []struct{ name, body, ct, field string }{
		{"good", goodOrder, "application/json", ""},
		{"content type", goodOrder, "text/plain", "Content-Type"},
		{"not JSON", `{`, "application/json", "body"},
		{"empty", ``, "application/json", "body"},
		{"text for a number", strings.Replace(goodOrder, `"units":2`, `"units":"2"`, 1), "application/json", "units"},
		{"fraction", strings.Replace(goodOrder, `"units":2`, `"units":2.5`, 1), "application/json", "units"},
		{"unknown field", strings.Replace(goodOrder, `"units":2`, `"units":2,"name":"x"`, 1), "application/json", "name"},
		{"time", strings.Replace(goodOrder, "2026-01-01T00:00:00Z", "soon", 1), "application/json", "needed_by"},
		{"twice", strings.Replace(goodOrder, `"units":2`, `"units":2,"units":3`, 1), "application/json", "units"},
		{"in another case", strings.Replace(goodOrder, `"units":2`, `"Units":2`, 1), "application/json", "Units"},
		{"deep down", strings.Replace(goodOrder, `"units":2`, `"units":2,"patient":{"sex":"female","sex":"male"}`, 1), "application/json", "patient.sex"},
		{"no Unicode", strings.Replace(goodOrder, "SY06-P1", "SY06\xff", 1), "application/json", "body"},
		{"half a character", strings.Replace(goodOrder, "SY06-P1", `\ud800`, 1), "application/json", "body"},
		{"NUL", strings.Replace(goodOrder, "SY06-P1", `SY\u0000`, 1), "application/json", "body"},
		{"two objects", goodOrder + goodOrder, "application/json", "body"},
		{"array", `[1]`, "application/json", "body"},
	}
	for _, tt := range tests {
		r := httptest.NewRequest("POST", "/", strings.NewReader(tt.body))
		r.Header.Set("Content-Type", tt.ct)
		var o api.NewRequest
		_, err := decode(httptest.NewRecorder(), r, &o)
		p := api.Problem{}
		if err != nil {
			p = problemOf(err)
		}
		switch {
		case tt.field == "" && err != nil:
			t.Errorf("%s: refused: %v", tt.name, err)
		case tt.field != "" && (p.Field == nil || *p.Field != tt.field || p.Status != http.StatusBadRequest):
			t.Errorf("%s: got %v, want a problem with field %s", tt.name, err, tt.field)
		}
	}
}

func TestHugeBodyIsRefused(t *testing.T) {
	r := httptest.NewRequest("POST", "/", bytes.NewReader(bytes.Repeat([]byte(" "), maxBody+1)))
	r.Header.Set("Content-Type", "application/json")
	var o api.NewRequest
	_, err := decode(httptest.NewRecorder(), r, &o)
	if p := problemOf(err); p.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("got %+v", p)
	}
}

func TestSameMeaningSameHash(t *testing.T) {
	hash := func(body string) string {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		var o api.NewRequest
		h, err := decode(httptest.NewRecorder(), r, &o)
		if err != nil {
			t.Fatal(err)
		}
		return string(h)
	}
	if hash(goodOrder) != hash(strings.ReplaceAll(goodOrder, ",", ",\n ")) {
		t.Error("white space changes the hash")
	}
	if hash(goodOrder) == hash(strings.Replace(goodOrder, ":2", ":3", 1)) {
		t.Error("another body has the same hash")
	}
}

func TestInternalErrorsTellNothing(t *testing.T) {
	p := problemOf(http.ErrHandlerTimeout)
	if p.Status != 500 || p.Detail != nil {
		t.Errorf("got %+v", p)
	}
}

func FuzzDecodeOrder(f *testing.F) {
	f.Add([]byte(goodOrder))
	f.Fuzz(func(t *testing.T, body []byte) {
		var o api.NewRequest
		if err := decodeStrict(body, &o); err != nil {
			if p := problemOf(err); p.Status != http.StatusBadRequest {
				t.Fatalf("%q: got %+v", body, p)
			}
			return
		}
		again, err := json.Marshal(askedView(askedOf(o)))
		if err != nil {
			return // a time beyond year 9999
		}
		var back api.NewRequest
		if err := decodeStrict(again, &back); err != nil {
			t.Fatalf("does not survive a round trip: %v", err)
		}
	})
}
