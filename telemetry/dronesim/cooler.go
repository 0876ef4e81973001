package dronesim

import (
	"hash/fnv"
	"math/rand/v2"

	"hemolift/telemetry/coldchain"
)

// cooler is what a box really is, which nobody is told: its design but for the
// insulation, which no two boxes share.
type cooler struct {
	coldchain.Box
	setC   float64 // where the payload is packed
	melted float64 // of the coolant, by then
	sunK   float64 // by how much the sun makes the air about it warmer
}

// insulationSpread is the standard deviation of the boxes' own insulation.
const insulationSpread = 0.1

// A box that was forgotten: not frozen through, its lid ajar, in the sun.
const (
	forgottenMelted = 0.95
	forgottenLeak   = 45 // times what its lid closed takes in
	forgottenSunK   = 20
)

// newCooler draws a box's own insulation by the seed and its name.
func newCooler(b Box, seed uint64) cooler {
	h := fnv.New64a()
	_, _ = h.Write([]byte(b.ID))
	r := rand.New(rand.NewPCG(seed, h.Sum64()))
	c := cooler{Box: b.Design, setC: b.PackedAtC, melted: 0.05} // the first twentieth is lost in handling
	c.OuterWPerK *= max(0.7, 1+insulationSpread*r.NormFloat64())
	return c
}

// forget makes the box one that was forgotten.
func (c *cooler) forget() {
	c.melted, c.sunK = forgottenMelted, forgottenSunK
	c.OuterWPerK *= forgottenLeak
}

// condition brings a box to what it is packed with.
func (c *cooler) condition() coldchain.Heat { return c.Start(c.setC, c.melted) }
