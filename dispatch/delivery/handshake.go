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

// PadWord is who said that a pad is clear and somebody receives there, and when; the zero
// one is nobody.
type PadWord struct {
	By  string
	At  time.Time
	Pad network.PadID
}

// padWordFor is for how long such a word holds (a product choice): longer than a flight of
// the line, shorter than a shift.
const padWordFor = 30 * time.Minute

// Holds reports whether the word is of a pad, and still of worth.
func (w PadWord) Holds(pad network.PadID, now time.Time) bool {
	return w.By != "" && w.Pad == pad && now.Sub(w.At) < padWordFor
}

// PadUnspoken are those of a mission's deliveries whose wards have to speak for its pad by a
// rule, and have not, or not lately.
func PadUnspoken(m Mission, payload []Delivery, rule PadRule, now time.Time) []Delivery {
	return slices.DeleteFunc(slices.Clone(payload), func(d Delivery) bool {
		return d.PadRule != rule || d.Hospital != m.Hospital || d.Status == DDiverted || d.PadWord.Holds(m.Pad, now)
	})
}
