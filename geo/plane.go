package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Plane is a local metric plane: the azimuthal equidistant projection on the
// WGS 84 ellipsoid about a centre. X is east and Y is north, in metres. Lengths
// from the centre are true; others stretch by at most about 3e-5 within 90 km.
type Plane struct{ centre orb.Point }

// NewPlane returns the plane about a centre in lon/lat degrees.
func NewPlane(centre orb.Point) Plane { return Plane{centre: centre} }

// Centre returns the plane's centre in lon/lat degrees.
func (pl Plane) Centre() orb.Point { return pl.centre }

// ToXY projects a lon/lat point to metres east and north of the centre.
func (pl Plane) ToXY(p orb.Point) orb.Point {
	d, az := Inverse(pl.centre, p)
	sin, cos := math.Sincos(radians(az))
	return orb.Point{d * sin, d * cos}
}

// ToLonLat is the inverse of ToXY.
func (pl Plane) ToLonLat(xy orb.Point) orb.Point {
	return Direct(pl.centre, degrees(math.Atan2(xy[0], xy[1])), math.Hypot(xy[0], xy[1]))
}
