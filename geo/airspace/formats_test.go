package airspace

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"hemolift/geo"
)

var (
	june    = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) // a Monday
	horizon = Horizon{june, june.AddDate(0, 0, 7)}
)

const ed269Doc = `{"title":"t","features":[
 {"identifier":"A1","country":"CHN","name":"Polygon","type":"COMMON","restriction":"REQ_AUTHORISATION","applicability":[{"permanent":"YES"}],
  "geometry":[{"uomDimensions":"FT","lowerLimit":100,"lowerVerticalReference":"AGL","upperLimit":1000,"upperVerticalReference":"AGL","horizontalProjection":{"type":"Polygon","coordinates":[[[123,41],[123.1,41],[123.1,41.1],[123,41]]]}}]},
 {"identifier":"A2","restriction":"PROHIBITED","applicability":[{"startDateTime":"2026-06-01T00:00:00Z","endDateTime":"2026-07-01T00:00:00Z","schedule":[{"day":["MON","WED"],"startTime":"08:00:00Z","endTime":"10:00:00Z"}]}],
  "geometry":[{"uomDimensions":"M","lowerLimit":50,"lowerVerticalReference":"AGL","upperLimit":500,"upperVerticalReference":"AMSL","horizontalProjection":{"type":"Circle","center":[123.5,41.5],"radius":1000}}]},
 {"identifier":"A3","restriction":"NO_RESTRICTION","geometry":[]}]}`

const ed318Doc = `{"type":"FeatureCollection","features":[
 {"type":"Feature","properties":{"identifier":"B1","country":"CHN","name":[{"text":"Night","lang":"en-GB"}],"type":"PROHIBITED","variant":"COMMON",
   "limitedApplicability":[{"schedule":[{"day":["ANY"],"startEvent":"EECT","endEvent":"BMCT"}]}]},
  "geometry":{"type":"Polygon","coordinates":[[[123.4,41.7],[123.5,41.7],[123.5,41.8],[123.4,41.7]]],"layer":{"lower":0,"lowerReference":"AGL","upper":120,"upperReference":"AGL","uom":"m"}}},
 {"type":"Feature","properties":{"identifier":"B2","type":"CONDITIONAL"},
  "geometry":{"type":"GeometryCollection","geometries":[
   {"type":"Point","coordinates":[123.2,41.2],"extent":{"subType":"Circle","radius":500},"layer":{"lower":0,"lowerReference":"AMSL","upper":2500,"upperReference":"AMSL","uom":"ft"}},
   {"type":"MultiPolygon","coordinates":[[[[123,41],[123.1,41],[123.1,41.1],[123,41]]]],"layer":{"lower":10,"lowerReference":"AGL","upper":120,"upperReference":"AGL","uom":"m"}}]}}]}`

func TestED269IsRead(t *testing.T) {
	zones, err := ParseED269([]byte(ed269Doc), horizon)
	if err != nil || len(zones) != 3 {
		t.Fatalf("got %d zones, %v", len(zones), err)
	}
	a := zones[0]
	if a.ID != "A1" || a.Kind != ReqAuthorization || a.LowerM != 100*metresPerFoot || a.UpperM != 304.8 || a.Reference != AGL ||
		!a.From.IsZero() {
		t.Errorf("got %+v", a)
	}
	b, c := zones[1], zones[2]
	if b.ID != "A2/1" || !b.From.Equal(june.Add(8*time.Hour)) || !b.Until.Equal(june.Add(10*time.Hour)) ||
		!c.From.Equal(june.Add(56*time.Hour)) {
		t.Errorf("windows %v to %v, %v to %v", b.From, b.Until, c.From, c.Until)
	}
	// Two references: the zone begins at the ground. A circle is covered whole.
	if b.LowerM > 0 || b.Reference != AMSL {
		t.Errorf("got %v m %s", b.LowerM, b.Reference)
	}
	for bearing := 0.0; bearing < 360; bearing += 7 {
		if !planar.PolygonContains(b.Polygon, geo.Direct(orb.Point{123.5, 41.5}, bearing, 1000)) {
			t.Errorf("the circle's edge at %v degrees is outside", bearing)
		}
	}
}

func TestED318IsRead(t *testing.T) {
	zones, err := ParseED318([]byte(ed318Doc), horizon)
	if err != nil || len(zones) != 9 {
		t.Fatalf("got %d zones, %v", len(zones), err)
	}
	// A night for each day of the week.
	nights := zones[:7]
	for i, n := range nights {
		noon := n.From.Truncate(24 * time.Hour).Add(4 * time.Hour)
		if n.ActiveBetween(noon, noon) && i > 0 {
			t.Errorf("night %d, %v to %v, holds noon at Shenyang", i, n.From, n.Until)
		}
		if n.Until.Sub(n.From) > 9*time.Hour {
			t.Errorf("night %d lasts %v", i, n.Until.Sub(n.From))
		}
	}
	if z := zones[7]; z.ID != "B2/1" || z.UpperM != 762 || z.Reference != AMSL || z.LowerM != 0 {
		t.Errorf("got %+v", z)
	}
}

func TestWhatIsExportedReadsBack(t *testing.T) {
	zones, err := ParseGeoJSON([]byte(square("Z", goodProps, goodRing)))
	if err != nil {
		t.Fatal(err)
	}
	zones[0].NameZH, zones[0].NameEN = "演练", "Exercise"
	later := zones[0]
	later.ID, later.From, later.Until, later.Kind, later.Reference = "L", june, june.Add(time.Hour), ReqAuthorization, AMSL
	zones = append(zones, later)
	for _, f := range []Format{GeoJSON, ED269, ED318} {
		doc, err := Export(f, zones, "CHN")
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(f, doc, horizon)
		for i := range got { // the ED formats keep one name
			got[i].NameZH, got[i].NameEN = zones[i].NameZH, zones[i].NameEN
			got[i].From, got[i].Until = got[i].From.UTC(), got[i].Until.UTC()
		}
		if err != nil || !reflect.DeepEqual(got, zones) {
			t.Errorf("%s: got %+v, %v, want %+v", f, got, err, zones)
		}
	}
	if _, err := Export("kml", zones, "CHN"); err == nil {
		t.Error("an unknown format was written")
	}
}

func TestFaultsNameTheirPath(t *testing.T) {
	tests := []struct{ name, doc, old, new, want string }{
		{"restriction", ed269Doc, `"PROHIBITED"`, `"MAYBE"`, `features[1].restriction: "MAYBE"`},
		{"unit", ed269Doc, `"FT"`, `"YD"`, `features[0].geometry[0]: unit: "YD"`},
		{
			"reference",
			ed269Doc,
			`"lowerVerticalReference":"AGL","upperLimit":1000`,
			`"lowerVerticalReference":"WGS84","upperLimit":1000`,
			`features[0].geometry[0]: lower reference: "WGS84"`,
		},
		{"limits", ed269Doc, `"upperLimit":1000`, `"upperLimit":10`, `features[0].geometry[0]: limits`},
		{"type", ed269Doc, `"upperLimit":1000`, `"upperLimit":"high"`, `features[0].geometry.upperLimit: is a string`},
		{"day", ed269Doc, `"WED"`, `"WEDNESDAY"`, `features[1].applicability[0].schedule[0].day: "WEDNESDAY"`},
		{"clock", ed269Doc, `"08:00:00Z"`, `"8 o'clock"`, `features[1].applicability[0].schedule[0].startTime`},
		{"period", ed269Doc, `2026-07-01`, `2026-05-01`, `features[1].applicability[0]: endDateTime`},
		{"radius", ed269Doc, `"radius":1000`, `"radius":-1`, `features[1].geometry[0].horizontalProjection: radius`},
		{"identifier", ed269Doc, `"A2"`, `"A1"`, `features[1].identifier: "A1" appears twice`},
		{"open ring", ed269Doc, `[123.1,41.1],[123,41]`, `[123.1,41.1],[123,41.2]`, `features[0].geometry[0]: ring 0: does not close`},
		{
			"antimeridian",
			ed269Doc,
			`[123,41],[123.1,41],[123.1,41.1],[123,41]`,
			`[179,41],[-179,41],[-179,42],[179,41]`,
			`features[0].geometry[0]: ring 0: edge 0 crosses the antimeridian`,
		},
		{"pole", ed269Doc, `[123.1,41.1],[123,41]`, `[123.1,89.9],[123,41]`, `too near to a pole`},
		{"event", ed318Doc, `"EECT"`, `"DUSK"`, `features[0].properties.limitedApplicability[0].schedule[0].startEvent: "DUSK"`},
		{"layer", ed318Doc, `"layer":{"lower":10`, `"strata":{"lower":10`, `features[1].geometry.geometries[1].layer: is missing`},
		{"extent", ed318Doc, `"subType":"Circle"`, `"subType":"Star"`, `features[1].geometry.geometries[0].extent`},
		{"shape", ed318Doc, `"type":"MultiPolygon"`, `"type":"LineString"`, `features[1].geometry.geometries[1].type: "LineString"`},
	}
	for _, tt := range tests {
		f := ED269
		if tt.doc == ed318Doc {
			f = ED318
		}
		if !strings.Contains(tt.doc, tt.old) {
			t.Fatalf("%s: the document has no %s", tt.name, tt.old)
		}
		_, err := Parse(f, []byte(strings.Replace(tt.doc, tt.old, tt.new, 1)), horizon)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestADeclaredDatumIsConverted(t *testing.T) {
	doc := strings.Replace(
		square("Z", goodProps, `[[123.4,41.7],[123.5,41.7],[123.5,41.8],[123.4,41.7]]`),
		`"type":"FeatureCollection"`,
		`"type":"FeatureCollection","datum":"GCJ-02"`,
		1,
	)
	zones, err := ParseGeoJSON([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	if d := geo.Distance(zones[0].Polygon[0][0], orb.Point{123.4, 41.7}); d < 100 || d > 1000 {
		t.Errorf("moved by %.1f m", d)
	}
	if _, err := ParseGeoJSON([]byte(strings.Replace(doc, "GCJ-02", "XY", 1))); err == nil || !strings.Contains(err.Error(), `datum "XY"`) {
		t.Errorf("got %v", err)
	}
}

// Whatever is accepted passes the check and reads back when exported.
func FuzzParseED(f *testing.F) {
	f.Add([]byte(ed269Doc), true)
	f.Add([]byte(ed318Doc), false)
	f.Fuzz(func(t *testing.T, doc []byte, older bool) {
		format := ED318
		if older {
			format = ED269
		}
		zones, err := Parse(format, doc, horizon)
		if err != nil {
			return
		}
		for _, z := range zones {
			if err := z.Check(); err != nil {
				t.Fatalf("accepted a zone that does not pass: %v", err)
			}
		}
		out, err := Export(format, zones, "CHN")
		if err != nil || !json.Valid(out) || bytes.Contains(out, []byte("NaN")) {
			t.Fatalf("export: %v", err)
		}
		if again, err := Parse(format, out, horizon); err != nil || len(again) != len(zones) {
			t.Fatalf("exported %d zones, read %d, %v", len(zones), len(again), err)
		}
	})
}

// What the editions and ISO 8601 leave open is read; what is absent is never free.
func TestLeniencyAndAbsence(t *testing.T) {
	const ring = `[[[123,41],[123.1,41],[123.1,41.1],[123,41]]]`
	feature := func(geometry string) string {
		return `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":7` + goodProps + `},"geometry":` + geometry + `}]}`
	}
	for _, tt := range []struct {
		name   string
		format Format
		doc    string
		zones  int // 0: refused
	}{
		{"a mark", GeoJSON, "\ufeff" + feature(`{"type":"Polygon","coordinates":`+ring+`}`), 1},
		{"a number as id", GeoJSON, feature(`{"type":"Polygon","coordinates":` + ring + `}`), 1},
		{"several polygons", GeoJSON, feature(`{"type":"MultiPolygon","coordinates":[` + ring + `,` + strings.ReplaceAll(ring, "41", "42") + `]}`), 2},
		{"no list", GeoJSON, `{"type":"FeatureCollection"}`, 0},
		{"a list that is null", GeoJSON, `{"type":"FeatureCollection","features":null}`, 0},
		{"a feature that is null", GeoJSON, `{"type":"FeatureCollection","features":[null]}`, 0},
		{"no shape", GeoJSON, feature(`null`), 0},
		{"an empty shape", GeoJSON, feature(`{"type":"MultiPolygon","coordinates":[]}`), 0},
		{"an empty ring", GeoJSON, feature(`{"type":"Polygon","coordinates":[[]]}`), 0},
		{"coordinates that are null", GeoJSON, feature(`{"type":"Polygon","coordinates":null}`), 0},
		{"a null in a collection", GeoJSON, feature(`{"type":"GeometryCollection","geometries":[null]}`), 0},
		{"no list in ED-318", ED318, `{"type":"FeatureCollection"}`, 0},
		{"an empty collection in ED-318", ED318, strings.Replace(ed318Doc, `"geometries":[`, `"geometries":[],"x":[`, 1), 0},
		{"a collection with null in ED-318", ED318, strings.Replace(ed318Doc, `"geometries":[`, `"geometries":[null,`, 1), 0},
		{"no polygon in ED-318", ED318, strings.Replace(ed318Doc, `"coordinates":[[[[123,41]`, `"coordinates":[],"x":[[[[123,41]`, 1), 0},
		{"no unit in ED-318", ED318, strings.Replace(ed318Doc, `,"uom":"m"`, "", 1), 9},
		{"no unit in ED-269", ED269, strings.Replace(ed269Doc, `"uomDimensions":"M",`, "", 1), 3},
		{"a number as identifier", ED269, strings.Replace(ed269Doc, `"A1"`, `17`, 1), 3},
		{"no seconds", ED269, strings.Replace(ed269Doc, "2026-06-01T00:00:00Z", "2026-06-01T00:00Z", 1), 3},
		{"until 24:00", ED269, strings.Replace(ed269Doc, "2026-07-01T00:00:00Z", "2026-06-30T24:00:00Z", 1), 3},
		{"daily until 24:00", ED269, strings.Replace(ed269Doc, `"endTime":"10:00:00Z"`, `"endTime":"24:00Z"`, 1), 3},
		{"over midnight", ED269, strings.Replace(ed269Doc, `"endTime":"10:00:00Z"`, `"endTime":"02:00Z"`, 1), 3},
		{"a date alone", ED269, strings.Replace(ed269Doc, "2026-06-01T00:00:00Z", "2026-06-01", 1), 0},
		{"a time of no place", ED269, strings.Replace(ed269Doc, "2026-06-01T00:00:00Z", "2026-06-01T00:00:00", 1), 0},
	} {
		zones, err := Parse(tt.format, []byte(tt.doc), horizon)
		if len(zones) != tt.zones || (err == nil) != (tt.zones > 0) {
			t.Errorf("%s: %d zones, %v", tt.name, len(zones), err)
		}
	}
	two := strings.NewReplacer(`"FT"`, `"YD"`, `"radius":1000`, `"radius":-1`).Replace(ed269Doc)
	if _, err := Parse(ED269, []byte(two), horizon); len(Each(err)) != 2 {
		t.Errorf("two faulty features: %v", err)
	}
}

// What says two things, or too little, is refused with its place: a zone never vanishes or
// shrinks in silence.
func TestWhatIsAmbiguousInZones(t *testing.T) {
	const ring = `[[123.4,41.6],[123.5,41.6],[123.5,41.7],[123.4,41.7],[123.4,41.6]]`
	const small = `[[123.42,41.62],[123.44,41.62],[123.44,41.64],[123.42,41.64],[123.42,41.62]]`
	geojson := func(coordinates, more string) string {
		return `{"type":"FeatureCollection"` + more + `,"features":[{"type":"Feature","properties":{"id":"Z","type":"PROHIBITED","lower_m":0,"upper_m":600,"reference":"AGL"},
			"geometry":{"type":"Polygon","coordinates":` + coordinates + `}}]}`
	}
	ed269 := func(coordinates string) string {
		return `{"identifier":"Z","restriction":"PROHIBITED","applicability":[{"permanent":"YES"}],"geometry":[{"uomDimensions":"M","lowerLimit":0,
			"lowerVerticalReference":"AGL","upperLimit":600,"upperVerticalReference":"AGL","horizontalProjection":{"type":"Polygon","coordinates":` + coordinates + `}}]}`
	}
	for _, ok := range []struct {
		f   Format
		doc string
	}{
		{GeoJSON, geojson("["+ring+"]", "")},
		{GeoJSON, geojson("["+ring+","+small+"]", `,"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}`)},
		{ED269, `{"features":[` + ed269("["+ring+"]") + `]}`},
	} {
		if zones, err := Parse(ok.f, []byte(ok.doc), horizon); err != nil || len(zones) != 1 {
			t.Errorf("%s: %d zones, %v", ok.doc, len(zones), err)
		}
	}
	for name, tt := range map[string]struct {
		f         Format
		doc, says string
	}{
		"a hole as large":       {GeoJSON, geojson("["+ring+","+ring+"]", ""), "leave nothing"},
		"a hole larger":         {GeoJSON, geojson("["+small+","+ring+"]", ""), "beyond the outer ring"},
		"a hole elsewhere":      {GeoJSON, geojson("["+small+",[[1,1],[2,1],[2,2],[1,1]]]", ""), "beyond the outer ring"},
		"a hole in ED-269":      {ED269, `{"features":[` + ed269("["+ring+","+ring+"]") + `]}`, "leave nothing"},
		"half a corner":         {GeoJSON, geojson(`[[[123.4,41.6],[123.5],[123.5,41.7],[123.4,41.6]]]`, ""), "two numbers"},
		"null in a corner":      {GeoJSON, geojson(`[[[123.4,41.6],[123.5,null],[123.5,41.7],[123.4,41.6]]]`, ""), "no number"},
		"half a centre":         {ED269, strings.Replace(`{"features":[`+ed269("1")+`]}`, `"type":"Polygon","coordinates":1`, `"type":"Circle","center":[123.4],"radius":500`, 1), "two numbers"},
		"two lists":             {GeoJSON, geojson("["+ring+"]", `,"features":[]`), "features: is there twice"},
		"two cases":             {GeoJSON, geojson("["+ring+"]", `,"Features":[]`), "is there twice"},
		"two heights":           {GeoJSON, strings.Replace(geojson("["+ring+"]", ""), `"upper_m":600`, `"upper_m":600,"upper_m":1`, 1), "upper_m: is there twice"},
		"another datum":         {GeoJSON, geojson("["+ring+"]", `,"crs":{"properties":{"name":"GCJ02"}}`), "crs"},
		"both lists of ED-269":  {ED269, `{"features":[],"UASZoneList":[` + ed269("["+ring+"]") + `]}`, "both"},
		"lists in lists":        {GeoJSON, geojson(strings.Repeat("[", 200)+strings.Repeat("]", 200), ""), "nested"},
		"an object for a place": {GeoJSON, geojson(`[[{"lon":1}]]`, ""), "no place"},
	} {
		if zones, err := Parse(tt.f, []byte(tt.doc), horizon); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %d zones, %v", name, len(zones), err)
		}
	}
}
