package web

import (
	"fmt"
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
		units, err := unitsOf(body.Units)
		if err != nil {
			return nil, err
		}
		n, err := h.Dispatcher.AddUnits(r.Context(), a.Actor(), units)
		return api.Added{Added: n}, err
	})
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
