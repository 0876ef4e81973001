package dispatch

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Policy is what a blood service decides about its stock, beyond what is compatible
// at all. It is data with a version: every proposal and every delivery keeps the
// version that it was made under.
type Policy struct {
	Version    string
	ApprovedBy string // empty: nobody yet
	// ReserveUnits of O RhD-negative red cells are kept at each centre, those that
	// live longest, for whom ReserveOpen names.
	ReserveUnits int
	ReserveOpen  map[Urgency]ReserveOpen
	// Substitutes is how many of a recipient's compatible groups may be given, from
	// the best.
	Substitutes map[Urgency]int
	// UnknownOPositiveFirst gives O RhD-positive red cells before O RhD-negative to a
	// recipient of unknown group whose fields allow both.
	UnknownOPositiveFirst bool
}

// ReserveOpen says to whom kept units may go.
type ReserveOpen string

const (
	ReserveAll  ReserveOpen = "all"
	ReserveOnly ReserveOpen = "only" // those who may have no other group
	ReserveNone ReserveOpen = "none"
)

//go:embed policy/policy.csv
var policyText string

// PolicyText is the built-in policy as a file, to begin one's own with.
func PolicyText() string { return policyText }

// BuiltinPolicy is the demonstration's, which nobody has approved.
func BuiltinPolicy() (Policy, error) { return ParsePolicy(strings.NewReader(policyText)) }

// ParsePolicy reads a policy: a CSV file with the columns rule, urgency and value, and
// any others for people. Every rule must be there, once for each urgency that it
// tells apart. Errors name the line.
func ParsePolicy(r io.Reader) (Policy, error) {
	records, err := csv.NewReader(io.LimitReader(r, 1<<20)).ReadAll()
	if err != nil {
		return Policy{}, fmt.Errorf("policy: %w", err)
	}
	if len(records) == 0 || len(records[0]) < 3 || !slices.Equal(records[0][:3], []string{"rule", "urgency", "value"}) {
		return Policy{}, errors.New("policy: line 1: the columns rule,urgency,value must come first")
	}
	p := Policy{ReserveUnits: -1, ReserveOpen: map[Urgency]ReserveOpen{}, Substitutes: map[Urgency]int{}}
	seen := map[string]bool{}
	for i, rec := range records[1:] {
		name := strings.TrimSpace(rec[0] + " " + rec[1])
		if seen[name] {
			return Policy{}, fmt.Errorf("policy: line %d: %s stands twice", i+2, name)
		}
		seen[name] = true
		if err := p.set(rec[0], Urgency(rec[1]), rec[2]); err != nil {
			return Policy{}, fmt.Errorf("policy: line %d: %s: %w", i+2, name, err)
		}
	}
	for _, rule := range []string{"version", "approved_by", "reserve_units", "reserve_open stat", "reserve_open urgent", "reserve_open routine",
		"substitutes stat", "substitutes urgent", "substitutes routine", "unknown_group_o_positive_first"} {
		if !seen[rule] {
			return Policy{}, fmt.Errorf("policy: %s is missing", rule)
		}
	}
	return p, nil
}

// set takes in one rule.
func (p *Policy) set(rule string, u Urgency, value string) (err error) {
	switch rule {
	case "reserve_open", "substitutes":
		if u != STAT && u != Urgent && u != Routine {
			return fmt.Errorf("urgency %q is none of stat, urgent, routine", u)
		}
	default:
		if u != "" {
			return errors.New("this rule has no urgency")
		}
	}
	switch rule {
	case "version":
		if p.Version = value; value == "" {
			return errors.New("is empty")
		}
	case "approved_by":
		p.ApprovedBy = value
	case "reserve_units":
		p.ReserveUnits, err = count(value, 0)
	case "substitutes":
		p.Substitutes[u], err = count(value, 1)
	case "reserve_open":
		p.ReserveOpen[u] = ReserveOpen(value)
		if !slices.Contains([]ReserveOpen{ReserveAll, ReserveOnly, ReserveNone}, ReserveOpen(value)) {
			return fmt.Errorf("%q is none of all, only, none", value)
		}
	case "unknown_group_o_positive_first":
		if p.UnknownOPositiveFirst = value == "yes"; value != "yes" && value != "no" {
			return fmt.Errorf("%q is neither yes nor no", value)
		}
	default:
		return errors.New("no such rule")
	}
	return err
}

// count reads a number from least to 1000.
func count(value string, least int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > 1000 {
		return 0, fmt.Errorf("%q is not a number from %d to 1000", value, least)
	}
	return n, nil
}

// keptGroup is the planner's name for O RhD-negative red cells in reserve.
const keptGroup = "O-/kept"

// donors lists the groups that a recipient may be given under the policy, best first,
// with keptGroup where the reserve is open.
func (p Policy) donors(c Compatibility, comp Component, r RecipientClass, u Urgency) []string {
	allowed := c.donors(comp, r)
	only := len(allowed) == 1
	if p.UnknownOPositiveFirst && comp == RedCells && r == RecipientClass(UnknownGroup)+rhdPositiveAllowed {
		slices.SortStableFunc(allowed, func(a, b BloodGroup) int { return strings.Compare(string(a), string(b)) }) // O+ before O-
	}
	out := []string{}
	for _, g := range allowed[:min(len(allowed), p.Substitutes[u])] {
		out = append(out, string(g))
		if comp == RedCells && g == "O-" && (p.ReserveOpen[u] == ReserveAll || p.ReserveOpen[u] == ReserveOnly && only) {
			out = append(out, keptGroup)
		}
	}
	return out
}

// kept are the units in reserve: at each centre those that live longest.
func (p Policy) kept(stock []Unit) map[UnitKey]bool {
	of := map[SiteID][]Unit{}
	for _, u := range stock {
		if u.Component == RedCells && u.Group == "O-" {
			of[u.Site] = append(of[u.Site], u)
		}
	}
	out := map[UnitKey]bool{}
	for _, units := range of {
		slices.SortStableFunc(units, func(a, b Unit) int {
			if c := b.ExpiresAt.Compare(a.ExpiresAt); c != 0 {
				return c
			}
			return strings.Compare(a.Key.String(), b.Key.String())
		})
		for _, u := range units[:min(len(units), p.ReserveUnits)] {
			out[u.Key] = true
		}
	}
	return out
}
