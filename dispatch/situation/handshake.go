package situation

import (
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
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

// wardSpoke looks whether the ward has said what it must before the drone leaves.
func wardSpoke(s *Situation, l *Leg) error {
	if len(delivery.PadUnspoken(l.Mission, l.Payload, delivery.PadBeforeRelease, s.At)) > 0 {
		return refusal.OfState("pad "+string(l.Mission.Pad), "not said to be clear by its ward", "flown to")
	}
	return nil
}

// HoldsForPad reports whether a drone in flight must not begin its descent: it nears a pad
// for which its ward has not spoken. One that is not heard lands by its plan.
func HoldsForPad(s *Situation, m delivery.Mission, payload []delivery.Delivery) bool {
	state, heard := s.Live(m.Drone)
	near := heard && !state.ETA.IsZero() && state.ETA.Sub(s.At) <= PadHoldAhead
	return near && state.Status.Phase == telemetry.Airborne && LacksWord(s, m, payload)
}

// LacksWord reports whether a mission in the air lacks its ward's word.
func LacksWord(s *Situation, m delivery.Mission, payload []delivery.Delivery) bool {
	return m.Status == delivery.MOutbound && len(delivery.PadUnspoken(m, payload, delivery.PadBeforeDescent, s.At)) > 0
}

// GoesOn reports whether a drone that was held for its pad may go on to it now, and if it
// may not, whether it can wait: its battery keeps the way to the pad and home.
func GoesOn(s *Situation, m delivery.Mission, payload []delivery.Delivery) (may, canWait bool) {
	state, heard := s.Live(m.Drone)
	if !heard {
		return false, true // nobody can tell it anything
	}
	onward := clearOnward(s, m, payload, aheadOf(s, m).path, state.HeightM)
	return onward.OK() && !LacksWord(s, m, payload), onward.Blocked != CheckBattery
}

// padUnready holds when a ward is to be reminded.
func padUnready(s *Situation, m delivery.Mission, payload []delivery.Delivery, _ []Failing) (string, float64, bool) {
	if at := waitsLoaded(s, m, payload); !at.IsZero() {
		return string(m.Pad), 0, s.At.Sub(at) >= PadRemindAfter
	}
	state, _ := s.Drone(m.Drone)
	soon := !m.HeldForPad.IsZero() || !state.ETA.IsZero() && state.ETA.Sub(s.At) <= PadRemindAhead
	return string(m.Pad), 0, soon && LacksWord(s, m, payload)
}

// padOverdue holds when a drone has waited too long for a ward's word.
func padOverdue(s *Situation, m delivery.Mission, payload []delivery.Delivery, _ []Failing) (string, float64, bool) {
	since := waitsLoaded(s, m, payload)
	if since.IsZero() && LacksWord(s, m, payload) {
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
	for _, d := range delivery.PadUnspoken(m, payload, delivery.PadBeforeRelease, s.At) {
		if d.LoadedAt.After(since) {
			since = d.LoadedAt
		}
	}
	return since
}
