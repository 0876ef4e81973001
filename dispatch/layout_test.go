package dispatch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch"
	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/desktest"
	"hemolift/dispatch/dispatchdb"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/geo/airspace"
	"hemolift/telemetry/tables"
)

// alters has root change the network's files.
func alters(d *desktest.Desk, change func(network.Files)) (dispatch.NetworkChanged, error) {
	d.T.Helper()
	files, version, err := d.NetworkFiles(context.Background(), root)
	if err != nil {
		d.T.Fatal(err)
	}
	change(files)
	return d.ChangeNetwork(context.Background(), root, dispatch.NetworkChange{Files: files, Version: version, Reason: "grown"})
}

// adds appends a line to a file.
func adds(file, line string) func(network.Files) {
	return func(f network.Files) { f[file] += line + "\n" }
}

// A hospital, a drone and a box that come while the desk works are planned with at once, and
// are there after a restart.
func TestTheNetworkGrowsWhileItIsInUse(t *testing.T) {
	d := desktest.New(t)
	d.Signs(root, "x")
	d.Stocks("O-", blood.RedCells, 4)
	out, err := alters(d, func(f network.Files) {
		adds("sites.csv", "NEW1,hospital,新医院,New Hospital,,,,123.45,41.75,")(f)
		adds("pads.csv", "NEW1-P1,NEW1,P1")(f)
		adds("drones.csv", "HL-99,MR-10,SYBC")(f)
		adds("fleet.csv", "BX-999,BX-RBC,SYBC")(f)
	})
	if err != nil || len(out.Differences) != 4 {
		t.Fatalf("%+v, %v", out, err)
	}
	d.Hear()
	ward := network.Actor{Login: "neu", Role: network.RoleHospital, Site: "NEW1"}
	d.Signs(ward, "x")
	o := delivery.Asked{
		Hospital: "NEW1", Pad: "NEW1-P1", Component: blood.RedCells, Group: "O-", Units: 2, Urgency: delivery.STAT, NeededBy: d.Now().Add(time.Hour),
	}
	e, err := d.Estimate(context.Background(), ward, o)
	if err != nil || e.Proposal == nil {
		t.Fatalf("%+v, %v", e.Impossible, err)
	}
	if _, ok := d.Tracker.Drone("HL-99"); !ok {
		t.Error("the tracker knows no HL-99")
	}
	if b, ok := d.Tracker.Box(d.Now(), "BX-999"); !ok || !b.HasReading {
		t.Error("the tracker has not heard BX-999")
	}
	d.Restarts()
	if _, known := d.Network().Drone("HL-99"); !known {
		t.Error("the drone is not there after a restart")
	}
}

func TestChangesThatAreRefused(t *testing.T) {
	d := desktest.New(t)
	d.Signs(root, "x")
	d.Stocks("O-", blood.RedCells, 4)
	del := d.Accepts(d.Submits(desktest.Order(1), "a long key"))
	replaces := func(file, old, now string) func(network.Files) {
		return func(f network.Files) {
			if !strings.Contains(f[file], old) {
				t.Errorf("%s has no %q", file, old)
			}
			f[file] = strings.Replace(f[file], old, now, 1)
		}
	}
	drone, box := string(del.Drone), string(del.Boxes[0].Box)
	for name, c := range map[string]struct {
		change func(network.Files)
		says   string
	}{
		"a hospital moved from under a flight":     {replaces("sites.csv", "123.395452", "123.4"), "in use by mission"},
		"the class of a drone that is out":         {replaces("drones.csv", drone+",MR-10", drone+",MR-30"), "in use by"},
		"the type of a box that is in use":         {replaces("fleet.csv", box+",BX-RBC", box+",BX-PLT"), "in use by"},
		"the class of a drone that is out, itself": {replaces("aircraft.csv", "MR-10,multirotor,22,", "MR-10,multirotor,23,"), "in use by"},
		"the design of a box that is in use":       {replaces("boxes.csv", "BX-RBC,red_cells,hemolift-rbc-2-10,4500", "BX-RBC,red_cells,hemolift-rbc-2-10,4600"), "in use by"},
		"a zone named as people's are":             {replaces("zones.geojson", `"id": "ZYTX-CTR"`, `"id": "TZ-ABCDEFGH"`), "of zones that people drew"},
		"a zone without a name":                    {replaces("zones.geojson", `"id": "ZYTX-CTR"`, `"id": " "`), "its id is empty"},
		"a site in small letters":                  {adds("sites.csv", "new1,hospital,新,New,,,,123.45,41.75,"), "sites.csv:32: id: "},
		"a device with a low line":                 {adds("fleet.csv", "BX_1,BX-RBC,SYBC"), "fleet.csv:32: id: "},
		"a drone that is a box now": {func(f network.Files) {
			f["drones.csv"] = strings.Replace(f["drones.csv"], "HL-05,MR-10,SYBC\n", "", 1)
			f["fleet.csv"] += "HL-05,BX-RBC,SYBC\n"
		}, "on record as a drone"},
		"a hospital that becomes a centre": {replaces("sites.csv", "CMU1,hospital", "CMU1,blood_centre"), "on record as a hospital"},
		"a pad that goes elsewhere":        {replaces("pads.csv", "SY06-P1,SY06", "SY06-P1,CMU1"), "on record at SY06"},
		"a drone that becomes a box":       {adds("fleet.csv", drone+",BX-RBC,SYBC"), drone},
		"a class that there is not":        {adds("drones.csv", "HL-99,NONE,SYBC"), "class NONE is unknown"},
		"an operation that there is not":   {adds("roles.csv", "half,半,half,hospital,fly,"), "fly"},
		"a file that nobody reads":         {func(f network.Files) { f["notes.txt"] = "x" }, "read by nobody"},
		"a hospital on the moon":           {adds("sites.csv", "NEW1,hospital,新,New,,,,-122.4,37.8,"), "km from"},
		"no zones":                         {func(f network.Files) { delete(f, "zones.geojson") }, "missing"},
	} {
		_, err := alters(d, c.change)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	files, version, _ := d.NetworkFiles(context.Background(), root)
	adds("sites.csv", "NEW1,hospital,新,New,,,,123.45,41.75,")(files)
	for name, c := range map[string]struct {
		as     network.Actor
		change dispatch.NetworkChange
		is     error
	}{
		"a dispatcher":         {desktest.Anna, dispatch.NetworkChange{Files: files, Reason: "x"}, refusal.ErrForbidden},
		"a centre's own admin": {network.Actor{Login: "keys", Role: network.RoleAdmin, Site: "SYBC"}, dispatch.NetworkChange{Files: files, Reason: "x"}, refusal.ErrForbidden},
		"without a reason":     {root, dispatch.NetworkChange{Files: files, Version: version}, refusal.OfField("reason", "is empty")},
		"from other files":     {root, dispatch.NetworkChange{Files: files, Version: "0", Reason: "x"}, refusal.OfState("the network", "another one by now", "changed from these files")},
	} {
		if _, err := d.ChangeNetwork(context.Background(), c.as, c.change); !errors.Is(err, c.is) && fmt.Sprint(err) != fmt.Sprint(c.is) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, known := d.Network().Site("NEW1"); known {
		t.Error("a refused change has changed the network")
	}
	if _, now, _ := d.NetworkFiles(context.Background(), root); now != version {
		t.Error("the version has changed")
	}
}

// A preview tells the faults, or what would change, and writes nothing.
func TestAPreviewWritesNothing(t *testing.T) {
	d := desktest.New(t)
	files, version, err := d.NetworkFiles(context.Background(), root)
	if err != nil {
		t.Fatal(err)
	}
	adds("sites.csv", "NEW1,hospital,新,New,,,,123.45,41.75,")(files)
	out, err := d.ChangeNetwork(context.Background(), root, dispatch.NetworkChange{Files: files, Version: version, Preview: true})
	if err != nil || len(out.Differences) != 1 || out.Version == version {
		t.Errorf("%+v, %v", out, err)
	}
	if _, now, _ := d.NetworkFiles(context.Background(), root); now != version {
		t.Error("something was written")
	}
	files["sites.csv"] += "NEW1,hotel,,,,,,200,41.75,\n"
	_, err = d.ChangeNetwork(context.Background(), root, dispatch.NetworkChange{Files: files, Preview: true})
	if faults := (tables.Faults{}); !errors.As(err, &faults) || len(faults) < 3 || faults[0].Line != 33 {
		t.Errorf("got %v", err)
	}
}

// Zones of the network come and go with its files; those that people drew stay, and what is
// under way is led around a new one.
func TestZonesOfTheNetworkComeAndGo(t *testing.T) {
	d := desktest.New(t)
	d.Signs(root, "x")
	drawn, _, err := d.AddZone(context.Background(), desktest.Tower, airspace.Zone{
		NameZH: "drawn", NameEN: "drawn", Kind: airspace.Prohibited, Reference: airspace.AGL, UpperM: 200, Until: d.Now().Add(time.Hour),
		Polygon: orb.Polygon{{{123.6, 41.9}, {123.61, 41.9}, {123.61, 41.91}, {123.6, 41.9}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Stocks("O-", blood.RedCells, 4)
	way := d.Mission(d.Accepts(d.Submits(desktest.Order(1), "a long key")).Mission).Out
	mid := orb.LineString{way[0].Point, way[1].Point}.Bound().Center()
	before := len(d.Zones())
	square, err := json.Marshal(orb.Bound{Min: mid, Max: mid}.Pad(0.001).ToPolygon())
	if err != nil {
		t.Fatal(err)
	}
	var was string
	out, err := alters(d, func(f network.Files) {
		was = f["zones.geojson"]
		f["zones.geojson"] = `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"N1","type":"PROHIBITED",` +
			`"lower_m":0,"upper_m":500,"reference":"AGL"},"geometry":{"type":"Polygon","coordinates":` + string(square) + `}}]}`
	})
	if err != nil || len(out.Touched) != 1 || len(d.Zones()) != 2 {
		t.Fatalf("%+v, %v, %d zones", out, err, len(d.Zones()))
	}
	if _, err := alters(d, func(f network.Files) { f["zones.geojson"] = was }); err != nil || len(d.Zones()) != before {
		t.Fatalf("%v, %d zones", err, len(d.Zones()))
	}
	d.Restarts()
	if zones := d.Zones(); len(zones) != before || !slices.ContainsFunc(zones, func(z airspace.Zone) bool { return z.ID == drawn.ID }) {
		t.Errorf("%d zones after a restart", len(zones))
	}
}

// meddler has something done before a decision is written.
type meddler struct {
	*dispatchdb.Books
	first func()
}

func (m *meddler) Change(ctx context.Context, keys delivery.Keys, decide func(*delivery.Book) error) (int, error) {
	if f := m.first; f != nil {
		m.first = nil
		f()
	}
	return m.Books.Change(ctx, keys, decide)
}

// A hospital that moves while a flight there is being allocated: the flight is planned anew, and
// none goes to where it was.
func TestAHospitalMovesUnderAnAllocation(t *testing.T) {
	d := desktest.New(t)
	d.Signs(root, "x")
	d.Stocks("O-", blood.RedCells, 4)
	r := d.Submits(desktest.Order(1), "a long key")
	d.With(func(p *dispatch.Parts) {
		p.Books = &meddler{d.DB.Books, func() {
			if _, err := alters(d, func(f network.Files) { f["sites.csv"] = strings.Replace(f["sites.csv"], "123.395452", "123.4", 1) }); err != nil {
				t.Error(err)
			}
		}}
	})
	d.Hear()
	if _, err := d.Accept(context.Background(), desktest.Anna, r.ID, "", nil); !errors.Is(err, refusal.ErrChanged) {
		t.Fatalf("got %v", err)
	}
	way := d.Mission(d.Accepts(r).Mission).Out
	if end := way[len(way)-1].Point; end[0] != 123.4 {
		t.Errorf("it flies to %v", end)
	}
}

// Boxes that travel are no change of the network: whoever looked at it before may change it.
func TestBoxesTravelWhileTheNetworkIsChanged(t *testing.T) {
	d := desktest.New(t)
	d.Signs(root, "x")
	files, version, err := d.NetworkFiles(context.Background(), root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Pool.Exec(context.Background(), `UPDATE box SET site_id = 'SY06' WHERE id = 'BX-001'`); err != nil {
		t.Fatal(err)
	}
	adds("sites.csv", "NEW1,hospital,新,New,,,,123.45,41.75,")(files)
	out, err := d.ChangeNetwork(context.Background(), root, dispatch.NetworkChange{Files: files, Version: version, Reason: "x"})
	if err != nil || len(out.Differences) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	now, after, err := d.NetworkFiles(context.Background(), root)
	if err != nil || after != out.Version || !strings.Contains(now["fleet.csv"], "BX-001,BX-RBC,SY06") {
		t.Errorf("version %s, want %s, %v", after, out.Version, err)
	}
}
