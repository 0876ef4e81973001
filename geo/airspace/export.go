package airspace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/paulmach/orb"
)

// Format is a form in which zones are published.
type Format string

const (
	GeoJSON Format = "geojson" // as ParseGeoJSON reads it
	ED269   Format = "ed269"
	ED318   Format = "ed318"
)

// Parse reads zones in a format; schedules are written out within the horizon.
func Parse(f Format, doc []byte, h Horizon) ([]Zone, error) {
	doc = bytes.TrimPrefix(doc, []byte("\xef\xbb\xbf")) // a mark that some programs write
	switch f {
	case GeoJSON:
		return ParseGeoJSON(doc)
	case ED269:
		return ParseED269(doc, h)
	case ED318:
		return ParseED318(doc, h)
	}
	return nil, fmt.Errorf("zones: format %q is none of %s, %s and %s", f, GeoJSON, ED269, ED318)
}

// Export writes zones in a format. country is the ISO 3166-1 alpha-3 code that the
// two ED formats ask for. What is written reads back as the same zones.
func Export(f Format, zones []Zone, country string) ([]byte, error) {
	var features []any
	for _, z := range zones {
		switch f {
		case GeoJSON:
			features = append(features, geojsonFeature(z))
		case ED269:
			features = append(features, ed269Feature(z, country))
		case ED318:
			features = append(features, ed318Out(z, country))
		default:
			return nil, fmt.Errorf("zones: format %q is none of %s, %s and %s", f, GeoJSON, ED269, ED318)
		}
	}
	if features == nil {
		features = []any{}
	}
	doc := object{"features": features}
	if f == ED269 {
		doc["title"] = "Hemolift zones"
	} else {
		doc["type"] = "FeatureCollection"
	}
	return json.MarshalIndent(doc, "", " ")
}

type object map[string]any

func geojsonFeature(z Zone) object {
	p := object{
		"id":        z.ID,
		"name_zh":   z.NameZH,
		"name_en":   z.NameEN,
		"type":      z.Kind,
		"lower_m":   z.LowerM,
		"upper_m":   z.UpperM,
		"reference": z.Reference,
		"start":     orNil(z.From),
		"end":       orNil(z.Until),
	}
	return object{"type": "Feature", "properties": p, "geometry": polygonOut(z)}
}

func polygonOut(z Zone) object {
	return object{"type": "Polygon", "coordinates": rings(z.Polygon)}
}

func rings(p orb.Polygon) [][]orb.Point {
	out := make([][]orb.Point, len(p))
	for i, r := range p {
		out[i] = r
	}
	return out
}

func orNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func ed269Feature(z Zone, country string) object {
	restriction := string(z.Kind)
	if z.Kind == ReqAuthorization {
		restriction = "REQ_AUTHORISATION"
	}
	when := object{"permanent": "YES"}
	if !z.From.IsZero() || !z.Until.IsZero() {
		when = timesOut(z)
		when["permanent"] = "NO"
	}
	volume := object{
		"uomDimensions":          "M",
		"lowerLimit":             z.LowerM,
		"lowerVerticalReference": z.Reference,
		"upperLimit":             z.UpperM,
		"upperVerticalReference": z.Reference,
		"horizontalProjection":   polygonOut(z),
	}
	return object{
		"identifier":    z.ID,
		"country":       country,
		"name":          z.NameEN,
		"type":          "COMMON",
		"restriction":   restriction,
		"reason":        []string{"OTHER"},
		"applicability": []object{when},
		"geometry":      []object{volume},
		"zoneAuthority": []object{},
	}
}

func timesOut(z Zone) object {
	o := object{}
	if !z.From.IsZero() {
		o["startDateTime"] = orNil(z.From)
	}
	if !z.Until.IsZero() {
		o["endDateTime"] = orNil(z.Until)
	}
	return o
}

func ed318Out(z Zone, country string) object {
	p := object{
		"identifier": z.ID, "country": country, "type": z.Kind, "variant": "COMMON", "zoneAuthority": []object{},
		"name": []object{{"text": z.NameEN, "lang": "en-GB"}, {"text": z.NameZH, "lang": "zh-CN"}},
	}
	if !z.From.IsZero() || !z.Until.IsZero() {
		when := timesOut(z)
		when["schedule"] = []object{}
		p["limitedApplicability"] = []object{when}
	}
	g := polygonOut(z)
	g["layer"] = object{"lower": z.LowerM, "lowerReference": z.Reference, "upper": z.UpperM, "upperReference": z.Reference, "uom": "m"}
	return object{"type": "Feature", "properties": p, "geometry": g}
}
