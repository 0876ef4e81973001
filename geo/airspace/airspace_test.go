package airspace

import (
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
)

func square(id string, props string, ring string) string {
	return `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"` + id + `"` + props +
		`},"geometry":{"type":"Polygon","coordinates":[` + ring + `]}}]}`
}

const (
	goodProps = `,"type":"PROHIBITED","lower_m":0,"upper_m":120,"reference":"AGL","start":null,"end":null`
	goodRing  = `[[0,0],[1,0],[1,1],[0,1],[0,0]]`
)

func TestParseRefusesAndNamesTheFeature(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"good", square("Z", goodProps, goodRing), ""},
		{"no id", square("", goodProps, goodRing), "id is empty"},
		{"no heights", square("Z", `,"type":"PROHIBITED","reference":"AGL"`, goodRing), "lower_m"},
		{"upside down", square("Z", strings.Replace(goodProps, "120", "0", 1), goodRing), "no room"},
		{"kind", square("Z", strings.Replace(goodProps, "PROHIBITED", "X", 1), goodRing), `"X" is unknown`},
		{"reference", square("Z", strings.Replace(goodProps, "AGL", "QNH", 1), goodRing), "QNH"},
		{"open ring", square("Z", goodProps, `[[0,0],[1,0],[1,1],[0,1]]`), "does not close"},
		{"no area", square("Z", goodProps, `[[0,0],[1,0],[2,0],[0,0]]`), "no area"},
		{"bow tie", square("Z", goodProps, `[[0,0],[2,2],[2,0],[0,1],[0,0]]`), "cross"},
		{"off Earth", square("Z", goodProps, `[[0,0],[1,0],[1,91],[0,1],[0,0]]`), "latitude"},
		{
			"window",
			square(
				"Z",
				strings.Replace(goodProps, `"start":null,"end":null`, `"start":"2026-01-02T00:00:00Z","end":"2026-01-01T00:00:00Z"`, 1),
				goodRing,
			),
			"window",
		},
		{"not JSON", `{`, "zones"},
		{"not a collection", `{"type":"Feature"}`, "FeatureCollection"},
	}
	for _, tt := range tests {
		_, err := ParseGeoJSON([]byte(tt.doc))
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: refused: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: got %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}

func TestZoneWallAndBandsAreHalfOpen(t *testing.T) {
	t0 := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	z := Zone{
		ID: "Z", Kind: Prohibited, Reference: AGL, UpperM: 120, From: t0, Until: t0.Add(time.Hour),
		Polygon: orb.Polygon{{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}}},
	}
	tests := []struct {
		name    string
		p       orb.Point
		heightM float64
		at      time.Time
		want    bool
	}{
		{"inside", orb.Point{.5, .5}, 60, t0, true},
		{"on the wall", orb.Point{1, .5}, 60, t0, true},
		{"outside", orb.Point{1.01, .5}, 60, t0, false},
		{"just under the ceiling", orb.Point{.5, .5}, 119.9, t0, true},
		{"at the ceiling", orb.Point{.5, .5}, 120, t0, false},
		{"before", orb.Point{.5, .5}, 60, t0.Add(-time.Second), false},
		{"at the end", orb.Point{.5, .5}, 60, t0.Add(time.Hour), false},
	}
	for _, tt := range tests {
		if got := z.Holds(tt.p, tt.heightM, 45, tt.at); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
	z.Reference = AMSL
	if z.Holds(orb.Point{.5, .5}, 100, 45, t0) {
		t.Error("100 m above a ground at 45 m is above 120 m AMSL")
	}
}

func FuzzParseGeoJSON(f *testing.F) {
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"geometry":{"type":"GeometryCollection","geometries":[null]}}]}`))
	f.Add([]byte(square("Z", goodProps, goodRing)))
	f.Fuzz(func(t *testing.T, doc []byte) {
		zones, err := ParseGeoJSON(doc)
		if err != nil {
			return
		}
		for _, z := range zones {
			if err := z.Check(); err != nil {
				t.Fatalf("accepted a zone that does not pass: %v", err)
			}
		}
	})
}
