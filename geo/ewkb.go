package geo

import (
	"fmt"
	"time"

	"github.com/paulmach/orb"
	geom "github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"
)

// sridWGS84 is EPSG 4326.
const sridWGS84 = 4326

// Fix4D is one point of a planned or flown track: lon/lat in degrees on WGS 84,
// metres above mean sea level, and a time.
type Fix4D struct {
	Point orb.Point
	AltM  float64
	At    time.Time
}

// EncodeTrack returns the track as an EWKB LineStringZM, SRID 4326, whose M is
// seconds since the Unix epoch, so that PostGIS sees a valid trajectory.
func EncodeTrack(track []Fix4D) ([]byte, error) {
	flat := make([]float64, 0, 4*len(track))
	for _, f := range track {
		flat = append(flat, f.Point.Lon(), f.Point.Lat(), f.AltM, float64(f.At.UnixMilli())/1000)
	}
	line := geom.NewLineStringFlat(geom.XYZM, flat).SetSRID(sridWGS84)
	b, err := ewkb.Marshal(line, ewkb.NDR)
	if err != nil {
		return nil, fmt.Errorf("encode track: %w", err)
	}
	return b, nil
}

// DecodeTrack reads what EncodeTrack wrote. Times are UTC, to the millisecond.
func DecodeTrack(b []byte) ([]Fix4D, error) {
	g, err := ewkb.Unmarshal(b)
	if err != nil {
		return nil, fmt.Errorf("decode track: %w", err)
	}
	line, ok := g.(*geom.LineString)
	if !ok || line.Layout() != geom.XYZM {
		return nil, fmt.Errorf("decode track: want a LineStringZM, got %T", g)
	}
	track := make([]Fix4D, line.NumCoords())
	for i := range track {
		c := line.Coord(i)
		ms := int64(c[3]*1000 + 0.5)
		track[i] = Fix4D{Point: orb.Point{c[0], c[1]}, AltM: c[2], At: time.UnixMilli(ms).UTC()}
	}
	return track, nil
}
