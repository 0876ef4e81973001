package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/desktest"
	"hemolift/dispatch/propose"
	"hemolift/web/api"
)

// acks acknowledges an alarm, once.
func (d *door) acks(a api.Alarm) {
	d.t.Helper()
	anna := d.as(desktest.Anna)
	ack := fmt.Sprintf("/alarms/%d/ack", a.Id)
	anna.asks("POST", ack, nil).gives(http.StatusNoContent, nil)
	anna.asks("POST", "/alarms/0/ack", nil).refuses(http.StatusNotFound, "")
	anna.asks("POST", "/alarms/x/ack", nil).refuses(http.StatusBadRequest, "id")
	var b api.Board
	anna.asks("GET", "/board", nil).gives(http.StatusOK, &b)
	for _, now := range b.Alarms {
		if now.Id == a.Id && (now.AckedAt == nil || given(now.AckedBy) != "anna") {
			d.t.Errorf("acknowledged: %+v", now)
		}
	}
}

func TestAFlightUnderWayIsLedFromTheDesk(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.loads(d.submits(order(1)).Id)
	d.TakesOff(d.stored(del.Id))
	tower := d.as(desktest.Tower)
	mission := "/missions/" + del.Mission.Id

	var pads []api.Alternate
	tower.asks("GET", mission+"/alternates", nil).gives(http.StatusOK, &pads)
	if len(pads) == 0 || pads[0].MarginPct <= 0 || pads[0].LengthM <= 0 {
		t.Errorf("alternates: %+v", pads)
	}
	tower.asks("GET", "/missions/M-0/alternates", nil).refuses(http.StatusNotFound, "")

	tower.asks("POST", mission+"/commands", `{"kind":1}`).refuses(http.StatusBadRequest, "kind")
	tower.asks("POST", mission+"/commands", api.Command{Kind: "explode"}).refuses(http.StatusUnprocessableEntity, "kind")
	tower.asks("POST", "/missions/M-0/commands", api.Command{Kind: "hold"}).refuses(http.StatusNotFound, "")
	tower.asks("POST", mission+"/commands", api.Command{Kind: "hold"}).gives(http.StatusAccepted, nil)
	d.FliesOnce()
	if c := d.Sent[len(d.Sent)-1]; c.Kind != "hold" || string(c.Device) != del.Mission.Drone {
		t.Errorf("sent %+v", c)
	}
	tower.asks("POST", mission+"/taken", nil).refuses(http.StatusConflict, "")

	var b api.Board
	tower.asks("GET", "/board", nil).gives(http.StatusOK, &b)
	if b.Deliveries[0].Mission.Status != api.Outbound || len(b.Deliveries[0].Mission.Out) < 2 {
		t.Errorf("mission: %+v", b.Deliveries[0].Mission)
	}

	// A zone across its way: it is led around, and the page says by how much.
	out := b.Deliveries[0].Mission.Out
	lon, lat := (out[0][0]+2*out[1][0])/3, (out[0][1]+2*out[1][1])/3
	const side = 0.003
	z := api.NewZone{
		Name: "fire", UpperM: 300, LowerM: some(0.0), Until: d.Now().Add(time.Hour), From: some(d.Now()),
		Ring: []api.LonLat{{lon - side, lat - side}, {lon + side, lat - side}, {lon + side, lat + side}, {lon - side, lat + side}},
	}
	var added api.ZoneAdded
	tower.asks("POST", "/zones", z).gives(http.StatusCreated, &added)
	if len(added.Touched) != 1 || added.Touched[0].Mission != del.Mission.Id || added.Zone.NameEn != "fire" || given(added.Zone.DrawnBy) != "tower" ||
		len(added.Zone.Rings) != 1 || len(added.Zone.Rings[0]) != 5 {
		t.Errorf("added %+v", added)
	}
	z.Ring = z.Ring[:1]
	tower.asks("POST", "/zones", z).refuses(http.StatusUnprocessableEntity, "ring")
	tower.asks("POST", "/zones", `{"name":"x","extra":1}`).refuses(http.StatusBadRequest, "extra")
	var n api.Network
	tower.asks("GET", "/network", nil).gives(http.StatusOK, &n)
	if !strings.Contains(fmt.Sprint(n.Zones), added.Zone.Id) || len(n.Sites) != len(d.Network().Sites) || n.Basemap != api.Default || len(n.Profiles) == 0 {
		t.Errorf("network: %d zones, %d sites", len(n.Zones), len(n.Sites))
	}
	tower.asks("DELETE", "/zones/"+added.Zone.Id, nil).gives(http.StatusNoContent, nil)
	tower.asks("DELETE", "/zones/"+added.Zone.Id, nil).refuses(http.StatusNotFound, "")
}

// A flight is diverted, and told to land where it is, through the door.
func TestAFlightIsDivertedThroughTheDoor(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.loads(d.submits(order(1)).Id)
	d.TakesOff(d.stored(del.Id))
	tower := d.as(desktest.Tower)
	mission := "/missions/" + del.Mission.Id
	var pads []api.Alternate
	tower.asks("GET", mission+"/alternates", nil).gives(http.StatusOK, &pads)
	i := slices.IndexFunc(pads, func(a api.Alternate) bool { return a.Pad != nil && a.Site != del.Centre })
	if i < 0 {
		t.Fatalf("no pad among %+v", pads)
	}
	tower.asks("POST", mission+"/commands", `{"kind":"divert"}`).refuses(http.StatusUnprocessableEntity, "pad")
	tower.asks("POST", mission+"/commands", `{"kind":"divert","pad":"NOWHERE"}`).refuses(http.StatusUnprocessableEntity, "pad")
	tower.asks("POST", mission+"/commands", `{"kind":"hold","pad":"SY06-P1"}`).refuses(http.StatusUnprocessableEntity, "pad")
	tower.asks("POST", mission+"/commands", api.Command{Kind: "divert", Pad: pads[i].Pad}).gives(http.StatusAccepted, nil)
	var now api.Delivery
	tower.asks("GET", "/deliveries/"+del.Id, nil).gives(http.StatusOK, &now)
	if now.Mission.Hospital != pads[i].Site || now.Mission.Pad != *pads[i].Pad || now.Hospital != del.Hospital {
		t.Errorf("diverted, and it flies to %s, %s", now.Mission.Hospital, now.Mission.Pad)
	}
	tower.asks("POST", mission+"/commands", `{"kind":"land"}`).gives(http.StatusAccepted, nil)
	tower.asks("GET", "/deliveries/"+del.Id, nil).gives(http.StatusOK, &now)
	if now.Mission.LandAsked == nil || now.Mission.LandAsked.By != desktest.Tower.Login {
		t.Errorf("asked for: %+v", now.Mission.LandAsked)
	}
	for _, again := range []string{`{"kind":"land"}`, `{"kind":"land","confirms":"` + desktest.Tower.Login + `"}`, `{"kind":"land","confirms":"x"}`} {
		tower.asks("POST", mission+"/commands", again).refuses(http.StatusConflict, "")
	}
}

func TestAShiftLeavesANote(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	tower := d.as(desktest.Tower)
	for _, bad := range []string{`{"text":" "}`, `{}`, `{"text":"` + strings.Repeat("x", 2001) + `"}`} {
		tower.asks("POST", "/notes", bad).refuses(http.StatusUnprocessableEntity, "text")
	}
	for _, text := range []string{"HL-03 drifts to the left", "风大，HL-05 停飞 🌬\nuntil noon"} {
		tower.asks("POST", "/notes", api.NewNote{Text: text}).gives(http.StatusNoContent, nil)
	}
	var notes []api.Note
	d.as(desktest.Anna).asks("GET", "/notes", nil).gives(http.StatusOK, &notes)
	if len(notes) != 2 || notes[0].By != desktest.Tower.Login || !strings.HasPrefix(notes[0].Text, "风大") || !strings.HasPrefix(notes[1].Text, "HL-03") {
		t.Errorf("got %+v", notes)
	}
}

func TestZonesAreExported(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna := d.as(desktest.Anna)
	for _, format := range []string{"geojson", "ed269", "ed318"} {
		got := anna.asks("GET", "/zones?format="+format, nil)
		got.gives(http.StatusOK, nil)
		if name := got.header.Get("Content-Disposition"); !strings.Contains(name, "zones."+format) || !strings.Contains(string(got.body), "eatures") && format != "ed269" {
			t.Errorf("%s: %q %.80s", format, name, got.body)
		}
	}
	anna.asks("GET", "/zones", nil).gives(http.StatusOK, nil)
	anna.asks("GET", "/zones?format=kml", nil).refuses(http.StatusBadRequest, "format")
}

func TestAPadIsClosedAndOpenedAgain(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	ward, anna := d.as(desktest.Ward), d.as(desktest.Anna)
	c := api.NewClosure{Site: some("SY06"), Pad: some("SY06-P1"), Reason: " ambulance on it ", Until: d.Now().Add(time.Hour)}
	var made api.Closure
	ward.asks("POST", "/closures", c).gives(http.StatusCreated, &made)
	if given(made.Pad) != "SY06-P1" || made.Reason != "ambulance on it" || made.By != "ward" || !made.From.Equal(d.Now()) {
		t.Errorf("closed %+v", made)
	}
	for _, of := range []struct {
		person
		sees int
	}{{ward, 1}, {anna, 1}, {d.as(desktest.Other), 0}} {
		var b api.Board
		of.asks("GET", "/board", nil).gives(http.StatusOK, &b)
		if len(b.Closures) != of.sees {
			t.Errorf("sees %+v, want %d", b.Closures, of.sees)
		}
	}
	d.as(desktest.Other).asks("POST", "/closures", c).refuses(http.StatusForbidden, "")
	ward.asks("POST", "/closures", `{"until":"soon"}`).refuses(http.StatusBadRequest, "until")
	c.Reason = ""
	ward.asks("POST", "/closures", c).refuses(http.StatusUnprocessableEntity, "reason")
	reopen := fmt.Sprintf("/closures/%d", made.Id)
	ward.asks("DELETE", reopen, nil).gives(http.StatusNoContent, nil)
	ward.asks("DELETE", reopen, nil).refuses(http.StatusNotFound, "")
}

func TestUnitsComeIntoStockOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna := d.as(desktest.Anna)
	u := api.NewUnit{
		Key: api.UnitKey{Din: "A999926000001", ProductCode: "E0336V00", Division: some("A0")}, Component: "red_cells", BloodGroup: "A+", MassG: 300,
		ExpiresAt: d.Now().Add(240 * time.Hour), Site: "SYBC",
	}
	var added api.Added
	anna.asks("POST", "/units", api.NewUnits{Units: []api.NewUnit{u}}).gives(http.StatusOK, &added)
	if added.Added != 1 {
		t.Errorf("added %d", added.Added)
	}
	anna.asks("POST", "/units", api.NewUnits{Units: []api.NewUnit{u}}).gives(http.StatusOK, &added)
	if added.Added != 0 {
		t.Errorf("added %d again", added.Added)
	}
	u.BloodGroup = "Z"
	anna.asks("POST", "/units", api.NewUnits{Units: []api.NewUnit{u}}).refuses(http.StatusUnprocessableEntity, "units[0].blood_group")
	many := make([]api.NewUnit, 1001)
	for i := range many {
		many[i] = u
	}
	anna.asks("POST", "/units", api.NewUnits{Units: many}).refuses(http.StatusUnprocessableEntity, "units")
	anna.asks("POST", "/units", `{"units":"x"}`).refuses(http.StatusBadRequest, "units")
	anna.asks("POST", "/units", strings.Repeat(" ", maxBody+1)).refuses(http.StatusRequestEntityTooLarge, "")
}

func TestDevicesTheirProbesAndSecrets(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna, admin := d.as(desktest.Anna), d.as(root)
	box, drone := string(d.Network().Boxes[0].ID), string(d.Network().Drones[0].ID)

	var boxes []api.BoxState
	anna.asks("GET", "/boxes", nil).gives(http.StatusOK, &boxes)
	if len(boxes) != len(d.Network().Boxes) || boxes[0].TempMc == nil || boxes[0].Watched || boxes[0].AmbientMc == nil {
		t.Errorf("boxes: %d, the first %+v", len(boxes), boxes[0])
	}

	probes := "/boxes/" + box + "/calibrations"
	due := d.Now().AddDate(1, 0, 0)
	c := api.NewCalibration{Probe: 1, Certificate: "C-1", CalibratedOn: date(d.Now().AddDate(0, 0, -1)), DueOn: date(due)}
	anna.asks("POST", probes, c).gives(http.StatusCreated, nil)
	anna.asks("POST", probes, `{"probe":1}`).refuses(http.StatusUnprocessableEntity, "certificate")
	anna.asks("POST", probes, `{"probe":"one"}`).refuses(http.StatusBadRequest, "probe")
	anna.asks("POST", "/boxes/BX-0/calibrations", c).refuses(http.StatusNotFound, "")
	anna.asks("GET", "/boxes/BX-0/calibrations", nil).refuses(http.StatusNotFound, "")
	var list []api.ProbeCalibration
	anna.asks("GET", probes, nil).gives(http.StatusOK, &list)
	if len(list) != 1 || list[0].Certificate != "C-1" || list[0].RecordedBy != "anna" || list[0].DueOn.Format(time.DateOnly) != due.Format(time.DateOnly) {
		t.Errorf("calibrations: %+v", list)
	}

	var k api.Calibration
	anna.asks("GET", "/drones/"+drone+"/calibration", nil).gives(http.StatusOK, &k)
	if k.State != api.Learning || k.Legs != 0 {
		t.Errorf("calibration: %+v", k)
	}
	anna.asks("GET", "/drones/HL-0/calibration", nil).refuses(http.StatusNotFound, "")

	var s api.Secret
	admin.asks("POST", "/devices/"+box+"/secret", nil).gives(http.StatusCreated, &s)
	if s.Device != box || len(s.Secret) < 20 {
		t.Errorf("secret: %+v", s)
	}
	admin.asks("POST", "/devices/BX-0/secret", nil).refuses(http.StatusNotFound, "")
}

func TestADayIsExportedWithWhatDiffers(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Stocks("A+", blood.RedCells, 1)
	d.submits(order(1))
	anna := d.as(desktest.Anna)
	day := "/days/" + d.Now().Format(time.DateOnly)
	for _, v := range []api.DayVariant{{}, {WindMps: some(6.0), WindFromDeg: some(270.0)}, {Policy: some(propose.PolicyText())}} {
		var got struct {
			Requests []any `json:"requests"`
		}
		anna.asks("POST", day, v).gives(http.StatusOK, &got)
		if len(got.Requests) != 1 {
			t.Errorf("%+v: %d requests", v, len(got.Requests))
		}
	}
	anna.asks("POST", day, api.DayVariant{Policy: some("nonsense")}).refuses(http.StatusBadRequest, "policy")
	anna.asks("POST", day, api.DayVariant{WindMps: some(51.0)}).refuses(http.StatusUnprocessableEntity, "wind_mps")
	anna.asks("POST", day, `{"wind_mps":"strong"}`).refuses(http.StatusBadRequest, "wind_mps")
	anna.asks("POST", "/days/yesterday", api.DayVariant{}).refuses(http.StatusBadRequest, "date")
}
