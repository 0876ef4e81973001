package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/samber/lo"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/desktest"
	"hemolift/dispatch/network"
	"hemolift/web/api"
)

// staffing has accounts of each role, of the place that things are of, of another one and of none;
// some of roles that are a part of a kind's, and some of two roles.
var staffing = []network.Account{
	accountOf(desktest.Ward), accountOf(desktest.Other), accountOf(desktest.Anna), accountOf(desktest.Tower), accountOf(root),
	{Login: "hana", Role: network.RoleDispatcher, Site: "SYBC"},
	{Login: "theo", Role: network.RoleDispatcher, Site: "SYN2"},
	{Login: "yard", Role: network.RoleController, Site: "SYBC"},
	{Login: "gate", Role: network.RoleController, Site: "SYN2"},
	{Login: "keys", Role: network.RoleAdmin, Site: "SYBC"},
	{Login: "spare", Role: network.RoleAdmin, Site: "SYN2"},
	{Login: "qing", Role: network.RoleQuality},
	{Login: "quinn", Role: network.RoleQuality, Site: "SYN2"},
	{Login: "ivan", Role: "issuer", Site: "SYBC"},
	{Login: "iris", Role: "issuer", Site: "SYN2"},
	{Login: "rui", Role: "requester", Site: "SY06"},
	{Login: "rosa", Role: "receiver", Site: "SY06"},
	{Login: "rene", Role: "receiver", Site: "CMU1"},
	{Login: "wall", Role: "monitor"},
	{Login: "mixt", Role: network.RoleQuality, Also: []network.Role{network.RoleDispatcher, network.RoleController}, Site: "SYBC"},
	{Login: "boss", Role: network.RoleAdmin, Also: []network.Role{network.RoleController}, Site: "SYBC"},
	{Login: "zwei", Role: "issuer", Also: []network.Role{network.RoleController, "monitor"}, Site: "SYBC"},
}

func accountOf(a network.Actor) network.Account {
	return network.Account{Login: a.Login, Role: a.Role, Site: a.Site}
}

// everybody are these as they act.
var everybody = lo.Map(staffing, func(a network.Account, _ int) network.Actor { return network.ShippedRoles().Actor(a) })

// hires stores all accounts.
func (d *door) hires() {
	d.t.Helper()
	for _, a := range staffing {
		d.Adds(a)
	}
}

// attempt is one thing that is tried on the server, so that nothing comes of it where it is
// permitted: what it asks for does not follow, or is there already.
type attempt struct {
	op           string // of the API
	method, path string
	body         any
	header       []string
	rows         []delivery.Operation // of the table, beside the operation's own, that must permit it
	of           []network.SiteID     // whose thing it is
	hidden       bool                 // to another hospital, there is no such thing
	shows        string               // what an answer holds only for those whose thing it is
}

// tried is a server with a delivery of SYBC to SY06 that is loaded, a request of SY06 that is
// open and one that is cancelled, and all that is tried there.
func tried(d *door) []attempt {
	d.t.Helper()
	d.Stocks("A+", blood.RedCells, 4)
	served, waits, over := d.submits(order(1)), d.submits(order(1)), d.submits(order(1))
	del := d.loads(served.Id)
	d.as(desktest.Ward).asks("POST", "/requests/"+over.Id+"/cancel", api.Cancel{Reason: "over"}).gives(http.StatusOK, nil)
	d.tells()
	var board api.Board
	d.as(desktest.Anna).asks("GET", "/board", nil).gives(http.StatusOK, &board)
	if len(del.Boxes) == 0 || d.stored(del.Id).Centre != "SYBC" {
		d.t.Fatalf("the delivery is %+v", del)
	}
	mission, drone := string(d.stored(del.Id).Mission), string(d.stored(del.Id).Drone)
	centre, hospital := []network.SiteID{"SYBC"}, []network.SiteID{"SY06"}
	both := []network.SiteID{"SYBC", "SY06"}
	moved := order(1)
	moved.Hospital = "SYN2" // cannot be amended
	late := order(1)
	late.NeededBy = d.Now().Add(-time.Hour)
	stocked := d.Stocks("O-", blood.RedCells, 1)[0]
	unit := fmt.Sprintf(`{"units":[{"key":{"din":%q,"product_code":%q},"component":"red_cells","blood_group":"O-","mass_g":%d,"site":"SYBC","expires_at":%q}]}`,
		stocked.Key.DIN, stocked.Key.ProductCode, stocked.MassG, stocked.ExpiresAt.Format(time.RFC3339))
	gone := d.Stocks("O-", blood.RedCells, 1)[0].Key
	if _, err := d.Dispatcher.MoveUnits(context.Background(), desktest.Anna, blood.Discard, "", []blood.UnitKey{gone}, "x"); err != nil {
		d.t.Fatal(err)
	}
	list := []attempt{
		{op: "listUnsigned", method: "GET", path: "/unsigned"},
		{op: "signRecord", method: "POST", path: "/deliveries/" + del.Id + "/signatures", body: `{"meaning":"rejected","digest":"0"}`, rows: []delivery.Operation{delivery.OpSign}, of: centre},
		{op: "listUnits", method: "GET", path: "/units"},
		{op: "listShelves", method: "GET", path: "/shelves"},
		{op: "getUnit", method: "GET", path: "/units/" + gone.DIN + "/" + gone.ProductCode},
		{op: "importUnits", method: "POST", path: "/unit-lists", body: "x", header: []string{"Content-Type", "text/csv"}},
		{op: "countUnits", method: "POST", path: "/unit-counts", body: `{"site":"SYBC","units":[]}`, rows: []delivery.Operation{delivery.OpCountUnits}, of: centre},
		{op: "findEvents", method: "GET", path: "/audit?about=R-"},
		{op: "listSessions", method: "GET", path: "/sessions"},
		{op: "endSession", method: "DELETE", path: "/sessions/0000000000000000"},
		{op: "confirmSession", method: "POST", path: "/session/confirmation", body: `{}`},
		{op: "changePassword", method: "PUT", path: "/password", body: `{}`},
		{op: "listAccounts", method: "GET", path: "/accounts", of: centre, shows: `"hana"`},
		{op: "addAccount", method: "POST", path: "/accounts", body: `{"login":"hana","name_zh":"x","name_en":"x","role":"dispatcher","site":"SYBC"}`, rows: []delivery.Operation{delivery.OpAddAccount}, of: centre},
		{op: "changeAccount", method: "PATCH", path: "/accounts/hana", body: `{"name_en":" "}`, rows: []delivery.Operation{delivery.OpChange}, of: centre},
		{op: "invite", method: "POST", path: "/accounts/hana/invitation", rows: []delivery.Operation{delivery.OpInvite}, of: centre},
		{op: "withdrawInvitation", method: "DELETE", path: "/accounts/hana/invitation", rows: []delivery.Operation{delivery.OpWithdraw}, of: centre},
		{op: "getNetwork", method: "GET", path: "/network"},
		{op: "getNetworkFiles", method: "GET", path: "/network/files"},
		{op: "changeNetwork", method: "PUT", path: "/network/files", body: `{"files":{}}`, rows: []delivery.Operation{delivery.OpChangeNetwork}, of: []network.SiteID{"no site"}},
		{op: "listDocuments", method: "GET", path: "/documents"},
		{op: "getDocument", method: "GET", path: "/documents/999"},
		{op: "proposeDocument", method: "POST", path: "/documents", body: `{"kind":"policy","text":"","preview":true}`, rows: []delivery.Operation{delivery.OpProposeDocument}, of: []network.SiteID{"no site"}},
		{op: "decideDocument", method: "POST", path: "/documents/999/decision", body: `{"approved":true,"digest":"` + strings.Repeat("0", 64) + `"}`, rows: []delivery.Operation{delivery.OpDecideDocument}, of: []network.SiteID{"no site"}},
		{op: "getBoard", method: "GET", path: "/board", of: hospital, shows: waits.Id},
		{op: "getEvents", method: "GET", path: "/events?limit=1000", of: hospital, shows: waits.Id},
		{op: "listRequests", method: "GET", path: "/requests", of: hospital, shows: waits.Id},
		{op: "estimate", method: "POST", path: "/estimates", body: order(1)},
		{op: "submitRequest", method: "POST", path: "/requests", body: late, header: []string{"Idempotency-Key", "12345678"}, rows: []delivery.Operation{delivery.OpSubmit}, of: hospital},
		{op: "getRequest", method: "GET", path: "/requests/" + waits.Id, rows: []delivery.Operation{"getRequest"}, of: hospital, hidden: true},
		{op: "amendRequest", method: "PUT", path: "/requests/" + waits.Id, body: moved, rows: []delivery.Operation{delivery.OpAmend}, of: hospital},
		{op: "amendRequest", method: "PUT", path: "/requests/" + served.Id, body: moved, rows: []delivery.Operation{delivery.Held(delivery.OpAmend)}, of: both},
		{op: "cancelRequest", method: "POST", path: "/requests/" + over.Id + "/cancel", body: api.Cancel{Reason: "x"}, rows: []delivery.Operation{delivery.OpCancel}, of: hospital},
		{op: "cancelRequest", method: "POST", path: "/requests/" + served.Id + "/cancel", body: api.Cancel{Reason: "x"}, rows: []delivery.Operation{delivery.Held(delivery.OpCancel)}, of: both},
		{op: "acceptProposal", method: "POST", path: "/requests/" + over.Id + "/accept", body: api.Accept{}},
		{op: "divert", method: "POST", path: "/requests/" + over.Id + "/divert", body: `{"delivery":"` + del.Id + `"}`},
		{op: "recover", method: "POST", path: "/deliveries/" + del.Id + "/recover", body: `{"way":"replace"}`, rows: []delivery.Operation{delivery.OpRecoverElse}},
		{op: "recover", method: "POST", path: "/deliveries/" + del.Id + "/recover", body: `{"way":"other_pad"}`, rows: []delivery.Operation{delivery.OpRecoverPad}},
		{op: "getDelivery", method: "GET", path: "/deliveries/" + del.Id, rows: []delivery.Operation{"getDelivery"}, of: hospital, hidden: true},
		{op: "getTemperatures", method: "GET", path: "/deliveries/" + del.Id + "/temperatures", rows: []delivery.Operation{"getTemperatures"}, of: hospital, hidden: true},
		{op: "getTrack", method: "GET", path: "/drones/" + drone + "/track"},
		{op: "getTrace", method: "GET", path: "/drones/" + drone + "/trace"},
		{op: "getColdRecord", method: "GET", path: "/deliveries/" + del.Id + "/coldchain", rows: []delivery.Operation{delivery.OpReadCold}, of: hospital, hidden: true},
		{op: "compareLogger", method: "POST", path: "/deliveries/" + del.Id + "/logger?logger=BX-001", body: "x", header: []string{"Content-Type", "text/csv"}, rows: []delivery.Operation{"compareLogger"}, of: hospital, hidden: true},
		{op: "listBoxes", method: "GET", path: "/boxes"},
		{op: "listCalibrations", method: "GET", path: "/boxes/BX-001/calibrations"},
		{op: "addCalibration", method: "POST", path: "/boxes/BX-001/calibrations", body: `{"probe":3,"certificate":"c","calibrated_on":"2026-01-01","due_on":"2027-01-01"}`},
		{op: "getCalibration", method: "GET", path: "/drones/" + drone + "/calibration"},
		{op: "listAlternates", method: "GET", path: "/missions/" + mission + "/alternates"},
		{op: "commandMission", method: "POST", path: "/missions/" + mission + "/commands", body: `{"kind":"hold"}`, rows: []delivery.Operation{delivery.OpCommand}, of: centre},
		{op: "droneTaken", method: "POST", path: "/missions/" + mission + "/taken", rows: []delivery.Operation{delivery.OpTaken}, of: centre},
		{op: "takeFlight", method: "POST", path: "/missions/" + mission + "/watch", body: `{"from":"nobody"}`, rows: []delivery.Operation{delivery.OpWatch}, of: centre},
		{op: "offerFlight", method: "POST", path: "/missions/" + mission + "/watch/offer", body: `{"to":"*"}`, rows: []delivery.Operation{delivery.OpWatch}, of: centre},
		{op: "listGuestLinks", method: "GET", path: "/deliveries/" + del.Id + "/guests", rows: []delivery.Operation{delivery.OpListGuests}, of: both, hidden: true},
		{op: "makeGuestLink", method: "POST", path: "/deliveries/" + del.Id + "/guests", body: `{"for":"","hours":1}`, rows: []delivery.Operation{delivery.OpMakeGuest}, of: both, hidden: true},
		{op: "revokeGuestLink", method: "DELETE", path: "/deliveries/" + del.Id + "/guests/none", rows: []delivery.Operation{delivery.OpRevokeGuest}, of: both, hidden: true},
		{op: "readNotices", method: "GET", path: "/notices"},
		{op: "chooseNotices", method: "PUT", path: "/notices", body: `{"urgencies":["stat"]}`},
		{op: "addNoticeDevice", method: "POST", path: "/notices/devices", body: `{"endpoint":"x","p256dh":"x","auth":"x","lang":"en"}`},
		{op: "removeNoticeDevice", method: "DELETE", path: "/notices/devices/none"},
		{op: "getWebhook", method: "GET", path: "/sites/" + string(desktest.Ward.Site) + "/webhook"},
		{op: "setWebhook", method: "PUT", path: "/sites/" + string(desktest.Ward.Site) + "/webhook", body: `{"url":"x"}`},
		{op: "endWebhook", method: "DELETE", path: "/sites/" + string(desktest.Ward.Site) + "/webhook"},
		{op: "listDevices", method: "GET", path: "/devices"},
		{op: "getDevice", method: "GET", path: "/devices/BX-001"},
		{op: "addMaintenance", method: "POST", path: "/devices/BX-001/maintenance", body: `{"kind":"x","done_on":"2026-01-01","what":"w"}`, rows: []delivery.Operation{delivery.OpAddMaintenance}, of: centre},
		{op: "strikeMaintenance", method: "POST", path: "/devices/BX-001/maintenance/1/strike", body: `{"why":""}`, rows: []delivery.Operation{delivery.OpStrikeMaintenance}, of: centre},
		{op: "revokeSecret", method: "DELETE", path: "/devices/NONE/secret"},
		{op: "listPasskeys", method: "GET", path: "/passkeys"},
		{op: "askForNewPasskey", method: "POST", path: "/passkeys/question"},
		{op: "addPasskey", method: "POST", path: "/passkeys", body: `{"question":"x","credential":{},"name":"x"}`},
		{op: "removePasskey", method: "DELETE", path: "/passkeys/none"},
		{op: "confirmByPasskey", method: "POST", path: "/session/confirmation/passkey", body: `{"question":"x","credential":{}}`},
		{op: "allowEnrolment", method: "POST", path: "/devices/NONE/enrolment"},
		{op: "listNotes", method: "GET", path: "/notes"},
		{op: "writeNote", method: "POST", path: "/notes", body: `{"text":""}`, rows: []delivery.Operation{delivery.OpNote}},
		{op: "listRefused", method: "GET", path: "/refused?device=BX-001&limit=5"},
		{op: "readLabel", method: "POST", path: "/labels", body: `{"scans":["=%5100"]}`},
		{op: "exportZones", method: "GET", path: "/zones?format=ed318"},
		{op: "addZone", method: "POST", path: "/zones", body: `{"name":"x","ring":[[123.4,41.8],[123.5,41.8],[123.5,41.9]],"upper_m":0,"until":"2026-11-22T09:00:00Z"}`},
		{op: "exportDay", method: "POST", path: "/days/2026-11-22", body: `{}`},
		{op: "ackAlarm", method: "POST", path: "/alarms/999999/ack"},
		{op: "shelveAlarm", method: "POST", path: "/alarms/999999/shelf", body: `{"reason":"x","minutes":5}`},
		{op: "confirmShelf", method: "POST", path: "/alarms/999999/shelf/second", body: `{"by":"x","until":"2026-11-22T09:00:00Z"}`},
		{op: "unshelveAlarm", method: "DELETE", path: "/alarms/999999/shelf"},
		{op: "addUnits", method: "POST", path: "/units", body: unit, rows: []delivery.Operation{delivery.OpAddUnits}, of: centre},
		{op: "renewSecret", method: "POST", path: "/devices/NONE/secret"},
	}
	for _, m := range blood.Moves() {
		body := fmt.Sprintf(`{"move":%q,"reason":"x","units":[{"din":%q,"product_code":%q}]}`, m, gone.DIN, gone.ProductCode)
		if to := map[blood.Move]string{blood.Send: "SYN2", blood.Return: "SYBC"}[m]; to != "" {
			body = strings.TrimSuffix(body, "}") + fmt.Sprintf(`,"to":%q}`, to)
		}
		list = append(list, attempt{op: "moveUnits", method: "POST", path: "/unit-moves", body: body, rows: []delivery.Operation{delivery.OfMove(m)}, of: centre})
	}
	for _, s := range []string{"send", "arrived", "recall"} {
		list = append(list, attempt{
			op: "road", method: "POST", path: "/requests/" + over.Id + "/road", body: fmt.Sprintf(`{"step":%q}`, s),
			rows: []delivery.Operation{delivery.OfRoad(delivery.RoadStep(s))}, of: hospital,
		})
	}
	for said, does := range map[string]delivery.Step{
		"check": delivery.StepCheck, "pack": delivery.StepPack, "seal": delivery.StepSeal, "load": delivery.StepLoad, "keep": delivery.StepKeep,
		"find": delivery.StepFind, "compare_seal": delivery.StepCompare, "receive": delivery.StepReceive, "quarantine": delivery.StepReject,
		"pad_clear": delivery.StepPadClear, "pad_taken": delivery.StepPadTaken,
	} {
		list = append(list, attempt{
			op: "doStep", method: "POST", path: "/deliveries/" + del.Id + "/steps", body: fmt.Sprintf(`{"step":%q}`, said),
			rows: []delivery.Operation{delivery.OfStep(does)}, of: both, hidden: true,
		})
	}
	return list
}

// The table of permits against the server: every operation of the API is tried by everybody
// on a thing of a centre and a hospital, and forbidden exactly where the table forbids it.
func TestTheTableOfPermitsAgainstTheServer(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.hires()
	list := tried(d)
	covered := []string{"signIn", "whoAmI", "createToken", "seeAsGuest", "seeInvitation", "acceptInvitation", "seeProvider", "enrol", "askForPasskey", "signInByPasskey", "signOut", "close", "reopen", "endZone"} // by other tests, and below
	for _, x := range list {
		covered = append(covered, x.op)
		for _, a := range everybody {
			may := true
			for _, row := range append([]delivery.Operation{delivery.Operation(x.op)}, x.rows...) {
				may = may && delivery.Permit(a, row, x.of...) == nil
			}
			got := d.as(a).asks(x.method, x.path, x.body, x.header...)
			mine := delivery.MayAll(a, delivery.Operation(x.op)) || slices.Contains(x.of, a.Site)
			switch {
			case got.status == http.StatusUnauthorized || got.status >= http.StatusInternalServerError:
				t.Errorf("%s %s %v as %s: %d %s", x.op, x.path, x.body, a.Login, got.status, got.body)
			case x.shows != "" && delivery.May(a, delivery.Operation(x.op)):
				if shown := strings.Contains(string(got.body), x.shows); got.status != http.StatusOK || shown != mine {
					t.Errorf("%s as %s: %d, shows %s %v", x.op, a.Login, got.status, x.shows, shown)
				}
			case x.hidden && a.Role == network.RoleHospital && !slices.Contains(x.of, a.Site):
				if got.status != http.StatusNotFound {
					t.Errorf("%s as %s: %d %s, and it is another's", x.op, a.Login, got.status, got.body)
				}
			case (got.status == http.StatusForbidden) == may:
				t.Errorf("%s %v as %s, who may %v: %d %s", x.op, x.body, a.Login, may, got.status, got.body)
			}
		}
	}
	for _, op := range described(t) {
		if !slices.Contains(covered, op.id) {
			t.Errorf("%s is not tried", op.id)
		}
	}
}

// Who ordered what, and who ends it: each closure and zone of everybody is ended by
// everybody whom the table permits, and by nobody else.
func TestWhoOrderedItAgainstTheServer(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.hires()
	until := d.Now().Add(time.Hour).Format(time.RFC3339)
	for _, by := range everybody {
		for what, make := range map[string]struct {
			path, body string
			may        bool
			does, ends delivery.Operation
		}{
			"a pad": {
				"/closures", `{"site":"SY06","pad":"SY06-P1","reason":"crane","until":"` + until + `"}`,
				delivery.Permit(by, delivery.OpCloseHospital, "SY06") == nil, delivery.OpCloseHospital, delivery.OpReopen,
			},
			"a centre": {
				"/closures", `{"site":"SYBC","reason":"fire","until":"` + until + `"}`,
				delivery.Permit(by, delivery.OpCloseCentre, "SYBC") == nil, delivery.OpCloseCentre, delivery.OpReopen,
			},
			"a drone": {
				"/closures", `{"device":"HL-01","reason":"motor","until":"` + until + `"}`,
				delivery.Permit(by, delivery.OpCloseDevice, "SYBC") == nil, delivery.OpCloseDevice, delivery.OpReopen,
			},
			"a zone": {
				"/zones", `{"name":"x","ring":[[123.4,41.8],[123.41,41.8],[123.41,41.81]],"upper_m":100,"until":"` + until + `"}`,
				delivery.Permit(by, delivery.OpAddZone) == nil, delivery.OpAddZone, delivery.OpEndZone,
			},
		} {
			orders := func() string {
				got := d.as(by).asks("POST", make.path, make.body)
				if (got.status == http.StatusCreated) != make.may || !make.may && got.status != http.StatusForbidden {
					t.Fatalf("%s ordered by %s, who may %v: %d %s", what, by.Login, make.may, got.status, got.body)
				}
				if make.path == "/zones" {
					var z api.ZoneAdded
					got.gives(http.StatusCreated, &z)
					return "/zones/" + z.Zone.Id
				}
				var c api.Closure
				got.gives(http.StatusCreated, &c)
				return "/closures/" + strconv.FormatInt(c.Id, 10)
			}
			if !make.may {
				d.as(by).asks("POST", make.path, make.body).refuses(http.StatusForbidden, "")
				continue
			}
			path := orders()
			for _, who := range everybody {
				may := delivery.Permit(who, delivery.Ordered(make.ends, delivery.ActsAs(by, make.does)), by.Site) == nil
				if told := d.mayEnd(who, path); told != nil && *told != may {
					t.Errorf("%s ordered by %s is shown to %s as one that it may end: %v", what, by.Login, who.Login, *told)
				}
				got := d.as(who).asks("DELETE", path, nil)
				if want := map[bool]int{true: http.StatusNoContent, false: http.StatusForbidden}[may]; got.status != want {
					t.Errorf("%s ordered by %s, ended by %s: %d %s, want %d", what, by.Login, who.Login, got.status, got.body, want)
				}
				if may {
					path = orders()
				}
			}
			d.as(by).asks("DELETE", path, nil).gives(http.StatusNoContent, nil)
		}
	}
}

// mayEnd is whether a person is shown that it may end a closure or zone; nil when it is not
// shown that at all.
func (d *door) mayEnd(who network.Actor, path string) *bool {
	d.t.Helper()
	kind, id, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if kind == "zones" {
		var n api.Network
		d.as(who).asks("GET", "/network", nil).gives(http.StatusOK, &n)
		for _, z := range n.Zones {
			if z.Id == id {
				return z.MayEnd
			}
		}
		d.t.Errorf("zone %s is not shown to %s", id, who.Login)
		return nil
	}
	var b api.Board
	d.as(who).asks("GET", "/board", nil).gives(http.StatusOK, &b)
	for _, c := range b.Closures {
		if strconv.FormatInt(c.Id, 10) == id {
			return &c.MayEnd
		}
	}
	return nil
}
