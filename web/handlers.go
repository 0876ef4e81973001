package web

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/geo"
	"hemolift/telemetry"
	"hemolift/web/api"
)

// handlers implements the generated routes.
type handlers struct{ *Server }

// asked runs f for a signed-in account and writes what it returns.
func (h handlers) asked(w http.ResponseWriter, r *http.Request, status int, f func(network.Account) (any, error)) {
	a, err := h.who(r)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	body, err := f(a)
	switch {
	case err != nil:
		h.fail(w, r, err)
	case body == nil:
		w.WriteHeader(status)
	default:
		h.reply(w, status, body)
	}
}

func (h handlers) SignIn(w http.ResponseWriter, r *http.Request) {
	var c api.Credentials
	_, err := decode(w, r, &c)
	if err == nil {
		var a network.Account
		if a, err = h.verify(r, c); err == nil {
			var token string
			if token, _, err = h.open(r.Context(), a.Login, "cookie", cookieLife); err == nil {
				http.SetCookie(w, h.cookie(token, int(cookieLife.Seconds())))
				h.reply(w, http.StatusOK, meView(a))
				return
			}
		}
	}
	h.fail(w, r, err)
}

func (h handlers) CreateToken(w http.ResponseWriter, r *http.Request) {
	var c api.Credentials
	_, err := decode(w, r, &c)
	if err == nil {
		var a network.Account
		if a, err = h.verify(r, c); err == nil {
			var t api.Token
			if t.Token, t.ExpiresAt, err = h.open(r.Context(), a.Login, "token", tokenLife); err == nil {
				h.reply(w, http.StatusCreated, t)
				return
			}
		}
	}
	h.fail(w, r, err)
}

func (h handlers) WhoAmI(w http.ResponseWriter, r *http.Request) {
	a, err := h.who(r)
	switch {
	case errors.Is(err, errNotSignedIn): // a question, not an attempt
		w.WriteHeader(http.StatusNoContent)
	case err != nil:
		h.fail(w, r, err)
	default:
		h.reply(w, http.StatusOK, meView(a))
	}
}

func (h handlers) SignOut(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, http.StatusNoContent, func(network.Account) (any, error) {
		token, _ := credential(r)
		http.SetCookie(w, h.cookie("", -1))
		return nil, h.Accounts.CloseSession(r.Context(), token)
	})
}

func (h handlers) GetNetwork(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, http.StatusOK, func(network.Account) (any, error) { return h.networkView(), nil })
}

// scope is the hospital to whose things an account is limited.
func scope(a network.Account) network.SiteID {
	if a.Role == network.RoleHospital {
		return a.Site
	}
	return ""
}

func (h handlers) GetBoard(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) {
		now := h.Now()
		b, err := h.Boards.Board(r.Context(), scope(a), now)
		if err != nil {
			return nil, err
		}
		v := h.boardView(b, now)
		h.addRecoveries(&v, b.Closures, a)
		return v, nil
	})
}

func (h handlers) GetEvents(w http.ResponseWriter, r *http.Request, p api.GetEventsParams) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) {
		after, limit := given(p.After), 100
		if p.Limit != nil {
			limit = *p.Limit
		}
		if after < 0 || limit < 1 || limit > 1000 {
			return nil, fieldError{"limit", "is not within 1 to 1000, or after is negative"}
		}
		events, err := h.Log.EventsSince(r.Context(), uint64(after), limit)
		if err != nil {
			return nil, err
		}
		views := []api.Event{}
		for _, e := range events {
			if maySee(a, e) {
				views = append(views, eventView(e))
			}
		}
		return views, nil
	})
}

// maySee limits hospitals to what concerns them.
func maySee(a network.Account, e delivery.Event) bool {
	return a.Role != network.RoleHospital || e.Site == a.Site
}

func (h handlers) Estimate(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) {
		var o api.Order
		if _, err := decode(w, r, &o); err != nil {
			return nil, err
		}
		p, imp, err := h.Dispatcher.Estimate(r.Context(), a.Actor(), orderOf(o))
		if err != nil {
			return nil, err
		}
		var e api.Estimate
		if p != nil {
			v := h.proposalView(*p)
			e.Proposal = &v
		}
		if imp != nil {
			v := impossibleView(*imp)
			e.Impossible = &v
		}
		return e, nil
	})
}

func (h handlers) SubmitRequest(w http.ResponseWriter, r *http.Request, p api.SubmitRequestParams) {
	h.asked(w, r, http.StatusCreated, func(a network.Account) (any, error) {
		if n := len(p.IdempotencyKey); n < 8 || n > 80 {
			return nil, fieldError{"Idempotency-Key", "is not 8 to 80 characters"}
		}
		var o api.Order
		hash, err := decode(w, r, &o)
		if err != nil {
			return nil, err
		}
		req, err := h.Dispatcher.Submit(r.Context(), a.Actor(), orderOf(o), p.IdempotencyKey, hash)
		if err != nil {
			return nil, err
		}
		return h.requestView(req, ""), nil
	})
}

func (h handlers) ListRequests(w http.ResponseWriter, r *http.Request, p api.ListRequestsParams) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) {
		limit := 100
		if p.Limit != nil {
			limit = *p.Limit
		}
		if limit < 1 || limit > 500 {
			return nil, fieldError{"limit", "is not within 1 to 500"}
		}
		list, err := h.Boards.Requests(r.Context(), scope(a), limit)
		if err != nil {
			return nil, err
		}
		views := []api.Request{}
		for _, req := range list {
			views = append(views, h.requestView(req, ""))
		}
		return views, nil
	})
}

func (h handlers) GetRequest(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) {
		req, err := h.Boards.Request(r.Context(), delivery.RequestID(id))
		if err != nil {
			return nil, err
		}
		if s := scope(a); s != "" && s != req.Hospital {
			return nil, refusal.ErrNotFound
		}
		return h.requestView(req, ""), nil
	})
}

func (h handlers) AmendRequest(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) {
		var o api.Order
		if _, err := decode(w, r, &o); err != nil {
			return nil, err
		}
		req, err := h.Dispatcher.Amend(r.Context(), a.Actor(), delivery.RequestID(id), orderOf(o))
		if err != nil {
			return nil, err
		}
		return h.requestView(req, ""), nil
	})
}

func (h handlers) CancelRequest(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) {
		var c api.Cancel
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		if n := len(strings.TrimSpace(c.Reason)); n == 0 || n > 200 {
			return nil, refusal.Field{Field: "reason", Reason: "is not 1 to 200 characters"}
		}
		req, err := h.Dispatcher.Cancel(r.Context(), a.Actor(), delivery.RequestID(id), c.Reason)
		if err != nil {
			return nil, err
		}
		return h.requestView(req, ""), nil
	})
}

func (h handlers) AcceptProposal(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, http.StatusCreated, func(a network.Account) (any, error) {
		var c api.Accept
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		del, err := h.Dispatcher.Accept(r.Context(), a.Actor(), delivery.RequestID(id), telemetry.DeviceID(given(c.Drone)))
		if err != nil {
			return nil, err
		}
		return h.delivery(r, a, del.ID)
	})
}

func (h handlers) GetDelivery(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) { return h.delivery(r, a, delivery.ID(id)) })
}

func (h handlers) record(r *http.Request, a network.Account, id delivery.ID) (delivery.Record, error) {
	rec, err := h.Boards.Delivery(r.Context(), id)
	if s := scope(a); err == nil && s != "" && s != rec.Delivery.Hospital {
		err = refusal.ErrNotFound
	}
	return rec, err
}

func (h handlers) delivery(r *http.Request, a network.Account, id delivery.ID) (any, error) {
	rec, err := h.record(r, a, id)
	if err != nil {
		return nil, err
	}
	return h.deliveryView(rec), nil
}

func (h handlers) DoStep(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) {
		var s api.StepScan
		if _, err := decode(w, r, &s); err != nil {
			return nil, err
		}
		step, scan, err := scanOf(s)
		if err != nil {
			return nil, err
		}
		if _, err := h.record(r, a, delivery.ID(id)); err != nil {
			return nil, err
		}
		if _, err := h.Dispatcher.Do(r.Context(), a.Actor(), delivery.ID(id), step, scan); err != nil {
			return nil, err
		}
		return h.delivery(r, a, delivery.ID(id))
	})
}

// trackToleranceM is how far from the flown track the shown one may be.
const trackToleranceM = 2

func (h handlers) GetTrack(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) {
		board, err := h.Boards.Board(r.Context(), scope(a), h.Now())
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

func (h handlers) GetCalibration(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) {
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

func (h handlers) ListAlternates(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) {
		pads, err := h.Dispatcher.Alternates(r.Context(), a.Actor(), delivery.MissionID(id))
		if err != nil {
			return nil, err
		}
		v := []api.Alternate{}
		for _, p := range pads {
			v = append(v, api.Alternate{Site: string(p.Site), LengthM: p.LengthM, DurationS: p.Duration.Seconds(), NeedPct: p.NeedPct, MarginPct: p.MarginPct, FrugalMps: p.FrugalMPS, FrugalMarginPct: p.FrugalPct})
			if p.HasCold {
				v[len(v)-1].ColdMarginS = limited(p.ColdMargin)
			}
		}
		return v, nil
	})
}

func (h handlers) CommandMission(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, http.StatusAccepted, func(a network.Account) (any, error) {
		var c api.Command
		if _, err := decode(w, r, &c); err != nil {
			return nil, err
		}
		return nil, h.Dispatcher.Command(r.Context(), a.Actor(), delivery.MissionID(id), telemetry.CommandKind(c.Kind))
	})
}

func (h handlers) AckAlarm(w http.ResponseWriter, r *http.Request, id int64) {
	h.asked(w, r, http.StatusNoContent, func(a network.Account) (any, error) {
		return nil, h.Dispatcher.AckAlarm(r.Context(), a.Actor(), id)
	})
}

func (h handlers) AddUnits(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, http.StatusOK, func(a network.Account) (any, error) {
		var body api.NewUnits
		if _, err := decode(w, r, &body); err != nil {
			return nil, err
		}
		if len(body.Units) > 1000 {
			return nil, fieldError{"units", "holds more than 1000"}
		}
		n, err := h.Dispatcher.AddUnits(r.Context(), a.Actor(), unitsOf(body.Units))
		return api.Added{Added: n}, err
	})
}

func (h handlers) RenewSecret(w http.ResponseWriter, r *http.Request, id api.Id) {
	h.asked(w, r, http.StatusCreated, func(a network.Account) (any, error) {
		if a.Role != network.RoleAdmin {
			return nil, refusal.ErrForbidden
		}
		secret := rand.Text()
		return api.Secret{Device: id, Secret: secret}, h.Devices.SetDeviceSecret(r.Context(), telemetry.DeviceID(id), secret)
	})
}
