package propose

import (
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
	"hemolift/geo"
)

// Road courier: straight distance times 1.5, at 20 km/h by day and 30 km/h by
// night, with 10 minutes of handling.
const (
	roadFactor   = 1.5
	dayMPS       = 20 / 3.6
	nightMPS     = 30 / 3.6
	roadHandling = 10 * time.Minute
)

// Courier is when a road courier from a centre, or from the best, would arrive; one that
// is out of service sends nobody before it opens.
func Courier(w *situation.Situation, r delivery.Request, from network.SiteID) time.Time {
	to, _ := w.Network.Site(r.Hospital)
	var best time.Time
	for _, s := range w.Network.Sites {
		if s.Kind != network.BloodCentre || from != "" && s.ID != from {
			continue
		}
		leave := w.At
		if c, closed := network.SiteClosed(w.Closures, s.ID, leave); closed {
			leave = c.Until
		}
		if at := leave.Add(roadHandling + onRoad(geo.Distance(s.Point, to.Point), leave)); best.IsZero() || at.Before(best) {
			best = at
		}
	}
	return best.Truncate(time.Second)
}

// onRoad is how long a courier takes for a straight distance.
func onRoad(straightM float64, at time.Time) time.Duration {
	speed := dayMPS
	if h := at.In(network.LocalZone).Hour(); h < 6 || h >= 22 {
		speed = nightMPS
	}
	return time.Duration(straightM * roadFactor / speed * float64(time.Second))
}
