package dispatch

import (
	"context"
	"fmt"
	"time"

	"hemolift/telemetry/coldchain"
)

// journeys are those of a delivery's packed units that end without a ward's decision: it
// was cancelled, stood down or came back. Their life counts when they are sent again.
func (d *Dispatcher) journeys(ctx context.Context, id DeliveryID, by, note string, now time.Time) ([]UnitPassage, error) {
	rec, err := d.Store.Delivery(ctx, id)
	if err != nil {
		return nil, err
	}
	if _, packed := find(rec.Delivery.Units, func(u DeliveryUnit) bool { return !u.PackedAt.IsZero() }); !packed {
		return nil, nil
	}
	c, err := d.coldRecord(ctx, rec, now)
	if err != nil {
		return nil, fmt.Errorf("journeys: %w", err)
	}
	for i := range c.Units {
		c.Units[i].By, c.Units[i].At, c.Units[i].Note = by, now, note
	}
	return c.Units, nil
}

// journeysOf is the same for the delivery under way of a request, if there is one.
func (d *Dispatcher) journeysOf(ctx context.Context, id RequestID, by, note string, now time.Time) ([]UnitPassage, error) {
	_, deliveries, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return nil, err
	}
	del, ok := find(deliveries, func(del Delivery) bool { return del.Request == id && !del.GivenUp() && !del.Status.Ended() })
	if !ok {
		return nil, nil
	}
	return d.journeys(ctx, del.ID, by, note, now)
}

// withJourneys adds what was reckoned before to a change that ends a delivery. It is
// ErrTaken when a unit was packed since.
func (c Change) withJourneys(del Delivery, journeys []UnitPassage) (Change, error) {
	for _, u := range del.Units {
		if _, known := find(journeys, func(p UnitPassage) bool { return p.Unit == u.Unit.Key }); !known && !u.PackedAt.IsZero() {
			return Change{}, ErrTaken
		}
	}
	c.Passages = journeys
	for _, p := range journeys {
		if c.UnitsBecome == InStock && p.Verdict.Advice.Graver(coldchain.UseWithin) {
			c.Suspect = append(c.Suspect, p.Unit)
		}
	}
	return c, nil
}

func (d Delivery) keys() []UnitKey {
	keys := make([]UnitKey, len(d.Units))
	for i, u := range d.Units {
		keys[i] = u.Unit.Key
	}
	return keys
}
