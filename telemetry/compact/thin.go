package compact

import (
	"math"
	"time"

	"hemolift/geo"
	"hemolift/telemetry"
)

// longestGap bounds the time between two positions that are kept, where there were more.
const longestGap = 10 * time.Second

// Thin returns those of a device's positions, in order of time, from which the others follow: at a steady
// speed along a straight line from one kept to the next, a drone is within so many metres of where it said it
// was, on the map and in height. The first and the last stay, and what is kept is as it was. 0 or less keeps all.
func Thin(samples []telemetry.Sample, withinM float64) []telemetry.Sample {
	if withinM <= 0 || len(samples) < 3 {
		return samples
	}
	kept := samples[:1:1]
	from := 0
	for i := 2; i < len(samples); i++ {
		if samples[i].At.Sub(samples[from].At) > longestGap || !follows(samples[from:i+1], withinM) {
			from = i - 1
			kept = append(kept, samples[from])
		}
	}
	return append(kept, samples[len(samples)-1])
}

// follows reports whether all between the first and the last lie where these two say.
func follows(run []telemetry.Sample, withinM float64) bool {
	a, b := run[0], run[len(run)-1]
	from, isOne := a.Reading.(telemetry.Position)
	to, isTwo := b.Reading.(telemetry.Position)
	took := b.At.Sub(a.At)
	if !isOne || !isTwo || took <= 0 {
		return false
	}
	plane := geo.NewPlane(from.Point)
	end := plane.ToXY(to.Point)
	for _, x := range run[1 : len(run)-1] {
		p, is := x.Reading.(telemetry.Position)
		if !is {
			return false
		}
		share := float64(x.At.Sub(a.At)) / float64(took)
		at := plane.ToXY(p.Point)
		aside := math.Hypot(at[0]-share*end[0], at[1]-share*end[1])
		if off := math.Abs(p.AltM - from.AltM - share*(to.AltM-from.AltM)); aside > withinM || off > withinM {
			return false
		}
	}
	return true
}
