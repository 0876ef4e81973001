package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/geo/airspace"
	"hemolift/web/api"
)

// exportCountry is what exported zones name as their state.
const exportCountry = "CHN"

func (h handlers) ExportZones(w http.ResponseWriter, r *http.Request, params api.ExportZonesParams) {
	h.asked(w, r, "exportZones", http.StatusOK, func(a member) (any, error) {
		format := airspace.GeoJSON
		if params.Format != nil {
			format = airspace.Format(*params.Format)
		}
		doc, err := airspace.Export(format, h.Dispatcher.Zones(), exportCountry)
		if err != nil {
			return nil, refusal.Field{Field: "format", Reason: err.Error()}
		}
		if err := h.exported(r, a, "zones", string(format)); err != nil {
			return nil, err
		}
		w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="zones.%s.json"`, format))
		return json.RawMessage(doc), nil
	})
}

func (h handlers) AddZone(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "addZone", http.StatusCreated, func(a member) (any, error) {
		var n api.NewZone
		if _, err := decode(w, r, &n); err != nil {
			return nil, err
		}
		start := time.Now()
		z, touched, err := h.Dispatcher.AddZone(r.Context(), a.Actor(), newZone(n))
		if err != nil {
			return nil, err
		}
		took := float64(time.Since(start).Microseconds()) / 1000
		return api.ZoneAdded{Zone: h.zoneView(a, z), Touched: touchedViews(touched), TookMs: took}, nil
	})
}

func (h handlers) EndZone(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "endZone", http.StatusNoContent, func(a member) (any, error) {
		return nil, h.Dispatcher.EndZone(r.Context(), a.Actor(), airspace.ZoneID(id))
	})
}

// newZone is the zone that a person drew. Its ring is closed; it is prohibited to
// all, and its heights are above ground.
func newZone(n api.NewZone) airspace.Zone {
	z := airspace.Zone{NameZH: n.Name, NameEN: n.Name, Kind: airspace.Prohibited, Reference: airspace.AGL, UpperM: n.UpperM, Until: n.Until}
	if n.LowerM != nil {
		z.LowerM = *n.LowerM
	}
	if n.From != nil {
		z.From = *n.From
	}
	var ring orb.Ring
	for _, p := range n.Ring {
		ring = append(ring, orb.Point{p[0], p[1]})
	}
	if len(ring) > 0 && ring[0] != ring[len(ring)-1] {
		ring = append(ring, ring[0])
	}
	z.Polygon = orb.Polygon{ring}
	return z
}

func (s *Server) zoneView(a member, z airspace.Zone) api.Zone {
	v := api.Zone{
		Id:        string(z.ID),
		NameZh:    z.NameZH,
		NameEn:    z.NameEN,
		Kind:      string(z.Kind),
		LowerM:    z.LowerM,
		UpperM:    z.UpperM,
		Reference: api.ZoneReference(z.Reference),
		From:      someTime(z.From),
		Until:     someTime(z.Until),
		DrawnBy:   some(z.DrawnBy),
		DrawnRole: some(z.DrawnRole),
	}
	if z.DrawnBy != "" {
		op := delivery.Ordered(delivery.OpEndZone, network.Role(z.DrawnRole))
		may := delivery.Permit(a.Actor(), op, network.SiteID(z.DrawnSite)) == nil
		v.MayEnd = &may
		if delivery.Permit(a.Actor(), delivery.OpAddZone) == nil {
			touched := touchedViews(s.Dispatcher.TouchedBy(z.ID))
			v.Touched = &touched
		}
	}
	for _, ring := range z.Polygon {
		var pts []api.LonLat
		for _, p := range ring {
			pts = append(pts, api.LonLat{p[0], p[1]})
		}
		v.Rings = append(v.Rings, pts)
	}
	return v
}

func touchedViews(touched []situation.Touched) []api.TouchedMission {
	list := []api.TouchedMission{}
	for _, t := range touched {
		list = append(list, touchedView(t))
	}
	return list
}

func touchedView(t situation.Touched) api.TouchedMission {
	v := api.TouchedMission{
		Mission: string(t.Mission), Drone: string(t.Drone), Hospital: string(t.Hospital), Outcome: api.TouchedMissionOutcome(t.Outcome),
		EscapeM: some(t.EscapeM), Reason: some(t.Reason),
	}
	if t.Outcome == situation.Rerouted || t.Outcome == situation.Replanned {
		v.LongerM = &t.LongerM
	}
	return v
}
