package airspace

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/paulmach/orb"
)

// ed318Feature is a feature of EUROCAE ED-318 (edition of February 2024, after its
// public JSON schema; names may be texts in several languages or plain strings).
type ed318Feature struct {
	Properties struct {
		Identifier label    `json:"identifier"`
		Name       text     `json:"name"`
		Type       string   `json:"type"`
		Limited    []period `json:"limitedApplicability"`
	} `json:"properties"`
	Geometry ed318Geometry `json:"geometry"`
}

type ed318Geometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
	Geometries  []ed318Geometry `json:"geometries"`
	Layer       *struct {
		Lower    *float64 `json:"lower"`
		LowerRef string   `json:"lowerReference"`
		Upper    *float64 `json:"upper"`
		UpperRef string   `json:"upperReference"`
		Unit     string   `json:"uom"`
	} `json:"layer"`
	Extent *struct {
		SubType string  `json:"subType"`
		Radius  float64 `json:"radius"`
	} `json:"extent"`
}

// ParseED318 reads an ED-318 document. Each layer and each window of a zone's
// limited applicability within the horizon becomes a zone; zones without
// restriction are left out. Daylight events are those of the zone's middle. A
// fault refuses the whole document and names its path in it.
func ParseED318(doc []byte, h Horizon) ([]Zone, error) {
	var d struct {
		Type     string            `json:"type"`
		Features []json.RawMessage `json:"features"`
	}
	if err := unambiguous(doc); err != nil {
		return nil, err
	}
	if err := decodeOne(doc, &d); err != nil {
		return nil, fmt.Errorf("zones: %w", err)
	}
	if d.Type != "FeatureCollection" {
		return nil, fmt.Errorf("zones: type: %q is not FeatureCollection", d.Type)
	}
	if d.Features == nil {
		return nil, errors.New("zones: features: there is no list; a document without zones has an empty one")
	}
	return collect(d.Features, "features", h, readED318)
}

func readED318(raw json.RawMessage) (published, error) {
	var f ed318Feature
	if err := decodeOne(raw, &f); err != nil {
		return published{}, err
	}
	p := published{
		id:          string(f.Properties.Identifier),
		name:        string(f.Properties.Name),
		periods:     f.Properties.Limited,
		periodsPath: "properties.limitedApplicability",
	}
	if p.id == "" {
		return p, errors.New("properties.identifier: is empty")
	}
	if strings.ToUpper(f.Properties.Type) == noRestriction {
		return p, nil
	}
	var err error
	if p.kind, err = kindOf(f.Properties.Type, "properties.type"); err != nil {
		return p, err
	}
	p.parts, err = f.Geometry.parts("geometry", 0)
	return p, err
}

// maxNesting bounds collections within collections.
const maxNesting = 4

func (g ed318Geometry) parts(path string, depth int) ([]part, error) {
	if g.Type == "GeometryCollection" {
		if depth == maxNesting {
			return nil, fmt.Errorf("%s: nested deeper than %d", path, maxNesting)
		}
		var out []part
		for i, inner := range g.Geometries {
			more, err := inner.parts(fmt.Sprintf("%s.geometries[%d]", path, i), depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
		if len(out) == 0 {
			return nil, fmt.Errorf("%s.geometries: is empty", path)
		}
		return out, nil
	}
	if g.Layer == nil {
		return nil, fmt.Errorf("%s.layer: is missing", path)
	}
	l := layer{g.Layer.Lower, g.Layer.Upper, g.Layer.LowerRef, g.Layer.UpperRef, g.Layer.Unit}
	polygons, err := g.polygons()
	if err != nil {
		return nil, fmt.Errorf("%s.%w", path, err)
	}
	if len(polygons) == 0 {
		return nil, fmt.Errorf("%s.coordinates: enclose nothing", path)
	}
	var out []part
	for _, poly := range polygons {
		out = append(out, part{polygon: poly, layer: l, path: path})
	}
	return out, nil
}

func (g ed318Geometry) polygons() (orb.MultiPolygon, error) {
	fail := func(err error) error { return fmt.Errorf("coordinates: %w", err) }
	switch g.Type {
	case "Polygon":
		var p orb.Polygon
		if err := decodeOne(g.Coordinates, &p); err != nil {
			return nil, fail(err)
		}
		return orb.MultiPolygon{p}, nil
	case "MultiPolygon":
		var p orb.MultiPolygon
		if err := decodeOne(g.Coordinates, &p); err != nil {
			return nil, fail(err)
		}
		return p, nil
	case "Point":
		if g.Extent == nil || g.Extent.SubType != "Circle" {
			return nil, errors.New("extent: a point needs the extent of a circle")
		}
		var c orb.Point
		if err := decodeOne(g.Coordinates, &c); err != nil {
			return nil, fail(err)
		}
		p, err := circle(c, g.Extent.Radius)
		if err != nil {
			return nil, fmt.Errorf("extent: %w", err)
		}
		return orb.MultiPolygon{p}, nil
	}
	return nil, fmt.Errorf("type: %q is neither Polygon, MultiPolygon, Point nor GeometryCollection", g.Type)
}
