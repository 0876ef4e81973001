package coldchain

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"hemolift/telemetry/stated"
	"hemolift/telemetry/tables"
)

// ProfileID names a profile.
type ProfileID string

// Profile is what a component is permitted in transport, and what is done when it was
// not kept. Every value is configuration; none is medical advice.
type Profile struct {
	ID        ProfileID
	Version   string // of these values: a digest of its line
	Component string
	Standard  string // the standard and clause it follows
	Edition   string
	Approver  string // the person who approved these values; "" while nobody has
	ValidFrom time.Time
	// LowMC and HighMC are the closed range; math.MinInt32 and math.MaxInt32
	// stand for a side without a limit.
	LowMC, HighMC int32
	GuardMC       int32 // nearer than this to a limit is near limit
	Hysteresis    int32 // milli-°C inside the limit at which an excursion ends
	OpenAfter     time.Duration
	CloseAfter    time.Duration
	MaxGap        time.Duration // readings further apart are unmonitored between
	Unmonitored   time.Duration // more than this asks for quarantine
	Interval      time.Duration
	MaxTransit    time.Duration // 0 = none stated
	// A confirmed excursion beyond HardLowMC or HardHighMC, or more than HardOut above
	// the range over the unit's life, fails hard. Unset are MinInt32, MaxInt32 and 0.
	HardLowMC, HardHighMC int32
	HardOut               time.Duration
	// As an allowance: an excursion of at most MaxOut, or with a range of at most
	// MaxTransit within it, Occasions times over the unit's life; 0 occasions stack
	// by time.
	MaxOut     time.Duration
	Occasions  int
	Allowances []ProfileID
	// Still is the agitation clock of platelets: 0 = none stated.
	StillWarn, StillOnce, StillTotal time.Duration
	Irreplaceable                    bool  // never discarded by rule
	SensorLowMC, SensorHighMC        int32 // the sensor's span
	Action                           string
	Confidence                       string // how far the source was read
}

// HasLow and HasHigh report whether a side is limited.
func (p Profile) HasLow() bool { return p.LowMC != math.MinInt32 }

// HasHigh reports whether the range has an upper limit.
func (p Profile) HasHigh() bool { return p.HighMC != math.MaxInt32 }

// HasRange reports whether any side is limited. A profile without a range only counts
// minutes, as an allowance of another one.
func (p Profile) HasRange() bool { return p.HasLow() || p.HasHigh() }

// Outside reports whether a reading lies strictly outside the range.
func (p Profile) Outside(tempMC int32) bool { return tempMC < p.LowMC || tempMC > p.HighMC }

func (p Profile) nearLimit(tempMC int32) bool {
	return p.HasLow() && tempMC < p.LowMC+p.GuardMC || p.HasHigh() && tempMC > p.HighMC-p.GuardMC
}

// LowC and HighC are the range in °C, infinite on a side without a limit.
func (p Profile) LowC() float64 {
	if !p.HasLow() {
		return math.Inf(-1)
	}
	return float64(p.LowMC) / 1000
}

// HighC is LowC's counterpart.
func (p Profile) HighC() float64 {
	if !p.HasHigh() {
		return math.Inf(1)
	}
	return float64(p.HighMC) / 1000
}

// Rule is how the profile's excursions are told.
func (p Profile) Rule() Rule {
	return Rule{
		LowC:        p.LowC(),
		HighC:       p.HighC(),
		HysteresisC: float64(p.Hysteresis) / 1000,
		OpenAfter:   p.OpenAfter,
		CloseAfter:  p.CloseAfter,
		MaxGap:      p.MaxGap,
	}
}

//go:embed profiles.csv
var profilesCSV string

// Profiles returns the built-in set by id.
func Profiles() (map[ProfileID]Profile, error) {
	return ParseProfiles("profiles.csv", strings.NewReader(profilesCSV), time.Time{})
}

// ProfileText is the built-in set as a file, to begin one's own with.
func ProfileText() string { return profilesCSV }

// profileColumns must all be there.
var profileColumns = []string{
	"profile_id",
	"component",
	"standard",
	"edition",
	"approver",
	"valid_from",
	"low_c",
	"high_c",
	"guard_c",
	"max_transit_h",
	"max_excursion_min",
	"action_on_breach",
	"log_interval_s",
	"confidence",
	"hysteresis_c",
	"open_s",
	"close_s",
	"max_gap_s",
	"unmonitored_min",
	"hard_low_c",
	"hard_high_c",
	"hard_out_min",
	"occasions",
	"allowances",
	"still_warn_h",
	"still_once_h",
	"still_total_h",
	"irreplaceable",
	"sensor_low_c",
	"sensor_high_c",
}

// profileIDs are what a profile may be called.
var profileIDs = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// ParseProfiles reads a set with the columns of profiles.csv; file is what faults call it. A
// profile may stand there several times with another valid_from: the newest that is valid
// at a time counts, or the newest of all if the time is zero. The error is tables.Faults,
// each with its line and column; the set holds what could be read all the same.
func ParseProfiles(file string, r io.Reader, at time.Time) (map[ProfileID]Profile, error) {
	t := tables.Read(file, r)
	set, seen, where := map[ProfileID]Profile{}, map[string]bool{}, map[ProfileID]tables.Row{}
	if t.Header == nil {
		return set, t.Faults.Err()
	}
	for _, need := range profileColumns {
		if !slices.Contains(t.Header, need) {
			t.Fault(tables.Row{Line: 1}, need, "there is no such column")
		}
	}
	for _, row := range t.Rows {
		p := cells{&t, row}.profile()
		key := fmt.Sprint(p.ID, p.ValidFrom)
		if seen[key] {
			t.Fault(row, "profile_id", fmt.Sprintf("profile %q appears twice with one valid_from", p.ID))
		}
		seen[key] = true
		if before, ok := set[p.ID]; (at.IsZero() || !p.ValidFrom.After(at)) && (!ok || p.ValidFrom.After(before.ValidFrom)) {
			set[p.ID], where[p.ID] = p, row
		}
	}
	for id, p := range set {
		for _, a := range p.Allowances {
			if _, ok := set[a]; !ok {
				t.Fault(where[id], "allowances", fmt.Sprintf("profile %q is unknown", a))
			}
		}
	}
	return set, t.Faults.Err()
}

// cells is one line by its columns.
type cells struct {
	table *tables.Table
	tables.Row
}

func (c cells) text(name string) string { return c.Cells[name] }

func (c cells) fault(column, reason string) { c.table.Fault(c.Row, column, reason) }

// profileBounds are the numbers that a column may hold, in its own unit.
var profileBounds = map[string][2]float64{
	"low_c": {-273, 100}, "high_c": {-273, 100}, "hard_low_c": {-273, 100}, "hard_high_c": {-273, 100},
	"sensor_low_c": {-273, 300}, "sensor_high_c": {-273, 300}, "guard_c": {0, 50}, "hysteresis_c": {0, 50},
	"open_s": {0, 1e6}, "close_s": {0, 1e6}, "max_gap_s": {0, 1e6}, "log_interval_s": {1, 1e5},
	"unmonitored_min": {0, 1e6}, "hard_out_min": {0, 1e6}, "max_excursion_min": {0, 1e6},
	"max_transit_h": {0, 1e5}, "still_warn_h": {0, 1e5}, "still_once_h": {0, 1e5}, "still_total_h": {0, 1e5},
	"occasions": {0, 1000},
}

// number is a cell times scale, within the column's bounds.
func (c cells) number(name string, scale, missing float64) float64 {
	text, within := c.text(name), profileBounds[name]
	if text == "" {
		return missing
	}
	x, ok := tables.Number(text)
	if !ok || !(x >= within[0] && x <= within[1]) {
		c.fault(name, fmt.Sprintf("%q is not a number of %v to %v", text, within[0], within[1]))
		return missing
	}
	return math.Round(x * scale)
}

// version digests the line, whatever the order of the columns.
func (c cells) version() string {
	h := sha256.New()
	for _, name := range profileColumns {
		_, _ = fmt.Fprintf(h, "%s=%q\n", name, c.text(name))
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// profile reads one line. Its faults are noted; what they spoil is left out.
func (c cells) profile() Profile {
	p := Profile{
		ID:         ProfileID(c.text("profile_id")),
		Version:    c.version(),
		Component:  c.text("component"),
		Standard:   c.text("standard"),
		Edition:    c.text("edition"),
		Approver:   c.text("approver"),
		Action:     c.text("action_on_breach"),
		Confidence: c.text("confidence"),
	}
	milli := func(name string, missing int32) int32 { return int32(c.number(name, 1000, float64(missing))) }
	span := func(name string, unit time.Duration) time.Duration {
		return time.Duration(c.number(name, float64(unit/time.Second), 0)) * time.Second
	}
	before := len(c.table.Faults)
	p.LowMC, p.HighMC = milli("low_c", math.MinInt32), milli("high_c", math.MaxInt32)
	p.GuardMC, p.Hysteresis = milli("guard_c", 0), milli("hysteresis_c", 0)
	p.HardLowMC, p.HardHighMC = milli("hard_low_c", math.MinInt32), milli("hard_high_c", math.MaxInt32)
	p.SensorLowMC, p.SensorHighMC = milli("sensor_low_c", math.MinInt32), milli("sensor_high_c", math.MaxInt32)
	p.OpenAfter, p.CloseAfter = span("open_s", time.Second), span("close_s", time.Second)
	p.MaxGap, p.Interval = span("max_gap_s", time.Second), span("log_interval_s", time.Second)
	p.Unmonitored, p.HardOut = span("unmonitored_min", time.Minute), span("hard_out_min", time.Minute)
	p.MaxOut, p.MaxTransit = span("max_excursion_min", time.Minute), span("max_transit_h", time.Hour)
	p.StillWarn, p.StillOnce, p.StillTotal = span("still_warn_h", time.Hour), span("still_once_h", time.Hour), span("still_total_h", time.Hour)
	p.Occasions = int(c.number("occasions", 1, 0))
	for _, a := range strings.Fields(c.text("allowances")) {
		p.Allowances = append(p.Allowances, ProfileID(a))
	}
	var err error
	if p.ValidFrom, err = time.Parse(time.DateOnly, c.text("valid_from")); err != nil || stated.Check(p.ValidFrom) != nil {
		c.fault("valid_from", fmt.Sprintf("%q is not a date like 2026-11-01", c.text("valid_from")))
	}
	switch c.text("irreplaceable") {
	case "yes":
		p.Irreplaceable = true
	case "no":
	default:
		c.fault("irreplaceable", "is neither yes nor no")
	}
	if len(c.table.Faults) == before { // what does not fit together, of what could be read
		c.check(p)
	}
	return p
}

func (c cells) check(p Profile) {
	switch {
	case !profileIDs.MatchString(string(p.ID)):
		c.fault("profile_id", fmt.Sprintf("%q is not 1 to 64 letters, digits, dots, dashes and underscores", p.ID))
	case p.LowMC >= p.HighMC:
		c.fault("low_c", fmt.Sprintf("low_c %v is not below high_c %v", p.LowC(), p.HighC()))
	case p.Interval <= 0:
		c.fault("log_interval_s", "is missing")
	case p.SensorLowMC >= p.SensorHighMC:
		c.fault("sensor_low_c", "sensor_low_c is not below sensor_high_c")
	case p.HasRange():
		if err := p.Rule().Check(); err != nil {
			c.fault("", err.Error())
		}
	}
}
