package web

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/upkeep"
	"hemolift/telemetry"
	"hemolift/web/api"
)

// enrolled implements the operations of devices' credentials.
type enrolled struct{ *Server }

func (h enrolled) ListDevices(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, delivery.OpListDevices, http.StatusOK, func(a member) (any, error) {
		known, err := h.credentials(r)
		if err != nil {
			return nil, err
		}
		dues, err := h.Dispatcher.Dues(r.Context(), a.Actor())
		if err != nil {
			return nil, err
		}
		n := h.Dispatcher.Network()
		views := []api.Device{}
		for _, d := range n.Drones {
			v := deviceView(known[d.ID], d.ID, api.DeviceKindDrone, d.Class, d.Home, dues[d.ID])
			v.HeardAt = h.heard(d.ID, telemetry.DroneKind)
			views = append(views, v)
		}
		for _, b := range n.Boxes {
			v := deviceView(known[b.ID], b.ID, api.DeviceKindBox, string(b.Type), b.Site, dues[b.ID])
			v.HeardAt = h.heard(b.ID, telemetry.BoxKind)
			views = append(views, v)
		}
		return views, nil
	})
}

// credentials are those of all devices.
func (h enrolled) credentials(r *http.Request) (map[telemetry.DeviceID]network.Credential, error) {
	list, err := h.Devices.Credentials(r.Context(), time.Now())
	known := map[telemetry.DeviceID]network.Credential{}
	for _, c := range list {
		known[c.Device] = c
	}
	return known, err
}

// heard is when a device was last heard since the server started; nil: not.
func (h enrolled) heard(id telemetry.DeviceID, kind telemetry.DeviceKind) *time.Time {
	if kind == telemetry.DroneKind {
		if s, ok := h.Tracker.Drone(id); ok {
			return someTime(later(s.At, s.StatusAt))
		}
	} else if s, ok := h.Tracker.Box(h.Now(), id); ok && s.HasReading {
		return someTime(s.Newest.At)
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// deviceView shows of what is due only what warns already.
func deviceView(
	c network.Credential, id telemetry.DeviceID, kind api.DeviceKind, typ string, site network.SiteID, dues []upkeep.Due,
) api.Device {
	v := api.Device{
		Id: string(id), Kind: kind, Type: typ, Site: string(site), HasSecret: c.HasSecret, SecretAt: someTime(c.SecretAt),
		EnrolUntil: someTime(c.OpenUntil),
	}
	if len(dues) > 0 && dues[0].State != upkeep.Later {
		v.Due = new(dueView(dues[0]))
	}
	return v
}

func (h enrolled) RenewSecret(w http.ResponseWriter, r *http.Request, id api.Id) {
	invited(h).managed(w, r, delivery.OpRenewSecret, http.StatusCreated, func(a member) (any, error) {
		secret := rand.Text()
		return api.Secret{Device: id, Secret: secret}, h.Devices.SetDeviceSecret(r.Context(), telemetry.DeviceID(id), secret, a.Actor(), h.Now())
	})
}

func (h enrolled) RevokeSecret(w http.ResponseWriter, r *http.Request, id api.Id) {
	invited(h).managed(w, r, delivery.OpRevokeSecret, http.StatusNoContent, func(a member) (any, error) {
		return nil, h.Devices.RevokeDeviceSecret(r.Context(), telemetry.DeviceID(id), a.Actor(), time.Now(), h.Now())
	})
}

// codeLength is of an enrolment's code, in characters of 5 random bits: it is typed on a device,
// and guessed too slowly within its hour.
const codeLength = 10

func (h enrolled) AllowEnrolment(w http.ResponseWriter, r *http.Request, id api.Id) {
	invited(h).managed(w, r, delivery.OpEnrol, http.StatusCreated, func(a member) (any, error) {
		code := rand.Text()[:codeLength]
		e := network.Enrol(telemetry.DeviceID(id), a.Login, time.Now())
		if err := h.Devices.AddEnrolment(r.Context(), code, e, h.Now()); err != nil {
			return nil, err
		}
		return api.Enrolment{Device: id, Code: code[:codeLength/2] + "-" + code[codeLength/2:], ExpiresAt: e.ExpiresAt}, nil
	})
}

// Enrol needs no account: the code is what it shows. Guesses are slowed as those of passwords.
func (h enrolled) Enrol(w http.ResponseWriter, r *http.Request) {
	var body api.Enrol
	_, err := decode(w, r, &body)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	done, err := h.guard.Begin(r.Context(), "device "+body.Device, addressOf(r))
	if err != nil {
		h.fail(w, r, err)
		return
	}
	code := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(body.Code))
	secret := rand.Text()
	err = h.Devices.Enrol(r.Context(), telemetry.DeviceID(body.Device), code, secret, time.Now(), h.Now())
	done(err == nil)
	switch {
	case errors.Is(err, refusal.ErrNotFound):
		h.fail(w, r, errBadCode)
	case err != nil:
		h.fail(w, r, err)
	default:
		h.reply(w, r, http.StatusCreated, api.Secret{Device: body.Device, Secret: secret})
	}
}
