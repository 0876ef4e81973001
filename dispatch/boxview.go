package dispatch

import (
	"cmp"
	"context"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"

	"github.com/samber/lo"
)

// BoxView is one box as the cold-chain view shows it.
type BoxView struct {
	State    telemetry.BoxState
	Type     network.BoxTypeID
	Site     network.SiteID // where it stands when not under way
	Delivery delivery.DeliveryID
	Drone    telemetry.DeviceID
}

// Boxes returns all boxes, those with the least time to their limit first, then those
// that are watched, then by name.
func (d *Dispatcher) Boxes(ctx context.Context, a network.Actor) ([]BoxView, error) {
	if a.Role == network.RoleHospital {
		return nil, refusal.ErrForbidden
	}
	_, deliveries, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return nil, err
	}
	now := d.Now()
	var views []BoxView
	for _, b := range d.Network.Boxes {
		state, ok := d.Tracker.Box(now, b.ID)
		if !ok {
			continue
		}
		v := BoxView{State: state, Type: b.Type, Site: b.Site}
		for _, del := range deliveries {
			if _, carries := lo.Find(del.Boxes, func(x delivery.Box) bool { return x.Box == b.ID }); carries && !del.Status.Ended() {
				v.Delivery, v.Drone = del.ID, del.Drone
			}
		}
		views = append(views, v)
	}
	slices.SortStableFunc(views, func(x, y BoxView) int {
		return cmp.Or(cmp.Compare(y.urgency(), x.urgency()), cmp.Compare(x.early(), y.early()), cmp.Compare(x.State.ID, y.State.ID))
	})
	return views, nil
}

// urgency is how much a box's state asks for eyes.
func (v BoxView) urgency() int {
	if !v.State.Watched {
		return 0
	}
	switch v.State.State {
	case coldchain.Excursion:
		return 4
	case coldchain.NearLimit:
		return 3
	case coldchain.Unknown:
		return 2
	case coldchain.InRange:
	}
	return 1
}

func (v BoxView) early() time.Duration {
	if !v.State.HasOutlook {
		return coldchain.NoLimit
	}
	return v.State.Outlook.Early
}
