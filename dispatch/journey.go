package dispatch

import (
	"context"
	"fmt"
	"hemolift/dispatch/delivery"
	"time"

	"github.com/samber/lo"
)

// journeys are those of a delivery's packed units that end without a ward's decision: it
// was cancelled, stood down or came back. Their life counts when they are sent again.
func (d *Dispatcher) journeys(ctx context.Context, id delivery.DeliveryID, by, note string, now time.Time) ([]delivery.Journey, error) {
	rec, err := d.Store.Delivery(ctx, id)
	if err != nil {
		return nil, err
	}
	if _, packed := lo.Find(rec.Delivery.Units, func(u delivery.Unit) bool { return !u.PackedAt.IsZero() }); !packed {
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
func (d *Dispatcher) journeysOf(ctx context.Context, id delivery.RequestID, by, note string, now time.Time) ([]delivery.Journey, error) {
	_, deliveries, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return nil, err
	}
	del, ok := lo.Find(deliveries, func(del delivery.Delivery) bool { return del.Request == id && !del.GivenUp() && !del.Status.Ended() })
	if !ok {
		return nil, nil
	}
	return d.journeys(ctx, del.ID, by, note, now)
}
