package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/samber/lo"

	"hemolift/dispatch"
	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/intake"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry/stated"
	"hemolift/web/api"
)

// shelved implements the operations of the centres' stock, and the search of the log.
type shelved struct{ *Server }

func (h shelved) AddUnits(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "addUnits", http.StatusOK, func(a member) (any, error) {
		var body api.NewUnits
		if _, err := decode(w, r, &body); err != nil {
			return nil, err
		}
		units, err := unitsOf(body.Units)
		if err != nil {
			return nil, err
		}
		n, err := h.Dispatcher.AddUnits(r.Context(), a.Actor(), units)
		if err != nil {
			return nil, elementOf("units", err)
		}
		return api.Added{Added: n}, nil
	})
}

// elementOf says of which list an element's refusal is.
func elementOf(list string, err error) error {
	var f refusal.Field
	if errors.As(err, &f) && strings.HasPrefix(f.Field, "[") {
		return refusal.Field{Field: list + f.Field, Reason: f.Reason}
	}
	return err
}

func unitsOf(list []api.NewUnit) ([]blood.Unit, error) {
	units := make([]blood.Unit, len(list))
	for i, u := range list {
		key, err := keyOf(fmt.Sprintf("units[%d].key", i), u.Key)
		if err != nil {
			return nil, err
		}
		units[i] = blood.Unit{
			Key: key, Component: blood.Component(u.Component), Group: blood.Group(u.BloodGroup), MassG: u.MassG,
			ExpiresAt: u.ExpiresAt.UTC(), Site: network.SiteID(u.Site), Status: blood.InStock,
		}
	}
	return units, nil
}

func unitView(u blood.Unit) api.Unit {
	return api.Unit{Key: keyView(u.Key), BloodGroup: api.BloodGroup(u.Group), ExpiresAt: u.ExpiresAt}
}

func stockView(u blood.Unit) api.StockUnit {
	return api.StockUnit{
		Key: keyView(u.Key), Component: api.Component(u.Component), BloodGroup: api.BloodGroup(u.Group), MassG: u.MassG,
		ExpiresAt: u.ExpiresAt, Site: string(u.Site), Status: api.UnitStatus(u.Status),
	}
}

func stockViews(units []blood.Unit) []api.StockUnit {
	return lo.Map(units, func(u blood.Unit, _ int) api.StockUnit { return stockView(u) })
}

func (h shelved) ListUnits(w http.ResponseWriter, r *http.Request, p api.ListUnitsParams) {
	h.asked(w, r, "listUnits", http.StatusOK, func(member) (any, error) {
		q := blood.UnitQuery{
			Site: network.SiteID(given(p.Site)), Component: blood.Component(given(p.Component)), Group: blood.Group(given(p.BloodGroup)),
			Status: blood.UnitStatus(given(p.Status)), DIN: strings.ToUpper(given(p.Din)), Before: given(p.ExpiresBefore), Limit: 100,
		}
		if p.Limit != nil {
			q.Limit = *p.Limit
		}
		if after := given(p.After); after != "" {
			parts := strings.Split(after, "/")
			if len(parts) != 3 || parts[0] == "" {
				return nil, fieldError{"after", "is not din/product_code/division"}
			}
			q.After = blood.UnitKey{DIN: parts[0], ProductCode: parts[1], Division: parts[2]}
		}
		units, err := h.Shelves.Units(r.Context(), q)
		return stockViews(units), err
	})
}

// maxUnitEvents bounds what is told of a unit's past.
const maxUnitEvents = 200

func (h shelved) GetUnit(w http.ResponseWriter, r *http.Request, din, product string, p api.GetUnitParams) {
	h.asked(w, r, "getUnit", http.StatusOK, func(member) (any, error) {
		key := blood.UnitKey{DIN: din, ProductCode: product, Division: given(p.Division)}
		u, in, err := h.Shelves.Unit(r.Context(), key)
		if err != nil {
			return nil, err
		}
		events, err := h.Log.Find(r.Context(), delivery.EventQuery{Subject: key.String(), Limit: maxUnitEvents})
		if err != nil {
			return nil, err
		}
		return api.UnitHistory{
			Unit:       stockView(u),
			Deliveries: lo.Map(in, func(id delivery.ID, _ int) string { return string(id) }),
			Events:     lo.Map(events, func(e delivery.Event, _ int) api.Event { return eventView(e, false) }),
		}, nil
	})
}

func (h shelved) MoveUnits(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "moveUnits", http.StatusOK, func(a member) (any, error) {
		var body api.UnitMove
		if _, err := decode(w, r, &body); err != nil {
			return nil, err
		}
		keys, err := keysOf(body.Units)
		if err != nil {
			return nil, err
		}
		moved, err := h.Dispatcher.MoveUnits(r.Context(), a.Actor(), blood.Move(body.Move), network.SiteID(given(body.To)), keys,
			strings.TrimSpace(given(body.Reason)))
		return stockViews(moved), err
	})
}

func keysOf(list []api.UnitKey) ([]blood.UnitKey, error) {
	keys := make([]blood.UnitKey, len(list))
	for i, k := range list {
		var err error
		if keys[i], err = keyOf(fmt.Sprintf("units[%d]", i), k); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func (h shelved) CountUnits(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "countUnits", http.StatusOK, func(a member) (any, error) {
		var body api.UnitCount
		if _, err := decode(w, r, &body); err != nil {
			return nil, err
		}
		keys, err := keysOf(body.Units)
		if err != nil {
			return nil, err
		}
		at := blood.ShelfKey{
			Site: network.SiteID(body.Site), Component: blood.Component(given(body.Component)), Group: blood.Group(given(body.BloodGroup)),
		}
		c, err := h.Dispatcher.CountUnits(r.Context(), a.Actor(), at, keys)
		if err != nil {
			return nil, err
		}
		return api.UnitCounted{
			Missing: stockViews(c.Missing),
			Surplus: lo.Map(c.Surplus, func(k blood.UnitKey, _ int) api.SurplusUnit {
				v := api.SurplusUnit{Key: keyView(k)}
				if u, known := c.Known[k]; known {
					v.Unit = some(stockView(u))
				}
				return v
			}),
		}, nil
	})
}

func (h shelved) ListShelves(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "listShelves", http.StatusOK, func(member) (any, error) {
		now := h.Now()
		list, since, err := h.Shelves.Shelves(r.Context(), now)
		if err != nil {
			return nil, err
		}
		in := blood.UsedFor
		if !since.IsZero() {
			in = min(in, max(now.Sub(since), time.Hour))
		}
		return api.Shelves{UsedDays: in.Hours() / 24, Shelves: lo.Map(list, func(s blood.Shelf, _ int) api.StockShelf {
			v := api.StockShelf{
				Site: string(s.Site), Component: api.Component(s.Component), BloodGroup: api.BloodGroup(s.Group), InStock: s.InStock,
				Soon: s.Soon, Expired: s.Expired, Reserved: s.Reserved, Quarantined: s.Quarantined, Coming: s.Coming, Used: s.Used,
				First: someTime(s.First),
			}
			if days, known := s.DaysOfCover(in); known {
				v.DaysOfCover = &days
			}
			return v
		})}, nil
	})
}

// maxListBytes bounds a supplier's list.
const maxListBytes = 2 << 20

func (h shelved) ImportUnits(w http.ResponseWriter, r *http.Request, p api.ImportUnitsParams) {
	h.asked(w, r, "importUnits", http.StatusOK, func(a member) (any, error) {
		if ct := r.Header.Get("Content-Type"); !strings.HasPrefix(ct, "text/csv") {
			return nil, fieldError{"Content-Type", fmt.Sprintf("is %q, want text/csv", ct)}
		}
		zone, err := zoneOf(p.Zone)
		if err != nil {
			return nil, err
		}
		lines, whole := intake.Read(http.MaxBytesReader(w, r.Body, maxListBytes), intake.Options{Site: network.SiteID(given(p.Site)), Zone: zone})
		if len(whole) > 0 {
			return nil, refusal.OfField(strings.TrimSpace("list "+whole[0].Column), whole[0].Reason)
		}
		report, units, err := h.report(r, a, lines)
		if err != nil || p.Preview == nil || *p.Preview {
			return report, err
		}
		for _, l := range report.Lines {
			if l.State == api.Refused {
				return nil, refusal.OfField(strings.TrimSpace(fmt.Sprintf("line %d %s", l.Line, given(l.Column))), given(l.Reason))
			}
		}
		if report.Added, err = h.Dispatcher.AddUnits(r.Context(), a.Actor(), units); err != nil {
			return nil, elementOf("units", err)
		}
		return report, nil
	})
}

// homeZone is that of times that say none.
const homeZone = "Asia/Shanghai"

// zoneOf is the zone of a list's times.
func zoneOf(name *string) (*time.Location, error) {
	n := homeZone
	if name != nil {
		n = *name
	}
	zone, err := time.LoadLocation(n)
	if err != nil || n == "" || n == "Local" {
		return nil, refusal.OfField("zone", "is no IANA zone, as Asia/Shanghai")
	}
	return zone, nil
}

// report says what would become of each line, with the units of those that can be read.
func (h shelved) report(r *http.Request, a member, lines []intake.Line) (v api.IntakeReport, units []blood.Unit, err error) {
	for _, l := range lines {
		if l.Fault == "" {
			units = append(units, l.Unit)
		}
	}
	offered, err := h.Dispatcher.OfferUnits(r.Context(), a.Actor(), units)
	if err != nil {
		return v, nil, err
	}
	v.Lines = make([]api.IntakeLine, len(lines))
	for i, l := range lines {
		if l.Fault != "" {
			v.Lines[i] = lineView(l, dispatch.Offered{Fault: refusal.OfField(l.Column, l.Fault)})
		} else {
			v.Lines[i] = lineView(l, offered[0])
			offered = offered[1:]
		}
		switch v.Lines[i].State {
		case api.Fresh:
			v.Fresh++
		case api.OnRecord:
			v.OnRecord++
		default:
			v.Refused++
		}
	}
	return v, units, nil
}

func lineView(l intake.Line, o dispatch.Offered) api.IntakeLine {
	u := l.Unit
	v := api.IntakeLine{
		Line: l.No, State: api.Fresh, Component: some(string(u.Component)), BloodGroup: some(string(u.Group)), MassG: some(u.MassG),
		Site: some(string(u.Site)),
	}
	if u.Key.DIN != "" {
		v.Key = &api.UnitKey{Din: u.Key.DIN, ProductCode: u.Key.ProductCode, Division: some(u.Key.Division)}
	}
	if stated.Check(u.ExpiresAt) == nil {
		v.ExpiresAt = &u.ExpiresAt
	}
	var field refusal.Field
	switch {
	case errors.As(o.Fault, &field):
		v.State, v.Column, v.Reason = api.Refused, some(field.Field), &field.Reason
	case o.Fault != nil:
		v.State, v.Column, v.Reason = api.Refused, some("site"), some(o.Fault.Error())
	case o.OnRecord != "":
		v.State, v.Status = api.OnRecord, some(api.UnitStatus(o.OnRecord))
	}
	return v
}
