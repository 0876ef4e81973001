package plan

import "cmp"

// Levels are the nine levels of a Score, the weightiest first.
var Levels = [...]string{
	"stat_unmet", "stat_late_min", "urgent_unmet", "urgent_late_min",
	"routine_unmet", "routine_late_min", "expired_units", "substitution", "energy_kj",
}

// Score is compared level by level, in the order of Levels; smaller is better and
// the first difference decides. Nothing is ever weighed against anything.
type Score [len(Levels)]int64

// Compare is negative when s is the better one.
func (s Score) Compare(t Score) int {
	for i := range s {
		if c := cmp.Compare(s[i], t[i]); c != 0 {
			return c
		}
	}
	return 0
}

// Decides is the level at which s and t differ first, len(Levels) when nowhere.
func (s Score) Decides(t Score) int {
	for i := range s {
		if s[i] != t[i] {
			return i
		}
	}
	return len(s)
}

// tally is a Score with one level more, which is 0 but while requests arrive: the
// risk that units are missed later, behind all service and before all thrift.
type tally [len(Levels) + 1]int64

// Indexes of the last levels. Those of priority p are unmet(p) and late(p).
const (
	levelRisk = 6 + iota
	levelExpired
	levelSubstitution
	levelEnergy
)

func unmet(p Priority) int { return 2 * int(p-STAT) }
func late(p Priority) int  { return 2*int(p-STAT) + 1 }

// score leaves the risk out.
func (t *tally) score() (s Score) {
	copy(s[:], t[:levelRisk])
	copy(s[levelRisk:], t[levelExpired:])
	return s
}

func (t *tally) less(u *tally) bool {
	for i := range t {
		if t[i] != u[i] {
			return t[i] < u[i]
		}
	}
	return false
}

// worse reports whether t is greater than u on the levels before end.
func (t *tally) worse(u *tally, end int) bool {
	for i := range end {
		if t[i] != u[i] {
			return t[i] > u[i]
		}
	}
	return false
}

func (t *tally) add(u *tally) {
	for i := range t {
		t[i] += u[i]
	}
}

func (t *tally) subtract(u *tally) {
	for i := range t {
		t[i] -= u[i]
	}
}
