package propose

import (
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/handover"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
)

// Untold are the requests that a plan serves and whose versions have no forecast yet.
func Untold(s *situation.Situation, p Proposed) []delivery.Request {
	var list []delivery.Request
	for _, r := range s.Requests {
		if _, ok := p.Proposals[r.ID]; ok && r.Told.Version != r.Version {
			list = append(list, r)
		}
	}
	return list
}

// Foretell is when the last unit of a proposal will be handed over: its plan, the more urgent
// requests that are expected before it is flown, and by how much such flights came after that.
func Foretell(s *situation.Situation, r delivery.Request, p Proposal, past []handover.Told) handover.Forecast {
	planned := p.ArriveAt.Add(situation.UnloadTime)
	return handover.Reckon(past, handover.Forecast{
		Version: r.Version, MadeAt: s.At, Such: handover.Such{Urgency: string(r.Urgency), Waits: p.Waiting},
		Planned: planned, Expected: planned.Add(overtaken(s, r, p)),
	})
}

const (
	// leastSeen is how long requests are counted at least before they make a rate.
	leastSeen = time.Hour
	// mostTaken is the share of the fleet that more urgent requests are believed to take for
	// good: nobody knows how long an overload lasts (product choice).
	mostTaken = 0.6
)

// overtaken is by how much a proposal that waits will be put off by more urgent requests that
// nobody has made yet: while it waits for w, they come at their rate and each takes a drone
// until it is home and charged; a share ρ of the fleet so taken makes w into w/(1-ρ) (Cobham,
// Priority Assignment in Waiting Line Problems, Operations Research 2(1), 1954).
func overtaken(s *situation.Situation, r delivery.Request, p Proposal) time.Duration {
	waits := p.DepartAt.Sub(s.At) - situation.PackTime - situation.LaunchTime
	since, graver := s.At.Add(-leastSeen), 0
	for _, o := range s.Seen {
		if o.CreatedAt.Before(since) {
			since = o.CreatedAt
		}
		if o.Urgency.Graver(r.Urgency) {
			graver++
		}
	}
	if waits <= 0 || graver == 0 {
		return 0
	}
	takes := p.HomeAt.Sub(p.DepartAt).Seconds() + p.EnergyJ/s.ClassOf(p.Drone).ChargeW
	inService := 0
	for _, d := range s.Network.Drones {
		if _, closed := network.DeviceClosed(s.Closures, d.ID, s.At); !closed && !s.Withheld[d.ID] {
			inService++
		}
	}
	taken := min(mostTaken, float64(graver)/s.At.Sub(since).Seconds()*takes/float64(max(1, inService)))
	return time.Duration(float64(waits) * taken / (1 - taken))
}
