package dispatch

import (
	"context"
	"fmt"
	"maps"
	"time"

	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/situation"
	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// picture is a situation of what drones and boxes report alone.
func (d *desk) picture(now time.Time) *situation.Situation {
	return situation.Observed(d.parts(now))
}

// Wind is the mean of what drones estimated lately; known is false without any.
func (d *desk) Wind(now time.Time) (w route.Wind, known bool) {
	s := d.picture(now)
	return s.Wind, s.WindKnown
}

// observe looks at what flies, without what waits.
func (d *desk) observe(ctx context.Context, now time.Time) (*situation.Situation, error) {
	flights, err := d.World.Flights(ctx, now)
	if err != nil {
		return nil, fmt.Errorf("observe: %w", err)
	}
	s := d.parts(now)
	s.Flights = flights
	s.Spoiled = d.findSpoiled(ctx, &s)
	return situation.Observed(s), nil
}

// survey looks at everything.
func (d *desk) survey(ctx context.Context, now time.Time) (*situation.Situation, error) {
	flights, demand, err := d.World.World(ctx, now)
	if err != nil {
		return nil, fmt.Errorf("survey: %w", err)
	}
	s := d.parts(now)
	s.Flights, s.Demand = flights, demand
	s.Spoiled = d.findSpoiled(ctx, &s)
	return situation.Observed(s), nil
}

// parts is what the desk itself and the tracker know. What fails by its drone takes the
// drone out of all plans.
func (d *desk) parts(now time.Time) situation.Situation {
	l := d.layout.Load()
	s := situation.Situation{
		At: now, Since: d.since, Network: l.limited, Profiles: d.decided.profiles(), Airway: l.airspace.Airway(),
		Picture: d.Tracker.Picture(now), Withheld: map[telemetry.DeviceID]bool{},
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s.Calibrations = d.legs
	s.Noted = situation.Noted{RetryAt: maps.Clone(d.noted.RetryAt), Stays: d.noted.Stays}
	for _, r := range d.advice.recoveries {
		if r.ByDrone() {
			s.Withheld[r.Mission.Drone] = true
		}
	}
	return s
}

// findSpoiled looks at deliveries under way whose boxes were beyond their limits and are in
// range again: whether any of their units may still be used. What cannot be told is taken
// for spoiled, and is asked for again at the next look.
func (d *desk) findSpoiled(ctx context.Context, s *situation.Situation) map[delivery.ID]bool {
	out := map[delivery.ID]bool{}
	for _, del := range s.Deliveries {
		newest, breached := breachedAt(s, del)
		if !breached || del.Status.Ended() || del.Status.In(delivery.DLanded, delivery.DOpened) {
			continue
		}
		d.mu.Lock()
		known, ok := d.judged[del.ID]
		d.mu.Unlock()
		if !ok || newest.After(known.newest) {
			spoiled, err := d.judgeSpoiled(ctx, del.ID, s.At)
			if known = (judged{newest, spoiled || err != nil}); err != nil {
				d.Logger.ErrorContext(ctx, "judge before the release", "delivery", del.ID, "err", err)
			} else {
				d.mu.Lock()
				d.judged[del.ID] = known
				d.mu.Unlock()
			}
		}
		out[del.ID] = known.spoiled
	}
	return out
}

// breachedAt reports whether one of a delivery's boxes was beyond its limits and is not
// now, and the newest reading.
func breachedAt(s *situation.Situation, del delivery.Delivery) (newest time.Time, breached bool) {
	for _, b := range del.Boxes {
		live, _ := s.Box(b.Box)
		if b.PackedAt.IsZero() || !live.Watched || !live.Breached || live.State == coldchain.Excursion {
			continue
		}
		breached = true
		if live.Newest.At.After(newest) {
			newest = live.Newest.At
		}
	}
	return newest, breached
}

func (d *desk) judgeSpoiled(ctx context.Context, id delivery.ID, now time.Time) (bool, error) {
	rec, err := d.Books.Delivery(ctx, id)
	if err != nil {
		return false, err
	}
	r, err := d.coldRecord(ctx, rec, now)
	return coldrecord.Spoiled(r), err
}
