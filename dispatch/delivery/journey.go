package delivery

import (
	"time"

	"github.com/samber/lo"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// Journey is one journey of a unit in a box, judged. While nobody has decided, Outcome and By
// are empty.
type Journey struct {
	Unit     blood.UnitKey
	Box      telemetry.DeviceID
	From, To time.Time
	OutHigh  time.Duration
	OutLow   time.Duration
	Gap      time.Duration
	Still    time.Duration // without agitation, where that counts
	Verdict  coldchain.Verdict
	Outcome  blood.UnitStatus
	By       string
	At       time.Time
	Note     string
}

// WithJourneys adds what was reckoned before to a change that ends a delivery. It is
// ErrTaken when a unit was packed since.
func (c Change) WithJourneys(del Delivery, journeys []Journey) (Change, error) {
	for _, u := range del.Units {
		if _, known := lo.Find(journeys, func(p Journey) bool { return p.Unit == u.Unit.Key }); !known && !u.PackedAt.IsZero() {
			return Change{}, refusal.ErrTaken
		}
	}
	c.Journeys = journeys
	for _, p := range journeys {
		if c.UnitsBecome == blood.InStock && p.Verdict.Advice.Graver(coldchain.UseWithin) {
			c.Suspect = append(c.Suspect, p.Unit)
		}
	}
	return c, nil
}
