package web

import (
	"net/http"
	"strings"
	"time"

	openapi "github.com/oapi-codegen/runtime/types"

	"hemolift/dispatch"
	"hemolift/dispatch/coldrecord"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
	"hemolift/web/api"
)

func (h handlers) GetCalibration(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "getCalibration", http.StatusOK, func(a member) (any, error) {
		k, err := h.Dispatcher.Calibration(a.Actor(), telemetry.DeviceID(id))
		if err != nil {
			return nil, err
		}
		v := api.Calibration{Legs: k.Legs, Factor: k.Factor, Spread: k.Spread, State: api.Learning}
		switch {
		case k.Known():
			v.State = api.Used
		case k.Doubtful():
			v.State = api.Doubtful
		}
		return v, nil
	})
}

func (h handlers) ListCalibrations(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "listCalibrations", http.StatusOK, func(a member) (any, error) {
		list, err := h.Dispatcher.ProbeCalibrations(r.Context(), a.Actor(), telemetry.DeviceID(id))
		return calibrationViews(list), err
	})
}

func calibrationViews(list []coldrecord.ProbeCalibration) []api.ProbeCalibration {
	views := []api.ProbeCalibration{}
	for _, c := range list {
		views = append(views, api.ProbeCalibration{
			Probe: c.Probe, Certificate: c.Certificate, CalibratedOn: date(c.CalibratedOn), DueOn: date(c.DueOn),
			RecordedBy: c.By, RecordedAt: c.At,
		})
	}
	return views
}

func (h handlers) AddCalibration(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, "addCalibration", http.StatusCreated, func(a member) (any, error) {
		var n api.NewCalibration
		if _, err := decode(w, r, &n); err != nil {
			return nil, err
		}
		return nil, h.Dispatcher.AddProbeCalibration(
			r.Context(),
			a.Actor(),
			coldrecord.ProbeCalibration{
				Box:          telemetry.DeviceID(id),
				Probe:        n.Probe,
				Certificate:  n.Certificate,
				CalibratedOn: n.CalibratedOn.Time,
				DueOn:        n.DueOn.Time,
			},
		)
	})
}

func (h handlers) ListBoxes(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "listBoxes", http.StatusOK, func(a member) (any, error) {
		boxes, err := h.Dispatcher.Boxes(r.Context(), a.Actor())
		if err != nil {
			return nil, err
		}
		views := []api.BoxState{}
		for _, b := range boxes {
			views = append(views, boxView(b))
		}
		return views, nil
	})
}

func boxView(b dispatch.BoxView) api.BoxState {
	s := b.State
	v := api.BoxState{
		Id:       string(s.ID),
		Type:     string(b.Type),
		Site:     string(b.Site),
		Watched:  s.Watched,
		State:    api.BoxStateState(s.State.String()),
		Profile:  coldProfileView(s.Profile),
		OutS:     s.OutOfRange.Seconds(),
		GapS:     s.Unmonitored.Seconds(),
		TauS:     some(s.TauS),
		Suspect:  s.Suspect,
		Delivery: some(string(b.Delivery)),
		Drone:    some(string(b.Drone)),
	}
	if s.HasReading {
		v.At = someTime(s.Newest.At)
		v.TempMc = &s.Reading.TempMC
		if s.Reading.HasSecond {
			v.Temp2Mc = &s.Reading.SecondMC
		}
		if s.Reading.AmbientMC != coldchain.NoAmbientMC {
			v.AmbientMc = &s.Reading.AmbientMC
		}
	}
	v.Outlook, v.MarginS = outlookView(s.Summary)
	return v
}

func date(t time.Time) openapi.Date { return openapi.Date{Time: t} }

func (h handlers) ListRefused(w http.ResponseWriter, r *http.Request, q api.ListRefusedParams) {
	h.asked(w, r, "listRefused", http.StatusOK, func(member) (any, error) {
		limit := 100
		if q.Limit != nil {
			limit = *q.Limit
		}
		list, err := h.Samples.Letters(r.Context(), telemetry.DeviceID(given(q.Device)), limit)
		views := []api.DeadLetter{}
		for _, l := range list {
			views = append(views, api.DeadLetter{
				Device: string(l.Device), At: l.At, Topic: l.Topic, Index: l.Place, Reason: l.Reason,
				Payload: strings.ToValidUTF8(string(l.Payload), "\ufffd"),
			})
		}
		return views, err
	})
}
