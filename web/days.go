package web

import (
	"net/http"
	"strings"
	"time"

	openapi "github.com/oapi-codegen/runtime/types"

	"hemolift/dispatch/propose"
	"hemolift/geo/route"
	"hemolift/telemetry/stated"
	"hemolift/web/api"
)

func (h handlers) ExportDay(w http.ResponseWriter, r *http.Request, date openapi.Date) {
	h.asked(w, r, "exportDay", http.StatusOK, func(a member) (any, error) {
		if err := stated.Check(date.Time); err != nil {
			return nil, fieldError{"date", err.Error()}
		}
		var body api.DayVariant
		if _, err := decode(w, r, &body); err != nil {
			return nil, err
		}
		v, err := variantOf(body)
		if err != nil {
			return nil, err
		}
		if err := h.exported(r, a, date.Format(time.DateOnly), "day of the record, JSON"); err != nil {
			return nil, err
		}
		return h.Dispatcher.Day(r.Context(), a.Actor(), date.Time, v)
	})
}

func variantOf(body api.DayVariant) (v propose.DayVariant, err error) {
	if body.Policy != nil {
		p, err := propose.ParsePolicy(strings.NewReader(*body.Policy))
		if err != nil {
			return v, fieldError{"policy", strings.TrimPrefix(err.Error(), "policy: ")}
		}
		v.Policy = &p
	}
	if body.WindMps == nil {
		return v, nil
	}
	v.Wind = &route.Wind{SpeedMPS: *body.WindMps, FromDeg: given(body.WindFromDeg)}
	return v, nil
}
