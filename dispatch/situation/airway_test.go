package situation

import (
	"errors"
	"testing"

	"github.com/paulmach/orb"

	"hemolift/dispatch/network"
	"hemolift/geo"
	"hemolift/geo/airspace"
	"hemolift/geo/route"
)

// TestADroneNearAZoneIsNotRefusedItsWayHome starts at several distances east of a
// zone that lies between the drone and its home.
func TestADroneNearAZoneIsNotRefusedItsWayHome(t *testing.T) {
	pl := geo.NewPlane(orb.Point{123.43, 41.8})
	var ring orb.Ring
	for _, xy := range []orb.Point{{-500, -500}, {500, -500}, {500, 500}, {-500, 500}, {-500, -500}} {
		ring = append(ring, pl.ToLonLat(xy))
	}
	zone := airspace.Zone{ID: "Z", Kind: airspace.Prohibited, Reference: airspace.AGL, UpperM: 300, Polygon: orb.Polygon{ring}}
	home := network.Site{ID: "C", Point: pl.ToLonLat(orb.Point{-3000, 0}), ElevationM: 45}
	r, err := NewAirspace(&network.Network{Sites: []network.Site{home}}, []airspace.Zone{zone})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		offM float64
		want error
	}{{60, nil}, {20, nil}, {6, nil}, {4, route.ErrStartInside}, {-10, route.ErrStartInside}}
	for _, tt := range tests {
		q := route.Flight{From: pl.ToLonLat(orb.Point{500 + tt.offM, 0}), To: home.Point, HeightM: 120}
		way, err := r.Airway().Onward(q)
		if !errors.Is(err, tt.want) {
			t.Errorf("%v m off: got %v, want %v", tt.offM, err, tt.want)
		}
		if err == nil && r.full.Chart().Conflicts(way.Points, q, 0.1) != nil {
			t.Errorf("%v m off: the way home enters the zone", tt.offM)
		}
	}
}
