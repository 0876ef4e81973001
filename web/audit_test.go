package web

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/desktest"
	"hemolift/web/api"
)

// found is the last event of a kind and subject, its address and session included.
func (d *door) found(kind, subject string) api.Event {
	d.t.Helper()
	var events []api.Event
	d.as(root).asks("GET", "/events?limit=1000", nil).gives(http.StatusOK, &events)
	var last api.Event
	for _, e := range events {
		if e.Kind == kind && e.Subject == subject {
			last = e
		}
	}
	if last.Kind == "" {
		d.t.Fatalf("no event %s of %s among %d", kind, subject, len(events))
	}
	return last
}

// The log tells of each thing who did it, from where, and what it was before.
func TestTheAuditTellsTheWhole(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	ward, anna := d.as(desktest.Ward), d.as(desktest.Anna)

	o := order(1)
	r := d.submits(o)
	o.Units, o.Urgency = 2, api.Urgent
	anti := false
	o.Patient = &api.Patient{AntiD: &anti}
	ward.asks("PUT", "/requests/"+r.Id, o).gives(http.StatusOK, nil)
	want := map[string]string{
		"what": "amended", "reason": "request amended", "was_units": "1", "units": "2", "was_urgency": string(order(1).Urgency), "urgency": "urgent",
		"was_patient_anti_d": "", "patient_anti_d": "false",
	}
	amended := d.found("request", r.Id)
	if !maps.Equal(amended.Detail, want) || amended.Actor != "ward" || amended.Session == nil || given(amended.Address) != "127.0.0.1" {
		t.Errorf("amended: %+v, want %v", amended, want)
	}

	units := `{"units":[
		{"key":{"din":"A999926000001","product_code":"E0336V00"},"component":"red_cells","blood_group":"A+","mass_g":300,"site":"SYBC","expires_at":"2026-12-01T00:00:00Z"},
		{"key":{"din":"A999926000002","product_code":"E0336V00"},"component":"red_cells","blood_group":"O-","mass_g":310,"site":"SYBC","expires_at":"2026-12-02T00:00:00Z"}]}`
	anna.asks("POST", "/units", units).gives(http.StatusOK, nil)
	for subject, group := range map[string]string{"A999926000001 E0336V00": "A+", "A999926000002 E0336V00": "O-"} {
		if e := d.found("stock", subject); e.Actor != "anna" || e.Detail["blood_group"] != group || e.Detail["at"] != "SYBC" {
			t.Errorf("stock: %+v", e)
		}
	}
	before := len(anna.events())
	anna.asks("POST", "/units", units).gives(http.StatusOK, nil)
	if after := len(anna.events()); after != before {
		t.Errorf("units that were there already gave %d events", after-before)
	}

	anna.asks("POST", "/boxes/BX-001/calibrations", `{"probe":1,"certificate":"C-7","calibrated_on":"2026-01-01","due_on":"2027-01-01"}`).
		gives(http.StatusCreated, nil)
	if e := d.found("device", "BX-001"); e.Detail["certificate"] != "C-7" || e.Detail["due_on"] != "2027-01-01" || e.Actor != "anna" {
		t.Errorf("calibration: %+v", e)
	}

	ward.asks("GET", "/zones?format=ed269", nil).gives(http.StatusOK, nil)
	if e := d.found("export", "zones"); e.Actor != "ward" || e.Detail["form"] != "ed269" {
		t.Errorf("zones: %+v", e)
	}

	for range 3 {
		ward.asks("POST", "/devices/HL-01/secret", nil).refuses(http.StatusForbidden, "")
	}
	if e := d.found("account", "ward"); e.Detail["what"] != "forbidden" || !strings.Contains(e.Detail["asked"], "/devices/{id}/secret") || e.Detail["count"] != "1" {
		t.Errorf("forbidden: %+v", e)
	}
}

func (p person) events() []api.Event {
	p.t.Helper()
	var events []api.Event
	p.asks("GET", "/events?limit=1000", nil).gives(http.StatusOK, &events)
	return events
}

// What goes out of the program as a file, and what comes in, is in the log.
func TestFilesAreInTheLog(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	del := warmed(d)
	ward := d.as(desktest.Ward)
	path := "/deliveries/" + del.Id
	for _, tt := range []struct{ query, accept, form string }{
		{"/coldchain?format=pdf", "*/*", "cold-chain record, PDF"}, {"/temperatures", "text/csv", "readings, CSV"},
	} {
		ward.asks("GET", path+tt.query, nil, "Accept", tt.accept).gives(http.StatusOK, nil)
		if e := d.found("export", del.Id); e.Detail["form"] != tt.form || e.Actor != "ward" {
			t.Errorf("%s: %+v", tt.query, e)
		}
	}
	file := "time,temperature (C)\n" + d.Now().Format("2006-01-02T15:04:05Z") + ",5.0\n"
	ward.asks("POST", path+"/logger?logger="+del.Boxes[0].Id, file, "Content-Type", "text/csv").gives(http.StatusOK, nil)
	if e := d.found("file", del.Id); len(e.Detail["sha256"]) != 64 || e.Actor != "ward" {
		t.Errorf("file: %+v", e)
	}
}

// What people are shown is logged when it changes, not again with everything else.
func TestWhatIsShownIsLoggedOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 2)
	first := d.submits(order(1))
	d.plans()
	d.submits(order(1))
	d.plans()
	told := 0
	for _, e := range d.as(desktest.Anna).events() {
		if e.Kind == "proposal" && e.Subject == first.Id && e.Detail["withdrawn"] == "" {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the first proposal was logged %d times", told)
	}
}
