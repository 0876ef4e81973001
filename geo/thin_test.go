package geo

import (
	"testing"

	"github.com/paulmach/orb"
)

func TestThinKeepsCornersAndEnds(t *testing.T) {
	a := orb.Point{123.43, 41.8}
	corner := Direct(a, 90, 5000)
	var track []orb.Point
	for m := 0.0; m < 5000; m += 14 {
		track = append(track, Direct(a, 90, m))
	}
	for m := 0.0; m <= 3000; m += 14 {
		track = append(track, Direct(corner, 180, m))
	}
	got := Thin(track, 2)
	if len(got) > 6 || Distance(got[0], track[0]) > 0.001 || Distance(got[len(got)-1], track[len(track)-1]) > 0.001 {
		t.Errorf("%d points of %d, from %v to %v", len(got), len(track), got[0], got[len(got)-1])
	}
	least := 1e9
	for _, p := range got {
		least = min(least, Distance(p, corner))
	}
	if least > 15 {
		t.Errorf("the corner is %.1f m off", least)
	}
}
