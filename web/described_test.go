package web

import (
	"net/http"
	"strings"
	"testing"

	"hemolift/dispatch/desktest"
)

// What is not as api.yaml has it is refused, naming the place: parameters and bodies.
func TestRequestsAreAsDescribed(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna, ward, admin := d.as(desktest.Anna), d.as(desktest.Ward), d.as(root)
	long := strings.Repeat("x", 600)
	for _, tt := range []struct {
		who          person
		method, path string
		body         any
		status       int
		field        string
	}{
		{anna, "GET", "/events?limit=many", nil, 400, "limit"},
		{anna, "GET", "/events?limit=0", nil, 400, "limit"},
		{anna, "GET", "/events?AFTER=5", nil, 400, "AFTER"},
		{anna, "GET", "/events?after=5&nope=1", nil, 400, "nope"},
		{anna, "GET", "/events?after=5&after=6", nil, 400, "after"},
		{anna, "GET", "/live?AFTER=5", nil, 400, "AFTER"},
		{ward, "POST", "/deliveries/D-1/logger?logger=BX-1&Unit=f", nil, 400, "Unit"},
		{anna, "GET", "/requests?limit=501", nil, 400, "limit"},
		{anna, "GET", "/zones?format=kml", nil, 400, "format"},
		{anna, "GET", "/requests/" + long, nil, 400, "id"},
		{anna, "DELETE", "/closures/seven", nil, 400, "id"},
		{anna, "POST", "/days/2026-13-45", `{}`, 400, "date"},
		{ward, "POST", "/requests", `{}`, 400, "Idempotency-Key"},
		{ward, "POST", "/estimates", `{}`, 422, "hospital"},
		{ward, "POST", "/estimates", `{"hospital":"SY06","pad":"SY06-P1","component":"milk","blood_group":"O+","units":1,"urgency":"stat","needed_by":"2026-11-22T08:00:00Z"}`, 422, "component"},
		{ward, "POST", "/estimates", `{"hospital":"SY06","pad":"SY06-P1","component":"red_cells","blood_group":"O+","units":21,"urgency":"stat","needed_by":"2026-11-22T08:00:00Z"}`, 422, "units"},
		{ward, "POST", "/estimates", `{"hospital":"` + long + `","pad":"SY06-P1","component":"red_cells","blood_group":"O+","units":1,"urgency":"stat","needed_by":"2026-11-22T08:00:00Z"}`, 422, "hospital"},
		{anna, "POST", "/deliveries/D-1/steps", `{"step":"land"}`, 422, "step"},
		{anna, "POST", "/deliveries/D-1/steps", `{"step":"check","note":"` + long + `"}`, 422, "note"},
		{anna, "POST", "/units", `{"units":[{"key":{"din":"A999926000001","product_code":"E0336V00"}}]}`, 422, "units[0].component"},
		{anna, "POST", "/closures", `{"site":"SY06","until":"2026-11-22T08:00:00Z"}`, 422, "reason"},
		{admin, "DELETE", "/sessions/" + long, nil, 400, "id"},
	} {
		got := tt.who.asks(tt.method, tt.path, tt.body)
		got.refuses(tt.status, tt.field)
		if text := string(got.body); strings.Contains(text, `\n`) || strings.Contains(text, "schema") {
			t.Errorf("%s %s: %s", tt.method, tt.path, text)
		}
	}
	anna.asks("GET", "/events?limit=1000", nil).gives(http.StatusOK, nil)
}

// Nothing goes past the description: not by another spelling of a path, nor by HEAD.
func TestNothingGoesPastTheDescription(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna, nobody := d.as(desktest.Anna), person{door: d}
	anna.asks("GET", "/events?limit=2000000000", nil).refuses(http.StatusBadRequest, "limit")
	for _, x := range []struct {
		who          person
		method, path string
		body         any
	}{
		{anna, "HEAD", "/events?limit=2000000000", nil},
		{anna, "GET", "/%65vents?limit=2000000000", nil},
		{anna, "GET", "/events/?limit=2000000000", nil},
		{anna, "GET", "//events?limit=2000000000", nil},
		{nobody, "POST", "/%73ession", `{"login":"` + strings.Repeat("x", 1000) + `","password":"x"}`},
	} {
		if got := x.who.asks(x.method, x.path, x.body); got.status < 300 || got.status >= 500 || got.status == http.StatusUnauthorized {
			t.Errorf("%s %s: %d", x.method, x.path, got.status)
		}
	}
	if got := anna.asks("HEAD", "/events", nil); got.status != http.StatusOK {
		t.Errorf("HEAD: %d", got.status)
	}
}
