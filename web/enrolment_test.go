package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/network"
	"hemolift/web/api"
)

// enrols has a device ask for its secret.
func (d *door) enrols(device, code string) answer {
	d.t.Helper()
	return person{door: d}.asks("POST", "/enrolment", api.Enrol{Device: device, Code: code})
}

// allows makes an enrolment's code.
func (p person) allows(device string) (e api.Enrolment) {
	p.t.Helper()
	p.asks("POST", "/devices/"+device+"/enrolment", nil).gives(http.StatusCreated, &e)
	return e
}

// device is one as an administrator sees it.
func (d *door) device(id string) api.Device {
	d.t.Helper()
	var list []api.Device
	d.as(root).asks("GET", "/devices", nil).gives(http.StatusOK, &list)
	for _, v := range list {
		if v.Id == id {
			return v
		}
	}
	d.t.Fatalf("%s is not among %d devices", id, len(list))
	return api.Device{}
}

// A device is given its secret for its own code, once, within the hour; a second code ends the
// first.
func TestADeviceIsEnrolled(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	if v := d.device("HL-01"); v.HasSecret || v.EnrolUntil != nil {
		t.Errorf("at first it is %+v", v)
	}
	first := d.as(root).allows("HL-01")
	second := d.as(root).allows("HL-01")
	other := d.as(root).allows("BX-001")
	if v := d.device("HL-01"); v.HasSecret || v.EnrolUntil == nil || !v.EnrolUntil.Equal(second.ExpiresAt) {
		t.Errorf("with a code it is %+v", v)
	}
	for name, c := range map[string]struct{ device, code string }{
		"a replaced code": {"HL-01", first.Code}, "another's code": {"HL-01", other.Code}, "no device": {"XX-01", second.Code}, "no code": {"HL-01", ""},
	} {
		if a := d.enrols(c.device, c.code); a.status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	var s api.Secret
	d.enrols("HL-01", strings.ToLower(strings.Replace(second.Code, "-", " ", 1))).gives(http.StatusCreated, &s)
	if _, right, err := d.DB.Devices.Authenticate(context.Background(), "HL-01", s.Secret); err != nil || !right {
		t.Errorf("the secret opens nothing: %v", err)
	}
	d.enrols("HL-01", second.Code).refuses(http.StatusUnauthorized, "")
	if v := d.device("HL-01"); !v.HasSecret || v.SecretAt == nil || v.EnrolUntil != nil {
		t.Errorf("afterwards it is %+v", v)
	}
	old := network.Enrol("HL-02", "root", time.Now().Add(-network.EnrolledWithin-time.Second))
	if err := d.DB.Devices.AddEnrolment(context.Background(), "ABCDEFGHIJ", old, d.Now()); err != nil {
		t.Fatal(err)
	}
	d.enrols("HL-02", "ABCDEFGHIJ").refuses(http.StatusUnauthorized, "")
	d.as(root).asks("POST", "/devices/XX-01/enrolment", nil).refuses(http.StatusNotFound, "")
}

// A secret that is taken away opens nothing, and neither does a code that stood.
func TestADevicesSecretIsTakenAway(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	var s api.Secret
	d.as(root).asks("POST", "/devices/HL-01/secret", nil).gives(http.StatusCreated, &s)
	code := d.as(root).allows("HL-01")
	d.as(root).asks("DELETE", "/devices/HL-01/secret", nil).gives(http.StatusNoContent, nil)
	if _, right, err := d.DB.Devices.Authenticate(context.Background(), "HL-01", s.Secret); err != nil || right {
		t.Errorf("the secret opens still: %v", err)
	}
	if _, right, _ := d.DB.Devices.Authenticate(context.Background(), "HL-01", ""); right {
		t.Error("nothing opens it")
	}
	d.enrols("HL-01", code.Code).refuses(http.StatusUnauthorized, "")
	if v := d.device("HL-01"); v.HasSecret || v.SecretAt != nil || v.EnrolUntil != nil {
		t.Errorf("afterwards it is %+v", v)
	}
	if e := d.found("device", "HL-01"); e.Detail["what"] != "secret revoked" || e.Actor != root.Login {
		t.Errorf("the log says %+v", e)
	}
	d.as(root).asks("DELETE", "/devices/XX-01/secret", nil).refuses(http.StatusNotFound, "")
}

// Who gives devices their secrets in a browser shows the password again after a while.
func TestDevicesAreManagedByWhoShowsThePassword(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	page := d.inBrowser(root)
	page.allows("HL-01")
	d.exec(`UPDATE session SET confirmed_at = now() - interval '11 minutes'`)
	page.asks("POST", "/devices/HL-01/enrolment", nil).refuses(http.StatusConflict, "")
	page.asks("POST", "/devices/HL-01/secret", nil).refuses(http.StatusConflict, "")
	page.asks("DELETE", "/devices/HL-01/secret", nil).refuses(http.StatusConflict, "")
}
