package dispatch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/flight"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/geo/airspace"
)

// placeDesk serves those who close and open places, devices and airspace.
type placeDesk struct{ *desk }

// Close takes a site, pad, drone or box out of service from now on. What the same person
// said already is returned as it is.
func (d placeDesk) Close(ctx context.Context, a network.Actor, c network.Closure) (network.Closure, error) {
	c, _, err := d.close(ctx, a, c)
	return c, err
}

// close is Close, and tells whether the same person had said so already.
func (d placeDesk) close(ctx context.Context, a network.Actor, c network.Closure) (_ network.Closure, already bool, err error) {
	now := d.Now()
	c.By, c.BySite, c.From = a.Login, a.Site, now
	if err := c.Check(d.Network(), now); err != nil {
		return c, false, err
	}
	if c.Device != "" {
		c.Site, _ = d.Network().Home(c.Device)
	}
	op, of := d.closing(c)
	if err := delivery.Permit(a, op, of...); err != nil {
		return c, false, err
	}
	c.ByRole = delivery.ActsAs(a, op)
	var same network.Closure
	made, err := d.Closures.ChangeClosures(ctx, a, now, func(inForce []network.Closure) (*network.Closure, int64, error) {
		i := slices.IndexFunc(inForce, func(x network.Closure) bool { return x.Says(c) })
		if already = i >= 0; already {
			same = inForce[i]
			return nil, 0, nil
		}
		return &c, 0, c.CheckRoom(inForce)
	})
	switch {
	case err != nil:
		return c, false, fmt.Errorf("close: %w", err)
	case already:
		return same, true, nil
	}
	d.publish()
	return made, false, nil
}

// Reopen puts what is closed into service again.
func (d placeDesk) Reopen(ctx context.Context, a network.Actor, id int64) error {
	return d.reopen(ctx, a, id)
}

func (d placeDesk) reopen(ctx context.Context, a network.Actor, id int64) error {
	_, err := d.Closures.ChangeClosures(ctx, a, d.Now(), func(inForce []network.Closure) (*network.Closure, int64, error) {
		for _, c := range inForce {
			if c.ID == id {
				return nil, id, delivery.Permit(a, delivery.Ordered(delivery.OpReopen, c.ByRole), c.BySite)
			}
		}
		return nil, 0, refusal.ErrNotFound
	})
	if err != nil {
		return fmt.Errorf("reopen: %w", err)
	}
	d.publish()
	return nil
}

// closing is the operation that takes something out of service, and whose thing it is.
func (d placeDesk) closing(c network.Closure) (delivery.Operation, []network.SiteID) {
	site, _ := d.Network().Site(c.Site)
	switch {
	case c.Device != "" && site.Kind == network.BloodCentre:
		return delivery.OpCloseDevice, []network.SiteID{c.Site}
	case c.Device != "":
		return delivery.OpCloseDevice, nil // no centre's own
	case site.Kind == network.BloodCentre:
		return delivery.OpCloseCentre, []network.SiteID{c.Site}
	}
	return delivery.OpCloseHospital, []network.SiteID{c.Site}
}

// Zones returns the zones that count now or later.
func (d placeDesk) Zones() []airspace.Zone {
	zones, _ := d.zonesNow()
	return zones
}

// zonesNow are the zones, and the version that they are.
func (d placeDesk) zonesNow() ([]airspace.Zone, uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.zones, d.basis
}

// setZones makes these the zones for those who look at positions; d.mu is held.
func (d placeDesk) setZones(zones []airspace.Zone) {
	d.zones = zones
	d.basis++
	d.Tracker.SetZones(zones)
}

// addZone makes a zone count, for plans and for positions.
func (d placeDesk) addZone(z airspace.Zone) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.layout.Load().airspace.Add(z); err != nil {
		return err
	}
	d.setZones(append(slices.Clone(d.zones), z))
	return nil
}

// removeZones ends those that are so.
func (d placeDesk) removeZones(are func(airspace.Zone) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, z := range d.zones {
		if are(z) {
			d.layout.Load().airspace.Remove(z.ID)
		}
	}
	d.setZones(slices.DeleteFunc(slices.Clone(d.zones), are))
}

// dropPastZones takes out what has run out by itself: it counts for nobody any more.
func (d placeDesk) dropPastZones(now time.Time) {
	past := func(z airspace.Zone) bool { return isPast(z, now) }
	if slices.ContainsFunc(d.Zones(), past) {
		d.removeZones(past)
	}
}

// notPast are the zones that count now or later.
func notPast(zones []airspace.Zone, now time.Time) []airspace.Zone {
	return slices.DeleteFunc(slices.Clone(zones), func(z airspace.Zone) bool { return isPast(z, now) })
}

// isPast reports whether a zone has run out by itself.
func isPast(z airspace.Zone, now time.Time) bool { return !z.Until.IsZero() && !now.Before(z.Until) }

// AddZone closes airspace from now on, for everybody: it is stored, every later
// route avoids it, and what is under way is led around it. The touched missions
// are returned with what became of them. z has no ID; it gets one.
func (d placeDesk) AddZone(ctx context.Context, a network.Actor, z airspace.Zone) (airspace.Zone, []situation.Touched, error) {
	if err := delivery.Permit(a, delivery.OpAddZone); err != nil {
		return z, nil, err
	}
	now := d.Now()
	z.ID, z.DrawnBy = airspace.ZoneID(network.DrawnPrefix+rand.Text()[:8]), a.Login
	z.DrawnRole, z.DrawnSite = string(delivery.ActsAs(a, delivery.OpAddZone)), string(a.Site)
	if err := situation.CheckDrawn(z, d.Zones(), now); err != nil {
		return z, nil, err
	}
	if err := d.addZone(z); err != nil {
		return z, nil, refusal.OfField("ring", err.Error())
	}
	ctx = context.WithoutCancel(ctx) // from here on it is done to the end, whoever asked has gone or not
	if err := d.Stores.Zones.InsertZone(ctx, z, now); err != nil {
		d.removeZones(func(x airspace.Zone) bool { return x.ID == z.ID })
		return z, nil, fmt.Errorf("add zone: %w", err)
	}
	d.publish()
	touched, err := d.leadAround(ctx, now)
	if err != nil { // the zone stands all the same, and the flight loop tries again
		d.Logger.ErrorContext(ctx, "lead around zone", "zone", z.ID, "err", err)
	}
	if len(touched) > 0 {
		d.noteTouched(ctx, a, z.ID, touched)
	}
	return z, touched, nil
}

// noteTouched keeps what a zone touched, for those who look at it later.
func (d placeDesk) noteTouched(ctx context.Context, a network.Actor, id airspace.ZoneID, touched []situation.Touched) {
	d.mu.Lock()
	d.touched = maps.Clone(d.touched)
	d.touched[id] = touched
	d.mu.Unlock()
	if err := d.Stores.Zones.NoteTouched(ctx, id, touched, a, d.Now()); err != nil {
		d.Logger.ErrorContext(ctx, "note what a zone touched", "zone", id, "err", err)
	}
	d.publish()
}

// TouchedBy returns the missions that a zone touched when it was drawn, and what became of
// them then.
func (d placeDesk) TouchedBy(id airspace.ZoneID) []situation.Touched {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.touched[id]
}

// leadAround leads every active mission around zones whose way leads through one.
func (d placeDesk) leadAround(ctx context.Context, now time.Time) ([]situation.Touched, error) {
	s, err := d.observe(ctx, now)
	if err != nil {
		return nil, err
	}
	var touched []situation.Touched
	var errs []error
	for _, m := range s.Missions {
		payload := s.Payload(m.ID)
		r := s.LeadAround(m, payload)
		if r.Outcome != "" {
			touched = append(touched, r.Touched)
		}
		errs = append(errs, d.carryOut(ctx, s, flight.LeadAround(s, m, payload, r)))
	}
	_, err = d.look(ctx, s)
	return touched, errors.Join(append(errs, err)...)
}

// EndZone opens airspace that a person closed.
func (d placeDesk) EndZone(ctx context.Context, a network.Actor, id airspace.ZoneID) error {
	if err := delivery.Permit(a, delivery.OpEndZone); err != nil {
		return err
	}
	is := func(z airspace.Zone) bool { return z.ID == id }
	list := d.Zones()
	i := slices.IndexFunc(list, is)
	switch {
	case i < 0:
		return refusal.ErrNotFound
	case list[i].DrawnBy == "":
		return refusal.OfState("the zone", "part of the network", "ended here")
	}
	by := network.Role(list[i].DrawnRole)
	if err := delivery.Permit(a, delivery.Ordered(delivery.OpEndZone, by), network.SiteID(list[i].DrawnSite)); err != nil {
		return err
	}
	if err := d.Stores.Zones.EndZone(ctx, id, a, d.Now()); err != nil {
		return fmt.Errorf("end zone: %w", err)
	}
	d.removeZones(is)
	d.publish()
	return nil
}
