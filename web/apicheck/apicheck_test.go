package apicheck_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hemolift/web/apicheck"
)

func TestWhatTheDescriptionDoesNotHaveIsTold(t *testing.T) {
	const asJSON, asProblem = "application/json", "application/problem+json"
	tests := []struct {
		name, path, kind, body string
		status                 int
		fault                  string // empty: as described
	}{
		{"as described", "/api/v1/events", asJSON, `[{"seq":1,"at":"2026-01-01T00:00:00Z","kind":"k","actor":"a","subject":"s","detail":{"d":"d"}}]`, 200, ""},
		{"nothing", "/api/v1/session", "", "", 204, ""},
		{"a problem", "/api/v1/events", asProblem, `{"type":"/problems/x","title":"t","status":403}`, 403, ""},
		{"a picture", "/api/v1/deliveries/D/coldchain", "image/svg+xml", `<svg/>`, 200, ""},
		{"a field is missing", "/api/v1/events", asJSON, `[{"seq":1}]`, 200, "at /0/at: "},
		{"a field of another type", "/api/v1/events", asJSON, `{}`, 200, "must be an array"},
		{"a field too many", "/api/v1/boxes/B/calibrations", asJSON, `[{"probe":"p","certificate":"c","calibrated_on":"2026-01-01","due_on":"2027-01-01","recorded_by":"b","recorded_at":"2026-01-01T00:00:00Z","more":1}]`, 200, "more"},
		{"a word that is none", "/api/v1/session", asJSON, `{"login":"a","name_zh":"a","name_en":"a","role":"r","role_zh":"r","role_en":"r","site":"","page":"else","may":[]}`, 200, "page"},
		{"another type of content", "/api/v1/events", "text/html", `<p>`, 200, "Content-Type"},
		{"a path that is none", "/api/v1/secrets", asJSON, `{}`, 200, "no matching operation"},
		{"none, and says so", "/api/v1/secrets", asProblem, `{}`, 404, ""},
		{"no business of the API", "/healthz", "text/html", `<p>`, 200, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.kind)
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}))
			defer server.Close()
			var told []error
			checked, err := apicheck.New("../api.yaml", http.DefaultTransport, func(err error) { told = append(told, err) })
			if err != nil {
				t.Fatal(err)
			}
			res, err := (&http.Client{Transport: checked}).Get(server.URL + tt.path)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if body, err := io.ReadAll(res.Body); err != nil || string(body) != tt.body {
				t.Errorf("the answer came as %q, %v", body, err)
			}
			switch {
			case tt.fault == "" && len(told) > 0:
				t.Errorf("told %v", told)
			case tt.fault != "" && (len(told) != 1 || !strings.Contains(told[0].Error(), tt.fault)):
				t.Errorf("told %v, want one fault with %q", told, tt.fault)
			}
		})
	}
}
