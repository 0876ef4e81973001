package propose

import (
	"fmt"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

// Acceptable is the proposal that an actor may accept: what the page shows, of the plan
// for all open requests, when its drone is one that the actor sends; else the plan's
// choice among those; or for the drone asked for, the best that it can do.
func Acceptable(
	s *situation.Situation,
	rules Rules,
	a network.Actor,
	r delivery.Request,
	drone telemetry.DeviceID,
) (Proposal, bool, error) {
	together := s.Requests
	if _, known := s.Network.Drone(drone); !known && drone != "" {
		return Proposal{}, false, refusal.Field{Field: "drone", Reason: "is none of the network's"}
	}
	shown, err := For(s, rules, together)
	p, ok := shown.Proposals[r.ID]
	wanted := (drone == "" || drone == p.Drone) && (a.Site == "" || p.Centre == a.Site)
	if err != nil || ok && wanted {
		return p, ok, err
	}
	if drone != "" {
		together = []delivery.Request{r}
	}
	var others []telemetry.DeviceID
	for _, other := range s.Network.Drones {
		if drone != "" && other.ID != drone || a.Site != "" && other.Home != a.Site {
			others = append(others, other.ID)
		}
	}
	all, err := For(s.But(others...), rules, together)
	p, ok = all.Proposals[r.ID]
	return p, ok, err
}

// Seen is the offer that a person saw when they accepted it.
type Seen struct {
	Drone    telemetry.DeviceID
	ArriveAt time.Time
	Units    int
}

// laterThanSeen is by how much an offer may have become later and still be the one that was
// seen: people read minutes.
const laterThanSeen = time.Minute

// MovedOn is a refusal: what was seen is not there any more, and Offer is what is.
type MovedOn struct{ Offer Proposal }

func (e MovedOn) Error() string {
	return fmt.Sprintf("the offer has changed: %s would arrive at %s with %d units",
		e.Offer.Drone, e.Offer.ArriveAt.UTC().Format(time.RFC3339), len(e.Offer.Units))
}

// Still refuses a proposal that is worse than what was seen of it: of another drone, later,
// or with fewer units.
func (s Seen) Still(p Proposal) error {
	if p.Drone != s.Drone || p.ArriveAt.Sub(s.ArriveAt) > laterThanSeen || len(p.Units) < s.Units {
		return MovedOn{p}
	}
	return nil
}

// NeedNobody are the open requests whose proposals need no person: those that are ready,
// in time, and to be reviewed by nobody, of urgencies that the policy names.
func NeedNobody(s *situation.Situation, rules Rules, p Proposed) []delivery.Request {
	var list []delivery.Request
	for _, r := range s.Requests {
		q, ok := p.Proposals[r.ID]
		if ok && rules.Policy.AutoAccept[r.Urgency] && !q.Waiting && !q.Held && !q.Review && q.Rest == 0 && LateMin(r, q.ArriveAt) == 0 {
			list = append(list, r)
		}
	}
	return list
}
