package dispatch

import (
	"context"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"

	"github.com/samber/lo"
)

// cold looks whether the boxes of a mission are heard, within their limits, and stay so
// and within their validated hold times through a flight that begins now.
func (d *Dispatcher) cold(ctx context.Context, m delivery.Mission, own []delivery.Delivery, flight time.Duration, now time.Time) Wait {
	if _, silent := d.silentBox(own, now); silent {
		return WaitBoxSilent
	}
	if margin, out := d.coldOutlook(ctx, m, own, flight, now); out || margin < 0 {
		return WaitCold
	}
	return ""
}

// tellCold tells when it is the cold chain that keeps a loaded drone; people may stand
// the delivery down.
func (d *Dispatcher) tellCold(ctx context.Context, m delivery.Mission, own []delivery.Delivery, why Wait, flight time.Duration, now time.Time) {
	switch why {
	case "":
		d.lower(ctx, m.Drone, "", []delivery.AlarmKind{delivery.ColdMargin}, now)
	case WaitBoxSilent:
		b, _ := d.silentBox(own, now)
		if live, _ := d.Tracker.Box(now, b.Box); !live.HasReading && now.Sub(b.PackedAt) > d.Profiles[b.Profile].MaxGap { // else its silence is an alarm of its own
			d.raise(ctx, delivery.Alarm{Kind: delivery.TempUnknown, Device: b.Box, RaisedAt: now})
		}
	case WaitCold:
		a := delivery.Alarm{Kind: delivery.ColdMargin, Device: m.Drone, RaisedAt: now}
		if margin, out := d.coldOutlook(ctx, m, own, flight, now); !out {
			a.Value = -margin.Minutes()
		}
		d.raise(ctx, a)
	case WaitPlan, WaitLink, WaitService, WaitZone, WaitWind, WaitBattery, WaitPad, WaitElsewhere, WaitReceipt:
	}
}

// silentBox is a packed box of which nothing recent is known.
func (d *Dispatcher) silentBox(own []delivery.Delivery, now time.Time) (delivery.Box, bool) {
	for _, del := range own {
		for _, b := range del.Boxes {
			live, _ := d.Tracker.Box(now, b.Box)
			if !b.PackedAt.IsZero() && (!live.Watched || live.State == coldchain.Unknown) {
				return b, true
			}
		}
	}
	return delivery.Box{}, false
}

// coldOutlook is the least margin of a mission's packed boxes after a flight of some
// length from now: to their limits by the forecast, and to their validated hold times;
// NoLimit while neither is known. out is true for a box that is beyond its limits, or
// whose units are spoiled, now.
func (d *Dispatcher) coldOutlook(ctx context.Context, m delivery.Mission, own []delivery.Delivery, flight time.Duration, now time.Time) (margin time.Duration, out bool) {
	state, _ := d.Tracker.Drone(m.Drone)
	margin, known := d.coldMargin(m.ID, own, state, flight)
	if !known {
		margin = coldchain.NoLimit
	}
	for _, del := range own {
		for _, b := range del.Boxes {
			box, _ := d.Network.Box(b.Box)
			bt, ok := d.Network.BoxType(box.Type)
			live, _ := d.Tracker.Box(now, b.Box)
			if b.PackedAt.IsZero() || !live.Watched {
				continue
			}
			out = out || live.State == coldchain.Excursion || live.Breached && d.spoiled(ctx, del.ID, now)
			if ok && live.Reading.AmbientMC != coldchain.NoAmbientMC {
				margin = min(margin, bt.HoldAt(float64(live.Reading.AmbientMC)/1000)-now.Sub(b.PackedAt)-flight-coldchain.Handover)
			}
		}
	}
	return margin, out
}

// spoiled reports whether no unit of a delivery may be used any more, as when its box
// froze on the ground and is in range again. It is true when that cannot be told.
func (d *Dispatcher) spoiled(ctx context.Context, id delivery.DeliveryID, now time.Time) bool {
	rec, err := d.Store.Delivery(ctx, id)
	var c ColdRecord
	if err == nil {
		c, err = d.coldRecord(ctx, rec, now)
	}
	if err != nil {
		d.Log.ErrorContext(ctx, "judge before the release", "delivery", id, "err", err)
		return true
	}
	_, good := lo.Find(c.Units, func(p delivery.Journey) bool {
		return !p.Verdict.Final && p.Verdict.Advice != coldchain.DiscardAdvised
	})
	return !good
}

// coldMargin is the least margin of a mission's boxes after a flight of some length from
// now, aloft and then on the ground.
func (d *Dispatcher) coldMargin(m delivery.MissionID, deliveries []delivery.Delivery, state telemetry.DroneState, flight time.Duration) (least time.Duration, known bool) {
	now := d.Now()
	for _, del := range deliveriesOf(m, deliveries) {
		for _, b := range del.Boxes {
			box, _ := d.Tracker.Box(now, b.Box)
			if box.Reading.AmbientMC == coldchain.NoAmbientMC {
				continue
			}
			aloftC := float64(box.Reading.AmbientMC) / 1000
			early, ok := d.Tracker.TimeToLimit(now, b.Box, coldchain.Stretch{S: flight.Seconds(), C: aloftC}, coldchain.Stretch{C: coldchain.GroundC(aloftC, state.HeightM)})
			if !ok {
				continue
			}
			left := coldchain.NoLimit
			if early != coldchain.NoLimit {
				left = early - flight - coldchain.Handover
			}
			if !known || left < least {
				least, known = left, true
			}
		}
	}
	return least, known
}
