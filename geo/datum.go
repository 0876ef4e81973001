package geo

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// Datum is what longitudes and latitudes refer to.
type Datum string

const (
	WGS84 Datum = "WGS-84"
	GCJ02 Datum = "GCJ-02" // of maps published in mainland China
	BD09  Datum = "BD-09"  // of one Chinese map service: GCJ-02 moved once more
)

// ToWGS84 brings a point to WGS 84 from a datum that its source declares. It never
// guesses one. GCJ-02 has no published definition; the formula and constants here
// are those in general use (confidence: recalled, checked against three pairs of
// points), and outside the box in which they are applied a point stays.
func ToWGS84(p orb.Point, from Datum) (orb.Point, error) {
	switch from {
	case WGS84, "":
		return p, nil
	case GCJ02:
		return fromGCJ02(p), nil
	case BD09:
		return fromGCJ02(fromBD09(p)), nil
	}
	return p, fmt.Errorf("datum %q is none of %s, %s and %s", from, WGS84, GCJ02, BD09)
}

// toGCJ02 moves a WGS 84 point as Chinese maps do, by some hundred metres.
func toGCJ02(p orb.Point) orb.Point {
	if p.Lon() < 72.004 || p.Lon() > 137.8347 || p.Lat() < 0.8293 || p.Lat() > 55.8271 {
		return p
	}
	x, y := p.Lon()-105, p.Lat()-35
	wave := func(v, a, f, b, g float64) float64 {
		return (a*math.Sin(v*f*math.Pi) + b*math.Sin(v*g*math.Pi)) * 2 / 3
	}
	ripple := (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
	root := math.Sqrt(math.Abs(x))
	north := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*root + ripple + wave(y, 20, 1, 40, 1.0/3) + wave(y, 160, 1.0/12, 320, 1.0/30)
	east := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*root + ripple + wave(x, 20, 1, 40, 1.0/3) + wave(x, 150, 1.0/12, 300, 1.0/30)
	const axisM, ee = 6378245.0, 0.00669342162296594323 // Krasovsky's ellipsoid
	lat := radians(p.Lat())
	magic := 1 - ee*math.Sin(lat)*math.Sin(lat)
	return orb.Point{
		p.Lon() + degrees(east/(axisM/math.Sqrt(magic)*math.Cos(lat))),
		p.Lat() + degrees(north/(axisM*(1-ee)/(magic*math.Sqrt(magic)))),
	}
}

// fromGCJ02 inverts toGCJ02 by iteration, within 0.1 mm.
func fromGCJ02(p orb.Point) orb.Point {
	w := p
	for range 30 {
		g := toGCJ02(w)
		dx, dy := g[0]-p[0], g[1]-p[1]
		w = orb.Point{w[0] - dx, w[1] - dy}
		if math.Abs(dx)+math.Abs(dy) < 1e-12 {
			break
		}
	}
	return w
}

const bdWave = math.Pi * 3000 / 180

func toBD09(p orb.Point) orb.Point {
	r := math.Hypot(p.Lon(), p.Lat()) + 0.00002*math.Sin(p.Lat()*bdWave)
	a := math.Atan2(p.Lat(), p.Lon()) + 0.000003*math.Cos(p.Lon()*bdWave)
	return orb.Point{r*math.Cos(a) + 0.0065, r*math.Sin(a) + 0.006}
}

// fromBD09 inverts toBD09 by iteration.
func fromBD09(p orb.Point) orb.Point {
	g := orb.Point{p[0] - 0.0065, p[1] - 0.006}
	for range 30 {
		b := toBD09(g)
		g = orb.Point{g[0] + p[0] - b[0], g[1] + p[1] - b[1]}
	}
	return g
}
