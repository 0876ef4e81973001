package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Closure is a site, or one of its pads, out of service for a while, half-open. Nothing
// leaves a closed centre and nothing is to land on a closed pad.
type Closure struct {
	ID          int64
	Site        SiteID
	Pad         PadID // empty: the whole site
	Reason      string
	By          string // login
	From, Until time.Time
}

const (
	maxClosedFor = 7 * 24 * time.Hour
	maxReason    = 200 // bytes
)

// Close takes a site or pad out of service from now on. Hospitals close their own, a
// centre's dispatcher its centre's and any hospital's. What the same person said already
// is returned as it is.
func (d *Dispatcher) Close(ctx context.Context, a Actor, c Closure) (Closure, error) {
	now := d.Now()
	c.By, c.From = a.Login, now
	if err := c.check(d.Network, now); err != nil {
		return Closure{}, err
	}
	if err := d.mayClose(a, c.Site); err != nil {
		return Closure{}, err
	}
	d.closing.Lock()
	defer d.closing.Unlock()
	same, again := find(d.Closures(), func(x Closure) bool {
		return x.Site == c.Site && x.Pad == c.Pad && x.By == c.By && x.Reason == c.Reason && !x.Until.Before(c.Until)
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

// Reopen puts a site or pad into service again.
func (d *Dispatcher) Reopen(ctx context.Context, a Actor, id int64) error {
	d.closing.Lock()
	defer d.closing.Unlock()
	events, err := d.Store.EndClosure(ctx, id, a, d.Now(), func(c Closure) error { return d.mayClose(a, c.Site) })
	if err != nil {
		return fmt.Errorf("reopen: %w", err)
	}
	d.mu.Lock()
	d.closures = slices.DeleteFunc(slices.Clone(d.closures), func(c Closure) bool { return c.ID == id })
	d.mu.Unlock()
	d.publish(events)
	return nil
}

func (d *Dispatcher) mayClose(a Actor, id SiteID) error {
	site, _ := d.Network.Site(id)
	switch {
	case a.Role == RoleHospital && a.Site != id,
		a.Role == RoleDispatcher && a.Site != "" && a.Site != id && site.Kind == BloodCentre,
		!oneOf(a.Role, RoleHospital, RoleDispatcher, RoleController, RoleAdmin):
		return ErrForbidden
	}
	return nil
}

func (c Closure) check(n *Network, now time.Time) error {
	site, ok := n.Site(c.Site)
	if !ok || site.Kind == DonationHouse {
		return FieldError{"site", fmt.Sprintf("%q is neither a blood centre nor a hospital of this network", c.Site)}
	}
	if pad, ok := n.Pad(c.Pad); c.Pad != "" && (!ok || pad.Site != c.Site) {
		return FieldError{"pad", fmt.Sprintf("%q is not a pad of %s", c.Pad, c.Site)}
	}
	if r := strings.TrimSpace(c.Reason); r == "" || len(r) > maxReason {
		return FieldError{"reason", fmt.Sprintf("is empty or longer than %d bytes", maxReason)}
	}
	if !c.Until.After(now) || c.Until.After(now.Add(maxClosedFor)) {
		return FieldError{"until", "is not within seven days from now"}
	}
	return nil
}

// padClosed returns what keeps a pad closed at some time between two.
func padClosed(list []Closure, p Pad, from, to time.Time) (Closure, bool) {
	return find(list, func(c Closure) bool {
		return c.covers(p) && c.From.Before(to) && from.Before(c.Until)
	})
}

func (c Closure) covers(p Pad) bool { return c.Site == p.Site && (c.Pad == "" || c.Pad == p.ID) }

// siteClosed returns what keeps a whole site closed at a time.
func siteClosed(list []Closure, s SiteID, at time.Time) (Closure, bool) {
	return find(list, func(c Closure) bool { return c.Site == s && c.Pad == "" && !at.Before(c.From) && at.Before(c.Until) })
}

// shut reports why a mission may not leave for its pad: its centre or the pad is out of
// service.
func (d *Dispatcher) shut(m Mission, arrive, now time.Time) error {
	list := d.Closures()
	if c, closed := siteClosed(list, m.Centre, now); closed {
		return StateError{string(m.Centre), "out of service: " + c.Reason, "left"}
	}
	pad, _ := d.Network.Pad(m.Pad)
	if c, closed := padClosed(list, pad, arrive, arrive.Add(unloadTime)); closed {
		return StateError{"pad " + string(m.Pad), "out of service: " + c.Reason, "flown to"}
	}
	return nil
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
