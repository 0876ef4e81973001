package propose

import (
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
	if drone == "" {
		shown, err := For(s, rules, together)
		if p, ok := shown.Proposals[r.ID]; err != nil || ok && (a.Site == "" || p.Centre == a.Site) {
			return p, ok, err
		}
	} else {
		if _, known := s.Network.Drone(drone); !known {
			return Proposal{}, false, refusal.Field{Field: "drone", Reason: "is none of the network's"}
		}
		together = []delivery.Request{r}
	}
	var others []telemetry.DeviceID
	for _, other := range s.Network.Drones {
		if drone != "" && other.ID != drone || a.Site != "" && other.Home != a.Site {
			others = append(others, other.ID)
		}
	}
	all, err := For(s.But(others...), rules, together)
	p, ok := all.Proposals[r.ID]
	return p, ok, err
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
