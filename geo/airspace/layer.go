package airspace

import (
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"

	"hemolift/geo"
)

// metresPerFoot is the international foot.
const metresPerFoot = 0.3048

// belowGround stands for "from the ground up" where a zone's lower and upper
// limits have different references, and only the upper one can be kept.
const belowGround = -1000

// layer is a zone's vertical extent as ED-269 and ED-318 publish it.
type layer struct {
	lower, upper       *float64
	lowerRef, upperRef string
	unit               string
}

// limits returns heights in metres with one reference. Of two references the upper
// limit's is kept and the zone then begins at the ground, never above where it was
// published to begin.
func (l layer) limits() (lowerM, upperM float64, ref Reference, err error) {
	scale := 1.0
	switch strings.ToLower(l.unit) {
	case "m", "": // which both editions mean where nothing is said
	case "ft":
		scale = metresPerFoot
	default:
		return 0, 0, "", fmt.Errorf("unit: %q is neither m nor ft", l.unit)
	}
	if l.upper == nil || math.IsNaN(*l.upper) {
		return 0, 0, "", fmt.Errorf("upper limit: is missing")
	}
	for name, r := range map[string]string{"lower": l.lowerRef, "upper": l.upperRef} {
		if Reference(r) != AGL && Reference(r) != AMSL {
			return 0, 0, "", fmt.Errorf("%s reference: %q is neither AGL nor AMSL; heights above the ellipsoid need a geoid", name, r)
		}
	}
	upperM, ref = *l.upper*scale, Reference(l.upperRef)
	switch {
	case l.lower == nil || l.lowerRef != l.upperRef:
		lowerM = belowGround
	default:
		lowerM = *l.lower * scale
	}
	if lowerM >= upperM {
		return 0, 0, "", fmt.Errorf("limits %v to %v m leave no room", lowerM, upperM)
	}
	return lowerM, upperM, ref, nil
}

// circleSides is the number of corners of a polygon that stands for a circle.
const circleSides = 64

// circle is a polygon round a circle, so that it never covers less.
func circle(centre orb.Point, radiusM float64) (orb.Polygon, error) {
	if err := geo.CheckPoint(centre); err != nil {
		return nil, err
	}
	if !(radiusM > 0) || radiusM > 500_000 {
		return nil, fmt.Errorf("radius: %v is not within 0 to 500000 m", radiusM)
	}
	ring := make(orb.Ring, circleSides+1)
	for i := range circleSides {
		ring[i] = geo.Direct(centre, 360-float64(i)*360/circleSides, radiusM/math.Cos(math.Pi/circleSides)*1.000001)
	}
	ring[circleSides] = ring[0]
	return orb.Polygon{ring}, nil
}
