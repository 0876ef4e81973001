package web

import (
	"net/http"

	"hemolift/dispatch/network"
)

func (h handlers) AckAlarm(w http.ResponseWriter, r *http.Request, id int64) {
	h.asked(w, r, "ackAlarm", http.StatusNoContent, func(a network.Account) (any, error) {
		return nil, h.Dispatcher.AckAlarm(r.Context(), a.Actor(), id)
	})
}
