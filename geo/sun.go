package geo

import (
	"math"
	"time"

	"github.com/paulmach/orb"
)

// Elevations of the sun's centre, in degrees, that daylight events refer to. At
// sunrise and sunset its upper edge touches the horizon, with refraction.
const (
	SunriseDeg       = -0.833
	CivilTwilightDeg = -6.0
)

// SunPasses returns when, on the day that contains noon local mean time nearest to
// 12:00 UTC of date, the sun's centre rises and falls through an elevation at p.
// It is false where it does not pass it on that day.
//
// Method: the sun's place by J. Meeus, Astronomical Algorithms, second edition,
// chapter 25 (low accuracy, 0.01 degree), the hour angle by chapter 15; within a
// minute between 65 degrees south and north.
func SunPasses(p orb.Point, date time.Time, elevationDeg float64) (rising, falling time.Time, ok bool) {
	y, m, d := date.UTC().Date()
	noon := time.Date(y, m, d, 12, 0, 0, 0, time.UTC).Add(time.Duration(-p.Lon() / 15 * float64(time.Hour)))
	pass := func(sign float64) (time.Time, bool) {
		at := noon
		for range 4 {
			declination, equation := sunPlace(at)
			sinD, cosD := math.Sincos(declination)
			sinL, cosL := math.Sincos(radians(p.Lat()))
			c := (math.Sin(radians(elevationDeg)) - sinL*sinD) / (cosL * cosD)
			if math.IsNaN(c) || c < -1 || c > 1 {
				return at, false
			}
			hours := sign*degrees(math.Acos(c))/15 - equation
			at = noon.Add(time.Duration(hours * float64(time.Hour)))
		}
		return at.Round(time.Second), true
	}
	rising, up := pass(-1)
	falling, down := pass(1)
	return rising, falling, up && down
}

// sunPlace is the sun's declination in radians and the equation of time in hours
// (apparent less mean solar time).
func sunPlace(at time.Time) (declination, equationH float64) {
	t := (float64(at.Unix())/86400 + 2440587.5 - 2451545) / 36525 // centuries from J2000
	l := radians(math.Mod(280.46646+t*(36000.76983+t*0.0003032), 360))
	m := radians(357.52911 + t*(35999.05029-t*0.0001537))
	e := 0.016708634 - t*(0.000042037+t*0.0000001267)
	centre := (1.914602-t*(0.004817+t*0.000014))*math.Sin(m) + (0.019993-t*0.000101)*math.Sin(2*m) + 0.000289*math.Sin(3*m)
	node := radians(125.04 - 1934.136*t)
	apparent := l + radians(centre) - radians(0.00569+0.00478*math.Sin(node))
	tilt := radians(23.439291 - t*0.0130042 + 0.00256*math.Cos(node))
	declination = math.Asin(math.Sin(tilt) * math.Sin(apparent))
	v := math.Tan(tilt/2) * math.Tan(tilt/2)
	equation := v*math.Sin(2*l) - 2*e*math.Sin(m) + 4*e*v*math.Sin(m)*math.Cos(2*l) - v*v/2*math.Sin(4*l) - 1.25*e*e*math.Sin(2*m)
	return declination, degrees(equation) / 15
}
