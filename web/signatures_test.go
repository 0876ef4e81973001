package web

import (
	"net/http"
	"strings"
	"testing"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/desktest"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
	"hemolift/web/api"
)

// received is a delivery of one unit that the ward has received.
func (d *door) received() api.Delivery {
	d.t.Helper()
	return d.receives(d.loads(d.submits(order(1)).Id))
}

// receives has a delivery of one unit that is loaded flown, and received by the ward.
func (d *door) receives(del api.Delivery) api.Delivery {
	d.t.Helper()
	d.TakesOff(d.stored(del.Id))
	d.Reaches(d.stored(del.Id))
	d.OnTelemetry(d.t.Context(), []telemetry.Event{{
		Kind: telemetry.PhaseChanged, Device: d.stored(del.Id).Drone, At: d.Now(),
		Status: telemetry.Status{Phase: telemetry.Landed, Mission: string(d.stored(del.Id).Mission)},
	}})
	ward := d.as(desktest.Ward)
	ward.step(del.Id, api.StepScan{Step: "compare_seal", Seal: some("SL-1")})
	return ward.step(del.Id, api.StepScan{Step: "receive", Unit: &del.Units[0].Key, Note: some("cold to the touch")})
}

// Quality signs what it saw: not what has changed since, nor what is under way, and in a browser
// with the password each time. Others do not sign.
func TestARecordIsSigned(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	hash, err := passwordHash()
	if err != nil {
		t.Fatal(err)
	}
	qing := network.Actor{Login: "qing", Role: network.RoleQuality}
	there := network.Actor{Login: "quinn", Role: network.RoleQuality, Site: "SYN2"}
	d.Signs(qing, hash)
	d.Signs(there, hash)
	d.Stocks("A+", blood.RedCells, 2)
	del := d.received()
	quality, browser := d.as(qing), d.inBrowser(qing)
	var list []api.Unsigned
	quality.asks("GET", "/unsigned", nil).gives(http.StatusOK, &list)
	if len(list) != 1 || list[0].Delivery != del.Id || list[0].Units != 1 || list[0].Worst == "" {
		t.Fatalf("unsigned: %+v", list)
	}
	record, path := "/deliveries/"+del.Id+"/coldchain", "/deliveries/"+del.Id+"/signatures"
	var c api.ColdRecord
	quality.asks("GET", record, nil).gives(http.StatusOK, &c)
	if len(c.Digest) != 64 || len(c.Signatures) != 0 {
		t.Fatalf("digest %q, %+v", c.Digest, c.Signatures)
	}
	s := api.NewSignature{Meaning: "accepted", Digest: c.Digest}
	other := s
	other.Digest = strings.Repeat("0", 64)
	quality.asks("POST", path, other).refuses(http.StatusConflict, "")
	quality.asks("POST", path, api.NewSignature{Meaning: "rejected", Digest: c.Digest}).refuses(http.StatusUnprocessableEntity, "note")
	quality.asks("POST", path, `{"meaning":"maybe","digest":"x"}`).refuses(http.StatusUnprocessableEntity, "meaning")
	browser.asks("POST", path, s).gives(http.StatusConflict, nil)
	wrong := s
	wrong.Password = some("not the password")
	browser.asks("POST", path, wrong).refuses(http.StatusUnprocessableEntity, "password")
	d.as(there).asks("POST", path, s).gives(http.StatusForbidden, nil)
	for _, a := range []network.Actor{desktest.Anna, desktest.Ward, desktest.Tower, root} {
		d.as(a).asks("POST", path, s).gives(http.StatusForbidden, nil)
	}
	right := s
	right.Password = some(password)
	browser.asks("POST", path, right).gives(http.StatusCreated, &c)
	if len(c.Signatures) != 1 || c.Signatures[0].By != "qing" || !c.Signatures[0].OfThis || c.Signatures[0].Meaning != "accepted" {
		t.Errorf("signed: %+v", c.Signatures)
	}
	quality.asks("GET", "/unsigned", nil).gives(http.StatusOK, &list)
	if len(list) != 0 {
		t.Errorf("still unsigned: %+v", list)
	}

	// The record changes afterwards: the signature is of what it was.
	if _, err := d.Pool.Exec(t.Context(), `INSERT INTO logger_file (delivery_id, sha256, body, uploaded_by, uploaded_at) VALUES ($1, sha256('x'), '', 'anna', now())`, del.Id); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Pool.Exec(t.Context(), `INSERT INTO logger_reading (delivery_id, sha256, read_by, read_at, said) VALUES ($1, sha256('x'), 'anna', '2099-01-01', '{}')`, del.Id); err != nil {
		t.Fatal(err)
	}
	var later api.ColdRecord
	d.as(desktest.Ward).asks("GET", record, nil).gives(http.StatusOK, &later)
	if len(later.Signatures) != 1 || later.Signatures[0].OfThis || later.Digest == c.Digest {
		t.Errorf("after a change: %+v", later.Signatures)
	}
	quality.asks("POST", path, s).refuses(http.StatusConflict, "")
	if quality.asks("GET", "/unsigned", nil).gives(http.StatusOK, &list); len(list) != 1 {
		t.Errorf("a record that changed after it was signed waits for nobody: %+v", list)
	}

	// What is under way is not signed.
	var going api.Delivery
	d.as(desktest.Anna).asks("POST", "/requests/"+d.submits(order(1)).Id+"/accept", api.Accept{}).gives(http.StatusCreated, &going)
	quality.asks("POST", "/deliveries/"+going.Id+"/signatures", s).gives(http.StatusConflict, nil)
	quality.asks("POST", "/deliveries/D-0/signatures", s).gives(http.StatusNotFound, nil)
}
