package web

import (
	"net/http"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/network"
	"hemolift/web/api"
)

func (h handlers) AddUnits(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "addUnits", http.StatusOK, func(a network.Account) (any, error) {
		var body api.NewUnits
		if _, err := decode(w, r, &body); err != nil {
			return nil, err
		}
		n, err := h.Dispatcher.AddUnits(r.Context(), a.Actor(), unitsOf(body.Units))
		return api.Added{Added: n}, err
	})
}

func unitsOf(list []api.NewUnit) []blood.Unit {
	units := make([]blood.Unit, len(list))
	for i, u := range list {
		units[i] = blood.Unit{
			Key: keyOf(u.Key), Component: blood.Component(u.Component), Group: blood.Group(u.BloodGroup), MassG: u.MassG,
			ExpiresAt: u.ExpiresAt.UTC(), Site: network.SiteID(u.Site), Status: blood.InStock,
		}
	}
	return units
}

func unitView(u blood.Unit) api.Unit {
	return api.Unit{Key: keyView(u.Key), BloodGroup: api.BloodGroup(u.Group), ExpiresAt: u.ExpiresAt}
}

func keyView(k blood.UnitKey) api.UnitKey {
	return api.UnitKey{Din: k.DIN, ProductCode: k.ProductCode, Division: some(k.Division)}
}

func keyOf(k api.UnitKey) blood.UnitKey {
	d := blood.UnitKey{DIN: k.Din, ProductCode: k.ProductCode}
	if k.Division != nil {
		d.Division = *k.Division
	}
	return d
}
