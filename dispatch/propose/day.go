package propose

import (
	"strings"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/plan"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// dayLength is a day and what may still land after it.
const dayLength = 30 * time.Hour

// DayVariant is how a day is to be played otherwise than it was; nil leaves things.
type DayVariant struct {
	Policy *Policy
	Wind   *route.Wind
}

// DayRecord is what the record holds of one day.
type DayRecord struct {
	Date     time.Time          // its year, month and day count
	Requests []delivery.Request // as they stand now, in the order in which they came
	Stock    []blood.Unit       // that left on that day or are in stock now
}

// DayStart is the midnight, at the network, with which a day begins.
func DayStart(date time.Time) time.Time {
	y, m, d := date.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, network.LocalZone).UTC()
}

// Day returns a day of the record as a stream that can be played again: its requests when
// they came and as they stand now, the units that left on that day or are in stock now,
// every drone charged at home, every box at its centre, and one wind, the present one
// unless the variant says another. stated is the network without the limits of a policy.
func Day(now *situation.Situation, stated *network.Network, rules Rules, day DayRecord, v DayVariant) (*plan.Instance, error) {
	if len(stated.Sites) == 0 {
		return nil, refusal.OfState("the network", "empty", "planned for")
	}
	then := *now
	then.At = DayStart(day.Date)
	then.Flights, then.Demand = situation.Flights{}, situation.Demand{Stock: day.Stock, Boxes: now.Network.Boxes}
	then.Withheld = nil
	if v.Policy != nil {
		limited, err := v.Policy.Limit(stated)
		if err != nil {
			return nil, refusal.OfField("policy", strings.TrimPrefix(err.Error(), "policy: "))
		}
		then.Network, rules.Policy = limited, *v.Policy
	}
	if v.Wind != nil {
		then.Wind = *v.Wind
	}
	then.Picture = chargedAtHome(then.Network, then.At)
	w := newPlanner(&then, rules)
	in := w.instance(day.Requests)
	in.Name, in.Kind, in.HorizonS = day.Date.Format(time.DateOnly), plan.KindOnline, int64(dayLength.Seconds())
	came := map[string]time.Time{}
	for _, r := range day.Requests {
		came[string(r.ID)] = r.CreatedAt
	}
	for i := range in.Requests {
		r := &in.Requests[i]
		r.ReleaseS = w.sec(came[r.ID])
		r.DueS = max(r.DueS, r.ReleaseS)
	}
	return in, in.Check()
}

// chargedAtHome is a picture of all drones at home with full batteries.
func chargedAtHome(n *network.Network, at time.Time) telemetry.Picture {
	drones := make([]telemetry.DroneState, len(n.Drones))
	for i, x := range n.Drones {
		home, _ := n.Site(x.Home)
		drones[i] = telemetry.DroneState{
			ID: x.ID, Located: true, Link: telemetry.LinkLive, Position: telemetry.Position{Point: home.Point, BatteryPct: 100},
			Status: telemetry.Status{Phase: telemetry.Parked},
		}
	}
	return telemetry.PictureOf(at, drones, nil, nil)
}
