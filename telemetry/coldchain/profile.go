package coldchain

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// ProfileID names a profile.
type ProfileID string

// Profile is the permitted range of a component in transport.
type Profile struct {
	ID        ProfileID
	Component string
	Standard  string // the standard and clause it follows
	// LowMC and HighMC are the closed range; math.MinInt32 and math.MaxInt32
	// stand for a side without a limit.
	LowMC, HighMC int32
	GuardMC       int32 // nearer than this to a limit is near limit
	Interval      time.Duration
	MaxTransit    time.Duration // 0 = none stated
	Action        string        // what the standard or the policy asks on a breach
	Confidence    string        // how far the source was read
}

// HasLow and HasHigh report whether a side is limited.
func (p Profile) HasLow() bool  { return p.LowMC != math.MinInt32 }
func (p Profile) HasHigh() bool { return p.HighMC != math.MaxInt32 }

// Outside reports whether a reading lies strictly outside the range.
func (p Profile) Outside(tempMC int32) bool { return tempMC < p.LowMC || tempMC > p.HighMC }

func (p Profile) nearLimit(tempMC int32) bool {
	return p.HasLow() && tempMC < p.LowMC+p.GuardMC || p.HasHigh() && tempMC > p.HighMC-p.GuardMC
}

//go:embed profiles.csv
var profilesCSV string

// Profiles returns the built-in set by id.
func Profiles() (map[ProfileID]Profile, error) { return ParseProfiles(strings.NewReader(profilesCSV)) }

// ParseProfiles reads a set with the columns of profiles.csv. Profiles without
// any limit (the ward rules that only count minutes) are left out.
func ParseProfiles(r io.Reader) (map[ProfileID]Profile, error) {
	rd := csv.NewReader(r)
	head, err := rd.Read()
	if err != nil {
		return nil, fmt.Errorf("profiles: %w", err)
	}
	col := map[string]int{}
	for i, name := range head {
		col[name] = i
	}
	for _, need := range []string{"profile_id", "component", "standard", "low_c", "high_c", "guard_c", "log_interval_s", "max_transit_h", "action_on_breach", "confidence"} {
		if _, ok := col[need]; !ok {
			return nil, fmt.Errorf("profiles: column %s is missing", need)
		}
	}
	set := map[ProfileID]Profile{}
	for line := 2; ; line++ {
		row, err := rd.Read()
		if errors.Is(err, io.EOF) {
			return set, nil
		}
		if err != nil {
			return nil, fmt.Errorf("profiles: %w", err)
		}
		p, err := parseProfile(func(name string) string { return row[col[name]] })
		if err != nil {
			return nil, fmt.Errorf("profiles: line %d: %w", line, err)
		}
		if p.HasLow() || p.HasHigh() {
			set[p.ID] = p
		}
	}
}

func parseProfile(cell func(string) string) (Profile, error) {
	p := Profile{ID: ProfileID(cell("profile_id")), Component: cell("component"), Standard: cell("standard"),
		Action: cell("action_on_breach"), Confidence: cell("confidence")}
	low, err1 := number(cell("low_c"), math.MinInt32/1000.0)
	high, err2 := number(cell("high_c"), math.MaxInt32/1000.0)
	guard, err3 := number(cell("guard_c"), 0)
	interval, err4 := number(cell("log_interval_s"), 0)
	transit, err5 := number(cell("max_transit_h"), 0)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return p, err
	}
	if p.ID == "" || low >= high || guard < 0 || interval <= 0 {
		return p, fmt.Errorf("profile %q: range %v to %v, guard %v, interval %v s make no sense", p.ID, low, high, guard, interval)
	}
	p.LowMC, p.HighMC, p.GuardMC = int32(math.Round(low*1000)), int32(math.Round(high*1000)), int32(math.Round(guard*1000))
	p.Interval = time.Duration(interval * float64(time.Second))
	p.MaxTransit = time.Duration(transit * float64(time.Hour))
	return p, nil
}

func number(cell string, missing float64) (float64, error) {
	if cell == "" {
		return missing, nil
	}
	return strconv.ParseFloat(cell, 64)
}
