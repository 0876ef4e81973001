package situation

import (
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// SilentBox is a packed box of which nothing recent is known.
func (s *Situation) SilentBox(payload []delivery.Delivery) (delivery.Box, bool) {
	for _, d := range payload {
		for _, b := range d.Boxes {
			live, _ := s.Box(b.Box)
			if !b.PackedAt.IsZero() && (!live.Watched || live.State == coldchain.Unknown) {
				return b, true
			}
		}
	}
	return delivery.Box{}, false
}

// ColdOutlook is the least margin of packed boxes after a flight of some length from now:
// to their limits by the forecast, and to their validated hold times; NoLimit while
// neither is known. out is true for a box that is beyond its limits, or whose units are
// spoiled, now.
func (s *Situation) ColdOutlook(
	drone telemetry.DeviceID,
	payload []delivery.Delivery,
	flight time.Duration,
) (margin time.Duration, out bool) {
	margin, known := s.ColdMargin(drone, payload, flight)
	if !known {
		margin = coldchain.NoLimit
	}
	for _, d := range payload {
		out = out || s.Spoiled[d.ID]
		for _, b := range d.Boxes {
			box, _ := s.Network.Box(b.Box)
			bt, ok := s.Network.BoxType(box.Type)
			live, _ := s.Box(b.Box)
			if b.PackedAt.IsZero() || !live.Watched {
				continue
			}
			out = out || live.State == coldchain.Excursion
			if ok && live.Reading.AmbientMC != coldchain.NoAmbientMC {
				margin = min(margin, bt.HoldAt(float64(live.Reading.AmbientMC)/1000)-s.At.Sub(b.PackedAt)-flight-coldchain.Handover)
			}
		}
	}
	return margin, out
}

// ColdMargin is the least margin, by the forecast, of boxes after a flight of some length
// from now, aloft at their drone's height and then on the ground.
func (s *Situation) ColdMargin(
	drone telemetry.DeviceID,
	payload []delivery.Delivery,
	flight time.Duration,
) (least time.Duration, known bool) {
	state, _ := s.Drone(drone)
	for _, d := range payload {
		for _, b := range d.Boxes {
			box, _ := s.Box(b.Box)
			if box.Reading.AmbientMC == coldchain.NoAmbientMC {
				continue
			}
			aloftC := float64(box.Reading.AmbientMC) / 1000
			early, ok := s.TimeToLimit(
				b.Box,
				coldchain.Stretch{S: flight.Seconds(), C: aloftC},
				coldchain.Stretch{C: coldchain.GroundC(aloftC, state.HeightM)},
			)
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
