package network

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hemolift/geo/airspace"
	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/tables"
)

//go:embed shenyang
var shenyang embed.FS

// shipped has the roles of a network that defines none.
//
//go:embed roles.csv
var shipped embed.FS

// Shenyang is the demonstration network's directory.
func Shenyang() fs.FS {
	sub, err := fs.Sub(shenyang, "shenyang")
	if err != nil {
		panic(err) // the directory is embedded
	}
	return sub
}

// Profiles is the set that the boxes of a network may name.
type Profiles = map[coldchain.ProfileID]coldchain.Profile

// ShippedRoles are those of a network that defines none: parts of what a hospital's and a
// centre's staff may.
func ShippedRoles() Roles {
	l := &loader{network: &Network{Roles: Roles{}}, once: map[string]place{}}
	l.table(shipped, RolesFile, "role", l.role)
	if err := l.faults.Err(); err != nil {
		panic(err) // the file is embedded
	}
	return l.network.Roles
}

// Load reads a whole network and checks that its parts fit together. Its error is
// tables.Faults: every one that was found.
func Load(dir fs.FS, profiles Profiles, now time.Time) (*Network, error) {
	l := &loader{network: &Network{Roles: Roles{}, Zones: []airspace.Zone{}}, profiles: profiles, once: map[string]place{}}
	l.table(dir, "sites.csv", "id", l.site)
	if !l.table(dir, "pads.csv", "id", l.pad) {
		l.defaultPads()
	}
	l.table(dir, "aircraft.csv", "class", l.class)
	l.table(dir, "boxes.csv", "type", l.boxType)
	l.table(dir, "drones.csv", "id", l.drone)
	l.table(dir, "fleet.csv", "id", l.box)
	l.zones(dir, now)
	if !l.table(dir, RolesFile, "role", l.role) {
		l.network.Roles = ShippedRoles()
	}
	l.refer()
	if err := l.faults.Err(); err != nil {
		return nil, err
	}
	return l.network, nil
}

// loader is one reading of a network.
type loader struct {
	network  *Network
	profiles Profiles
	faults   tables.Faults
	once     map[string]place // where each id was read
	later    []func()         // references, looked at when everything is read
}

// fileNames are the files of a network, of which some may be missing.
var fileNames = []string{
	"sites.csv", "pads.csv", "aircraft.csv", "boxes.csv", "drones.csv", "fleet.csv", zonesFile, "zones.ed269.json", "zones.ed318.json",
	RolesFile,
}

const (
	// RolesFile has the roles of a site's own.
	RolesFile = "roles.csv"
	zonesFile = "zones.geojson"
)

// scheduleAhead is for how long schedules of zones are written out as windows; a
// restart writes them out anew.
const scheduleAhead = 400 * 24 * time.Hour

// zones reads the zone files that there are, of which at least one must be: no list of
// zones is not the same as no zone.
func (l *loader) zones(dir fs.FS, now time.Time) {
	found := false
	for _, f := range []struct {
		name   string
		format airspace.Format
	}{{zonesFile, airspace.GeoJSON}, {"zones.ed269.json", airspace.ED269}, {"zones.ed318.json", airspace.ED318}} {
		doc, err := readZones(dir, f.name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		found = true
		if err != nil {
			l.fault(place{file: f.name}, "", "cannot be read: "+err.Error())
			continue
		}
		more, err := airspace.Parse(f.format, doc, airspace.Horizon{From: now, Until: now.Add(scheduleAhead)})
		for _, e := range airspace.Each(err) {
			l.fault(place{file: f.name}, "", e.Error())
		}
		for _, z := range more {
			l.unique(place{file: f.name}, "id", "zone", string(z.ID))
			if bad := wrongWith(z); bad != "" {
				l.fault(place{file: f.name}, "", fmt.Sprintf("zone %q: %s", shown(string(z.ID)), bad))
			}
		}
		l.network.Zones = append(l.network.Zones, more...)
	}
	if entries, err := fs.ReadDir(dir, "."); err == nil {
		for _, e := range entries {
			name := strings.ToLower(e.Name())
			zones := strings.HasSuffix(name, ".geojson") || strings.HasPrefix(name, "zones") && strings.HasSuffix(name, ".json")
			if zones && !slices.Contains(fileNames, e.Name()) {
				l.fault(place{file: e.Name()}, "", "is read by nobody: zones stand in zones.geojson, zones.ed269.json or zones.ed318.json")
			}
		}
	}
	if !found {
		l.fault(place{file: zonesFile}, "",
			"is missing, as are zones.ed269.json and zones.ed318.json; a network without zones has an empty list")
	}
}

// DrawnPrefix begins the ids of zones that people draw.
const DrawnPrefix = "TZ-"

const (
	longestZoneID = 100    // bytes
	highestM      = 50_000 // of a zone
)

// wrongWith says why a zone cannot be kept as it was read; empty: it can.
func wrongWith(z airspace.Zone) string {
	control := func(text string) bool { return strings.ContainsFunc(text, unicode.IsControl) }
	switch id := string(z.ID); {
	case strings.TrimSpace(id) == "" || len(id) > longestZoneID || control(id):
		return fmt.Sprintf("its id is empty, longer than %d bytes or holds a control character", longestZoneID)
	case strings.HasPrefix(id, DrawnPrefix):
		return "ids that begin with " + DrawnPrefix + " are of zones that people drew: give it one of your own"
	case max(utf8.RuneCountInString(z.NameZH), utf8.RuneCountInString(z.NameEN)) > longest || control(z.NameZH+z.NameEN):
		return fmt.Sprintf("a name is longer than %d characters or holds a control character", longest)
	case math.Abs(z.LowerM) > highestM || math.Abs(z.UpperM) > highestM:
		return fmt.Sprintf("its heights are beyond %d m", highestM)
	case !z.From.IsZero() && !z.Until.IsZero() && z.Until.Sub(z.From) < time.Second:
		return "it counts for less than a second"
	}
	return ""
}

func shown(id string) string {
	if runes := []rune(id); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return id
}

// maxZones bounds a file of zones, in bytes.
const maxZones = 64 << 20

func readZones(dir fs.FS, name string) ([]byte, error) {
	f, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	doc, err := io.ReadAll(io.LimitReader(f, maxZones+1))
	if err == nil && len(doc) > maxZones {
		err = fmt.Errorf("it is longer than %d MB", maxZones>>20)
	}
	return doc, err
}
