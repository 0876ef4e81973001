package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/flight"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/geo"
	"hemolift/telemetry"
	"hemolift/web/api"
)

// trackToleranceM is how far from the flown track the shown one may be.
const trackToleranceM = 2

func (h handlers) GetTrack(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "getTrack", http.StatusOK, func(a member) (any, error) {
		flown, err := h.flown(r, a, "getTrack", telemetry.DeviceID(id))
		if err != nil {
			return nil, err
		}
		points := make([]orb.Point, len(flown))
		for i, s := range flown {
			points[i] = s.Reading.(telemetry.Position).Point
		}
		track := []api.LonLat{}
		for _, p := range geo.Thin(points, trackToleranceM) {
			track = append(track, api.LonLat{p.Lon(), p.Lat()})
		}
		return track, nil
	})
}

// tracePoints bounds a trace.
const tracePoints = 600

func (h handlers) GetTrace(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "getTrace", http.StatusOK, func(a member) (any, error) {
		flown, err := h.flown(r, a, "getTrace", telemetry.DeviceID(id))
		if err != nil {
			return nil, err
		}
		groundM := h.Dispatcher.Network().GroundAltM()
		t := api.Trace{AtMs: []int64{}, HeightM: []float64{}, BatteryPct: []float64{}, LinkDbm: []float64{}, SpeedMps: []float64{}}
		every := (len(flown) + tracePoints - 1) / tracePoints
		for i, s := range flown {
			if i%max(1, every) != 0 && i != len(flown)-1 {
				continue
			}
			p := s.Reading.(telemetry.Position)
			t.AtMs = append(t.AtMs, s.At.UnixMilli())
			t.HeightM = append(t.HeightM, p.AltM-groundM)
			t.BatteryPct = append(t.BatteryPct, p.BatteryPct)
			t.LinkDbm = append(t.LinkDbm, float64(p.LinkDBm))
			t.SpeedMps = append(t.SpeedMps, p.SpeedMPS)
		}
		return t, nil
	})
}

// flown are the positions that a drone reported since its present mission left, of those
// that the account may see.
func (h *Server) flown(r *http.Request, a member, op delivery.Operation, drone telemetry.DeviceID) ([]telemetry.Sample, error) {
	board, err := h.Boards.Board(r.Context(), scope(a, op), h.Now())
	if err != nil {
		return nil, err
	}
	for _, rec := range board.Deliveries {
		if m := rec.Mission; m.Drone == drone && m.Status.Active() && m.Status != delivery.MPlanned && m.Status != delivery.MUploaded {
			return h.Samples.Positions(r.Context(), m.Drone, m.DepartAt, h.Now())
		}
	}
	return nil, nil
}

func (h handlers) ListAlternates(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "listAlternates", http.StatusOK, func(a member) (any, error) {
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
					Pad:             some(string(p.Pad)),
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
	h.asked(w, r, "commandMission", http.StatusAccepted, func(a member) (any, error) {
		var c api.Command
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		o, err := flight.ParseOrder(string(c.Kind), network.PadID(given(c.Pad)), given(c.Confirms))
		if err != nil {
			return nil, err
		}
		return nil, h.Dispatcher.Command(r.Context(), a.Actor(), delivery.MissionID(id), o)
	})
}

func (h watchers) TakeFlight(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "takeFlight", http.StatusNoContent, func(a member) (any, error) {
		var t api.TakeFlight
		if _, err := decode(w, r, &t); err != nil {
			return nil, err
		}
		return nil, h.Dispatcher.TakeFlight(r.Context(), a.Actor(), delivery.MissionID(id), given(t.From))
	})
}

func (h watchers) OfferFlight(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "offerFlight", http.StatusNoContent, func(a member) (any, error) {
		var o api.OfferFlight
		if _, err := decode(w, r, &o); err != nil {
			return nil, err
		}
		if o.To != "" && o.To != delivery.Anybody {
			to, err := h.Accounts.Account(r.Context(), o.To)
			if err != nil && !errors.Is(err, refusal.ErrNotFound) {
				return nil, err
			}
			if err != nil || !delivery.May(h.member(to).Actor(), delivery.OpWatch) {
				return nil, refusal.OfField("to", "is no flight controller")
			}
		}
		return nil, h.Dispatcher.OfferFlight(r.Context(), a.Actor(), delivery.MissionID(id), o.To)
	})
}

func watchView(w delivery.FlightWatch) *api.Watch {
	if w.By == "" {
		return nil
	}
	return &api.Watch{By: w.By, Since: w.Since, Offered: some(w.Offered)}
}

func landAskedView(l delivery.LandAsked, now time.Time) *api.LandAsked {
	if !l.Stands(now) {
		return nil
	}
	return &api.LandAsked{By: l.By, At: l.At}
}

func (h handlers) DroneTaken(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "droneTaken", http.StatusNoContent, func(a member) (any, error) {
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
