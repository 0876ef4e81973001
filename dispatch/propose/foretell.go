package propose

import (
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/handover"
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

// Foretell is when the last unit of a proposal will be handed over: its plan, and by how
// much such flights came after theirs.
func Foretell(s *situation.Situation, r delivery.Request, p Proposal, past []handover.Told) handover.Forecast {
	such := handover.Such{Urgency: string(r.Urgency), Waits: p.Waiting}
	f := handover.Reckon(past, such, p.ArriveAt.Add(situation.UnloadTime), s.At)
	f.Version = r.Version
	return f
}
