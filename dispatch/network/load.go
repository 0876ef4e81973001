package network

import (
	"crypto/sha256"
	"embed"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/blood"
	"hemolift/geo"
	"hemolift/geo/airspace"
	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

//go:embed shenyang
var shenyang embed.FS

// Shenyang is the demonstration network's directory.
func Shenyang() fs.FS {
	sub, err := fs.Sub(shenyang, "shenyang")
	if err != nil {
		panic(err) // the directory is embedded
	}
	return sub
}

// groundM is the demonstration's ground elevation; terrain comes later.
const groundM = 45

// Load reads a whole network and checks that its parts fit together.
func Load(dir fs.FS, now time.Time) (*Network, error) {
	n := &Network{}
	for _, f := range []struct {
		name string
		read func(record, *Network) error
	}{
		{"sites.csv", readSite},
		{"pads.csv", readPad},
		{"aircraft.csv", readClass},
		{"boxes.csv", readBoxType},
		{"drones.csv", readDrone},
		{"fleet.csv", readBox},
	} {
		err := eachRecord(dir, f.name, func(r record) error { return f.read(r, n) })
		if f.name == "pads.csv" && errors.Is(err, fs.ErrNotExist) {
			defaultPads(n)
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	var err error
	if n.Zones, err = readZones(dir, now); err != nil {
		return nil, err
	}
	return n, check(n)
}

// Version is a digest of a network's files as they are, whatever is drawn or moved later.
func Version(dir fs.FS) (string, error) {
	sum := sha256.New()
	for _, name := range fileNames {
		content, err := fs.ReadFile(dir, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("network: %w", err)
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(content))
		sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// fileNames are the files of a network, of which some may be missing.
var fileNames = []string{
	"sites.csv", "pads.csv", "aircraft.csv", "boxes.csv", "drones.csv", "fleet.csv", "zones.geojson", "zones.ed269.json", "zones.ed318.json",
}

// scheduleAhead is for how long schedules of zones are written out as windows; a
// restart writes them out anew.
const scheduleAhead = 400 * 24 * time.Hour

// readZones reads the zone files that there are, of which at least one must be.
func readZones(dir fs.FS, now time.Time) ([]airspace.Zone, error) {
	var zones []airspace.Zone
	var missing error
	found := false
	for _, f := range []struct {
		name   string
		format airspace.Format
	}{{"zones.geojson", airspace.GeoJSON}, {"zones.ed269.json", airspace.ED269}, {"zones.ed318.json", airspace.ED318}} {
		doc, err := fs.ReadFile(dir, f.name)
		if errors.Is(err, fs.ErrNotExist) {
			missing = errors.Join(missing, err)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("network: %w", err)
		}
		more, err := airspace.Parse(f.format, doc, airspace.Horizon{From: now, Until: now.Add(scheduleAhead)})
		if err != nil {
			return nil, fmt.Errorf("network: %s: %w", f.name, err)
		}
		zones, found = append(zones, more...), true
	}
	if !found {
		return nil, fmt.Errorf("network: %w", missing)
	}
	return zones, nil
}

// record is one line of a CSV file, read by column name; faults are gathered.
type record struct {
	cells map[string]string
	fault *error
}

func (r record) text(col string) string {
	v, ok := r.cells[col]
	if !ok || strings.TrimSpace(v) == "" {
		r.fail(col, "is missing")
	}
	return strings.TrimSpace(v)
}

func (r record) number(col string) float64 {
	v, err := strconv.ParseFloat(r.text(col), 64)
	if err != nil {
		r.fail(col, "is not a number")
	}
	return v
}

// optional is a number that may be empty.
func (r record) optional(col string) float64 {
	if strings.TrimSpace(r.cells[col]) == "" {
		return 0
	}
	return r.number(col)
}

func (r record) fail(col, why string) {
	if *r.fault == nil {
		*r.fault = fmt.Errorf("column %s %s", col, why)
	}
}

func eachRecord(dir fs.FS, name string, f func(record) error) error {
	file, err := dir.Open(name)
	if err != nil {
		return fmt.Errorf("network: %w", err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return fmt.Errorf("network: %s: %w", name, err)
	}
	if len(rows) == 0 {
		return fmt.Errorf("network: %s is empty", name)
	}
	for i, row := range rows[1:] {
		var fault error
		r := record{cells: map[string]string{}, fault: &fault}
		for j, col := range rows[0] {
			r.cells[col] = row[j]
		}
		if err := errors.Join(f(r), fault); err != nil {
			return fmt.Errorf("network: %s line %d: %w", name, i+2, err)
		}
	}
	return nil
}

func readSite(r record, n *Network) error {
	s := Site{
		ID: SiteID(r.text("id")), Kind: SiteKind(r.text("kind")), NameZH: r.text("name_zh"), NameEN: r.text("name_en"),
		Point: orb.Point{r.number("lon"), r.number("lat")}, ElevationM: groundM,
	}
	switch s.Kind {
	case BloodCentre, Hospital, DonationHouse:
	default:
		return fmt.Errorf("column kind: %q is unknown", s.Kind)
	}
	n.Sites = append(n.Sites, s)
	return geo.CheckPoint(s.Point)
}

func readPad(r record, n *Network) error {
	n.Pads = append(n.Pads, Pad{ID: PadID(r.text("id")), Site: SiteID(r.text("site")), Label: r.text("label")})
	return nil
}

func defaultPads(n *Network) {
	count := map[SiteKind]int{BloodCentre: 2, Hospital: 1}
	for _, s := range n.Sites {
		for i := 1; i <= count[s.Kind]; i++ {
			n.Pads = append(n.Pads, Pad{ID: PadID(fmt.Sprintf("%s-P%d", s.ID, i)), Site: s.ID, Label: fmt.Sprintf("P%d", i)})
		}
	}
}

const joulesPerWh = 3600

func readClass(r record, n *Network) error {
	n.Classes = append(n.Classes, route.Class{
		ID:           r.text("class"),
		Kind:         r.text("kind"),
		EmptyKg:      r.number("empty_kg"),
		PayloadKg:    r.number("payload_kg"),
		Bays:         int(r.number("bays")),
		CruiseMPS:    r.number("cruise_mps"),
		ClimbMPS:     r.number("climb_mps"),
		DescentMPS:   r.number("descent_mps"),
		BatteryJ:     r.number("battery_wh") * joulesPerWh,
		ReservePct:   r.number("reserve_pct"),
		ChargeW:      r.number("charge_w"),
		HoverW:       r.number("hover_w"),
		HoverWPerKg:  r.number("hover_w_per_kg"),
		CruiseW:      r.number("cruise_w"),
		CruiseWPerKg: r.number("cruise_w_per_kg"),
		WindMaxMPS:   r.number("wind_max_mps"),
		HeightM:      r.number("height_m"),
	})
	return nil
}

// holds tells, for the words of boxes.csv, which of our components a type takes.
var holds = map[string][]blood.Component{
	"hemolift-rbc-2-10":  {blood.RedCells},
	"hemolift-plt-20-24": {blood.Platelets},
	"hemolift-frozen-18": {blood.Plasma, blood.Cryoprecipitate},
}

func readBoxType(r record, n *Network) error {
	profile := r.text("band_profile")
	n.BoxTypes = append(n.BoxTypes, BoxType{
		ID: BoxTypeID(r.text("type")), Holds: append([]blood.Component{}, holds[profile]...),
		Profile: coldchain.ProfileID(profile), EmptyKg: r.number("box_g") / 1000, Units: int(r.number("units")), Thermal: readThermal(r),
		HoldAt30C: time.Duration(r.number("hold_h_at_30c") * float64(time.Hour)),
	})
	return nil
}

// readThermal takes the coolant's heat capacity to be the payload's where the file
// gives one for both.
func readThermal(r record) coldchain.Box {
	cp := r.number("cp_j_per_k")
	return coldchain.Box{
		Model:        coldchain.BoxModel(r.text("model")),
		OuterWPerK:   r.number("ua_w_per_k"),
		PayloadJPerK: cp,
		InnerWPerK:   r.optional("inner_w_per_k"),
		WallJPerK:    r.optional("wall_j_per_k"),
		MeltC:        r.optional("pcm_c"),
		LatentJ:      r.optional("pcm_kj") * 1000,
		SolidJPerK:   cp,
		LiquidJPerK:  cp,
	}
}

func readDrone(r record, n *Network) error {
	n.Drones = append(n.Drones, Drone{ID: telemetry.DeviceID(r.text("id")), Class: r.text("class"), Home: SiteID(r.text("home"))})
	return nil
}

func readBox(r record, n *Network) error {
	n.Boxes = append(n.Boxes, Box{ID: telemetry.DeviceID(r.text("id")), Type: BoxTypeID(r.text("type")), Site: SiteID(r.text("site"))})
	return nil
}

// check refuses names that lead nowhere, ids that occur twice, and impossible
// aircraft.
func check(n *Network) error {
	profiles, err := coldchain.Profiles()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	once := func(kind, id string) error {
		if seen[kind+" "+id] {
			return fmt.Errorf("network: %s %s appears twice", kind, id)
		}
		seen[kind+" "+id] = true
		return nil
	}
	var errs []error
	for _, s := range n.Sites {
		errs = append(errs, once("site", string(s.ID)))
	}
	for _, c := range n.Classes {
		if c.CruiseMPS <= 0 || c.ClimbMPS <= 0 || c.DescentMPS <= 0 || c.BatteryJ <= 0 || c.HeightM <= 0 || c.Bays <= 0 {
			errs = append(errs, fmt.Errorf("network: class %s: speeds, battery, height and bays must be positive", c.ID))
		}
	}
	for _, b := range n.BoxTypes {
		if _, ok := profiles[b.Profile]; !ok {
			errs = append(errs, fmt.Errorf("network: box type %s: profile %s is unknown", b.ID, b.Profile))
		}
		if err := b.Thermal.Check(); err != nil {
			errs = append(errs, fmt.Errorf("network: box type %s: %w", b.ID, err))
		}
	}
	for _, p := range n.Pads {
		if _, ok := n.Site(p.Site); !ok {
			errs = append(errs, fmt.Errorf("network: pad %s: site %s is unknown", p.ID, p.Site))
		}
	}
	for _, d := range n.Drones {
		_, okClass := n.Class(d.Class)
		home, okHome := n.Site(d.Home)
		if !okClass || !okHome || home.Kind != BloodCentre {
			errs = append(errs, fmt.Errorf("network: drone %s: class %s or home %s is unknown", d.ID, d.Class, d.Home))
		}
		errs = append(errs, once("device", string(d.ID)))
	}
	for _, b := range n.Boxes {
		_, okType := n.BoxType(b.Type)
		_, okSite := n.Site(b.Site)
		if !okType || !okSite {
			errs = append(errs, fmt.Errorf("network: box %s: type %s or site %s is unknown", b.ID, b.Type, b.Site))
		}
		errs = append(errs, once("device", string(b.ID)))
	}
	return errors.Join(errs...)
}
