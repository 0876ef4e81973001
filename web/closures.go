package web

import (
	"net/http"
	"strings"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
	"hemolift/web/api"
)

func (h handlers) Close(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "close", http.StatusCreated, func(a member) (any, error) {
		var c api.NewClosure
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		made := network.Closure{
			Site:   network.SiteID(given(c.Site)),
			Pad:    network.PadID(given(c.Pad)),
			Device: telemetry.DeviceID(given(c.Device)),
			Reason: strings.TrimSpace(c.Reason),
			Until:  c.Until.UTC(),
		}
		made, err := h.Dispatcher.Close(r.Context(), a.Actor(), made)
		if err != nil {
			return nil, err
		}
		return closureView(a, made), nil
	})
}

func (h handlers) Reopen(w http.ResponseWriter, r *http.Request, id int64) {
	h.asked(w, r, "reopen", http.StatusNoContent, func(a member) (any, error) {
		return nil, h.Dispatcher.Reopen(r.Context(), a.Actor(), id)
	})
}

func closureView(a member, c network.Closure) api.Closure {
	return api.Closure{
		Id:     c.ID,
		Site:   string(c.Site),
		Pad:    some(string(c.Pad)),
		Device: some(string(c.Device)),
		Reason: c.Reason,
		By:     c.By,
		ByRole: string(c.ByRole),
		MayEnd: delivery.Permit(a.Actor(), delivery.Ordered(delivery.OpReopen, c.ByRole), c.BySite) == nil,
		From:   c.From,
		Until:  c.Until,
	}
}
