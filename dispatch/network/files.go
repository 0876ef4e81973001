package network

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb/encoding/wkt"
	"github.com/samber/lo"

	"hemolift/geo/airspace"
	"hemolift/telemetry/tables"
)

// Files are the files of a network, whole, by their names.
type Files map[string]string

// Version is a digest of the network's files, whatever becomes of its boxes: where they stand
// is no part of it.
func (n *Network) Version() (string, error) {
	still := *n
	still.Boxes = lo.Map(n.Boxes, func(b Box, _ int) Box { b.Site = ""; return b })
	files, err := still.Files()
	return files.Version(), err
}

// Files writes the network as Load reads it. What people drew, what only the files' readers
// see (notes) and where nothing is stated are left out; schedules are written as their windows.
func (n *Network) Files() (Files, error) {
	files := Files{}
	for _, t := range n.tables() {
		if t.file == zonesFile {
			continue
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		_ = w.Write(t.columns) // a buffer takes everything
		_ = w.WriteAll(t.rows)
		files[t.file] = b.String()
	}
	zones, err := airspace.Export(airspace.GeoJSON, n.ownZones(), "")
	if err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	files[zonesFile] = string(zones)
	return files, nil
}

// Version is a digest of the files.
func (f Files) Version() string {
	sum := sha256.New()
	for _, name := range fileNames {
		if content, ok := f[name]; ok {
			fmt.Fprintf(sum, "%s %d\n%s", name, len(content), content)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// Version is a digest of a network's files as they are, whatever is drawn or moved later.
func Version(dir fs.FS) (string, error) {
	f := Files{}
	for _, name := range fileNames {
		content, err := fs.ReadFile(dir, name)
		switch {
		case err == nil:
			f[name] = string(content)
		case !errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("network: %w", err)
		}
	}
	return f.Version(), nil
}

// Network reads the files; see Load.
func (f Files) Network(profiles Profiles, now time.Time) (*Network, error) {
	var faults tables.Faults
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if !slices.Contains(fileNames, name) {
			faults.Add(tables.Fault{File: name, Reason: "is read by nobody: " + strings.Join(fileNames, ", ") + " are"})
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	dir, err := f.fs()
	if err != nil {
		return nil, err
	}
	n, err := Load(dir, profiles, now)
	if _, given := f[RolesFile]; err == nil && !given {
		n.Roles = nil // nothing is said of them
	}
	return n, err
}

// fs is the files as a directory.
func (f Files) fs() (fs.FS, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(f)) {
		part, err := w.Create(name)
		if err == nil {
			_, err = part.Write([]byte(f[name]))
		}
		if err != nil {
			return nil, fmt.Errorf("network: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	return zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
}

// table is a file of a network as rows of texts; the first column names each row's thing.
type table struct {
	file    string
	columns []string
	rows    [][]string
}

func (n *Network) tables() []table {
	return []table{
		tableOf("sites.csv", "id kind name_zh name_en short_zh short_en phone lon lat elevation_m", n.Sites, Site.row),
		tableOf("pads.csv", "id site label", n.Pads, func(p Pad) []string { return []string{string(p.ID), string(p.Site), p.Label} }),
		n.classTable(),
		n.boxTypeTable(),
		tableOf("drones.csv", "id class home", n.Drones, func(d Drone) []string { return []string{string(d.ID), d.Class, string(d.Home)} }),
		tableOf("fleet.csv", "id type site", n.Boxes, func(b Box) []string { return []string{string(b.ID), string(b.Type), string(b.Site)} }),
		tableOf(RolesFile, "role name_zh name_en like only without", n.Roles, func(d RoleDef) []string {
			return []string{
				string(d.Role), d.NameZH, d.NameEN, string(d.Like), strings.Join(d.Only, " "), strings.Join(d.Without, " "),
			}
		}),
		tableOf(zonesFile, "id name_zh name_en kind lower_m upper_m reference from until polygon", n.ownZones(), zoneRow),
	}
}

func tableOf[T any](file, columns string, list []T, row func(T) []string) table {
	return table{file, strings.Fields(columns), lo.Map(list, func(x T, _ int) []string { return row(x) })}
}

// ownZones are those of the network's files, not those that people drew.
func (n *Network) ownZones() []airspace.Zone {
	return lo.Filter(n.Zones, func(z airspace.Zone, _ int) bool { return z.DrawnBy == "" })
}

func (s Site) row() []string {
	return []string{
		string(s.ID), string(s.Kind), s.NameZH, s.NameEN, s.ShortZH, s.ShortEN, s.Phone,
		exactly(s.Point.Lon()), exactly(s.Point.Lat()), exactly(s.ElevationM),
	}
}

func (n *Network) classTable() table {
	t := table{file: "aircraft.csv", columns: strings.Fields("class kind empty_kg payload_kg bays cruise_mps climb_mps descent_mps " +
		"battery_wh reserve_pct charge_w hover_w hover_w_per_kg cruise_w cruise_w_per_kg wind_max_mps height_m " +
		"lateral_m vertical_m delay_min lost_link_s lost_link_does")}
	for _, c := range n.Classes {
		t.rows = append(t.rows, slices.Concat(
			[]string{c.ID, c.Kind},
			numbers(c.EmptyKg, c.PayloadKg, float64(c.Bays), c.CruiseMPS, c.ClimbMPS, c.DescentMPS, c.BatteryJ/joulesPerWh),
			[]string{exactly(c.ReservePct)}, // 0 is stated
			numbers(c.ChargeW, c.HoverW), []string{exactly(c.HoverWPerKg)},
			numbers(c.CruiseW), []string{exactly(c.CruiseWPerKg)},
			numbers(c.WindMaxMPS, c.HeightM, c.LateralM, c.VerticalM, c.DelayMin, c.LostLinkS),
			[]string{c.LostLinkDoes},
		))
	}
	return t
}

func (n *Network) boxTypeTable() table {
	t := table{file: "boxes.csv", columns: strings.Fields("type holds band_profile box_g units model ua_w_per_k pcm_kj pcm_c cp_j_per_k " +
		"inner_w_per_k wall_j_per_k hold_h_at_30c")}
	for _, x := range n.BoxTypes {
		holds := make([]string, len(x.Holds))
		for i, c := range x.Holds {
			holds[i] = string(c)
		}
		th := x.Thermal
		t.rows = append(t.rows, slices.Concat(
			[]string{string(x.ID), strings.Join(holds, "; "), string(x.Profile)},
			numbers(x.EmptyKg*1000, float64(x.Units)), []string{string(th.Model)},
			numbers(th.OuterWPerK, th.LatentJ/1000, th.MeltC, th.PayloadJPerK, th.InnerWPerK, th.WallJPerK, x.HoldAt30C.Hours()),
		))
	}
	return t
}

// zoneRow has a zone's polygon as well-known text: longitude and latitude, WGS 84.
func zoneRow(z airspace.Zone) []string {
	instant := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339Nano)
	}
	return []string{
		string(z.ID), z.NameZH, z.NameEN, string(z.Kind), exactly(z.LowerM), exactly(z.UpperM), string(z.Reference),
		instant(z.From), instant(z.Until), wkt.MarshalString(z.Polygon),
	}
}

// numbers are texts of numbers of which 0 is not stated.
func numbers(list ...float64) []string {
	return lo.Map(list, func(x float64, _ int) string {
		if x == 0 {
			return ""
		}
		return rounded(x)
	})
}

func exactly(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// rounded leaves out what a change of units adds behind the digits that people write.
func rounded(x float64) string {
	short, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 12, 64), 64)
	return exactly(short)
}

// Difference is what one network has otherwise than another: a cell, or with no Field a whole
// row or zone that only one of them has.
type Difference struct {
	File, ID, Field string
	Was, Is         string
}

// Differences tells what has become of a network, in the order of its files.
func Differences(was, is *Network) []Difference {
	var list []Difference
	before, after := was.tables(), is.tables()
	for i, t := range after {
		list = append(list, rowDifferences(t, before[i].rows)...)
	}
	return list
}

// Succeeds refuses what another network cannot have become: a site is what it was, a pad stays
// where it is, and a device stays a drone or a box. The error is tables.Faults.
func (n *Network) Succeeds(was *Network) error {
	var faults tables.Faults
	stays := func(ok bool, file, column, id, what string) {
		if !ok {
			faults.Add(tables.Fault{File: file, Column: column, Reason: fmt.Sprintf("%s is on record %s; give it another id", id, what)})
		}
	}
	for _, s := range n.Sites {
		before, known := was.Site(s.ID)
		stays(!known || s.Kind == before.Kind, "sites.csv", "kind", string(s.ID), "as a "+string(before.Kind))
		if far := was.tooFar(s); far != "" {
			faults.Add(tables.Fault{File: "sites.csv", Column: "lon", Reason: far})
		}
	}
	for _, p := range n.Pads {
		before, known := was.Pad(p.ID)
		stays(!known || p.Site == before.Site, "pads.csv", "site", string(p.ID), "at "+string(before.Site))
	}
	for _, d := range n.Drones {
		_, known := was.Box(d.ID)
		stays(!known, "drones.csv", "id", string(d.ID), "as a box")
	}
	for _, b := range n.Boxes {
		_, known := was.Drone(b.ID)
		stays(!known, "fleet.csv", "id", string(b.ID), "as a drone")
	}
	return faults.Err()
}

func rowDifferences(t table, was [][]string) []Difference {
	var list []Difference
	whole := func(row []string) string {
		var cells []string
		for i, cell := range row[1:] {
			if cell != "" {
				cells = append(cells, t.columns[i+1]+" "+cell)
			}
		}
		return strings.Join(cells, ", ")
	}
	left := lo.KeyBy(was, func(row []string) string { return row[0] })
	for _, row := range t.rows {
		before, known := left[row[0]]
		if !known {
			list = append(list, Difference{File: t.file, ID: row[0], Is: whole(row)})
			continue
		}
		delete(left, row[0])
		for i, cell := range row {
			if cell != before[i] {
				list = append(list, Difference{t.file, row[0], t.columns[i], before[i], cell})
			}
		}
	}
	for _, row := range was {
		if _, gone := left[row[0]]; gone {
			list = append(list, Difference{File: t.file, ID: row[0], Was: whole(row)})
		}
	}
	return list
}
