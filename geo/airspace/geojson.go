package airspace

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"hemolift/geo"
)

// MaxVertices bounds one document, so that a hostile file ends early.
const MaxVertices = 1_000_000

// properties are a feature's members that this format knows.
type properties struct {
	ID        label     `json:"id"`
	NameZH    string    `json:"name_zh"`
	NameEN    string    `json:"name_en"`
	Kind      Kind      `json:"type"`
	LowerM    *float64  `json:"lower_m"`
	UpperM    *float64  `json:"upper_m"`
	Reference Reference `json:"reference"`
	Start     *instant  `json:"start"`
	End       *instant  `json:"end"`
}

// MaxRing bounds the corners of one ring.
const MaxRing = 10_000

// onWGS84 are the names under which older documents declare what GeoJSON is on.
var onWGS84 = regexp.MustCompile(`(?i)"[^"]*(?:CRS:?84|WGS[ _]?84|EPSG:+(?:[0-9.]*:)?(?:4326|4979|4490))"`)

// ParseGeoJSON reads a FeatureCollection of polygons and multipolygons with the properties id, type,
// lower_m, upper_m, reference, start and end. They are on WGS 84, unless the
// collection declares another datum (GCJ-02, BD-09) in the member "datum", from
// which they are then converted. Each fault names its feature, and all are told (Each);
// nothing is repaired.
func ParseGeoJSON(doc []byte) ([]Zone, error) {
	var coll struct {
		Type     string            `json:"type"`
		Datum    geo.Datum         `json:"datum"`
		CRS      json.RawMessage   `json:"crs"`
		Features []json.RawMessage `json:"features"`
	}
	if err := unambiguous(doc); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(doc, &coll); err != nil {
		return nil, fmt.Errorf("zones: %w", err)
	}
	if coll.Type != "FeatureCollection" {
		return nil, fmt.Errorf("zones: type is %q, want FeatureCollection", coll.Type)
	}
	if coll.Features == nil {
		return nil, errors.New("zones: features: there is no list; a document without zones has an empty one")
	}
	if crs := string(coll.CRS); crs != "" && crs != "null" && !onWGS84.MatchString(crs) {
		return nil, errors.New("zones: crs: names another datum than WGS 84; the member \"datum\" says GCJ-02 or BD-09")
	}
	g := gathered{zones: make([]Zone, 0, len(coll.Features)), seen: map[ZoneID]bool{}}
	for i, raw := range coll.Features {
		more, id, err := parseFeature(raw, coll.Datum)
		if err == nil {
			err = g.add(id, more)
		}
		if err != nil {
			g.faults = append(g.faults, fmt.Errorf("zones: feature %d (%s): %w", i, id, err))
		}
	}
	return g.all()
}

// parseFeature reads one feature: a zone for each of its polygons.
func parseFeature(raw json.RawMessage, datum geo.Datum) ([]Zone, ZoneID, error) {
	var f struct {
		ID         label      `json:"id"`
		Properties properties `json:"properties"`
		Geometry   *geometry  `json:"geometry"`
	}
	if err := decodeOne(raw, &f); err != nil {
		return nil, ZoneID(f.Properties.ID), err
	}
	p := f.Properties
	z := Zone{ID: ZoneID(cmp.Or(p.ID, f.ID)), NameZH: p.NameZH, NameEN: p.NameEN, Kind: p.Kind, Reference: p.Reference}
	if p.LowerM == nil || p.UpperM == nil {
		return nil, z.ID, errors.New("lower_m and upper_m are needed")
	}
	z.LowerM, z.UpperM = *p.LowerM, *p.UpperM
	if p.Start != nil {
		z.From = p.Start.Time
	}
	if p.End != nil {
		z.Until = p.End.Time
	}
	if f.Geometry == nil {
		return nil, z.ID, errors.New("geometry is missing")
	}
	polygons, err := f.Geometry.polygons()
	if err != nil {
		return nil, z.ID, err
	}
	zones := make([]Zone, len(polygons))
	for i, poly := range polygons {
		if err := toWGS84(poly, datum); err != nil {
			return nil, z.ID, err
		}
		zones[i] = z
		if zones[i].Polygon = poly; len(polygons) > 1 {
			zones[i].ID = ZoneID(fmt.Sprintf("%s/%d", z.ID, i+1))
		}
		if err := zones[i].Check(); err != nil {
			return nil, z.ID, err
		}
	}
	return zones, z.ID, nil
}

func toWGS84(poly orb.Polygon, datum geo.Datum) (err error) {
	for _, ring := range poly {
		for i := range ring {
			if ring[i], err = geo.ToWGS84(ring[i], datum); err != nil {
				return err
			}
		}
	}
	return nil
}

// geometry is a shape in the plane. The other shapes of GeoJSON enclose no room.
type geometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
}

func (g geometry) polygons() (many orb.MultiPolygon, err error) {
	switch g.Type {
	case "Polygon":
		many = make(orb.MultiPolygon, 1)
		err = decodeOne(g.Coordinates, &many[0])
	case "MultiPolygon":
		err = decodeOne(g.Coordinates, &many)
	default:
		return nil, fmt.Errorf("geometry is not a Polygon or MultiPolygon but %q", g.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("coordinates: %w", err)
	}
	if len(many) == 0 {
		return nil, errors.New("coordinates: enclose nothing")
	}
	return many, nil
}

// Check refuses a zone that cannot be judged: no id, an unknown kind or
// reference, an empty height band or window, an open ring, a point off the
// Earth, a ring without area or one that crosses itself.
func (z Zone) Check() error {
	switch z.Kind {
	case Prohibited, ReqAuthorization, Conditional:
	default:
		return fmt.Errorf("type %q is unknown: %s, %s and %s are known", z.Kind, Prohibited, ReqAuthorization, Conditional)
	}
	switch {
	case z.ID == "":
		return errors.New("id is empty")
	case z.Reference != AGL && z.Reference != AMSL:
		return fmt.Errorf("reference %q is neither AGL nor AMSL", z.Reference)
	case math.IsNaN(z.LowerM) || math.IsNaN(z.UpperM) || z.LowerM >= z.UpperM:
		return fmt.Errorf("heights %v to %v m leave no room", z.LowerM, z.UpperM)
	case !z.From.IsZero() && !z.Until.IsZero() && !z.From.Before(z.Until):
		return fmt.Errorf("window ends %v before it starts", z.Until)
	case len(z.Polygon) == 0:
		return errors.New("polygon has no ring")
	}
	for i, ring := range z.Polygon {
		if err := checkRing(ring); err != nil {
			return fmt.Errorf("ring %d: %w", i, err)
		}
	}
	return checkHoles(z.Polygon)
}

// checkHoles refuses holes that are not within the outer ring, or leave nothing of it.
func checkHoles(p orb.Polygon) error {
	left := math.Abs(planar.Area(p[0]))
	for i, hole := range p[1:] {
		for _, corner := range hole {
			if !planar.RingContains(p[0], corner) {
				return fmt.Errorf("ring %d: is a hole that reaches beyond the outer ring", i+1)
			}
		}
		left -= math.Abs(planar.Area(hole))
	}
	if len(p) > 1 && left <= math.Abs(planar.Area(p[0]))*1e-9 {
		return errors.New("its holes leave nothing of it")
	}
	return nil
}

// maxLat keeps zones off the poles, where a ring in degrees means nothing.
const maxLat = 89.5

func checkRing(r orb.Ring) error {
	if len(r) < 4 || !r.Closed() {
		return errors.New("does not close")
	}
	if len(r) > MaxRing {
		return fmt.Errorf("has %d corners, more than %d", len(r)-1, MaxRing)
	}
	for i, p := range r {
		if err := geo.CheckPoint(p); err != nil {
			return err
		}
		if math.Abs(p.Lat()) > maxLat {
			return fmt.Errorf("corner %d at latitude %v is too near to a pole", i, p.Lat())
		}
		if i > 0 && math.Abs(p.Lon()-r[i-1].Lon()) > 180 {
			return fmt.Errorf("edge %d crosses the antimeridian; split the zone there", i-1)
		}
	}
	if planar.Area(r) == 0 {
		return errors.New("has no area")
	}
	return checkSimple(r)
}

// checkSimple refuses a ring two of whose edges cross. It compares every pair,
// with the boxes first, which is quick enough for zones of some hundred corners.
func checkSimple(r orb.Ring) error {
	n := len(r) - 1
	for i := range n {
		for j := i + 2; j < n; j++ {
			if i == 0 && j == n-1 {
				continue
			}
			if crosses(r[i], r[i+1], r[j], r[j+1]) {
				return fmt.Errorf("edges %d and %d cross", i, j)
			}
		}
	}
	return nil
}

func crosses(a, b, c, d orb.Point) bool {
	if max(a[0], b[0]) < min(c[0], d[0]) || max(c[0], d[0]) < min(a[0], b[0]) ||
		max(a[1], b[1]) < min(c[1], d[1]) || max(c[1], d[1]) < min(a[1], b[1]) {
		return false
	}
	return turn(a, b, c)*turn(a, b, d) < 0 && turn(c, d, a)*turn(c, d, b) < 0
}

// turn is positive when a, b, c turn left.
func turn(a, b, c orb.Point) float64 {
	return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
}
