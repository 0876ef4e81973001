package flight

import (
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

// handshake has a drone hold before a pad for which its ward has not spoken, go on when it
// has, and come home while its battery still keeps the way.
func handshake(s *situation.Situation, m delivery.Mission, payload []delivery.Delivery) (delivery.MissionChange, bool) {
	if situation.HoldsForPad(s, m, payload) {
		c := command(s, network.System, telemetry.Command{Kind: telemetry.Hold})
		c.Note = "nobody has said that the pad is clear"
		if m.HeldForPad.IsZero() { // else it did not hear
			c.HeldForPad = &s.At
		}
		return c, true
	}
	if state, _ := s.Drone(m.Drone); m.HeldForPad.IsZero() || state.Status.Phase != telemetry.Holding {
		return delivery.MissionChange{}, false
	}
	may, canWait := situation.GoesOn(s, m, payload)
	switch {
	case may:
		c := command(s, network.System, telemetry.Command{Kind: telemetry.Resume})
		c.HeldForPad = &time.Time{}
		return c, true
	case !canWait:
		c, err := goHome(s, m, network.System)
		c.HeldForPad, c.Note = &time.Time{}, "nobody said in time that the pad is clear"
		return c, err == nil
	}
	return delivery.MissionChange{}, false
}
