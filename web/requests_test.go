package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/desktest"
	"hemolift/migrations/pgtest"
	"hemolift/web/api"
)

func TestARequestIsAskedForAmendedAndCancelled(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 3)
	ward, other := d.as(desktest.Ward), d.as(desktest.Other)

	var e api.Estimate
	ward.asks("POST", "/estimates", order(1)).gives(http.StatusOK, &e)
	if e.Proposal == nil || e.Impossible != nil || len(e.Proposal.Units) != 1 {
		t.Errorf("estimate: got %+v", e)
	}
	ward.asks("POST", "/estimates", `{}`).refuses(http.StatusUnprocessableEntity, "hospital")

	o := order(1)
	o.Patient = &api.Patient{Sex: some(api.PatientSex("female")), Age: some(api.PatientAge("adult"))}
	ward.asks("POST", "/requests", o).refuses(http.StatusBadRequest, "Idempotency-Key")
	ward.asks("POST", "/requests", o, "Idempotency-Key", "short").refuses(http.StatusBadRequest, "Idempotency-Key")
	other.asks("POST", "/requests", o, "Idempotency-Key", "key-00001").refuses(http.StatusForbidden, "")
	var r, again api.Request
	ward.asks("POST", "/requests", o, "Idempotency-Key", "key-00001").gives(http.StatusCreated, &r)
	ward.asks("POST", "/requests", o, "Idempotency-Key", "key-00001").gives(http.StatusCreated, &again)
	ward.asks("POST", "/requests", order(2), "Idempotency-Key", "key-00001").refuses(http.StatusConflict, "")
	if again.Id != r.Id || r.Status != api.RequestStatusOpen || r.CreatedBy != "ward" || given(r.Order.Patient.Sex) != "female" {
		t.Errorf("stored %+v, and again %s", r, again.Id)
	}

	d.plans()
	ward.asks("GET", "/requests/"+r.Id, nil).gives(http.StatusOK, &r)
	if r.Proposal == nil {
		t.Error("no proposal after planning")
	}
	other.asks("GET", "/requests/"+r.Id, nil).refuses(http.StatusNotFound, "")
	ward.asks("GET", "/requests/none", nil).refuses(http.StatusNotFound, "")

	o.Units = 2
	ward.asks("PUT", "/requests/"+r.Id, o).gives(http.StatusOK, &r)
	if r.Order.Units != 2 || r.Version != 2 {
		t.Errorf("amended to %+v", r)
	}
	more := o
	more.Units = 3
	ward.asks("PUT", "/requests/"+r.Id+"?version=1", more).refuses(http.StatusConflict, "") // somebody was quicker
	ward.asks("PUT", "/requests/"+r.Id+"?version=1", o).gives(http.StatusOK, &r)            // it is so already
	if r.Order.Units != 2 || r.Version != 2 {
		t.Errorf("amended to what it is: %+v", r)
	}
	ward.asks("PUT", "/requests/"+r.Id, `[]`).refuses(http.StatusBadRequest, "body")
	other.asks("PUT", "/requests/"+r.Id, o).refuses(http.StatusForbidden, "")

	ward.asks("POST", "/requests/"+r.Id+"/cancel", api.Cancel{Reason: " "}).refuses(http.StatusUnprocessableEntity, "reason")
	ward.asks("POST", "/requests/"+r.Id+"/cancel", `{`).refuses(http.StatusBadRequest, "body")
	ward.asks("POST", "/requests/"+r.Id+"/cancel", api.Cancel{Reason: "not needed"}).gives(http.StatusOK, &r)
	if r.Status != api.RequestStatusCancelled {
		t.Errorf("cancelled is %s", r.Status)
	}

	var list []api.Request
	ward.asks("GET", "/requests?limit=5", nil).gives(http.StatusOK, &list)
	if len(list) != 1 || list[0].Id != r.Id {
		t.Errorf("listed %+v", list)
	}
	other.asks("GET", "/requests", nil).gives(http.StatusOK, &list)
	if len(list) != 0 {
		t.Errorf("another hospital is shown %+v", list)
	}
	ward.asks("GET", "/requests?limit=501", nil).refuses(http.StatusBadRequest, "limit")
	ward.asks("GET", "/requests?limit=x", nil).refuses(http.StatusBadRequest, "limit")
	ward.asks("GET", "/requests?limit=1&limit=2", nil).refuses(http.StatusBadRequest, "limit")
}

func TestRequestsAreFoundAPageAtATime(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 1)
	ward, other := d.as(desktest.Ward), d.as(desktest.Other)
	var ids []string // the newest first
	for i := range 5 {
		o := order(1)
		if i%2 == 1 {
			o.BloodGroup, o.Urgency = "O-", "routine"
		}
		var r api.Request
		ward.asks("POST", "/requests", o, "Idempotency-Key", fmt.Sprintf("key-0000%d", i)).gives(http.StatusCreated, &r)
		ids = append([]string{r.Id}, ids...)
	}
	var gone api.Request
	ward.asks("POST", "/requests/"+ids[0]+"/cancel", api.Cancel{Reason: "not needed"}).gives(http.StatusOK, &gone)
	d.plans()
	var del api.Delivery
	d.as(desktest.Anna).asks("POST", "/requests/"+ids[4]+"/accept", api.Accept{}).gives(http.StatusCreated, &del)
	for query, want := range map[string][]string{
		"":                                ids,
		"?limit=2":                        ids[:2],
		"?limit=2&before=" + ids[1]:       ids[2:4],
		"?before=" + ids[4]:               {},
		"?blood_group=O-&urgency=routine": {ids[1], ids[3]},
		"?component=plasma":               {},
		"?status=allocated":               {ids[4]},
		"?status=open&urgency=stat&before=" + ids[0]: {ids[2]},
	} {
		var list []api.Request
		ward.asks("GET", "/requests"+strings.ReplaceAll(query, "+", "%2B"), nil).gives(http.StatusOK, &list)
		got := []string{}
		for _, r := range list {
			got = append(got, r.Id)
			if served := r.Id == ids[4]; served != (given(r.Delivery) == del.Id) {
				t.Errorf("%s: served by %q", r.Id, given(r.Delivery))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", query, got, want)
		}
	}
	ward.asks("GET", "/requests?status=open&status=allocated", nil).refuses(http.StatusBadRequest, "status")
	ward.asks("GET", "/requests?before=none", nil).refuses(http.StatusNotFound, "")
	other.asks("GET", "/requests?before="+ids[0], nil).refuses(http.StatusNotFound, "")
	ward.asks("GET", "/requests?status=gone", nil).refuses(http.StatusBadRequest, "status")
	ward.asks("GET", "/requests?blood_group=Z", nil).refuses(http.StatusBadRequest, "blood_group")
}

func TestWhyARequestCannotBeServed(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	r := d.submits(order(1))
	d.as(desktest.Ward).asks("GET", "/requests/"+r.Id, nil).gives(http.StatusOK, &r)
	if r.Impossible == nil || len(r.Impossible.Changes) == 0 {
		t.Fatalf("no stock, and told %+v", r.Impossible)
	}
	var e api.Estimate
	d.as(desktest.Ward).asks("POST", "/estimates", order(1)).gives(http.StatusOK, &e)
	if e.Impossible == nil {
		t.Errorf("estimated %+v", e)
	}
}

func TestAProposalIsAcceptedOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 1)
	r := d.submits(order(1))
	anna := d.as(desktest.Anna)
	anna.asks("POST", "/requests/"+r.Id+"/accept", `{"drone":7}`).refuses(http.StatusBadRequest, "drone")
	anna.asks("POST", "/requests/"+r.Id+"/accept", api.Accept{Drone: some("HL-99")}).refuses(http.StatusUnprocessableEntity, "drone")
	var del api.Delivery
	anna.asks("POST", "/requests/"+r.Id+"/accept", api.Accept{}).gives(http.StatusCreated, &del)
	if del.Request != r.Id || del.Status != api.DeliveryStatusAllocated || len(del.Units) != 1 || len(del.Boxes) != 1 {
		t.Errorf("accepted %+v", del)
	}
	anna.asks("POST", "/requests/"+r.Id+"/accept", api.Accept{}).refuses(http.StatusNotFound, "")
}

// Who accepts what is not there any more is told what is, and takes that in one step; nothing
// is allocated before. Each drone that the panel says could fly is allocated when asked for.
func TestTheOfferHasChangedMeanwhile(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 4)
	r := d.submits(order(1))
	anna := d.as(desktest.Anna)
	anna.asks("GET", "/requests/"+r.Id, nil).gives(http.StatusOK, &r)
	if r.Proposal == nil {
		t.Fatalf("nothing is proposed: %+v", r)
	}
	accept := "/requests/" + r.Id + "/accept"
	for name, seen := range map[string]api.Seen{
		"another drone":   {Drone: "HL-99", ArriveAt: r.Proposal.ArriveAt, Units: 1},
		"an earlier hour": {Drone: r.Proposal.Drone, ArriveAt: r.Proposal.ArriveAt.Add(-2 * time.Minute), Units: 1},
		"more units":      {Drone: r.Proposal.Drone, ArriveAt: r.Proposal.ArriveAt, Units: 2},
	} {
		got := anna.asks("POST", accept, api.Accept{Drone: &r.Proposal.Drone, Seen: &seen})
		var p api.Problem
		if err := json.Unmarshal(got.body, &p); err != nil || got.status != http.StatusConflict || p.Type != "/problems/moved-on" || p.Offer == nil ||
			p.Offer.Drone != r.Proposal.Drone {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	anna.asks("POST", accept, `{"seen":{"drone":"HL-01"}}`).refuses(http.StatusUnprocessableEntity, "seen.arrive_at")
	var other *api.Candidate
	for _, c := range append(r.Proposal.Lost, *r.Proposal.RunnerUp) {
		if c.Reason == nil && c.ArriveAt != nil {
			other = &c
		}
	}
	if other == nil {
		t.Fatalf("no other drone could fly: %+v", r.Proposal)
	}
	var del api.Delivery
	seen := api.Seen{Drone: other.Drone, ArriveAt: *other.ArriveAt, Units: len(r.Proposal.Units)}
	anna.asks("POST", accept, api.Accept{Drone: &other.Drone, Seen: &seen}).gives(http.StatusCreated, &del)
	if del.Mission.Drone != other.Drone {
		t.Errorf("asked for %s, got %s", other.Drone, del.Mission.Drone)
	}
}

func TestByRoad(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 1)
	r := d.submits(order(1))
	anna := d.as(desktest.Anna)
	anna.asks("POST", "/requests/"+r.Id+"/road", `{"step":1}`).refuses(http.StatusBadRequest, "step")
	anna.asks("POST", "/requests/"+r.Id+"/road", api.Road{Step: "arrived"}).refuses(http.StatusConflict, "")
	anna.asks("POST", "/requests/"+r.Id+"/road", api.Road{Step: "send"}).gives(http.StatusOK, &r)
	if r.RoadAt == nil {
		t.Errorf("sent by road: %+v", r)
	}
	d.Tick(time.Minute)
	d.as(desktest.Ward).asks("POST", "/requests/"+r.Id+"/road", api.Road{Step: "arrived"}).gives(http.StatusOK, &r)
	if r.Status != api.RequestStatusFulfilled {
		t.Errorf("arrived by road: %+v", r)
	}
}

// What cannot be written for want of room is refused for now, and nothing is acknowledged.
func TestARequestThatCannotBeWrittenIsRefusedForNow(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	owner := pgtest.Owner(t, d.Pool)
	for _, q := range []string{
		`CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room' USING ERRCODE = '53100'; END $$`,
		`CREATE TRIGGER no_room BEFORE INSERT ON request FOR EACH ROW EXECUTE FUNCTION no_room()`,
	} {
		if _, err := owner.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	ward := d.as(desktest.Ward)
	got := ward.asks("POST", "/requests", order(1), "Idempotency-Key", "key-00001")
	got.refuses(http.StatusServiceUnavailable, "")
	if got.header.Get("Retry-After") == "" || strings.Contains(string(got.body), "room") {
		t.Errorf("got %v %s", got.header, got.body)
	}
	if _, err := owner.Exec(t.Context(), `DROP TRIGGER no_room ON request`); err != nil {
		t.Fatal(err)
	}
	ward.asks("POST", "/requests", order(1), "Idempotency-Key", "key-00001").gives(http.StatusCreated, nil)
}
