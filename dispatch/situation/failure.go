package situation

import (
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
)

// Failure is why a delivery under way will not serve its request as planned.
type Failure string

const (
	DroneLost     Failure = "drone_lost"     // silent in the air for LostAfter
	TurnedBack    Failure = "turned_back"    // on its way home with the units
	DownElsewhere Failure = "down_elsewhere" // landed, but not at its goal
	ToAlternate   Failure = "to_alternate"   // on its way to another pad, as flight control ordered
	NoWayOn       Failure = "no_way_on"      // zones leave it no way
	BoxWarm       Failure = "box_warm"       // beyond its limits, or before it is handed over
	PadRefused    Failure = "pad_refused"    // out of service when it would land
	CentreClosed  Failure = "centre_closed"  // before it has left
	DeviceClosed  Failure = "device_closed"  // its drone or a box, before it has left
	DroneSilent   Failure = "drone_silent"   // on the ground, for LostAfter
	NotLeaving    Failure = "not_leaving"    // loaded, and not released or not gone for LeaveWithin
)

// Failing is a delivery with what is wrong with it.
type Failing struct {
	Mission  delivery.Mission
	Delivery delivery.Delivery
	Failure  Failure
	Waits    Check // of NotLeaving; empty when it was told to leave
}

// ByDrone reports whether it is the drone that keeps the delivery on the ground, and not
// the world about it.
func (f Failing) ByDrone() bool {
	return f.Failure == DroneSilent || f.Failure == NotLeaving && f.Waits.ByDrone()
}

// Hindered reports whether another drone would wait for the same.
func (f Failing) Hindered() bool { return f.Waits.Passing() }

// Stay is since when a loaded drone stands with nothing else wrong, and since when nothing
// keeps it; zero while something does.
type Stay struct{ Since, Free time.Time }

// Failing looks at every delivery under way, and says what is to be noted of those that
// stand loaded until the next look.
func (s *Situation) Failing() ([]Failing, map[delivery.MissionID]Stay) {
	var failing []Failing
	stays := map[delivery.MissionID]Stay{}
	for _, m := range s.Missions {
		for _, d := range s.Payload(m.ID) {
			f := Failing{Mission: m, Delivery: d, Failure: failureOf(s, m, d)}
			if f.Failure == NotLeaving {
				stay, waits := stayOf(s, m, d)
				stays[m.ID], f.Waits = stay, waits
				if !stay.tooLong(waits, s.At) {
					continue
				}
			}
			if f.Failure != "" {
				failing = append(failing, f)
			}
		}
	}
	return failing, stays
}

// stay is how long a loaded mission has stood, and what it waits for: nothing while its
// drone was told to leave or is about to be.
func stayOf(s *Situation, m delivery.Mission, d delivery.Delivery) (Stay, Check) {
	waits := s.Clear(s.Departure(m, []delivery.Delivery{d})).Blocked
	stay, stands := s.Stays[m.ID]
	if !stands {
		stay.Since = s.At
	}
	switch {
	case waits != "":
		stay.Free = time.Time{}
	case stay.Free.IsZero():
		stay.Free = s.At
	}
	return stay, waits
}

// tooLong reports whether a drone stands for longer than it should. The silence of one is
// a failure of its own soon.
func (y Stay) tooLong(waits Check, now time.Time) bool {
	switch waits {
	case "":
		return now.Sub(y.Free) >= delivery.LeaveWithin
	case CheckLink:
		return false
	default:
		return now.Sub(y.Since) >= delivery.LeaveWithin
	}
}

// failure is what is wrong with a delivery; empty when nothing is, or when the hospital
// has it.
func failureOf(s *Situation, m delivery.Mission, d delivery.Delivery) Failure {
	if d.Status.Ended() || d.GivenUp() || d.Status.In(delivery.DLanded, delivery.DOpened) {
		return ""
	}
	flying := d.Status == delivery.DAirborne
	if why := failingAloft(s, m, d); flying && why != "" {
		return why
	}
	if m.Status.In(delivery.MOutbound, delivery.MInbound) && s.LeadAround(m, s.Payload(m.ID)).NoWayOn() {
		return NoWayOn
	}
	flight, arrive := s.Expected(m, d.Status)
	if margin, out := s.ColdOutlook(m.Drone, []delivery.Delivery{d}, flight); out || margin < 0 {
		return BoxWarm
	}
	if padClosed(s, m, arrive) {
		return PadRefused
	}
	if flying {
		return ""
	}
	return failingAground(s, m, d)
}

// padClosed reports whether a mission's pad is out of service, or blocked, when it would land.
func padClosed(s *Situation, m delivery.Mission, arrive time.Time) bool {
	pad, _ := s.Network.Pad(m.Pad)
	_, closed := network.PadClosed(s.Blocked(), pad, arrive, arrive.Add(UnloadTime))
	return closed
}

func failingAloft(s *Situation, m delivery.Mission, d delivery.Delivery) Failure {
	switch {
	case s.SilentFor(m.Drone) >= LostAfter:
		return DroneLost
	case m.Status == delivery.MInbound:
		return TurnedBack
	case m.Status == delivery.MAtPad:
		return DownElsewhere
	case m.Hospital != d.Hospital:
		return ToAlternate
	}
	return ""
}

func failingAground(s *Situation, m delivery.Mission, d delivery.Delivery) Failure {
	if _, closed := network.SiteClosed(s.Closures, m.Centre, s.At); closed {
		return CentreClosed
	}
	for _, id := range append(d.Devices(), m.Drone) {
		if _, closed := network.DeviceClosed(s.Closures, id, s.At); closed {
			return DeviceClosed
		}
	}
	switch {
	case s.SilentFor(m.Drone) >= LostAfter:
		return DroneSilent
	case d.Status == delivery.DLoaded:
		return NotLeaving // once it has been so for LeaveWithin
	}
	return ""
}
