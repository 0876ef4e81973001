package web

import (
	"net/http"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/web/api"
)

func (h watchers) AckAlarm(w http.ResponseWriter, r *http.Request, id int64) {
	h.asked(w, r, "ackAlarm", http.StatusNoContent, func(a member) (any, error) {
		return nil, h.Dispatcher.AckAlarm(r.Context(), a.Actor(), id)
	})
}

func (h watchers) ShelveAlarm(w http.ResponseWriter, r *http.Request, id int64) {
	h.asked(w, r, "shelveAlarm", http.StatusNoContent, func(a member) (any, error) {
		var s api.NewShelf
		if _, err := decode(w, r, &s); err != nil {
			return nil, err
		}
		minutes := max(-1, min(s.Minutes, 24*60)) // so that no duration overflows
		return nil, h.Dispatcher.ShelveAlarm(r.Context(), a.Actor(), id, s.Reason, time.Duration(minutes)*time.Minute)
	})
}

func (h watchers) ConfirmShelf(w http.ResponseWriter, r *http.Request, id int64) {
	h.asked(w, r, "confirmShelf", http.StatusNoContent, func(a member) (any, error) {
		var c api.ConfirmShelf
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		return nil, h.Dispatcher.ConfirmShelf(r.Context(), a.Actor(), id, c.By, c.Until.UTC())
	})
}

func (h watchers) ListNotes(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "listNotes", http.StatusOK, func(a member) (any, error) {
		notes, err := h.Dispatcher.Notes(r.Context(), a.Actor())
		v := make([]api.Note, len(notes))
		for i, n := range notes {
			v[i] = api.Note{At: n.At, By: n.By, Text: n.Text}
		}
		return v, err
	})
}

func (h watchers) WriteNote(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "writeNote", http.StatusNoContent, func(a member) (any, error) {
		var n api.NewNote
		if _, err := decode(w, r, &n); err != nil {
			return nil, err
		}
		return nil, h.Dispatcher.WriteNote(r.Context(), a.Actor(), n.Text)
	})
}

func (h watchers) UnshelveAlarm(w http.ResponseWriter, r *http.Request, id int64) {
	h.asked(w, r, "unshelveAlarm", http.StatusNoContent, func(a member) (any, error) {
		return nil, h.Dispatcher.UnshelveAlarm(r.Context(), a.Actor(), id)
	})
}

// addAlarms puts the alarms on a board, as an account sees them.
func (s *Server) addAlarms(v *api.Board, b delivery.Board, a member, now time.Time) {
	gauges := map[int64]delivery.Gauge{}
	list, _ := s.Dispatcher.Gauges()
	for _, g := range list {
		gauges[g.Alarm] = g
	}
	for _, x := range b.Alarms {
		g, measured := gauges[x.ID]
		v.Alarms = append(v.Alarms, alarmView(x, g, measured && x.ClearedAt.IsZero(), a, now))
	}
	v.AlarmRate = api.AlarmRate{
		Bins: b.AlarmRate[:], BinS: delivery.RateEvery.Seconds(), Target: delivery.RateTarget, Flood: b.AlarmRate.Flood(),
	}
}

func alarmView(x delivery.Alarm, g delivery.Gauge, measured bool, a member, now time.Time) api.Alarm {
	v := api.Alarm{
		Id:           x.ID,
		Kind:         string(x.Kind),
		Next:         string(x.Kind.Next()),
		Priority:     api.AlarmPriority(x.Kind.Priority()),
		State:        api.AlarmState(x.State(now)),
		Device:       string(x.Device),
		Delivery:     some(string(x.Delivery)),
		First:        x.Value,
		Value:        x.Value,
		Limit:        x.Limit,
		Worst:        x.Worst,
		Detail:       x.Detail,
		RaisedAt:     x.RaisedAt,
		ClearedAt:    someTime(x.ClearedAt),
		AckedAt:      someTime(x.AckedAt),
		AckedBy:      some(x.AckedBy),
		Times:        max(1, x.Times),
		Chattering:   x.Chattering,
		Blood:        x.Kind.Blood(),
		SuppressedBy: some(string(x.SuppressedBy)),
	}
	if measured {
		v.Value, v.Limit, v.Worst, v.Known = g.Value, g.Limit, g.Worst, g.Known
		if left := g.Left.Seconds(); g.Left != delivery.NoLeft {
			v.LeftS = &left
		}
	}
	if sh := x.Shelf; sh.By != "" && now.Before(sh.Until) {
		v.Shelf = &api.Shelf{
			By: sh.By, Reason: sh.Reason, Until: sh.Until, Second: some(sh.Second),
			MayConfirm: x.Confirmable(a.Actor(), now) && delivery.May(a.Actor(), delivery.OpConfirm),
		}
	}
	return v
}
