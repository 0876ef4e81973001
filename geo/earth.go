package geo

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// WGS 84 ellipsoid (NIMA TR8350.2, third edition, table 3.1).
const (
	EquatorialRadiusM = 6378137.0
	Flattening        = 1 / 298.257223563
	polarRadiusM      = EquatorialRadiusM * (1 - Flattening)
)

// CheckPoint refuses what is not a place on Earth: NaN, infinite, or outside
// longitude [-180, 180] and latitude [-90, 90].
func CheckPoint(p orb.Point) error {
	lon, lat := p.Lon(), p.Lat()
	if math.IsNaN(lon) || math.IsInf(lon, 0) || lon < -180 || lon > 180 {
		return fmt.Errorf("longitude %v is not within -180 to 180 degrees", lon)
	}
	if math.IsNaN(lat) || math.IsInf(lat, 0) || lat < -90 || lat > 90 {
		return fmt.Errorf("latitude %v is not within -90 to 90 degrees", lat)
	}
	return nil
}

func radians(deg float64) float64 { return deg * math.Pi / 180 }
func degrees(rad float64) float64 { return rad * 180 / math.Pi }

// Bearing360 brings an angle in degrees into [0, 360).
func Bearing360(deg float64) float64 {
	deg = math.Mod(deg, 360)
	if deg < 0 {
		deg += 360
	}
	if deg >= 360 { // math.Mod of a tiny negative rounds up to 360
		deg = 0
	}
	return deg
}
