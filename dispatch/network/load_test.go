package network

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hemolift/geo"
	"hemolift/geo/route"
)

func TestShenyangLoads(t *testing.T) {
	n, err := Load(Shenyang(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if len(n.Drones) != 12 || len(n.Boxes) != 30 || len(n.Zones) != 13 || len(n.Sites) != 30 {
		t.Errorf("got %d drones, %d boxes, %d zones, %d sites", len(n.Drones), len(n.Boxes), len(n.Zones), len(n.Sites))
	}
	// Every hospital can be reached from a centre, and no site lies in a zone's margin.
	p, err := route.NewPlanner(geo.NewPlane(n.Centre()), n.Zones, 50, n.GroundAltM())
	if err != nil {
		t.Fatal(err)
	}
	centre, _ := n.Site("SYBC")
	for _, s := range n.Sites {
		if s.Kind != Hospital {
			continue
		}
		start := time.Now()
		r, err := p.Plan(route.Flight{From: centre.Point, To: s.Point, HeightM: 120})
		if err != nil {
			t.Errorf("%s: %v", s.ID, err)
			continue
		}
		t.Logf("%s %.1f km, %d points, planned in %v", s.ID, r.LengthM/1000, len(r.Points), time.Since(start))
	}
}

// The version is of the files: what is drawn or moved while the network is used is no
// other configuration, a changed cell is.
func TestTheVersionOfANetworkIsOfItsFiles(t *testing.T) {
	whole, err := Version(Shenyang())
	if err != nil || len(whole) != 16 {
		t.Fatal(whole, err)
	}
	dir := fstest.MapFS{}
	for _, name := range fileNames {
		if b, err := fs.ReadFile(Shenyang(), name); err == nil {
			dir[name] = &fstest.MapFile{Data: b}
		}
	}
	if same, err := Version(dir); err != nil || same != whole {
		t.Errorf("the same files: %s, not %s (%v)", same, whole, err)
	}
	dir["notes.txt"] = &fstest.MapFile{Data: []byte("no part of it")}
	if same, err := Version(dir); err != nil || same != whole {
		t.Errorf("with a file that is none of its own: %s, not %s (%v)", same, whole, err)
	}
	dir["fleet.csv"] = &fstest.MapFile{Data: append(dir["fleet.csv"].Data, "BX-099,BX-RBC,SYBC\n"...)}
	if other, err := Version(dir); err != nil || other == whole {
		t.Errorf("with one box more: %s (%v)", other, err)
	}
}

func TestFaultsNameFileLineAndColumn(t *testing.T) {
	tests := []struct{ name, file, old, new, want string }{
		{"number", "sites.csv", "123.395452", "east", "sites.csv line 3: column lon is not a number"},
		{"off Earth", "sites.csv", "41.769585", "141.769585", "sites.csv line 3: latitude"},
		{"kind", "sites.csv", "SY06,hospital", "SY06,clinic", `"clinic" is unknown`},
		{"missing", "aircraft.csv", "MR-10,multirotor,22", "MR-10,multirotor,", "aircraft.csv line 2: column empty_kg is missing"},
		{"unknown class", "drones.csv", "HL-01,MR-10", "HL-01,MR-11", "drone HL-01: class MR-11"},
		{"twice", "drones.csv", "HL-02", "HL-01", "device HL-01 appears twice"},
		{"zone", "zones.geojson", "PROHIBITED", "FORBIDDEN", "FORBIDDEN"},
	}
	for _, tt := range tests {
		dir := fstest.MapFS{}
		entries, _ := fs.ReadDir(Shenyang(), ".")
		for _, e := range entries {
			b, _ := fs.ReadFile(Shenyang(), e.Name())
			if e.Name() == tt.file {
				b = []byte(strings.Replace(string(b), tt.old, tt.new, 1))
			}
			dir[e.Name()] = &fstest.MapFile{Data: b}
		}
		if _, err := Load(dir, time.Now()); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}
