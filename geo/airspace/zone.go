package airspace

import (
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// ZoneID names a zone; it is the authority's identifier.
type ZoneID string

// Kind is the restriction, in the words of ED-318.
type Kind string

// Every kind closes a zone to us: authorisations are not modelled, so a zone
// that would need one is flown around.
const (
	Prohibited       Kind = "PROHIBITED"
	ReqAuthorization Kind = "REQ_AUTHORIZATION"
	Conditional      Kind = "CONDITIONAL"
)

// Reference is what a zone's heights are measured from.
type Reference string

const (
	AGL  Reference = "AGL"  // above ground level
	AMSL Reference = "AMSL" // above mean sea level
)

// Zone is one UAS geographical zone.
type Zone struct {
	ID             ZoneID
	NameZH, NameEN string
	Kind           Kind
	// Polygon is lon/lat in degrees on WGS 84; each ring closes, the first is
	// the outer one and the others are holes.
	Polygon        orb.Polygon
	LowerM, UpperM float64
	Reference      Reference
	// From and Until bound the window; the zero time means unbounded.
	From, Until time.Time
	// DrawnBy is the login of the person who closed this airspace for a while; it
	// is empty for what an authority published.
	DrawnBy string
	// DrawnRole and DrawnSite are that person's role, and site if there is one.
	DrawnRole, DrawnSite string
}

// ActiveBetween reports whether the zone's window meets [from, until).
func (z Zone) ActiveBetween(from, until time.Time) bool {
	return (z.Until.IsZero() || from.Before(z.Until)) && (z.From.IsZero() || !until.Before(z.From))
}

// AboveGround returns the zone's heights in metres above a ground that lies
// groundAltM above mean sea level.
func (z Zone) AboveGround(groundAltM float64) (lowerM, upperM float64) {
	if z.Reference == AMSL {
		return z.LowerM - groundAltM, z.UpperM - groundAltM
	}
	return z.LowerM, z.UpperM
}

// MeetsBand reports whether the zone's heights meet the closed band [lowM, highM]
// of metres above a ground that lies groundAltM above mean sea level.
func (z Zone) MeetsBand(lowM, highM, groundAltM float64) bool {
	lowerM, upperM := z.AboveGround(groundAltM)
	return lowerM <= highM && lowM < upperM
}

// Holds reports whether the drone at p, heightM above ground, is inside the zone
// at that time. Points on a wall are inside.
func (z Zone) Holds(p orb.Point, heightM, groundAltM float64, at time.Time) bool {
	return z.ActiveBetween(at, at) && z.MeetsBand(heightM, heightM, groundAltM) &&
		z.Polygon.Bound().Contains(p) && planar.PolygonContains(z.Polygon, p)
}
