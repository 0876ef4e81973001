package web

import (
	"net/http"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/geo"
	"hemolift/telemetry"
	"hemolift/web/api"
)

// trackToleranceM is how far from the flown track the shown one may be.
const trackToleranceM = 2

func (h handlers) GetTrack(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "getTrack", http.StatusOK, func(a network.Account) (any, error) {
		board, err := h.Boards.Board(r.Context(), scope(a, "getTrack"), h.Now())
		if err != nil {
			return nil, err
		}
		track := []api.LonLat{}
		for _, rec := range board.Deliveries {
			if m := rec.Mission; string(m.Drone) == id && m.Status.Active() && m.Status != delivery.MPlanned && m.Status != delivery.MUploaded {
				got, err := h.Samples.Positions(r.Context(), m.Drone, m.DepartAt, h.Now())
				if err != nil {
					return nil, err
				}
				points := make([]orb.Point, len(got))
				for i, s := range got {
					points[i] = s.Reading.(telemetry.Position).Point
				}
				for _, p := range geo.Thin(points, trackToleranceM) {
					track = append(track, api.LonLat{p.Lon(), p.Lat()})
				}
				break
			}
		}
		return track, nil
	})
}

func (h handlers) ListAlternates(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "listAlternates", http.StatusOK, func(a network.Account) (any, error) {
		pads, err := h.Dispatcher.Alternates(r.Context(), a.Actor(), delivery.MissionID(id))
		if err != nil {
			return nil, err
		}
		v := []api.Alternate{}
		for _, p := range pads {
			v = append(
				v,
				api.Alternate{
					Site:            string(p.Site),
					LengthM:         p.LengthM,
					DurationS:       p.Duration.Seconds(),
					NeedPct:         p.NeedPct,
					MarginPct:       p.MarginPct,
					FrugalMps:       p.FrugalMPS,
					FrugalMarginPct: p.FrugalPct,
				},
			)
			if p.HasCold {
				v[len(v)-1].ColdMarginS = limited(p.ColdMargin)
			}
		}
		return v, nil
	})
}

func (h handlers) CommandMission(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "commandMission", http.StatusAccepted, func(a network.Account) (any, error) {
		var c api.Command
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		return nil, h.Dispatcher.Command(r.Context(), a.Actor(), delivery.MissionID(id), telemetry.CommandKind(c.Kind))
	})
}

func (h handlers) DroneTaken(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "droneTaken", http.StatusNoContent, func(a network.Account) (any, error) {
		return nil, h.Dispatcher.TakenAway(r.Context(), a.Actor(), delivery.MissionID(id))
	})
}

func lonLats(track []geo.Fix4D) []api.LonLat {
	pts := []api.LonLat{}
	for _, f := range track {
		pts = append(pts, api.LonLat{f.Point.Lon(), f.Point.Lat()})
	}
	return pts
}
