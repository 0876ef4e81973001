package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// stockDesk keeps the units of the centres.
type stockDesk struct{ *desk }

// Offered is what would become of one unit of a list.
type Offered struct {
	OnRecord blood.UnitStatus // of one that is on record, and agrees: it is left as it is; empty: it is not
	Fault    error            // why it cannot be added; a refusal of a field, or that the account may not
}

// OfferUnits says of each unit of a list what would become of it. Nothing is written.
func (d stockDesk) OfferUnits(ctx context.Context, a network.Actor, units []blood.Unit) ([]Offered, error) {
	if !delivery.May(a, delivery.OpAddUnits) {
		return nil, refusal.ErrForbidden
	}
	units = kept(units)
	onRecord, err := d.Stock.Known(ctx, keysOf(units))
	if err != nil {
		return nil, fmt.Errorf("offer units: %w", err)
	}
	return d.offered(a, units, onRecord, d.Now()), nil
}

// AddUnits puts units into centres' stock and returns how many were new: all, or none when one
// of them cannot be added.
func (d stockDesk) AddUnits(ctx context.Context, a network.Actor, units []blood.Unit) (int, error) {
	now := d.Now()
	if !delivery.May(a, delivery.OpAddUnits) {
		return 0, refusal.ErrForbidden
	}
	units = kept(units)
	decide := func(onRecord map[blood.UnitKey]blood.Unit) error {
		for i, o := range d.offered(a, units, onRecord, now) {
			if o.Fault != nil {
				return refusal.InElement(i, o.Fault)
			}
		}
		return nil
	}
	if err := decide(nil); err != nil {
		return 0, err
	}
	n, err := d.Stock.AddUnits(ctx, units, a, now, decide)
	if err != nil {
		return 0, fmt.Errorf("add units: %w", err)
	}
	d.publish()
	return n, nil
}

// kept are units as the record keeps them, which knows microseconds.
func kept(units []blood.Unit) []blood.Unit {
	units = slices.Clone(units)
	for i, u := range units {
		units[i].ExpiresAt = u.ExpiresAt.Truncate(time.Microsecond)
	}
	return units
}

// offered looks at a list beside what is on record of it.
func (d stockDesk) offered(a network.Actor, units []blood.Unit, onRecord map[blood.UnitKey]blood.Unit, now time.Time) []Offered {
	list := make([]Offered, len(units))
	before := map[blood.UnitKey]bool{}
	for i, u := range units {
		was, is := onRecord[u.Key]
		if is {
			list[i].OnRecord = was.Status
		}
		switch fault := d.fits(a, u, now); {
		case fault != nil:
			list[i].Fault = fault
		case before[u.Key]:
			list[i].Fault = refusal.OfField("key", "is listed before: "+u.Key.String())
		case is && !u.Same(was):
			list[i].Fault = refusal.OfField("key", fmt.Sprintf("is on record as %s %s that expires at %s: one of the two is wrong",
				was.Group, was.Component, was.ExpiresAt.Format(time.RFC3339)))
		}
		before[u.Key] = true
	}
	return list
}

// fits refuses a unit that cannot enter the stock of where it is to lie.
func (d stockDesk) fits(a network.Actor, u blood.Unit, now time.Time) error {
	if err := u.Check(now); err != nil {
		return err
	}
	if err := d.isCentre("site", u.Site); err != nil {
		return err
	}
	return delivery.Permit(a, delivery.OpAddUnits, u.Site)
}

func (d stockDesk) isCentre(field string, id network.SiteID) error {
	if s, ok := d.Network().Site(id); !ok || s.Kind != network.BloodCentre {
		return refusal.OfField(field, fmt.Sprintf("%q is no blood centre", id))
	}
	return nil
}

// MoveUnits does one move with units: all, or none. to is the centre where they go with Send
// and Return, and the reason is logged.
func (d stockDesk) MoveUnits(
	ctx context.Context, a network.Actor, m blood.Move, to network.SiteID, keys []blood.UnitKey, reason string,
) (moved []blood.Unit, err error) {
	now := d.Now()
	if err := m.Check(reason); err != nil {
		return nil, err
	}
	if m.Changes() {
		if err := d.isCentre("to", to); err != nil {
			return nil, err
		}
	} else if to != "" {
		return nil, refusal.OfField("to", "goes with send and return only")
	}
	seen := map[blood.UnitKey]bool{}
	for i, k := range keys {
		if seen[k] {
			return nil, refusal.OfField(fmt.Sprintf("units[%d]", i), "is listed before: "+k.String())
		}
		seen[k] = true
	}
	err = d.change(ctx, delivery.Keys{Units: keys}, func(b *delivery.Book) error {
		at := slices.IndexFunc(keys, func(k blood.UnitKey) bool {
			u := b.Units[k]
			return m == blood.Return && u != nil && d.isCentre("", u.Site) == nil
		})
		moved, err = b.MoveUnits(a, m, to, keys, reason, now)
		if err == nil && at >= 0 {
			err = refusal.OfField(fmt.Sprintf("units[%d]", at), "is no hospital's to be returned: "+keys[at].String())
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("move units: %w", err)
	}
	return moved, nil
}

// Count is what was found on a shelf beside what should be there.
type Count struct {
	Missing []blood.Unit                 // should be there, and were not scanned
	Surplus []blood.UnitKey              // were scanned, and should not be there
	Known   map[blood.UnitKey]blood.Unit // what the record says of these, where it knows them
}

// CountUnits compares the bags that somebody scanned at a shelf with the record, and logs the
// outcome. Nothing else is changed.
func (d stockDesk) CountUnits(ctx context.Context, a network.Actor, at blood.ShelfKey, scanned []blood.UnitKey) (c Count, err error) {
	if err := d.isCentre("site", at.Site); err != nil {
		return c, err
	}
	if err := delivery.Permit(a, delivery.OpCountUnits, at.Site); err != nil {
		return c, err
	}
	should, err := d.Stock.OnShelf(ctx, at)
	if err != nil {
		return c, fmt.Errorf("count units: %w", err)
	}
	there := map[blood.UnitKey]bool{}
	for _, k := range scanned {
		there[k] = true
	}
	for _, u := range should {
		if !there[u.Key] {
			c.Missing = append(c.Missing, u)
		}
		delete(there, u.Key)
	}
	for _, k := range scanned {
		if there[k] {
			c.Surplus = append(c.Surplus, k)
		}
		delete(there, k) // one that was scanned twice is one
	}
	if c.Known, err = d.Stock.Known(ctx, c.Surplus); err != nil {
		return c, fmt.Errorf("count units: %w", err)
	}
	err = d.Log.Append(ctx, delivery.StockCounted(at.Site, len(scanned), len(c.Missing), len(c.Surplus), a, d.Now()))
	if err != nil {
		return c, fmt.Errorf("count units: %w", err)
	}
	d.announce()
	return c, nil
}

func keysOf(units []blood.Unit) []blood.UnitKey {
	keys := make([]blood.UnitKey, len(units))
	for i, u := range units {
		keys[i] = u.Key
	}
	return keys
}
