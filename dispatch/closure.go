package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"

	"github.com/samber/lo"
)

// Close takes a site, pad, drone or box out of service from now on. Hospitals close their
// own pads, a centre's dispatcher what is its centre's and any hospital's. What the same
// person said already is returned as it is.
func (d *Dispatcher) Close(ctx context.Context, a network.Actor, c network.Closure) (network.Closure, error) {
	now := d.Now()
	c.By, c.From = a.Login, now
	if err := c.Check(d.Network, now); err != nil {
		return network.Closure{}, err
	}
	if c.Device != "" {
		c.Site, _ = d.Network.Home(c.Device)
	}
	if err := d.mayClose(a, c); err != nil {
		return network.Closure{}, err
	}
	d.closing.Lock()
	defer d.closing.Unlock()
	same, again := lo.Find(d.Closures(), func(x network.Closure) bool {
		return x.Site == c.Site && x.Pad == c.Pad && x.Device == c.Device && x.By == c.By && x.Reason == c.Reason && !x.Until.Before(c.Until)
	})
	if again {
		return same, nil
	}
	c, events, err := d.Store.InsertClosure(ctx, c)
	if err != nil {
		return network.Closure{}, fmt.Errorf("close: %w", err)
	}
	d.mu.Lock()
	d.closures = append(slices.Clip(d.closures), c)
	d.mu.Unlock()
	d.publish(events)
	return c, nil
}

// Reopen puts what is closed into service again.
func (d *Dispatcher) Reopen(ctx context.Context, a network.Actor, id int64) error {
	d.closing.Lock()
	defer d.closing.Unlock()
	events, err := d.Store.EndClosure(ctx, id, a, d.Now(), func(c network.Closure) error { return d.mayClose(a, c) })
	if err != nil {
		return fmt.Errorf("reopen: %w", err)
	}
	d.mu.Lock()
	d.closures = slices.DeleteFunc(slices.Clone(d.closures), func(c network.Closure) bool { return c.ID == id })
	d.mu.Unlock()
	d.publish(events)
	return nil
}

func (d *Dispatcher) mayClose(a network.Actor, c network.Closure) error {
	site, _ := d.Network.Site(c.Site)
	switch {
	case a.Role == network.RoleHospital && (a.Site != c.Site || c.Device != ""),
		a.Role == network.RoleDispatcher && a.Site != "" && a.Site != c.Site && site.Kind == network.BloodCentre,
		!slices.Contains([]network.Role{network.RoleHospital, network.RoleDispatcher, network.RoleController, network.RoleAdmin}, a.Role):
		return refusal.ErrForbidden
	}
	return nil
}

// shut reports why a mission may not leave for its pad.
func (d *Dispatcher) shut(m delivery.Mission, own []delivery.Delivery, arrive, now time.Time) error {
	pad, _ := d.Network.Pad(m.Pad)
	return barred(d.Closures(), m.Centre, pad, devicesOf(m, own), arrive, now)
}

// devicesOf are a mission's drone and the boxes that it carries.
func devicesOf(m delivery.Mission, own []delivery.Delivery) []telemetry.DeviceID {
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
func (d *Dispatcher) Closures() []network.Closure {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.closures)
}

// barred reports why nothing may leave a centre now, with some devices, to land on a pad
// at a time: one of them is out of service.
func barred(list []network.Closure, centre network.SiteID, pad network.Pad, devices []telemetry.DeviceID, arrive, now time.Time) error {
	if c, closed := network.SiteClosed(list, centre, now); closed {
		return refusal.OfState(string(centre), "out of service: "+c.Reason, "left")
	}
	for _, id := range devices {
		if c, closed := network.DeviceClosed(list, id, now); closed {
			return refusal.OfState(string(id), "out of service: "+c.Reason, "flown")
		}
	}
	if c, closed := network.PadClosed(list, pad, arrive, arrive.Add(unloadTime)); closed {
		return refusal.OfState("pad "+string(pad.ID), "out of service: "+c.Reason, "flown to")
	}
	return nil
}
