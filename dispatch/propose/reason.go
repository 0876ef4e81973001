package propose

import (
	"slices"
	"time"

	"github.com/samber/lo"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/plan"
	"hemolift/dispatch/situation"
	"hemolift/geo"
)

// Reasons are what decided each part of a proposal.
type Reasons struct {
	// Ranks of the units, in their order: how far each is from the recipient's own
	// group; 0 is the first choice.
	Ranks     []int
	Passed    []plan.Passed // units that rank before the last one given and are not
	Elsewhere []Candidate   // the best drone of each other centre
	DirectM   float64       // the straight line
	Hold      time.Duration // validated for the box, at 30 °C
	Carry     time.Duration // from loading to hand-over
	SpareJ    float64       // in the battery at home beyond the reserve
	WantedPad bool
}

// reasons reads from the plan's choice what decided it.
func (w *planner) reasons(r delivery.Request, p Proposal, c *plan.Choice) Reasons {
	bt, _ := w.Network.BoxTypeFor(r.Component)
	y := Reasons{
		Passed:    c.Passed,
		DirectM:   geo.Distance(p.Out[0], p.Out[len(p.Out)-1]),
		Hold:      bt.HoldAt30C,
		Carry:     p.ArriveAt.Add(situation.UnloadTime + situation.LaunchTime).Sub(p.DepartAt),
		SpareJ:    float64(c.LandsJ - c.ReserveJ),
		WantedPad: p.Pad == r.Pad,
	}
	for _, u := range p.Units {
		rank := slices.IndexFunc(c.Units, func(g plan.Given) bool { return g.Lot == u.Key.String() })
		y.Ranks = append(y.Ranks, int(c.Units[rank].Rank))
	}
	for _, o := range p.Considered {
		_, listed := lo.Find(y.Elsewhere, func(e Candidate) bool { return e.Centre == o.Centre })
		if o.Centre != string(p.Centre) && !listed {
			y.Elsewhere = append(y.Elsewhere, o)
		}
	}
	return y
}
