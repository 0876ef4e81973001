package delivery

import (
	"fmt"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// OfMove is the operation of one move of units.
func OfMove(m blood.Move) Operation { return Operation("moveUnits/" + string(m)) }

// MoveUnits does a move with all units of a list, or refuses it and says of which. to is the
// centre that they go to with Send and Return. The book holds the units.
func (b *Book) MoveUnits(
	by network.Actor, m blood.Move, to network.SiteID, keys []blood.UnitKey, why string, now time.Time,
) ([]blood.Unit, error) {
	moved := make([]blood.Unit, len(keys))
	for i, k := range keys {
		u := b.Units[k]
		if u == nil {
			return nil, refusal.OfField(fmt.Sprintf("units[%d]", i), "is on no record: "+k.String())
		}
		of := u.Site
		if m == blood.Return {
			of = to
		}
		if err := Permit(by, OfMove(m), of); err != nil {
			return nil, err
		}
		if m == blood.Send && to == u.Site {
			return nil, refusal.OfField("to", "is where the unit is")
		}
		was := *u
		var err error
		if *u, err = was.Moved(m, to, b.Past[k], now); err != nil {
			return nil, err
		}
		moved[i] = *u
		detail := map[string]string{"what": string(m), "was": string(was.Status), "at": string(was.Site), "reason": why}
		if was.Site != u.Site {
			detail["to"] = string(u.Site)
		}
		b.Log(Event{At: now, Kind: EvStock, Actor: by.Login, Subject: k.String(), Detail: detail})
	}
	return moved, nil
}

// StockAdded is the event of a unit that came into stock.
func StockAdded(u blood.Unit, by network.Actor, now time.Time) Event {
	return Event{At: now, Kind: EvStock, Actor: by.Login, Subject: u.Key.String(), Detail: map[string]string{
		"what": "added", "component": string(u.Component), "blood_group": string(u.Group), "at": string(u.Site),
		"expires_at": u.ExpiresAt.UTC().Format(time.RFC3339), "mass_g": fmt.Sprint(u.MassG),
	}}
}

// StockCounted is the event of a shelf that was counted: how many bags were scanned, how many
// that should be there were not, and how many were that should not.
func StockCounted(at network.SiteID, scanned, missing, surplus int, by network.Actor, now time.Time) Event {
	return Event{At: now, Kind: EvStock, Actor: by.Login, Subject: string(at), Detail: map[string]string{
		"what": "counted", "scanned": fmt.Sprint(scanned), "missing": fmt.Sprint(missing), "surplus": fmt.Sprint(surplus),
	}}
}
