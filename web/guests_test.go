package web

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gorilla/websocket"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/desktest"
	"hemolift/web/api"
)

// invites makes a link for a delivery.
func (p person) invites(id delivery.ID, hours int) (l api.GuestLink) {
	p.t.Helper()
	p.asks("POST", "/deliveries/"+string(id)+"/guests", api.NewGuestLink{For: "the ambulance", Hours: hours}).gives(http.StatusCreated, &l)
	return l
}

// sees is what a link's token shows.
func (d *door) sees(token string) answer {
	d.t.Helper()
	return person{door: d}.asks("GET", "/guest", nil, "Guest-Token", token)
}

// flyingFor brings a delivery of one unit into the air.
func flyingFor(d *door) delivery.Delivery {
	d.t.Helper()
	d.Stocks("A+", blood.RedCells, 2)
	del := d.Loads(d.Accepts(d.Submits(desktest.Order(1), "KEY-00001")), "KEY-00001")
	d.TakesOff(del)
	return del
}

func TestAGuestSeesOneDelivery(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	del := flyingFor(d)
	link := d.as(desktest.Ward).invites(del.ID, 2)
	var v api.GuestView
	answer := d.sees(*link.Token)
	answer.gives(http.StatusOK, &v)
	if v.Stage != api.GuestViewStageFlying || v.Flight == nil || !v.Flight.Heard || v.ArriveAt == nil || v.Hospital.NameEn == "" || !v.ExpiresAt.Equal(link.ExpiresAt) {
		t.Errorf("in the air it sees %+v, %+v", v, v.Flight)
	}
	rec, err := d.DB.Boards.Delivery(context.Background(), del.ID)
	if err != nil {
		t.Fatal(err)
	}
	for what, secret := range map[string]string{
		"the group": string(del.Recipient), "the unit": del.Units[0].Unit.Key.DIN, "the seal": rec.Delivery.Seal, "who allocated it": del.AllocatedBy,
		"who asked": rec.Request.CreatedBy, "the request": string(del.Request), "the drone": string(del.Drone), "the box": string(del.Boxes[0].Box),
	} {
		if strings.Contains(string(answer.body), `"`+secret+`"`) {
			t.Errorf("a guest sees %s, %s: %s", what, secret, answer.body)
		}
	}

	// A box that is silent is unknown, and so is where a drone is that nobody hears.
	d.Tick(10 * time.Minute)
	d.Tracker.Tick(d.Now())
	v = api.GuestView{}
	d.sees(*link.Token).gives(http.StatusOK, &v)
	if v.Temperature.State != api.GuestTemperatureStateUnknown || v.Flight == nil || v.Flight.Heard || v.ArriveAt != nil {
		t.Errorf("nobody hears the box, nor the drone: %+v, %+v", v, v.Flight)
	}

	// Diverted, its drone is another hospital's; what fulfils the request is another delivery.
	for _, q := range []string{
		`UPDATE delivery SET status = 'diverted' WHERE id = $1`,
		`INSERT INTO handover_forecast (request_id, version, made_at, urgency, waits, planned_at, expected_at, measured, handed_over_at)
			SELECT request_id, 9, created_at, 'stat', false, created_at, created_at, 0, created_at FROM delivery WHERE id = $1`,
	} {
		if _, err := d.Pool.Exec(context.Background(), q, del.ID); err != nil {
			t.Fatal(err)
		}
	}
	v = api.GuestView{}
	d.sees(*link.Token).gives(http.StatusOK, &v)
	if v.Stage != api.GuestViewStageNotComing || v.Flight != nil || v.ArriveAt != nil || v.HandedOverAt != nil {
		t.Errorf("diverted it sees %+v", v)
	}
}

func TestAGuestLinkRunsOutAndIsRevoked(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	del := flyingFor(d)
	ward, anna := d.as(desktest.Ward), d.as(desktest.Anna)
	short, long := ward.invites(del.ID, 1), anna.invites(del.ID, 48)
	var list []api.GuestLink
	ward.asks("GET", "/deliveries/"+string(del.ID)+"/guests", nil).gives(http.StatusOK, &list)
	if len(list) != 2 || slices.ContainsFunc(list, func(l api.GuestLink) bool { return l.Token != nil || l.OpenedAt != nil }) {
		t.Errorf("listed %+v", list)
	}
	d.sees(*short.Token).gives(http.StatusOK, nil)
	d.Tick(time.Hour)
	d.sees(*short.Token).refuses(http.StatusNotFound, "")
	d.sees(*long.Token).gives(http.StatusOK, nil)
	path := "/deliveries/" + string(del.ID) + "/guests/"
	ward.asks("DELETE", path+long.Id, nil).gives(http.StatusNoContent, nil)
	d.sees(*long.Token).refuses(http.StatusNotFound, "")
	ward.asks("DELETE", path+long.Id, nil).refuses(http.StatusNotFound, "")
	d.sees(strings.Repeat("A", 26)).refuses(http.StatusNotFound, "")

	var said []string
	events, err := d.DB.Log.EventsSince(context.Background(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Kind == delivery.EvGuest {
			said = append(said, e.Actor+" "+e.Detail["what"])
		}
	}
	want := "ward made, anna made, guest opened, guest opened, ward revoked"
	if got := strings.Join(said, ", "); got != strings.NewReplacer("ward", desktest.Ward.Login, "anna", desktest.Anna.Login).Replace(want) {
		t.Errorf("logged %s", got)
	}
}

func TestHowManyGuestLinksADeliveryHas(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	del := flyingFor(d)
	ward := d.as(desktest.Ward)
	first := ward.invites(del.ID, 1)
	for range delivery.MostGuests - 1 {
		ward.invites(del.ID, 1)
	}
	path := "/deliveries/" + string(del.ID) + "/guests"
	ward.asks("POST", path, api.NewGuestLink{For: "one more", Hours: 1}).refuses(http.StatusConflict, "")
	ward.asks("DELETE", path+"/"+first.Id, nil).gives(http.StatusNoContent, nil)
	ward.invites(del.ID, 1)
	var list []api.GuestLink
	for _, bad := range []api.NewGuestLink{{For: " ", Hours: 1}, {For: "x", Hours: 0}, {For: "x", Hours: 49}, {For: strings.Repeat("长", 81), Hours: 1}, {For: "\u200b", Hours: 1}, {For: "a\u202eb", Hours: 1}, {For: "a\nb", Hours: 1}} {
		if got := ward.asks("POST", path, bad).status; got != http.StatusUnprocessableEntity && got != http.StatusBadRequest {
			t.Errorf("%+v: %d", bad, got)
		}
	}
	ward.asks("GET", path, nil).gives(http.StatusOK, &list)
	ward.asks("DELETE", path+"/"+list[0].Id, nil).gives(http.StatusNoContent, nil)
	for _, purpose := range []string{"مستشفى", "🚑 急救车"} {
		var l api.GuestLink
		if ward.asks("POST", path, api.NewGuestLink{For: purpose, Hours: 1}).gives(http.StatusCreated, &l); l.For != purpose {
			t.Errorf("it is for %q, want %q", l.For, purpose)
		}
		ward.asks("DELETE", path+"/"+l.Id, nil).gives(http.StatusNoContent, nil)
	}
}

// TestAGuestReadsNothingElse tries a link's token on every operation of the API and on the
// live feed, as whatever a credential may be.
func TestAGuestReadsNothingElse(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	del := flyingFor(d)
	token := *d.as(desktest.Ward).invites(del.ID, 2).Token
	doc, err := openapi3.NewLoader().LoadFromData(description)
	if err != nil {
		t.Fatal(err)
	}
	ids := regexp.MustCompile(`\{[a-z]+\}`)
	public := []string{"signIn", "whoAmI", "createToken", "seeAsGuest", "seeProvider", "enrol", "askForPasskey", "signInByPasskey"}
	tried := 0
	for path, item := range doc.Paths.Map() {
		path = ids.ReplaceAllString(path, string(del.ID))
		for method, op := range item.Operations() {
			if slices.Contains(public, op.OperationID) {
				continue
			}
			tried++
			for name, header := range map[string][]string{
				"as a guest": {"Guest-Token", token}, "as a bearer": {"Authorization", "Bearer " + token}, "as a cookie": {"Cookie", cookieName + "=" + token},
			} {
				got := person{door: d}.asks(method, path, "{}", append(header, "Guest-Token", token, "Idempotency-Key", "guest-00001")...)
				if got.status != http.StatusUnauthorized && got.status != http.StatusBadRequest {
					t.Errorf("%s %s %s: %d %s", method, path, name, got.status, got.body)
				}
				if strings.Contains(string(got.body), string(del.Request)) {
					t.Errorf("%s %s %s tells %s", method, path, name, got.body)
				}
			}
		}
	}
	if tried < 50 {
		t.Errorf("tried %d operations only", tried)
	}
	for name, header := range map[string]http.Header{
		"as a guest": {"Guest-Token": {token}}, "as a bearer": {"Authorization": {"Bearer " + token}}, "as a cookie": {"Cookie": {cookieName + "=" + token}},
	} {
		for _, protocol := range []string{"hemolift.v1", "hemolift.v1.json"} {
			dialer := websocket.Dialer{Subprotocols: []string{protocol}}
			conn, response, err := dialer.Dial("ws"+strings.TrimPrefix(d.url, "http")+"/api/v1/live", header)
			if err == nil {
				_ = conn.Close()
				t.Errorf("the feed takes a guest %s", name)
			} else if response == nil || response.StatusCode != http.StatusUnauthorized {
				t.Errorf("the feed %s: %v", name, err)
			}
		}
	}
}

// TestAGuestIsRateLimited: a hundred at once with one link, of whom some are told to wait.
func TestAGuestIsRateLimited(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	del := flyingFor(d)
	token := *d.as(desktest.Ward).invites(del.ID, 2).Token
	answers := make([]answer, 100)
	var asking sync.WaitGroup
	for i := range answers {
		asking.Go(func() { answers[i] = d.sees(token) })
	}
	asking.Wait()
	served, refused := 0, 0
	for _, a := range answers {
		switch {
		case a.status == http.StatusOK:
			served++
		case a.status == http.StatusTooManyRequests && a.header.Get("Retry-After") != "":
			refused++
		default:
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if served < 20 || refused < 50 {
		t.Errorf("%d were served and %d told to wait", served, refused)
	}
}
