package situation

import (
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
	"hemolift/geo"
	"hemolift/geo/route"
)

// When a ward's word for its pad is missed (product choices).
const (
	// PadRemindAfter a box is loaded, its ward is reminded that the drone waits for it.
	PadRemindAfter = time.Minute
	// PadRemindAhead of the landing, its ward is reminded.
	PadRemindAhead = 5 * time.Minute
	// PadHoldAhead of the landing a drone holds: the descent and an answer take less.
	PadHoldAhead = 2 * time.Minute
	// PadWaits is how long a drone waits before that is critical.
	PadWaits = 5 * time.Minute
)

// wardSpoke looks whether the ward keeps the drone from leaving.
func wardSpoke(s *Situation, l *Leg) error {
	if len(delivery.PadUnspoken(l.Mission, l.Payload, false, s.At)) > 0 {
		return refusal.OfState("pad "+string(l.Mission.Pad), "not said to be clear by its ward", "flown to")
	}
	return nil
}

// LacksWord reports whether a mission in the air lacks its ward's word.
func LacksWord(s *Situation, m delivery.Mission, payload []delivery.Delivery) bool {
	return m.Status == delivery.MOutbound && len(delivery.PadUnspoken(m, payload, true, s.At)) > 0
}

// nears reports whether a drone in flight lands within a time. Where that cannot be
// reckoned, as in too much wind, its cruising speed is taken.
func nears(s *Situation, m delivery.Mission, within time.Duration) bool {
	state, heard := s.Live(m.Drone)
	switch {
	case !heard || m.Status != delivery.MOutbound:
		return false
	case !state.ETA.IsZero():
		return state.ETA.Sub(s.At) <= within
	}
	return geo.PathLength(aheadOf(s, m).path) <= s.ClassOf(m.Drone).CruiseMPS*within.Seconds()
}

// NearsUnspoken reports whether a drone in flight must not begin its descent: it nears a pad
// for which its ward has not spoken. One that is not heard lands by its plan.
func NearsUnspoken(s *Situation, m delivery.Mission, payload []delivery.Delivery) bool {
	return LacksWord(s, m, payload) && nears(s, m, PadHoldAhead)
}

// PadArrival is when a drone that was held for its pad lands if it goes on now; ok is false
// while it may not: its ward has not spoken, a zone, the wind or its battery keeps it, or the
// pad is another drone's by then.
func PadArrival(s *Situation, m delivery.Mission, payload []delivery.Delivery) (arrive time.Time, ok bool) {
	state, heard := s.Live(m.Drone)
	if !heard || LacksWord(s, m, payload) || s.ClosedAhead(m) {
		return arrive, false
	}
	onward := clearOnward(s, m, payload, aheadOf(s, m).path, state.HeightM)
	if !onward.OK() {
		return arrive, false
	}
	arrive = s.At.Add(onward.Flown[0].Duration)
	from, to := SlotFor(arrive)
	return arrive, !s.StoodOn(m, arrive) && !s.Overlapped(m, from, to)
}

// CanWait reports whether a drone that is held for its pad has the battery for the way to the
// pad and home with its reserve: in the present wind, or in none where it is too much. One
// that is not heard can be told nothing.
func CanWait(s *Situation, m delivery.Mission, payload []delivery.Delivery) bool {
	state, heard := s.Live(m.Drone)
	if !heard {
		return true
	}
	home, err := openWayHome(s, m)
	if err != nil { // none is open: what was planned says how long one is
		home = Points(m.Back)
	}
	class := s.ClassOf(m.Drone)
	for _, wind := range []route.Wind{s.Wind, {}} {
		on, err1 := class.FlyOn(aheadOf(s, m).path, state.HeightM, s.PayloadKg(m, payload), wind)
		back, err2 := class.Fly(home, s.HomeKg(payload), wind)
		if err1 == nil && err2 == nil {
			return on.EnergyJ+WindContingency*back.EnergyJ+m.ReserveJ <= batteryJ(s, m)
		}
	}
	return false
}

// padUnready holds when a ward is to be reminded.
func padUnready(s *Situation, m delivery.Mission, payload []delivery.Delivery, _ []Failing) (string, float64, bool) {
	if at := waitsLoaded(s, m, payload); !at.IsZero() {
		return string(m.Pad), 0, s.At.Sub(at) >= PadRemindAfter
	}
	soon := !m.HeldForPad.IsZero() || nears(s, m, PadRemindAhead)
	return string(m.Pad), 0, soon && LacksWord(s, m, payload)
}

// padOverdue holds when a drone has waited too long before its pad, or for its ward's word:
// also for one that has the word and is kept by something else.
func padOverdue(s *Situation, m delivery.Mission, payload []delivery.Delivery, _ []Failing) (string, float64, bool) {
	since := waitsLoaded(s, m, payload)
	if since.IsZero() && m.Status == delivery.MOutbound {
		since = m.HeldForPad
	}
	waited := s.At.Sub(since)
	return string(m.Pad), waited.Minutes(), !since.IsZero() && waited >= PadWaits
}

// waitsLoaded is since when a loaded drone waits for its ward's word; zero when it does not.
func waitsLoaded(s *Situation, m delivery.Mission, payload []delivery.Delivery) (since time.Time) {
	if !m.Status.In(delivery.MPlanned, delivery.MUploaded) || !delivery.Ready(payload) {
		return since
	}
	for _, d := range delivery.PadUnspoken(m, payload, false, s.At) {
		if d.LoadedAt.After(since) {
			since = d.LoadedAt
		}
	}
	return since
}

// HoldsUntold reports whether a drone holds near its pad, with the handshake in use, though
// nobody is known to have it hold: what it was told came through late.
func HoldsUntold(s *Situation, m delivery.Mission, payload []delivery.Delivery) bool {
	inUse := func(d delivery.Delivery) bool { return d.PadRule != delivery.PadAnyhow || d.PadWord.By != "" }
	return slices.ContainsFunc(payload, inUse) && geo.PathLength(aheadOf(s, m).path) <= s.ClassOf(m.Drone).CruiseMPS*PadRemindAhead.Seconds()
}
