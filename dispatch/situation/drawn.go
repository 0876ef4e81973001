package situation

import (
	"fmt"
	"time"

	"hemolift/dispatch/refusal"
	"hemolift/geo/airspace"
)

// Limits of what people may draw.
const (
	maxDrawnCorners = 200
	maxDrawnZones   = 200 // by people of one role, so that no role uses up another's
	maxDrawnByOne   = 100
	maxDrawnFor     = 30 * 24 * time.Hour
)

// CheckDrawn refuses a zone that a person drew, beside those that there are, naming the
// field.
func CheckDrawn(z airspace.Zone, have []airspace.Zone, now time.Time) error {
	byRole, byOne := 0, 0
	for _, h := range have {
		if h.DrawnBy == "" || !h.Until.IsZero() && !now.Before(h.Until) {
			continue
		}
		if h.DrawnRole == z.DrawnRole {
			byRole++
		}
		if h.DrawnBy == z.DrawnBy {
			byOne++
		}
	}
	switch {
	case byRole >= maxDrawnZones:
		return refusal.OfState("the map", fmt.Sprintf("full with %d zones drawn by people of this role", byRole), "given another")
	case byOne >= maxDrawnByOne:
		return refusal.OfState("the map", fmt.Sprintf("full with %d zones drawn by %s", byOne, z.DrawnBy), "given another")
	case z.NameZH == "" || len(z.NameZH) > 100:
		return refusal.OfField("name", "is empty or longer than 100 bytes")
	case len(z.Polygon) != 1 || len(z.Polygon[0]) > maxDrawnCorners+1:
		return refusal.OfField("ring", fmt.Sprintf("needs 3 to %d corners", maxDrawnCorners))
	case z.Until.IsZero() || !z.Until.After(now):
		return refusal.OfField("until", "must be in the future")
	case z.Until.After(now.Add(maxDrawnFor)):
		return refusal.OfField("until", "is more than 30 days ahead; a lasting zone belongs to the network")
	case !z.From.IsZero() && !z.From.Before(z.Until):
		return refusal.OfField("from", "must be before until")
	}
	if err := z.Check(); err != nil {
		return refusal.OfField("ring", err.Error())
	}
	return nil
}
