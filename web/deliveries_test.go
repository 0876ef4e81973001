package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/desktest"
	"hemolift/telemetry"
	"hemolift/telemetry/telemetrydb"
	"hemolift/web/api"
)

func TestFromAllocationToReceipt(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 2)
	del := d.loads(d.submits(order(2)).Id)
	if del.Status != api.DeliveryStatusLoaded || len(del.Custody) != 6 || del.Seal != "SL-1" || del.Boxes[0].PackedAt == nil {
		t.Fatalf("loaded: %+v", del)
	}
	anna, ward, other := d.as(desktest.Anna), d.as(desktest.Ward), d.as(desktest.Other)
	steps := "/deliveries/" + del.Id + "/steps"

	d.TakesOff(d.stored(del.Id))
	moving := d.Mission(d.stored(del.Id).Mission)
	flown := make([]telemetry.Sample, len(moving.Out))
	for i, f := range moving.Out {
		flown[i] = telemetry.Sample{Device: moving.Drone, Seq: d.Serial(), At: moving.DepartAt, ReceivedAt: d.Now(), Reading: telemetry.Position{Point: f.Point, WindMPS: -1}}
	}
	if err := telemetrydb.New(d.Pool).StoreSamples(t.Context(), flown); err != nil {
		t.Fatal(err)
	}
	var track []api.LonLat
	if d.Now().Before(moving.DepartAt) {
		d.SetNow(moving.DepartAt.Add(time.Second))
	}
	ward.asks("GET", "/drones/"+del.Mission.Drone+"/track", nil).gives(http.StatusOK, &track)
	if len(track) < 2 || !slices.Equal(track[0], api.LonLat{moving.Out[0].Point[0], moving.Out[0].Point[1]}) {
		t.Errorf("the track is %v", track)
	}
	other.asks("GET", "/drones/"+del.Mission.Drone+"/track", nil).gives(http.StatusOK, &track)
	if len(track) != 0 {
		t.Errorf("another hospital sees the track %v", track)
	}

	d.Reaches(d.stored(del.Id))
	d.OnTelemetry(t.Context(), []telemetry.Event{{
		Kind: telemetry.PhaseChanged, Device: moving.Drone, At: d.Now(), Status: telemetry.Status{Phase: telemetry.Landed, Mission: string(moving.ID)},
	}})
	ward.asks("POST", steps, api.StepScan{Step: "compare_seal", Seal: some("SL-2")}).refuses(http.StatusConflict, "")
	ward.asks("POST", steps, api.StepScan{Step: "compare_seal", Seal: some("SL-1")}).gives(http.StatusOK, &del)
	ward.asks("POST", steps, api.StepScan{Step: "receive", Unit: &del.Units[0].Key}).gives(http.StatusOK, &del)
	last := api.StepScan{Step: "quarantine", Unit: &del.Units[1].Key, Note: some("bag leaks")}
	last.Password = some("not the password")
	ward.asks("POST", steps, last).refuses(http.StatusUnprocessableEntity, "password")
	d.inBrowser(desktest.Ward).asks("POST", steps, api.StepScan{Step: "receive", Unit: last.Unit}).refuses(http.StatusConflict, "")
	last.Password = nil
	d.inBrowser(desktest.Ward).asks("POST", steps, last).refuses(http.StatusConflict, "")
	if rec := d.stored(del.Id); rec.Status != delivery.DOpened {
		t.Errorf("unconfirmed it is %s", rec.Status)
	}
	// a program's own session has shown who it is
	ward.asks("POST", steps, last).gives(http.StatusOK, &del)
	if !del.Ended || given(del.Units[0].Outcome) != "received" || given(del.Units[1].Outcome) != "quarantined" {
		t.Errorf("received: %+v", del)
	}
	anna.asks("GET", "/deliveries/"+del.Id, nil).gives(http.StatusOK, &del)
	other.asks("GET", "/deliveries/"+del.Id, nil).refuses(http.StatusNotFound, "")
}

func TestAStepIsRefusedByWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 1)
	anna := d.as(desktest.Anna)
	var del api.Delivery
	anna.asks("POST", "/requests/"+d.submits(order(1)).Id+"/accept", api.Accept{}).gives(http.StatusCreated, &del)
	steps := "/deliveries/" + del.Id + "/steps"
	anna.asks("POST", steps, `{"step":7}`).refuses(http.StatusBadRequest, "step")
	anna.asks("POST", steps, api.StepScan{Step: "land"}).refuses(http.StatusUnprocessableEntity, "step")
	anna.asks("POST", steps, api.StepScan{Step: "check", Note: some(strings.Repeat("x", 501))}).refuses(http.StatusUnprocessableEntity, "note")
	anna.asks("POST", steps, `{"step":"check","note":"\u0000"}`).refuses(http.StatusBadRequest, "body")
	anna.asks("POST", "/deliveries/D-0/steps", api.StepScan{Step: "check"}).refuses(http.StatusNotFound, "")
	var p api.Problem
	anna.asks("POST", steps, api.StepScan{Step: "check"}).gives(http.StatusConflict, &p) // who allocated does not check
	if p.Type != "/problems/same-person" {
		t.Errorf("checked by who allocated: %+v", p)
	}
	d.as(desktest.Bert).step(del.Id, api.StepScan{Step: "check"})
	anna.asks("POST", steps, api.StepScan{Step: "pack", Unit: &api.UnitKey{Din: "A999926999999", ProductCode: "E0336V00"}}).gives(http.StatusConflict, &p)
	if p.Type != "/problems/wrong-scan" || !strings.Contains(given(p.Expected), del.Units[0].Key.Din) {
		t.Errorf("another unit: %+v", p)
	}
	d.as(desktest.Ward).asks("POST", steps, api.StepScan{Step: "stand_down"}).refuses(http.StatusForbidden, "")
	d.as(desktest.Other).asks("POST", steps, api.StepScan{Step: "compare_seal", Seal: some("x")}).refuses(http.StatusNotFound, "")
}

// A drone out of service: the board ranks what can be done, and a person takes one.
func TestWhatFailsIsOnTheBoardAndIsRecovered(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.loads(d.submits(order(1)).Id)
	anna := d.as(desktest.Anna)
	var closed api.Closure
	anna.asks("POST", "/closures", api.NewClosure{Device: &del.Mission.Drone, Reason: "rotor cracked", Until: d.Now().Add(time.Hour)}).gives(http.StatusCreated, &closed)
	d.plans()
	var b api.Board
	anna.asks("GET", "/board", nil).gives(http.StatusOK, &b)
	if len(b.Recoveries) != 1 || b.Recoveries[0].Delivery != del.Id || b.Recoveries[0].Failure != "device_closed" ||
		len(b.Recoveries[0].Options) == 0 || b.Recoveries[0].Options[0].Way != "other_drone" || len(b.Closures) != 1 {
		t.Fatalf("recoveries %+v, closures %+v", b.Recoveries, b.Closures)
	}
	if len(b.Deliveries) != 1 || b.Seq == 0 || b.Rate != 1 || !b.Now.Equal(d.Now()) {
		t.Errorf("board %+v", b)
	}
	// A hospital is not shown what is weighed, nor which drones are out of service.
	d.as(desktest.Ward).asks("GET", "/board", nil).gives(http.StatusOK, &b)
	if len(b.Recoveries) != 0 || len(b.Closures) != 0 || len(b.Deliveries) != 1 {
		t.Errorf("the ward's board: %+v", b)
	}
	recover := "/deliveries/" + del.Id + "/recover"
	anna.asks("POST", recover, `{"way":true}`).refuses(http.StatusBadRequest, "way")
	anna.asks("POST", recover, api.Recover{Way: "other_pad"}).refuses(http.StatusUnprocessableEntity, "way")
	anna.asks("POST", "/deliveries/D-0/recover", api.Recover{Way: "courier"}).refuses(http.StatusNotFound, "")
	var r api.Request
	anna.asks("POST", recover, api.Recover{Way: "other_drone"}).gives(http.StatusOK, &r)
	if now := d.stored(del.Id); r.Id != del.Request || string(now.Drone) == del.Mission.Drone {
		t.Errorf("recovered: %+v with %s", r, now.Drone)
	}
}

func TestADroneInTheAirIsTurnedToWhoNeedsItMore(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 1)
	o := order(1)
	o.Urgency, o.NeededBy = api.Urgent, d.Now().Add(2*time.Hour)
	del := d.loads(d.submits(o).Id)
	d.TakesOff(d.stored(del.Id))
	stat := order(1)
	stat.Hospital, stat.Pad, stat.NeededBy = "CMU1", "CMU1-P1", d.Now().Add(40*time.Minute)
	var r api.Request
	d.as(desktest.Other).asks("POST", "/requests", stat, "Idempotency-Key", "key-stat").gives(http.StatusCreated, &r)
	d.plans()
	anna := d.as(desktest.Anna)
	var b api.Board
	anna.asks("GET", "/board", nil).gives(http.StatusOK, &b)
	if len(b.Diversions) != 1 || b.Diversions[0].Request != r.Id || b.Diversions[0].Delivery != del.Id || b.Diversions[0].Hospital != "SY06" {
		t.Fatalf("diversions %+v", b.Diversions)
	}
	divert := "/requests/" + r.Id + "/divert"
	anna.asks("POST", divert, `{}{}`).refuses(http.StatusBadRequest, "body")
	anna.asks("POST", divert, api.Divert{Delivery: "D-0"}).refuses(http.StatusConflict, "")
	var turned api.Delivery
	anna.asks("POST", divert, api.Divert{Delivery: del.Id}).gives(http.StatusCreated, &turned)
	if turned.Hospital != "CMU1" || given(turned.DivertedFrom) != del.Id || turned.Status != api.DeliveryStatusAirborne {
		t.Errorf("turned: %+v", turned)
	}
	// The hospital that lost its delivery sees the alarm, and acknowledges it.
	ward := d.as(desktest.Ward)
	ward.asks("GET", "/board", nil).gives(http.StatusOK, &b)
	if len(b.Alarms) != 1 || b.Alarms[0].Kind != "diverted" || b.Alarms[0].Next == "" || b.Alarms[0].AckedAt != nil {
		t.Fatalf("the ward's alarms: %+v", b.Alarms)
	}
	d.acks(b.Alarms[0])
}
