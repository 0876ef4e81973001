package web

import (
	"net/http"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/telemetry/coldchain"
	"hemolift/web/api"
)

func (h handlers) GetNetwork(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "getNetwork", http.StatusOK, func(a member) (any, error) { return h.networkView(a), nil })
}

func (s *Server) networkView(a member) api.Network {
	n := s.Dispatcher.Network()
	v := api.Network{Sites: []api.Site{}, Zones: []api.Zone{}, Profiles: []api.Profile{}, Demo: s.Demo, Basemap: api.Default}
	if s.Basemap.Custom() {
		v.Basemap = api.Custom
	}
	for _, x := range n.Sites {
		site := api.Site{
			Id:     string(x.ID),
			Kind:   api.SiteKind(x.Kind),
			NameZh: x.NameZH,
			NameEn: x.NameEN, ShortZh: x.ShortZH, ShortEn: x.ShortEN, Phone: some(x.Phone),
			Lon:  x.Point.Lon(),
			Lat:  x.Point.Lat(),
			Pads: []api.Pad{},
		}
		for _, p := range n.Pads {
			if p.Site == x.ID {
				site.Pads = append(site.Pads, api.Pad{Id: string(p.ID), Label: p.Label})
			}
		}
		v.Sites = append(v.Sites, site)
	}
	for _, k := range delivery.EveryAlarmKind() {
		v.AlarmKinds = append(v.AlarmKinds, api.AlarmKind{
			Kind: string(k), Priority: api.AlarmKindPriority(k.Priority()), Next: string(k.Next()), Blood: k.Blood(),
		})
	}
	for _, z := range s.Dispatcher.Zones() {
		v.Zones = append(v.Zones, s.zoneView(a, z))
	}
	for _, c := range blood.Components() {
		if p, ok := s.Dispatcher.ProfileFor(c); ok {
			v.Profiles = append(v.Profiles, profileView(c, p))
		}
	}
	for _, c := range n.Classes {
		if v.WindLimitMps == 0 || c.WindMaxMPS < v.WindLimitMps {
			v.WindLimitMps = c.WindMaxMPS
		}
	}
	return v
}

func profileView(c blood.Component, p coldchain.Profile) api.Profile {
	v := api.Profile{
		Component: api.Component(c),
		Id:        string(p.ID),
		Standard:  p.Standard,
		GuardC:    float64(p.GuardMC) / 1000,
		IntervalS: p.Interval.Seconds(),
	}
	if p.HasLow() {
		low := float64(p.LowMC) / 1000
		v.LowC = &low
	}
	if p.HasHigh() {
		high := float64(p.HighMC) / 1000
		v.HighC = &high
	}
	return v
}
