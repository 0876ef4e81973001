package delivery

import (
	"slices"
	"time"

	"hemolift/dispatch/network"
)

// PadRule is until when a ward must have given its word that its pad is clear and somebody
// is there to receive the drone; empty asks for none.
type PadRule string

const (
	PadAnyhow        PadRule = ""
	PadBeforeRelease PadRule = "release" // the drone stays at its centre until then
	PadBeforeDescent PadRule = "descent" // it holds on its way before the pad
)

// InTheAir is the rule for a delivery that begins in the air.
func (r PadRule) InTheAir() PadRule {
	if r == PadBeforeRelease {
		return PadBeforeDescent
	}
	return r
}

// PadWord is what somebody said of a pad, and when: that it is clear and somebody receives
// there, or that it is taken. The zero one is nobody's.
type PadWord struct {
	By    string
	At    time.Time
	Pad   network.PadID
	Taken bool
}

// padWordFor is for how long such a word holds (a product choice): longer than a flight of
// the line, shorter than a shift.
const padWordFor = 30 * time.Minute

// Holds reports whether a pad was said to be clear, and lately.
func (w PadWord) Holds(pad network.PadID, now time.Time) bool {
	return w.By != "" && !w.Taken && w.Pad == pad && now.Sub(w.At) < padWordFor
}

// PadUnspoken are those of a mission's deliveries whose wards keep it from leaving, or from
// its descent when it is aloft: they have said that the pad is taken, whatever the rule, or
// have not said by their rule that it is clear. What was said before the release holds until
// the landing, of that pad.
func PadUnspoken(m Mission, payload []Delivery, aloft bool, now time.Time) []Delivery {
	return slices.DeleteFunc(slices.Clone(payload), func(d Delivery) bool {
		w := d.PadWord
		ofIt := w.By != "" && w.Pad == m.Pad
		switch {
		case d.Hospital != m.Hospital || d.Status == DDiverted:
			return true
		case ofIt && w.Taken:
			return false
		case d.PadRule == PadAnyhow, d.PadRule == PadBeforeDescent && !aloft:
			return true
		case d.PadRule == PadBeforeRelease && aloft:
			return ofIt
		}
		return w.Holds(m.Pad, now)
	})
}
