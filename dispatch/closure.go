package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hemolift/telemetry"
)

// Closure is a site, one of its pads, a drone or a box out of service for a while,
// half-open. Nothing leaves a closed centre, nothing is to land on a closed pad, and a
// closed drone or box leaves nowhere; what is in the air flies on.
type Closure struct {
	ID          int64
	Site        SiteID             // of a drone its centre, of a box where it stood when the network was read
	Pad         PadID              // empty: the whole site, or the device
	Device      telemetry.DeviceID // empty: the site or pad
	Reason      string
	By          string // login
	From, Until time.Time
}

const (
	maxClosedFor = 7 * 24 * time.Hour
	maxReason    = 200 // bytes
)

// Close takes a site, pad, drone or box out of service from now on. Hospitals close their
// own pads, a centre's dispatcher what is its centre's and any hospital's. What the same
// person said already is returned as it is.
func (d *Dispatcher) Close(ctx context.Context, a Actor, c Closure) (Closure, error) {
	now := d.Now()
	c.By, c.From = a.Login, now
	if err := c.check(d.Network, now); err != nil {
		return Closure{}, err
	}
	if c.Device != "" {
		c.Site, _ = d.Network.home(c.Device)
	}
	if err := d.mayClose(a, c); err != nil {
		return Closure{}, err
	}
	d.closing.Lock()
	defer d.closing.Unlock()
	same, again := find(d.Closures(), func(x Closure) bool {
		return x.Site == c.Site && x.Pad == c.Pad && x.Device == c.Device && x.By == c.By && x.Reason == c.Reason && !x.Until.Before(c.Until)
	})
	if again {
		return same, nil
	}
	c, events, err := d.Store.InsertClosure(ctx, c)
	if err != nil {
		return Closure{}, fmt.Errorf("close: %w", err)
	}
	d.mu.Lock()
	d.closures = append(slices.Clip(d.closures), c)
	d.mu.Unlock()
	d.publish(events)
	return c, nil
}

// Reopen puts what is closed into service again.
func (d *Dispatcher) Reopen(ctx context.Context, a Actor, id int64) error {
	d.closing.Lock()
	defer d.closing.Unlock()
	events, err := d.Store.EndClosure(ctx, id, a, d.Now(), func(c Closure) error { return d.mayClose(a, c) })
	if err != nil {
		return fmt.Errorf("reopen: %w", err)
	}
	d.mu.Lock()
	d.closures = slices.DeleteFunc(slices.Clone(d.closures), func(c Closure) bool { return c.ID == id })
	d.mu.Unlock()
	d.publish(events)
	return nil
}

func (d *Dispatcher) mayClose(a Actor, c Closure) error {
	site, _ := d.Network.Site(c.Site)
	switch {
	case a.Role == RoleHospital && (a.Site != c.Site || c.Device != ""),
		a.Role == RoleDispatcher && a.Site != "" && a.Site != c.Site && site.Kind == BloodCentre,
		!oneOf(a.Role, RoleHospital, RoleDispatcher, RoleController, RoleAdmin):
		return ErrForbidden
	}
	return nil
}

func (c Closure) check(n *Network, now time.Time) error {
	if err := c.checkPlace(n); err != nil {
		return err
	}
	if r := strings.TrimSpace(c.Reason); r == "" || len(r) > maxReason {
		return FieldError{"reason", fmt.Sprintf("is empty or longer than %d bytes", maxReason)}
	}
	if !c.Until.After(now) || c.Until.After(now.Add(maxClosedFor)) {
		return FieldError{"until", "is not within seven days from now"}
	}
	return nil
}

func (c Closure) checkPlace(n *Network) error {
	if c.Device != "" {
		if c.Site != "" || c.Pad != "" {
			return FieldError{"device", "does not go with a site or pad: it is closed wherever it stands"}
		}
		if _, ok := n.home(c.Device); !ok {
			return FieldError{"device", fmt.Sprintf("%q is neither a drone nor a box of this network", c.Device)}
		}
		return nil
	}
	site, ok := n.Site(c.Site)
	if !ok || site.Kind == DonationHouse {
		return FieldError{"site", fmt.Sprintf("%q is neither a blood centre nor a hospital of this network", c.Site)}
	}
	if pad, ok := n.Pad(c.Pad); c.Pad != "" && (!ok || pad.Site != c.Site) {
		return FieldError{"pad", fmt.Sprintf("%q is not a pad of %s", c.Pad, c.Site)}
	}
	return nil
}

// padClosed returns what keeps a pad closed at some time between two.
func padClosed(list []Closure, p Pad, from, to time.Time) (Closure, bool) {
	return find(list, func(c Closure) bool {
		return c.covers(p) && c.From.Before(to) && from.Before(c.Until)
	})
}

func (c Closure) covers(p Pad) bool {
	return c.Device == "" && c.Site == p.Site && (c.Pad == "" || c.Pad == p.ID)
}

func (c Closure) holdsAt(at time.Time) bool { return !at.Before(c.From) && at.Before(c.Until) }

// siteClosed returns what keeps a whole site closed at a time.
func siteClosed(list []Closure, s SiteID, at time.Time) (Closure, bool) {
	return find(list, func(c Closure) bool { return c.Device == "" && c.Site == s && c.Pad == "" && c.holdsAt(at) })
}

// deviceClosed returns what keeps a drone or box closed at a time.
func deviceClosed(list []Closure, id telemetry.DeviceID, at time.Time) (Closure, bool) {
	return find(list, func(c Closure) bool { return c.Device == id && c.holdsAt(at) })
}

// barred reports why nothing may leave a centre now, with some devices, to land on a pad
// at a time: one of them is out of service.
func barred(list []Closure, centre SiteID, pad Pad, devices []telemetry.DeviceID, arrive, now time.Time) error {
	if c, closed := siteClosed(list, centre, now); closed {
		return StateError{string(centre), "out of service: " + c.Reason, "left"}
	}
	for _, id := range devices {
		if c, closed := deviceClosed(list, id, now); closed {
			return StateError{string(id), "out of service: " + c.Reason, "flown"}
		}
	}
	if c, closed := padClosed(list, pad, arrive, arrive.Add(unloadTime)); closed {
		return StateError{"pad " + string(pad.ID), "out of service: " + c.Reason, "flown to"}
	}
	return nil
}

// shut reports why a mission may not leave for its pad.
func (d *Dispatcher) shut(m Mission, own []Delivery, arrive, now time.Time) error {
	pad, _ := d.Network.Pad(m.Pad)
	return barred(d.Closures(), m.Centre, pad, devicesOf(m, own), arrive, now)
}

// devicesOf are a mission's drone and the boxes that it carries.
func devicesOf(m Mission, own []Delivery) []telemetry.DeviceID {
	ids := []telemetry.DeviceID{m.Drone}
	for _, del := range own {
		for _, b := range del.Boxes {
			ids = append(ids, b.Box)
		}
	}
	return ids
}

// readClosures takes in what is out of service.
func (d *Dispatcher) readClosures(ctx context.Context, now time.Time) error {
	d.closing.Lock()
	defer d.closing.Unlock()
	list, err := d.Store.Closures(ctx, now)
	if err != nil {
		return fmt.Errorf("closures: %w", err)
	}
	d.mu.Lock()
	d.closures = list
	d.mu.Unlock()
	return nil
}

// Closures returns those in force, the first to end first.
func (d *Dispatcher) Closures() []Closure {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.closures)
}
