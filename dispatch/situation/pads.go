package situation

import (
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
)

// Times of the ground work that plans reckon with. Operators measure their own; these
// are the demonstration's.
const (
	PackTime   = 60 * time.Second  // from allocation to a box ready for loading
	LaunchTime = 30 * time.Second  // a launch pad is held before departure
	UnloadTime = 180 * time.Second // a landing pad is held after arrival
	TurnTime   = 120 * time.Second // after landing at home
)

const (
	// slotSlack is added to a planned arrival when the pad is held for it.
	slotSlack = 60 * time.Second
	// HoldAhead is how long before its end a slot is extended for a drone that still
	// stands on its pad, and it is extended to twice that from now.
	HoldAhead = time.Minute
	// freeIn is how long from any moment on the pad of a stranded drone is not counted on.
	freeIn = time.Hour
)

// SlotFor is when a pad is held for a landing.
func SlotFor(arrive time.Time) (from, to time.Time) {
	return arrive.Add(-slotSlack), arrive.Add(UnloadTime)
}

// Blocked are the pads that are closed, and those on which drones stand that are out of
// service, as long as they are that, or that are stranded, for nobody knows how long.
func (s *Situation) Blocked() []network.Closure {
	blocked := slices.Clip(s.Closures)
	for _, m := range s.Missions {
		if !standsOnPad(s, m) {
			continue
		}
		pad := network.Closure{Site: m.Hospital, Pad: m.Pad, Reason: string(m.Drone), By: network.System.Login, From: m.ArriveAt}
		if c, grounded := network.DeviceClosed(s.Closures, m.Drone, s.At); grounded {
			pad.Reason, pad.By, pad.Until = string(m.Drone)+": "+c.Reason, c.By, c.Until
		} else if s.Stranded(m) {
			pad.Until = s.At.Add(freeIn)
		}
		if !pad.Until.IsZero() {
			blocked = append(blocked, pad)
		}
	}
	return blocked
}

// PadTaken reports whether a pad is held, stood upon or closed at some time between a
// landing and its end.
func (s *Situation) PadTaken(id network.PadID, arrive time.Time) bool {
	to := arrive.Add(UnloadTime)
	pad, _ := s.Network.Pad(id)
	_, closed := network.PadClosed(s.Blocked(), pad, arrive, to)
	return closed || slices.ContainsFunc(s.Slots, func(h delivery.Slot) bool {
		return h.Pad == id && h.From.Before(to) && arrive.Before(h.To)
	})
}

// FreePad is the wanted pad, or another of its site when that is taken or closed; ok is
// false when all are, at some time between a landing and its end.
func (s *Situation) FreePad(want network.PadID, arrive time.Time) (id network.PadID, ok bool) {
	if !s.PadTaken(want, arrive) {
		return want, true
	}
	p, _ := s.Network.Pad(want)
	for _, other := range s.Network.Pads {
		if other.Site == p.Site && !s.PadTaken(other.ID, arrive) {
			return other.ID, true
		}
	}
	return want, false
}

// Overlapped reports whether another mission holds a mission's pad at some time between
// two.
func (s *Situation) Overlapped(m delivery.Mission, from, to time.Time) bool {
	return slices.ContainsFunc(s.Slots, func(h delivery.Slot) bool {
		return h.Pad == m.Pad && h.Mission != m.ID && h.From.Before(to) && from.Before(h.To)
	})
}

// StoodOn reports whether another drone overstays on a mission's pad, or would still be
// there when it lands. Slots keep plans apart; this keeps what happens apart.
func (s *Situation) StoodOn(m delivery.Mission, arrive time.Time) bool {
	for _, o := range s.Missions {
		if o.ID == m.ID || o.Pad != m.Pad {
			continue
		}
		if standsOnPad(s, o) && s.At.After(o.ArriveAt.Add(UnloadTime)) {
			return true
		}
		if o.Status == delivery.MOutbound && o.HeldForPad.IsZero() { // one that is held waits for the pad
			state, _ := s.Drone(o.Drone)
			if eta := state.ETA; eta.Before(arrive.Add(UnloadTime)) && arrive.Before(eta.Add(UnloadTime)) {
				return true
			}
		}
	}
	return false
}

// Awaited reports whether another drone has not left for a mission's pad though it was to
// land there by now.
func (s *Situation) Awaited(m delivery.Mission) bool {
	return slices.ContainsFunc(s.Missions, func(o delivery.Mission) bool {
		waits := o.Status.In(delivery.MPlanned, delivery.MUploaded)
		return waits && o.ID != m.ID && o.Pad == m.Pad && o.ArriveAt.Before(s.At.Add(2*HoldAhead))
	})
}

// SlotOf is when a mission's pad is held for it; zero when it is not, or not any more.
func (s *Situation) SlotOf(id delivery.MissionID) delivery.Slot {
	for _, h := range s.Slots {
		if h.Mission == id {
			return h
		}
	}
	return delivery.Slot{}
}
