package network

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/blood"
	"hemolift/geo"
	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// groundM is the elevation of a site that states none: the demonstration's; terrain comes later.
const groundM = 45

const maxPhone = 30

func (l *loader) site(r record) {
	s := Site{
		ID: SiteID(r.coded("id", maxSiteID)), Kind: SiteKind(r.text("kind")), NameZH: r.text("name_zh"), NameEN: r.text("name_en"),
		ShortZH: r.short("short_zh"), ShortEN: r.short("short_en"),
		Point: orb.Point{r.number("lon"), r.number("lat")}, ElevationM: groundM,
	}
	if r.cells["elevation_m"] != "" {
		s.ElevationM = r.number("elevation_m")
	}
	if s.Phone = r.cells["phone"]; len(s.Phone) > maxPhone || strings.Trim(s.Phone, "+0123456789 -()") != "" {
		r.fault("phone", fmt.Sprintf("%q is no telephone number: digits, spaces, strokes and brackets", s.Phone))
	}
	s.ShortZH, s.ShortEN = cmp.Or(s.ShortZH, s.NameZH), cmp.Or(s.ShortEN, s.NameEN)
	switch s.Kind {
	case BloodCentre, Hospital, DonationHouse:
	default:
		r.fault("kind", fmt.Sprintf("%q is none of %s, %s and %s", s.Kind, BloodCentre, Hospital, DonationHouse))
	}
	switch lon, lat := s.Point.Lon(), s.Point.Lat(); {
	case math.Abs(lat) > 90 && math.Abs(lon) <= 90:
		r.fault("lat", "lon and lat may have changed places")
	case math.Abs(lon) > 180 || math.Abs(lat) > 90:
		r.fault("lon", "degrees are wanted (WGS 84), not metres of a projection")
	case lon == 0 && lat == 0:
		r.fault("lon", "0, 0 is a place in the sea that stands for none")
	}
	var err error
	if s.Point, err = geo.ToWGS84(s.Point, geo.Datum(r.cells["datum"])); err != nil {
		r.fault("datum", err.Error())
	}
	l.unique(r.at, "id", "site", string(s.ID))
	l.network.Sites = append(l.network.Sites, s)
	l.later = append(l.later, func() {
		if far := l.network.tooFar(s); far != "" {
			r.fault("lon", far)
		}
	})
}

func (l *loader) pad(r record) {
	p := Pad{ID: PadID(r.id("id")), Site: SiteID(r.text("site")), Label: r.text("label")}
	l.unique(r.at, "id", "pad", string(p.ID))
	l.network.Pads = append(l.network.Pads, p)
	l.later = append(l.later, func() { r.knows("site", "site", string(p.Site), l.isSite(p.Site)) })
}

func (l *loader) defaultPads() {
	count := map[SiteKind]int{BloodCentre: 2, Hospital: 1}
	for _, s := range l.network.Sites {
		for i := 1; i <= count[s.Kind]; i++ {
			l.network.Pads = append(l.network.Pads, Pad{ID: PadID(fmt.Sprintf("%s-P%d", s.ID, i)), Site: s.ID, Label: fmt.Sprintf("P%d", i)})
		}
	}
}

const joulesPerWh = 3600

func (l *loader) class(r record) {
	c := route.Class{
		ID:           r.id("class"),
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
		LateralM:     r.optional("lateral_m"),
		VerticalM:    r.optional("vertical_m"),
		DelayMin:     r.optional("delay_min"),
		LostLinkS:    r.optional("lost_link_s"),
		LostLinkDoes: r.cells["lost_link_does"],
	}
	if does := []string{"", "return", "land", "hold", "continue"}; !slices.Contains(does, c.LostLinkDoes) {
		r.fault("lost_link_does", fmt.Sprintf("%q is none of return, land, hold and continue", c.LostLinkDoes))
	}
	l.unique(r.at, "class", "class", c.ID)
	l.network.Classes = append(l.network.Classes, c)
}

// holds tells which of our components a type takes: by the words of its profile, of one's
// own profiles by the words of the column.
func holds(profile, words string) []blood.Component {
	words = strings.ToLower(words)
	components := []blood.Component{}
	for _, h := range []struct {
		profile   string
		words     []string
		component blood.Component
	}{
		{"hemolift-rbc-2-10", []string{"red cells", "red_cells", "红细胞"}, blood.RedCells},
		{"hemolift-plt-20-24", []string{"platelets", "血小板"}, blood.Platelets},
		{"hemolift-frozen-18", []string{"plasma", "血浆"}, blood.Plasma},
		{"hemolift-frozen-18", []string{"cryo", "冷沉淀"}, blood.Cryoprecipitate},
	} {
		named := false
		for _, w := range h.words {
			named = named || strings.Contains(words, w)
		}
		if profile == h.profile || named && !strings.HasPrefix(profile, "hemolift-") {
			components = append(components, h.component)
		}
	}
	return components
}

func (l *loader) boxType(r record) {
	profile := r.text("band_profile")
	t := BoxType{
		ID: BoxTypeID(r.id("type")), Holds: holds(profile, r.cells["holds"]), Profile: coldchain.ProfileID(profile),
		EmptyKg: r.number("box_g") / 1000, Units: int(r.number("units")), Thermal: readThermal(r),
		HoldAt30C: time.Duration(r.number("hold_h_at_30c") * float64(time.Hour)),
	}
	p, known := l.profiles[t.Profile]
	if r.knows("band_profile", "profile", profile, known); known && !p.HasRange() {
		r.fault("band_profile", "profile "+profile+" has no range to judge by")
	}
	lacking := false
	for _, column := range ofModel[t.Thermal.Model] {
		if r.cells[column] == "" {
			r.fault(column, "is missing: the model "+string(t.Thermal.Model)+" needs it")
			lacking = true
		}
	}
	if err := t.Thermal.Check(); err != nil && !lacking {
		r.fault("model", err.Error())
	}
	l.unique(r.at, "type", "box type", string(t.ID))
	l.network.BoxTypes = append(l.network.BoxTypes, t)
}

// ofModel are the columns that a thermal model needs beside those of every model.
var ofModel = map[coldchain.BoxModel][]string{
	coldchain.PCM1: {"pcm_kj"}, coldchain.PCM2: {"pcm_kj", "inner_w_per_k"}, coldchain.Nodes2: {"inner_w_per_k", "wall_j_per_k"},
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

func (l *loader) drone(r record) {
	d := Drone{ID: telemetry.DeviceID(r.coded("id", maxDeviceID)), Class: r.text("class"), Home: SiteID(r.text("home"))}
	l.unique(r.at, "id", "device", string(d.ID))
	l.network.Drones = append(l.network.Drones, d)
	l.later = append(l.later, func() {
		_, known := l.network.Class(d.Class)
		r.knows("class", "class", d.Class, known)
		home, known := l.network.Site(d.Home)
		if r.knows("home", "site", string(d.Home), known); known && home.Kind != BloodCentre {
			r.fault("home", fmt.Sprintf("%s is no blood centre", d.Home))
		}
	})
}

func (l *loader) box(r record) {
	b := Box{ID: telemetry.DeviceID(r.coded("id", maxDeviceID)), Type: BoxTypeID(r.text("type")), Site: SiteID(r.text("site"))}
	l.unique(r.at, "id", "device", string(b.ID))
	l.network.Boxes = append(l.network.Boxes, b)
	l.later = append(l.later, func() {
		_, known := l.network.BoxType(b.Type)
		r.knows("type", "box type", string(b.Type), known)
		r.knows("site", "site", string(b.Site), l.isSite(b.Site))
	})
}

func (l *loader) isSite(id SiteID) bool {
	_, known := l.network.Site(id)
	return known
}

// maxDevices are as many of each kind as the live feed can number.
const maxDevices = 65_000

// refer looks at what names something else, now that everything is read.
func (l *loader) refer() {
	for _, look := range l.later {
		look()
	}
	for file, n := range map[string]int{"drones.csv": len(l.network.Drones), "fleet.csv": len(l.network.Boxes)} {
		if n > maxDevices {
			l.fault(place{file: file}, "", fmt.Sprintf("lists more than %d devices", maxDevices))
		}
	}
	for _, need := range []struct {
		file string
		n    int
	}{{"sites.csv", len(l.network.Sites)}, {"aircraft.csv", len(l.network.Classes)}, {"boxes.csv", len(l.network.BoxTypes)}} {
		if need.n == 0 && len(l.faults) == 0 {
			l.fault(place{file: need.file}, "", "lists nothing")
		}
	}
}

// knows refuses a name that leads nowhere.
func (r record) knows(column, kind, name string, known bool) {
	if !known && name != "" {
		r.fault(column, fmt.Sprintf("%s %s is unknown", kind, name))
	}
}

var roleForm = regexp.MustCompile(`^[a-z][a-z0-9_]{1,29}$`)

func (l *loader) role(r record) {
	d := RoleDef{Role: Role(r.text("role")), NameZH: r.text("name_zh"), NameEN: r.text("name_en"), Duty: Duty{
		Like: Role(r.text("like")), Only: strings.Fields(r.cells["only"]), Without: strings.Fields(r.cells["without"]),
	}}
	kinds := Kinds()
	switch {
	case !roleForm.MatchString(string(d.Role)):
		r.fault("role", "is not 2 to 30 of a-z, 0-9 and underscore, beginning with a letter")
	case d.Role == RoleSystem || slices.Contains(kinds, d.Role):
		r.fault("role", fmt.Sprintf("%q is a role of the program's own", d.Role))
	}
	if !slices.Contains(kinds, d.Like) {
		r.fault("like", fmt.Sprintf("%q is none of %v", d.Like, kinds))
	}
	l.unique(r.at, "role", "role", string(d.Role))
	l.network.Roles = append(l.network.Roles, d)
}
