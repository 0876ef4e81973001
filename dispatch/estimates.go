package dispatch

import (
	"context"
	"fmt"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/handover"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/situation"
)

// Estimate is what a request would get if it were submitted now: a proposal with when its
// units would be handed over, or why no drone can serve it.
type Estimate struct {
	Proposal   *propose.Proposal
	Handover   handover.Forecast
	Held       handover.Held // of earlier forecasts
	Impossible *propose.Impossible
}

// Estimate says what a request would get if it were submitted now.
func (d requestDesk) Estimate(ctx context.Context, a network.Actor, asked delivery.Asked) (Estimate, error) {
	now := d.Now()
	if err := delivery.Permit(a, delivery.OpEstimate, asked.Hospital); err != nil {
		return Estimate{}, err
	}
	if err := asked.Check(d.Network(), now); err != nil {
		return Estimate{}, err
	}
	s, err := d.survey(ctx, now)
	if err != nil {
		return Estimate{}, err
	}
	r := delivery.NewRequest(asked, a, now)
	r.ID = "estimate"
	all, err := propose.For(s, d.layout.Load().rules, append(s.Requests, r))
	if err != nil {
		return Estimate{}, err
	}
	p, ok := all.Proposals[r.ID]
	if !ok {
		i := all.Impossible[r.ID]
		return Estimate{Impossible: &i}, nil
	}
	past, err := d.Handovers.Past(ctx, handover.Window, s.At)
	if err != nil {
		return Estimate{}, err
	}
	return Estimate{Proposal: &p, Handover: propose.Foretell(s, r, p, past), Held: handover.Hold(past)}, nil
}

// foretell keeps, of each request that a plan serves for the first time, when its units
// will be handed over by it.
func (d *desk) foretell(ctx context.Context, s *situation.Situation, p propose.Proposed) error {
	untold := propose.Untold(s, p)
	if len(untold) == 0 {
		return nil
	}
	past, err := d.Handovers.Past(ctx, handover.Window, s.At)
	if err != nil {
		return fmt.Errorf("foretell: %w", err)
	}
	told := map[delivery.RequestID]handover.Forecast{}
	for _, r := range untold {
		told[r.ID] = propose.Foretell(s, r, p.Proposals[r.ID], past)
	}
	if err := d.Handovers.Foretell(ctx, told); err != nil {
		return fmt.Errorf("foretell: %w", err)
	}
	return nil
}
