package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/desktest"
	"hemolift/dispatch/label"
	"hemolift/web/api"
)

func TestALabelIsReadAsItIsScanned(t *testing.T) {
	t.Parallel()
	anna := newDoor(t).as(desktest.Anna)
	var l api.Label
	anna.asks("POST", "/labels", api.LabelScans{Scans: []string{"]C0=<E0336V00"}}).gives(http.StatusOK, &l)
	if !slices.Equal(l.Wanted, []string{label.NameDIN}) || given(l.ProductCode) != "E0336V00" {
		t.Errorf("one symbol: %+v", l)
	}
	anna.asks("POST", "/labels", api.LabelScans{Scans: []string{"=<E0336V00", "G1234 17 654321 A", "=%9500&>0263651200"}}).gives(http.StatusOK, &l)
	if len(l.Wanted) > 0 || given(l.Printed) != "G1234 17 654321 A" || given(l.BloodGroup) != "O-" || given(l.ExpiresLocal) != "2026-12-31T12:00:00" || len(l.Structures) != 4 {
		t.Errorf("whole: %+v", l)
	}
	for field, scans := range map[string][]string{
		"scans[1]": {"=<E0336V00", "G1234 17 654321 B"},
		"scans[0]": {"BX-001"},
		"scans":    {},
	} {
		anna.asks("POST", "/labels", api.LabelScans{Scans: scans}).refuses(http.StatusUnprocessableEntity, field)
	}
}

// What a bag's label says besides its key must fit the record.
func TestABagIsPackedByItsScans(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("O+", blood.RedCells, 1)
	anna := d.as(desktest.Anna)
	o := order(1)
	o.BloodGroup = "O+"
	var del api.Delivery
	anna.asks("POST", "/requests/"+d.submits(o).Id+"/accept", api.Accept{}).gives(http.StatusCreated, &del)
	d.as(desktest.Bert).step(del.Id, api.StepScan{Step: "check"})
	key, steps := del.Units[0].Key, "/deliveries/"+del.Id+"/steps"
	pack := func(scans ...string) answer {
		return anna.asks("POST", steps, api.StepScan{Step: "pack", Scans: &scans})
	}
	din, product := "="+key.Din+"00", "=<"+key.ProductCode

	pack(din).refuses(http.StatusUnprocessableEntity, "scans")
	pack(din, product, "=<E0001V00").refuses(http.StatusUnprocessableEntity, "scans[2]")
	pack("="+key.Din+"07", product).refuses(http.StatusUnprocessableEntity, "scans[0]")
	for _, code := range []string{"=%6200", "=%9500", "=%6600", "=%5300", "=%Mq00", "=%ZZ00"} { // another group, or not for any patient
		var p api.Problem
		pack(din, code, product).gives(http.StatusConflict, &p)
		if p.Type != "/problems/wrong-scan" || !strings.Contains(given(p.Expected), "aside") {
			t.Errorf("%s: %+v", code, p)
		}
	}
	wrong := key
	wrong.Check = some("?")
	anna.asks("POST", steps, api.StepScan{Step: "pack", Unit: &wrong}).refuses(http.StatusUnprocessableEntity, "unit.check")
	anna.asks("POST", steps, api.StepScan{Step: "pack", Unit: &key, Scans: &[]string{din}}).refuses(http.StatusUnprocessableEntity, "scans")

	pack("]C0="+key.Din+"00", "=%5500", "&>0263651200", product).gives(http.StatusOK, &del) // O, of which RhD is not told
	anna.asks("POST", steps, api.StepScan{Step: "seal", Seal: some("]C0sl-77\r")}).gives(http.StatusOK, &del)
	if del.Seal != "SL-77" {
		t.Errorf("sealed with %q", del.Seal)
	}
	anna.asks("POST", steps, api.StepScan{Step: "load", Box: some("]C0" + strings.ToLower(del.Boxes[0].Id))}).gives(http.StatusOK, &del)
}
