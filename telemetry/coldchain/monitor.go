package coldchain

import (
	"slices"
	"time"
)

// State is what the newest readings of a box mean.
type State int

const (
	Unknown State = iota + 1
	InRange
	NearLimit
	Excursion
)

func (s State) String() string {
	switch s {
	case Unknown:
		return "unknown"
	case InRange:
		return "in_range"
	case NearLimit:
		return "near_limit"
	case Excursion:
		return "excursion"
	}
	return "unset"
}

// silentIntervals is how many logging intervals may pass without a reading.
const silentIntervals = 4

// maxReadings bounds a monitor's memory: four days at 15 s. Past it the oldest
// readings are dropped; the totals they gave are kept.
const maxReadings = 23_040

// Reading is one measurement of the box's payload.
type Reading struct {
	At     time.Time
	TempMC int32
	Fault  bool // the sensor said that it cannot be believed
}

// Summary is a monitor's view of its box.
type Summary struct {
	State       State
	Newest      Reading
	HasReading  bool
	OutOfRange  time.Duration // raw time outside the range
	Unmonitored time.Duration // gaps between readings longer than 4 intervals
	// Breached reports that any reading since packing lay outside, late or not.
	Breached bool
}

// Monitor folds the readings of one box under one profile. It is not safe for
// concurrent use. A reading in order costs O(1); a late one is inserted and the
// totals are counted again.
type Monitor struct {
	profile  Profile
	readings []Reading // ascending by At, at most one for an instant
	out, gap time.Duration
	breached bool
}

// NewMonitor starts an empty record.
func NewMonitor(p Profile) *Monitor { return &Monitor{profile: p} }

// Profile returns the profile that judges.
func (m *Monitor) Profile() Profile { return m.profile }

// Fold adds a reading, in order or late. A second reading for an instant is
// ignored, so that redelivery changes nothing.
func (m *Monitor) Fold(r Reading) {
	n := len(m.readings)
	if n == 0 || r.At.After(m.readings[n-1].At) {
		if n > 0 {
			m.count(m.readings[n-1], r)
		}
		m.breached = m.breached || m.outside(r)
		m.readings = append(m.readings, r)
		if len(m.readings) > maxReadings {
			m.readings = slices.Delete(m.readings, 0, len(m.readings)-maxReadings)
		}
		return
	}
	i, found := slices.BinarySearchFunc(m.readings, r, func(a, b Reading) int { return a.At.Compare(b.At) })
	if found {
		return
	}
	m.readings = slices.Insert(m.readings, i, r)
	m.recount()
}

func (m *Monitor) recount() {
	m.out, m.gap = 0, 0
	for i, r := range m.readings {
		m.breached = m.breached || m.outside(r)
		if i > 0 {
			m.count(m.readings[i-1], r)
		}
	}
}

// count adds the time between two neighbouring readings to the totals.
func (m *Monitor) count(a, b Reading) {
	d := b.At.Sub(a.At)
	if d > silentIntervals*m.profile.Interval || a.Fault || b.Fault {
		m.gap += d
		return
	}
	m.out += outsideShare(a.TempMC, b.TempMC, m.profile, d)
}

// outsideShare is the part of d during which the line from a to b lies outside.
func outsideShare(a, b int32, p Profile, d time.Duration) time.Duration {
	share := above(float64(a), float64(b), float64(p.HighMC)) + above(-float64(a), -float64(b), -float64(p.LowMC))
	return time.Duration(share * float64(d))
}

// above is the share of a straight line from a to b that lies over limit.
func above(a, b, limit float64) float64 {
	switch {
	case a <= limit && b <= limit:
		return 0
	case a > limit && b > limit:
		return 1
	}
	return (max(a, b) - limit) / (max(a, b) - min(a, b))
}

func (m *Monitor) outside(r Reading) bool { return !r.Fault && m.profile.Outside(r.TempMC) }

// Judge says what the record means at a time.
func (m *Monitor) Judge(now time.Time) Summary {
	s := Summary{State: Unknown, OutOfRange: m.out, Unmonitored: m.gap, Breached: m.breached}
	if len(m.readings) == 0 {
		return s
	}
	s.Newest, s.HasReading = m.readings[len(m.readings)-1], true
	silent := now.Sub(s.Newest.At) > silentIntervals*m.profile.Interval
	if silent {
		s.Unmonitored += now.Sub(s.Newest.At)
	}
	switch {
	case silent || s.Newest.Fault:
	case m.profile.Outside(s.Newest.TempMC):
		s.State = Excursion
	case m.profile.nearLimit(s.Newest.TempMC):
		s.State = NearLimit
	default:
		s.State = InRange
	}
	return s
}
