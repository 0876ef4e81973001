package geo

import (
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"
)

// Thin leaves out points of a track that lie within toleranceM metres of what
// remains (Douglas and Peucker). It is for showing a track, not for judging one.
func Thin(track []orb.Point, toleranceM float64) []orb.Point {
	if len(track) < 3 {
		return track
	}
	pl := NewPlane(track[0])
	flat := make(orb.LineString, len(track))
	for i, p := range track {
		flat[i] = pl.ToXY(p)
	}
	flat = simplify.DouglasPeucker(toleranceM).LineString(flat)
	out := make([]orb.Point, len(flat))
	for i, p := range flat {
		out[i] = pl.ToLonLat(p)
	}
	return out
}
