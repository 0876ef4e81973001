package network

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/geo"
	"hemolift/geo/route"
	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/tables"
)

func TestShenyangLoads(t *testing.T) {
	n, err := Load(Shenyang(), builtIn(t), time.Now())
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

// How far an aircraft may depart from its plan, and what it does without a link, is said by its
// class, or not at all.
func TestAClassMaySayHowFarItMayDepart(t *testing.T) {
	dir := fstest.MapFS{}
	for _, name := range fileNames {
		if b, err := fs.ReadFile(Shenyang(), name); err == nil {
			dir[name] = &fstest.MapFile{Data: b}
		}
	}
	table := strings.ReplaceAll(string(dir["aircraft.csv"].Data), "height_m,note", "height_m,lateral_m,vertical_m,delay_min,lost_link_s,lost_link_does,note")
	table = strings.Replace(table, "100,12,120,invented", "100,12,120,40,,1.5,90,return,invented", 1)
	for _, rest := range []string{`150,12,120,`, `30,14,150,`} {
		table = strings.Replace(table, rest, rest+",,,,,", 1)
	}
	dir["aircraft.csv"] = &fstest.MapFile{Data: []byte(strings.Replace(table, ",return,", ",dances,", 1))}
	if _, err := Load(dir, builtIn(t), time.Now()); err == nil || !strings.Contains(err.Error(), "aircraft.csv:2: lost_link_does") {
		t.Errorf("one that dances: %v", err)
	}
	dir["aircraft.csv"] = &fstest.MapFile{Data: []byte(table)}
	n, err := Load(dir, builtIn(t), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if c, _ := n.Class("MR-10"); c.LateralM != 40 || c.VerticalM != 0 || c.DelayMin != 1.5 || c.LostLinkS != 90 || c.LostLinkDoes != "return" {
		t.Errorf("got %+v", c)
	}
	if c, _ := n.Class("MR-30"); c.LateralM != 0 {
		t.Errorf("one that says nothing: %v m", c.LateralM)
	}
}

// A site may have a short name, or one in one language; else it has its whole name there.
func TestASiteMayHaveAShortName(t *testing.T) {
	dir := fstest.MapFS{}
	for _, name := range fileNames {
		if b, err := fs.ReadFile(Shenyang(), name); err == nil {
			dir[name] = &fstest.MapFile{Data: b}
		}
	}
	table := strings.Replace(string(dir["sites.csv"].Data), ",市一院,No. 1 People's,", ",市一院,,", 1)
	dir["sites.csv"] = &fstest.MapFile{Data: []byte(table)}
	n, err := Load(dir, builtIn(t), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := n.Site("SY01"); s.ShortZH != "市一院" || s.ShortEN != s.NameEN || s.NameEN == "" {
		t.Errorf("got %+v", s)
	}
	dir["sites.csv"] = &fstest.MapFile{Data: []byte(strings.Replace(table, "short_zh,short_en", "x,y", 1))}
	if n, err = Load(dir, builtIn(t), time.Now()); err != nil {
		t.Fatal(err)
	}
	if s, _ := n.Site("SY01"); s.ShortZH != s.NameZH {
		t.Errorf("without the columns: %+v", s)
	}
	dir["sites.csv"] = &fstest.MapFile{Data: []byte(strings.Replace(table, "024 0000 0001", "javascript:1", 1))}
	if _, err = Load(dir, builtIn(t), time.Now()); err == nil || !strings.Contains(err.Error(), "sites.csv:2: phone") {
		t.Errorf("no number: %v", err)
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

// with is the demonstration's network with one text of a file put in another's place.
func with(file, old, new string) fstest.MapFS {
	dir := fstest.MapFS{}
	for _, name := range fileNames {
		b, err := fs.ReadFile(Shenyang(), name)
		if err != nil {
			continue
		}
		if name == file {
			b = []byte(strings.Replace(string(b), old, new, 1))
		}
		dir[name] = &fstest.MapFile{Data: b}
	}
	return dir
}

func builtIn(t *testing.T) Profiles {
	t.Helper()
	set, err := coldchain.Profiles()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestFaultsNameFileLineAndColumn(t *testing.T) {
	tests := []struct{ name, file, old, new, want string }{
		{"number", "sites.csv", "123.395452", "east", `sites.csv:3: lon: "east" is not a number`},
		{"off Earth", "sites.csv", "41.769585", "141.769585", "sites.csv:3: lat: 141.769585 degrees is not within -90 to 90"},
		{"changed places", "sites.csv", "123.395452,41.769585", "41.769585,123.395452", "lon and lat may have changed places"},
		{"projected", "sites.csv", "123.395452,41.769585", "13736330,5129700", "not metres of a projection"},
		{"no place", "sites.csv", "123.395452,41.769585", "0,0", "sites.csv:3: lon: 0, 0"},
		{"kind", "sites.csv", "SY06,hospital", "SY06,clinic", `sites.csv:3: kind: "clinic" is none of`},
		{"missing", "aircraft.csv", "MR-10,multirotor,22", "MR-10,multirotor,", "aircraft.csv:2: empty_kg: is missing"},
		{"not a number", "aircraft.csv", "100,12,120", "100,NaN,120", `aircraft.csv:2: wind_max_mps: "NaN"`},
		{"endless", "aircraft.csv", "100,12,120", "100,Inf,120", `aircraft.csv:2: wind_max_mps: "Inf"`},
		{"negative", "aircraft.csv", "2400,20", "2400,-20", "aircraft.csv:2: reserve_pct: -20 % is not within 0 to 90"},
		{"huge", "aircraft.csv", "2400,20", "1e300,20", "aircraft.csv:2: battery_wh"},
		{"half a bay", "aircraft.csv", "22,10,1,", "22,10,1.5,", "aircraft.csv:2: bays: 1.5 is no whole number"},
		{"no such column", "aircraft.csv", "wind_max_mps", "wind", "aircraft.csv:1: wind_max_mps: there is no such column"},
		{"a column twice", "drones.csv", "id,class,home", "id,class,class", "drones.csv:1: class: is named twice"},
		{"a cell too many", "drones.csv", "HL-01,MR-10,SYBC", "HL-01,MR-10,SYBC,x", "drones.csv:2: has 4 cells, the header 3"},
		{"an id", "drones.csv", "HL-01", "HL 01", `drones.csv:2: id: "HL 01" is no id`},
		{"unknown class", "drones.csv", "HL-01,MR-10", "HL-01,MR-11", "drones.csv:2: class: class MR-11 is unknown"},
		{"no centre", "drones.csv", "HL-01,MR-10,SYBC", "HL-01,MR-10,SY06", "drones.csv:2: home: SY06 is no blood centre"},
		{"unknown home", "drones.csv", "HL-01,MR-10,SYBC", "HL-01,MR-10,XXXX", "drones.csv:2: home: site XXXX is unknown"},
		{"twice", "drones.csv", "HL-02", "HL-01", "drones.csv:3: id: device HL-01 appears twice, first in drones.csv:2"},
		{"a box as a drone", "fleet.csv", "BX-001", "HL-01", "fleet.csv:2: id: device HL-01 appears twice, first in drones.csv:2"},
		{"a site twice", "sites.csv", "SY06,", "SYBC,", "sites.csv:3: id: site SYBC appears twice"},
		{"a class twice", "aircraft.csv", "MR-30,", "MR-10,", "aircraft.csv:3: class: class MR-10 appears twice"},
		{"a box type twice", "boxes.csv", "BX-PLT,", "BX-RBC,", "boxes.csv:3: type: box type BX-RBC appears twice"},
		{"unknown type", "fleet.csv", "BX-RBC", "BX-XXX", "fleet.csv:2: type: box type BX-XXX is unknown"},
		{"unknown profile", "boxes.csv", "hemolift-rbc-2-10", "my-rbc", "boxes.csv:2: band_profile: profile my-rbc is unknown"},
		{"a profile without a range", "boxes.csv", "hemolift-rbc-2-10", "nz-rbc-30min", "boxes.csv:2: band_profile: profile nz-rbc-30min has no range"},
		{"box model", "boxes.csv", "pcm2", "pcm9", "boxes.csv:2: model"},
		{"of its model", "boxes.csv", "9000,6,6,2,", "9000,,6,2,", "boxes.csv:2: inner_w_per_k: is missing: the model pcm2 needs it"},
		{"nothing of its model", "boxes.csv", "9000,6,6,2,", "9000,0,6,2,", "the conductance within is 0"},
		{"zone", "zones.geojson", "PROHIBITED", "FORBIDDEN", "FORBIDDEN"},
		{"an empty table", "drones.csv", "id,class,home", "", "drones.csv"},
		{"odd quotes", "drones.csv", "HL-01,MR-10", `HL"-01,MR-10`, "drones.csv:2"},
		{"another encoding", "drones.csv", "HL-01", "HL-\xb0", "drones.csv: is no UTF-8"},
	}
	for _, tt := range tests {
		if _, err := Load(with(tt.file, tt.old, tt.new), builtIn(t), time.Now()); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}

// Every fault is told at once, not the first alone.
func TestEveryFaultIsTold(t *testing.T) {
	dir := with("aircraft.csv", "2400,20", "2400,-20")
	dir["sites.csv"].Data = []byte(strings.Replace(string(dir["sites.csv"].Data), "SY06,hospital", "SY06,clinic", 1))
	dir["drones.csv"].Data = []byte(strings.ReplaceAll(string(dir["drones.csv"].Data), "MR-30", "MR-31"))
	dir["zones.geojson"].Data = []byte(strings.ReplaceAll(string(dir["zones.geojson"].Data), "PROHIBITED", "FORBIDDEN"))
	delete(dir, "fleet.csv")
	_, err := Load(dir, builtIn(t), time.Now())
	var faults tables.Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	per := map[string]int{}
	for _, f := range faults {
		per[f.File]++
	}
	if per["aircraft.csv"] != 1 || per["sites.csv"] != 1 || per["drones.csv"] != 2 || per["zones.geojson"] < 2 || per["fleet.csv"] != 1 {
		t.Errorf("got %v: %v", per, err)
	}
}

// What spreadsheets write is read: a mark, semicolons with decimal commas, tabs, CRLF.
func TestTablesOfSpreadsheets(t *testing.T) {
	want, err := Load(Shenyang(), builtIn(t), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(string) string{
		"a mark": func(s string) string { return "\ufeff" + s },
		"CRLF":   func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"semicolons": func(s string) string {
			return strings.NewReplacer(",", ";", ".", ",").Replace(s)
		},
		"tabs":             func(s string) string { return strings.ReplaceAll(s, ",", "\t") },
		"empty lines":      func(s string) string { return s + "\n,,\n\n" },
		"names in capital": strings.ToUpper,
	} {
		dir := with("", "", "")
		for _, file := range []string{"drones.csv", "fleet.csv"} {
			dir[file].Data = []byte(change(string(dir[file].Data)))
		}
		got, err := Load(dir, builtIn(t), time.Now())
		if err != nil || len(got.Drones) != len(want.Drones) || len(got.Boxes) != len(want.Boxes) {
			t.Errorf("%s: %v", name, err)
		}
	}
	dir := with("", "", "")
	dir["sites.csv"].Data = []byte("id;kind;name_zh;name_en;lon;lat\nSYBC;blood_centre;甲;A;123,5;41,7\nSYN2;blood_centre;乙;B;123,6;41,8\n")
	dir["fleet.csv"].Data = []byte("id,type,site\n")
	dir["drones.csv"].Data = []byte("id,class,home\nHL-01,MR-10,SYBC\n")
	got, err := Load(dir, builtIn(t), time.Now())
	if err != nil || got.Sites[0].Point.Lon() != 123.5 {
		t.Errorf("decimal commas: %+v, %v", got, err)
	}
}

// A box may name a profile of one's own, whose words say what it holds.
func TestProfilesOfOnesOwn(t *testing.T) {
	own := builtIn(t)
	p := own["hemolift-rbc-2-10"]
	p.ID = "my-rbc"
	own["my-rbc"] = p
	n, err := Load(with("boxes.csv", "hemolift-rbc-2-10", "my-rbc"), own, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if b, ok := n.BoxTypeFor(blood.RedCells); !ok || b.Profile != "my-rbc" {
		t.Errorf("got %+v", b)
	}
}

// Nothing in a network's files ends in a panic, and each number has its bounds.
func FuzzLoad(f *testing.F) {
	for _, name := range fileNames {
		if b, err := fs.ReadFile(Shenyang(), name); err == nil {
			f.Add(name, b)
		}
	}
	f.Add("zones.geojson", []byte(`{"type":"FeatureCollection","features":[{"geometry":{"type":"GeometryCollection","geometries":[null]}}]}`))
	set, err := coldchain.Profiles()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		dir := with("", "", "")
		dir[name] = &fstest.MapFile{Data: content}
		n, err := Load(dir, set, time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC))
		if (n == nil) == (err == nil) {
			t.Fatal(n, err)
		}
	})
}

// A file of zones under another name, and a line that is too short, are told as what they
// are.
func TestFilesAndLinesThatAreOverlooked(t *testing.T) {
	dir := fstest.MapFS{}
	for _, name := range fileNames {
		if b, err := fs.ReadFile(Shenyang(), name); err == nil {
			dir[name] = &fstest.MapFile{Data: b}
		}
	}
	dir["zones2.geojson"], dir["zones.ed269.JSON"], dir["notes.json"] = dir["zones.geojson"], dir["zones.geojson"], dir["zones.geojson"]
	dir["drones.csv"] = &fstest.MapFile{Data: append(dir["drones.csv"].Data, "HL-99,MR-10\n"...)}
	set, err := coldchain.Profiles()
	if err != nil {
		t.Fatal(err)
	}
	_, err = Load(dir, set, time.Now())
	var faults tables.Faults
	if !errors.As(err, &faults) || len(faults) != 3 {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{"zones2.geojson: is read by nobody", "zones.ed269.JSON: is read by nobody", ": home: is missing"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
