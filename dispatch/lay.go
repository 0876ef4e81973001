package dispatch

import (
	"context"
	"fmt"
	"slices"

	"hemolift/geo/airspace"
)

// layDesk puts another layout in the place of the one before.
type layDesk struct {
	*desk
	flights flightDesk
	places  placeDesk
}

// lay makes a layout of the network and of what counts as they are now.
func (d layDesk) lay(ctx context.Context) error {
	was := d.Network()
	for done := false; !done; {
		d.mu.Lock()
		is, zones, basis := d.stated, d.zones, d.basis
		d.mu.Unlock()
		next, err := newLayout(is, d.decided.at(d.Now()), d.Compat, slices.Concat(
			slices.DeleteFunc(notPast(is.Zones, d.Now()), drawn),
			slices.DeleteFunc(slices.Clone(zones), func(z airspace.Zone) bool { return !drawn(z) }),
		))
		if err != nil {
			return fmt.Errorf("lay out the network: %w", err)
		}
		done = d.laid(next, basis)
	}
	d.know()
	for _, drone := range d.Network().Drones {
		before, _ := was.ClassOf(drone.ID)
		if after, _ := d.Network().ClassOf(drone.ID); before != after {
			if err := d.flights.calibrate(ctx, drone.ID); err != nil { // its class as stated flies too
				d.Logger.ErrorContext(ctx, "calibrate", "drone", drone.ID, "err", err)
			}
		}
	}
	d.settle(ctx, d.Now())
	return nil
}

func drawn(z airspace.Zone) bool { return z.DrawnBy != "" }

// laid reports whether the next layout has taken its place: not when what it was made of has
// been replaced since.
func (d layDesk) laid(next *layout, basis uint64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.basis != basis {
		return false
	}
	d.layout.Store(next)
	d.places.setZones(next.zones)
	return true
}

// know tells the tracker how high the ground is, and which drones and boxes there are.
func (d layDesk) know() {
	l := d.layout.Load()
	d.Tracker.SetGround(l.limited.GroundAltM())
	for _, drone := range l.limited.Drones {
		d.Tracker.Know(drone.ID)
	}
	for _, b := range l.limited.Boxes {
		bt, _ := l.limited.BoxType(b.Type)
		d.Tracker.KnowBox(b.ID, l.set.Profiles[bt.Profile], bt.Thermal)
	}
}
