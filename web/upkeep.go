package web

import (
	"net/http"
	"time"

	openapi "github.com/oapi-codegen/runtime/types"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/upkeep"
	"hemolift/telemetry"
	"hemolift/web/api"
)

// kept implements the operations of how devices are kept fit for use.
type kept struct{ *Server }

func (h kept) GetDevice(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, delivery.OpReadDevice, http.StatusOK, func(a member) (any, error) {
		rec, err := h.Dispatcher.DeviceRecord(r.Context(), a.Actor(), telemetry.DeviceID(id))
		if err != nil {
			return nil, err
		}
		known, err := enrolled(h).credentials(r)
		if err != nil {
			return nil, err
		}
		d := deviceView(known[rec.Device], rec.Device, api.DeviceKind(rec.Kind), rec.Type, rec.Site, rec.Dues)
		d.HeardAt = enrolled(h).heard(rec.Device, rec.Kind)
		return recordView(rec, d, h.Door), nil
	})
}

func recordView(rec upkeep.Record, d api.Device, door api.DeviceDoor) api.DeviceRecord {
	v := api.DeviceRecord{
		Device: d, Dues: []api.Due{}, Maintenance: []api.Maintenance{}, Calibrations: calibrationViews(rec.Calibrations),
		Flights: rec.Flights, FlightHours: rec.Flown.Hours(), NewestFlights: []api.Flight{},
		Journeys: rec.Journeys, NewestJourneys: []api.BoxJourney{}, Outages: []api.Outage{}, Door: door,
	}
	for _, due := range rec.Dues {
		v.Dues = append(v.Dues, dueView(due))
	}
	for _, e := range rec.Log {
		v.Maintenance = append(v.Maintenance, entryView(e))
	}
	for _, f := range rec.Newest {
		v.NewestFlights = append(v.NewestFlights, api.Flight{Mission: some(string(f.Mission)), TookOffAt: f.TookOffAt, LandedAt: f.LandedAt})
	}
	for _, j := range rec.Carried {
		v.NewestJourneys = append(v.NewestJourneys, api.BoxJourney{
			Delivery: string(j.Delivery), Hospital: string(j.Hospital), PackedAt: j.PackedAt, Status: string(j.Status),
		})
	}
	for _, o := range rec.Outages {
		v.Outages = append(v.Outages, api.Outage{Reason: o.Reason, By: o.By, From: o.From, Until: o.Until})
	}
	return v
}

func dueView(d upkeep.Due) api.Due {
	return api.Due{
		Kind: api.DueKind(d.Kind), Probe: some(d.Probe), On: someDate(d.On), Hours: some(d.Hours), State: api.DueState(d.State),
	}
}

func someDate(t time.Time) *openapi.Date {
	if t.IsZero() {
		return nil
	}
	return &openapi.Date{Time: t}
}

func entryView(e upkeep.Entry) api.Maintenance {
	return api.Maintenance{
		Id: e.ID, Kind: api.MaintenanceKind(e.Kind), DoneOn: date(e.DoneOn), What: e.What, Reference: some(e.Reference),
		DueOn: someDate(e.DueOn), DueHours: some(e.DueHours), By: e.By, At: e.At,
		StruckBy: some(e.Struck.By), StruckWhy: some(e.Struck.Why), StruckAt: someTime(e.Struck.At),
	}
}

func (h kept) AddMaintenance(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, delivery.OpAddMaintenance, http.StatusCreated, func(a member) (any, error) {
		var n api.NewMaintenance
		if _, err := decode(w, r, &n); err != nil {
			return nil, err
		}
		e := upkeep.Entry{
			Device: telemetry.DeviceID(id), Kind: upkeep.Kind(n.Kind), DoneOn: n.DoneOn.Time, What: n.What, Reference: given(n.Reference),
			DueHours: given(n.DueHours),
		}
		if n.DueOn != nil {
			e.DueOn = n.DueOn.Time
		}
		e, err := h.Dispatcher.AddMaintenance(r.Context(), a.Actor(), e)
		return entryView(e), err
	})
}

func (h kept) StrikeMaintenance(w http.ResponseWriter, r *http.Request, id api.Id, entry int64) {
	h.asked(w, r, delivery.OpStrikeMaintenance, http.StatusNoContent, func(a member) (any, error) {
		var s api.Strike
		if _, err := decode(w, r, &s); err != nil {
			return nil, err
		}
		return nil, h.Dispatcher.StrikeMaintenance(r.Context(), a.Actor(), telemetry.DeviceID(id), entry, s.Why)
	})
}
