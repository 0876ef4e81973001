package web

import (
	"net/http"
	"testing"
	"time"

	openapi "github.com/oapi-codegen/runtime/types"

	"hemolift/dispatch/desktest"
	"hemolift/web/api"
)

// A device's page: what was done to it, what is due, and what a wrong entry is struck for.
func TestADevicesPage(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	day := func(days int) openapi.Date { return openapi.Date{Time: d.Now().AddDate(0, 0, days)} }
	due := day(10)
	done := api.NewMaintenance{Kind: "validation", DoneOn: day(-20), What: "summer profile held", DueOn: &due}
	anna := d.as(desktest.Anna)
	var e api.Maintenance
	anna.asks("POST", "/devices/BX-001/maintenance", done).gives(http.StatusCreated, &e)
	done.DueHours = new(5.0)
	anna.asks("POST", "/devices/BX-001/maintenance", done).refuses(http.StatusUnprocessableEntity, "due_hours")
	var r api.DeviceRecord
	anna.asks("GET", "/devices/BX-001", nil).gives(http.StatusOK, &r)
	if len(r.Maintenance) != 1 || len(r.Dues) != 1 || r.Dues[0].State != api.Soon || r.Device.Due == nil || r.Device.Due.Kind != api.DueKindValidation {
		t.Errorf("its page: %+v", r)
	}
	if v := d.device("BX-001"); v.Due == nil || v.Due.On.Format(time.DateOnly) != due.Format(time.DateOnly) {
		t.Errorf("in the list: %+v", v)
	}
	if v := d.device("BX-002"); v.Due != nil {
		t.Errorf("another one: %+v", v)
	}
	path := "/devices/BX-001/maintenance/1/strike"
	anna.asks("POST", path, api.Strike{}).refuses(http.StatusUnprocessableEntity, "why")
	anna.asks("POST", path, api.Strike{Why: "of BX-002"}).gives(http.StatusNoContent, nil)
	anna.asks("POST", path, api.Strike{Why: "of BX-002"}).refuses(http.StatusConflict, "")
	anna.asks("GET", "/devices/BX-001", nil).gives(http.StatusOK, &r)
	if len(r.Dues) != 0 || r.Maintenance[0].StruckBy == nil {
		t.Errorf("struck: %+v", r)
	}
	anna.asks("GET", "/devices/XX-01", nil).refuses(http.StatusNotFound, "")
}
