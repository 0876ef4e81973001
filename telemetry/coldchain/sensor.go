package coldchain

import (
	"math"
	"time"
)

// SensorFault is what is wrong with a sensor, by a rule of its own.
type SensorFault string

const (
	Gap        SensorFault = "gap"         // no reading for four intervals
	OutOfSpan  SensorFault = "out_of_span" // beyond the sensor's span, or a code for a fault
	Spike      SensorFault = "spike"       // one reading off both its neighbours
	Jump       SensorFault = "jump"        // a step too fast for a payload
	Stuck      SensorFault = "stuck"       // the same value while its surroundings moved
	Disagree   SensorFault = "disagree"    // two probes differ for long
	ClockDrift SensorFault = "clock_drift" // the device's clock is ahead, or went back
)

// What the rules measure against: product choices, none from a standard.
const (
	spikeMC       = 2000
	jumpMCPerMin  = 5000
	stuckAfter    = 15 * time.Minute
	stuckAirMC    = 3000
	stuckPairMC   = 500
	disagreeMC    = 1000 // twice the uncertainty of a sensor of class 1
	disagreeAfter = 5 * time.Minute
	driftMost     = 2 * time.Second
)

// Codes that a digital thermometer (DS18B20) gives instead of a temperature, at power-up
// and when it is disconnected; recalled.
const (
	codePowerUpMC = 85_000
	codeLostMC    = -127_000
)

// SensorEvent is a fault as it began. Value and Limit are seconds or °C, as the rule has
// them.
type SensorEvent struct {
	Fault        SensorFault
	At           time.Time
	Value, Limit float64
}

// watchdog holds the newest readings of a box against the sensor rules. It is told
// readings in order only.
type watchdog struct {
	spanLow, spanHigh int32
	interval          time.Duration
	last, before      Reading // the two newest that were in span
	n                 int
	sameSince         Reading // the first of the readings that are alike
	airLow, airHigh   int32   // of the ambient since then
	pairLow, pairHigh int32
	apartSince        time.Time // since when the probes disagree
	stuck, apart, off bool      // which faults stand
	drifting, jumping bool
	events            [6]SensorEvent // of the newest reading
}

func newWatchdog(p Profile) watchdog {
	return watchdog{spanLow: p.SensorLowMC, spanHigh: p.SensorHighMC, interval: p.Interval}
}

// inSpan reports whether a reading is a temperature at all.
func (w *watchdog) inSpan(mc int32) bool {
	return mc >= w.spanLow && mc <= w.spanHigh && mc != codePowerUpMC && mc != codeLostMC
}

// observe returns the faults that begin with a reading. They are overwritten by the
// next call.
func (w *watchdog) observe(r Reading) []SensorEvent {
	out := w.events[:0]
	add := func(cond bool, standing *bool, e SensorEvent) {
		if cond && !*standing && len(out) < cap(out) {
			out = append(out, e)
		}
		*standing = cond
	}
	ahead := r.At.Sub(r.ReceivedAt)
	add(!r.ReceivedAt.IsZero() && ahead > driftMost, &w.drifting, SensorEvent{ClockDrift, r.At, ahead.Seconds(), driftMost.Seconds()})
	off := !w.inSpan(r.TempMC)
	add(off, &w.off, SensorEvent{OutOfSpan, r.At, float64(r.TempMC) / 1000, float64(w.spanHigh) / 1000})
	if off || r.Fault {
		return out
	}
	if w.n > 0 {
		out = w.neighbours(out, r)
	}
	add(w.isStuck(r), &w.stuck, SensorEvent{Stuck, r.At, r.At.Sub(w.sameSince.At).Seconds(), stuckAfter.Seconds()})
	add(w.isApart(r), &w.apart, SensorEvent{Disagree, r.At, float64(r.apart()) / 1000, disagreeMC / 1000.0})
	w.before, w.last = w.last, r
	w.n = min(w.n+1, 2)
	return out
}

// neighbours holds a reading against those before it.
func (w *watchdog) neighbours(out []SensorEvent, r Reading) []SensorEvent {
	dt := r.At.Sub(w.last.At)
	if dt > silentIntervals*w.interval {
		return append(out, SensorEvent{Gap, r.At, dt.Seconds(), (silentIntervals * w.interval).Seconds()})
	}
	step := r.TempMC - w.last.TempMC
	if w.n > 1 && w.last.At.Sub(w.before.At) <= 2*w.interval && dt <= 2*w.interval {
		if up := w.last.TempMC - w.before.TempMC; up > spikeMC && step < -spikeMC || up < -spikeMC && step > spikeMC {
			return append(out, SensorEvent{Spike, w.last.At, float64(w.last.TempMC) / 1000, spikeMC / 1000.0})
		}
	}
	rate := math.Abs(float64(step)) / dt.Minutes()
	jumps, jumped := rate > jumpMCPerMin && math.Abs(float64(step)) > spikeMC && !r.LidOpen, w.jumping
	if w.jumping = jumps; jumps && !jumped {
		return append(out, SensorEvent{Jump, r.At, rate / 1000, jumpMCPerMin / 1000.0})
	}
	return out
}

// isStuck: identical values alone are normal where a coolant melts.
func (w *watchdog) isStuck(r Reading) bool {
	pair := r.TempMC
	if r.HasSecond {
		pair = r.SecondMC
	}
	if w.n == 0 || r.TempMC != w.sameSince.TempMC {
		w.sameSince, w.airLow, w.airHigh, w.pairLow, w.pairHigh = r, r.AmbientMC, r.AmbientMC, pair, pair
		return false
	}
	switch {
	case r.AmbientMC == NoAmbientMC:
	case w.airLow == NoAmbientMC:
		w.airLow, w.airHigh = r.AmbientMC, r.AmbientMC
	default:
		w.airLow, w.airHigh = min(w.airLow, r.AmbientMC), max(w.airHigh, r.AmbientMC)
	}
	w.pairLow, w.pairHigh = min(w.pairLow, pair), max(w.pairHigh, pair)
	moved := w.airHigh-w.airLow >= stuckAirMC || w.pairHigh-w.pairLow >= stuckPairMC
	return moved && r.At.Sub(w.sameSince.At) >= stuckAfter
}

// doubtful reports whether the readings themselves are in doubt.
func (w *watchdog) doubtful() bool { return w.stuck || w.apart }

func (w *watchdog) isApart(r Reading) bool {
	if !r.HasSecond || r.apart() <= disagreeMC {
		w.apartSince = time.Time{}
		return false
	}
	if w.apartSince.IsZero() {
		w.apartSince = r.At
	}
	return r.At.Sub(w.apartSince) >= disagreeAfter
}
