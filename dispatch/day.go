package dispatch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hemolift/dispatch/network"
	"hemolift/dispatch/plan"
	"hemolift/dispatch/refusal"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// dayLength is a day and what may still land after it.
const dayLength = 30 * time.Hour

// DayVariant is how a day is to be played otherwise than it was; nil leaves things.
type DayVariant struct {
	Policy *Policy
	Wind   *route.Wind
}

// Day returns a day of the record, which begins at midnight in China standard time, as a
// stream that can be played again: its requests when they came and as they stand now, the
// units that left on that day or are in stock now, every drone charged at home, every box
// at its centre, and one wind, the present one unless the variant says another.
func (d *Dispatcher) Day(ctx context.Context, a network.Actor, date time.Time, v DayVariant) (*plan.Instance, error) {
	if a.Role == network.RoleHospital || a.Role == "" {
		return nil, refusal.ErrForbidden
	}
	y, m, day := date.Date()
	from := time.Date(y, m, day, 0, 0, 0, 0, localZone).UTC()
	requests, stock, err := d.Store.Day(ctx, from, from.Add(24*time.Hour))
	if err != nil {
		return nil, fmt.Errorf("day: %w", err)
	}
	net := d.Network
	if v.Policy != nil {
		if net, err = v.Policy.limit(d.stated); err != nil {
			return nil, refusal.OfField("policy", strings.TrimPrefix(err.Error(), "policy: "))
		}
	}
	w := &world{net: net, compat: d.Compat, policy: d.Policy, router: d.router, calibrated: d.Calibrations(),
		snap: Snapshot{At: from, Stock: stock, Boxes: d.Network.Boxes, Drones: map[telemetry.DeviceID]telemetry.DroneState{}}}
	w.snap.Wind, _ = d.Wind(d.Now())
	if v.Policy != nil {
		w.policy = *v.Policy
	}
	if v.Wind != nil {
		w.snap.Wind = *v.Wind
	}
	for _, x := range d.Network.Drones {
		home, _ := net.Site(x.Home)
		w.snap.Drones[x.ID] = telemetry.DroneState{ID: x.ID, Heard: true, Position: telemetry.Position{Point: home.Point, BatteryPct: 100}, Status: telemetry.Status{Phase: telemetry.Parked}}
	}
	in := w.instance(requests)
	in.Name, in.Kind, in.HorizonS = date.Format(time.DateOnly), plan.KindOnline, int64(dayLength.Seconds())
	came := map[string]time.Time{}
	for _, r := range requests {
		came[string(r.ID)] = r.CreatedAt
	}
	for i := range in.Requests {
		r := &in.Requests[i]
		r.ReleaseS = w.sec(came[r.ID])
		r.DueS = max(r.DueS, r.ReleaseS)
	}
	return in, in.Check()
}
