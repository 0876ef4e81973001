package dispatch

import (
	"context"
	"fmt"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/plan"
	"hemolift/dispatch/propose"
)

// Day returns a day of the record, as it is called at the network, as a stream that can be
// played again; see propose.Day.
func (d requestDesk) Day(ctx context.Context, a network.Actor, date time.Time, v propose.DayVariant) (*plan.Instance, error) {
	if err := delivery.Permit(a, delivery.OpDay); err != nil {
		return nil, err
	}
	from := propose.DayStart(date)
	requests, stock, err := d.World.Day(ctx, from, from.Add(24*time.Hour))
	if err != nil {
		return nil, fmt.Errorf("day: %w", err)
	}
	l := d.layout.Load()
	return propose.Day(d.picture(d.Now()), l.stated, l.rules, propose.DayRecord{Date: date, Requests: requests, Stock: stock}, v)
}
