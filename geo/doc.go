// Package geo knows the Earth: the WGS 84 ellipsoid, geodesic lines on it, a
// local metric plane, and the binary form in which 4-D tracks are stored.
//
// Points are orb.Point, longitude then latitude in degrees on WGS 84. Lengths
// are metres over the ellipsoid. Bearings are degrees clockwise from true
// north, in [0, 360). Heights are either AMSL (above mean sea level, suffix
// AltM) or AGL (above ground, suffix HeightM), never bare.
//
// Everything above imports this package and it imports nothing of ours. Only
// ewkb.go knows go-geom; everywhere else geometry is orb.
package geo
