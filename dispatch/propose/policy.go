package propose

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/geo/route"
	"hemolift/telemetry/tables"
)

// Policy is what a blood service decides beyond what is compatible, cold enough and in
// reach at all. It is data with a version: every proposal and every delivery keeps the
// version that it was made under.
type Policy struct {
	Version    string
	ApprovedBy string // empty: nobody yet
	// ReserveUnits of O RhD-negative red cells are kept at each centre, those that
	// live longest, for whom ReserveOpen names.
	ReserveUnits int
	ReserveOpen  map[delivery.Urgency]ReserveOpen
	// Substitutes is how many of a recipient's compatible groups may be given, from
	// the best.
	Substitutes map[delivery.Urgency]int
	// UnknownOPositiveFirst gives O RhD-positive red cells before O RhD-negative to a
	// recipient of unknown group whose fields allow both.
	UnknownOPositiveFirst bool
	// ReviewUnits of red cells for a recipient of unknown group go without a word; more
	// of them need a physician's.
	ReviewUnits int
	// HoldBack marks proposals that had better wait, because drones or units may be needed
	// for STAT requests by the forecast.
	HoldBack bool
	// Partial sends what there is when a request cannot be served whole; the rest of it
	// goes on waiting as a request of its own.
	Partial map[delivery.Urgency]bool
	// AutoAccept turns a proposal that is in time into a delivery without a person.
	AutoAccept map[delivery.Urgency]bool
	// TwoPersons has the units checked by another person than the one who allocated.
	TwoPersons map[delivery.Urgency]bool
	// PadRule is until when the ward must have said that its pad is clear and that it
	// receives there.
	PadRule map[delivery.Urgency]delivery.PadRule
	// WindMaxMPS limits classes of aircraft further than they limit themselves.
	WindMaxMPS map[string]float64
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

// rule is one of a policy's rules: how it takes in a value for what it is of.
type rule struct {
	of  []string // which it must stand for; nil: any, or none at all
	set func(p *Policy, of, value string) error
}

// padRule reads until when a ward must have spoken.
func padRule(value string) (delivery.PadRule, error) {
	switch r := delivery.PadRule(value); r {
	case delivery.PadBeforeRelease, delivery.PadBeforeDescent:
		return r, nil
	case "no":
		return delivery.PadAnyhow, nil
	}
	return "", fmt.Errorf("%q is none of no, release, descent", value)
}

var (
	alone        = []string{""}
	eachUrgency  = []string{string(delivery.STAT), string(delivery.Urgent), string(delivery.Routine)}
	policyColumn = []string{"rule", "of", "value"}
)

var rules = map[string]rule{
	"version": {alone, func(p *Policy, _, value string) error {
		if p.Version = value; value == "" {
			return errors.New("is empty")
		}
		return nil
	}},
	"approved_by":   {alone, func(p *Policy, _, value string) error { p.ApprovedBy = value; return nil }},
	"reserve_units": {alone, func(p *Policy, _, value string) (err error) { p.ReserveUnits, err = count(value, 0); return err }},
	"review_units":  {alone, func(p *Policy, _, value string) (err error) { p.ReviewUnits, err = count(value, 0); return err }},
	"hold_back":     {alone, func(p *Policy, _, value string) (err error) { p.HoldBack, err = yesNo(value); return err }},
	"unknown_group_o_positive_first": {alone, func(p *Policy, _, value string) (err error) {
		p.UnknownOPositiveFirst, err = yesNo(value)
		return err
	}},
	"reserve_open": {eachUrgency, func(p *Policy, of, value string) error {
		p.ReserveOpen[delivery.Urgency(of)] = ReserveOpen(value)
		if !slices.Contains([]ReserveOpen{ReserveAll, ReserveOnly, ReserveNone}, ReserveOpen(value)) {
			return fmt.Errorf("%q is none of all, only, none", value)
		}
		return nil
	}},
	"substitutes": {eachUrgency, func(p *Policy, of, value string) (err error) {
		p.Substitutes[delivery.Urgency(of)], err = count(value, 1)
		return err
	}},
	"partial": {eachUrgency, func(p *Policy, of, value string) (err error) {
		p.Partial[delivery.Urgency(of)], err = yesNo(value)
		return err
	}},
	"auto_accept": {eachUrgency, func(p *Policy, of, value string) (err error) {
		p.AutoAccept[delivery.Urgency(of)], err = yesNo(value)
		return err
	}},
	"two_persons": {eachUrgency, func(p *Policy, of, value string) (err error) {
		p.TwoPersons[delivery.Urgency(of)], err = yesNo(value)
		return err
	}},
	"pad_clear": {eachUrgency, func(p *Policy, of, value string) (err error) {
		p.PadRule[delivery.Urgency(of)], err = padRule(value)
		return err
	}},
	"wind_max_mps": {nil, (*Policy).setWind},
}

// ParsePolicy reads a policy: a CSV file with the columns rule, of and value, and any
// others for people. Every rule must be there, once for each urgency that it tells
// apart; wind_max_mps may stand once for each class of aircraft. The error is
// tables.Faults.
func ParsePolicy(r io.Reader) (Policy, error) {
	t := tables.Read("policy", r)
	for _, need := range policyColumn {
		if t.Header != nil && !slices.Contains(t.Header, need) {
			t.Fault(tables.Row{Line: 1}, need, "there is no such column")
		}
	}
	if len(t.Faults) > 0 && len(t.Rows) == 0 { // what rules are missing says nothing then
		return Policy{}, t.Faults
	}
	p := Policy{
		ReserveOpen: map[delivery.Urgency]ReserveOpen{},
		Substitutes: map[delivery.Urgency]int{},
		Partial:     map[delivery.Urgency]bool{},
		AutoAccept:  map[delivery.Urgency]bool{},
		TwoPersons:  map[delivery.Urgency]bool{},
		PadRule:     map[delivery.Urgency]delivery.PadRule{},
		WindMaxMPS:  map[string]float64{},
	}
	seen := map[string]bool{}
	for _, row := range t.Rows {
		name := strings.TrimSpace(row.Cells["rule"] + " " + row.Cells["of"])
		if seen[name] {
			t.Fault(row, name, "stands twice")
		}
		seen[name] = true
		if err := p.set(row.Cells["rule"], row.Cells["of"], row.Cells["value"]); err != nil {
			t.Fault(row, name, err.Error())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		for _, of := range rules[name].of {
			if want := strings.TrimSpace(name + " " + of); !seen[want] {
				t.Fault(tables.Row{}, want, "is missing")
			}
		}
	}
	if err := t.Faults.Err(); err != nil {
		return Policy{}, err
	}
	return p, nil
}

// set takes in one rule.
func (p *Policy) set(name, of, value string) error {
	r, known := rules[name]
	switch {
	case !known:
		return errors.New("no such rule")
	case r.of != nil && !slices.Contains(r.of, of):
		return fmt.Errorf("of: %q is not among %q", of, r.of)
	}
	return r.set(p, of, value)
}

func (p *Policy) setWind(class, value string) error {
	v, ok := tables.Number(value)
	if !ok || !(v >= 0 && v <= maxWindMPS) || class == "" {
		return fmt.Errorf("%q is not a wind of 0 to %d m/s for a class of aircraft", value, maxWindMPS)
	}
	p.WindMaxMPS[class] = v
	return nil
}

const maxWindMPS = 50

// Limit is the network with the policy's limits on its classes. A class that it does not
// have is an error.
func (p Policy) Limit(n *network.Network) (*network.Network, error) {
	limited := *n
	limited.Classes = slices.Clone(n.Classes)
	for id, mps := range p.WindMaxMPS {
		i := slices.IndexFunc(limited.Classes, func(c route.Class) bool { return c.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("policy: wind_max_mps %s: the network has no such class of aircraft", id)
		}
		limited.Classes[i].WindMaxMPS = min(limited.Classes[i].WindMaxMPS, mps)
	}
	return &limited, nil
}

// review reports whether an order needs a physician's word by the policy.
func (p Policy) review(o delivery.Asked) bool {
	return o.Component == blood.RedCells && o.Group == blood.UnknownGroup && o.Units > p.ReviewUnits
}

func yesNo(value string) (bool, error) {
	if value != "yes" && value != "no" {
		return false, fmt.Errorf("%q is neither yes nor no", value)
	}
	return value == "yes", nil
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

// Donors lists the groups that a request may be served with, best first, and keptGroup
// where the reserve is open to it.
func (r Rules) Donors(q delivery.Request) []string {
	return r.Policy.donors(r.Compat, q.Component, q.Class, q.Urgency)
}

// donors lists the groups that a recipient may be given under the policy, best first,
// with keptGroup where the reserve is open.
func (p Policy) donors(c blood.Compatibility, comp blood.Component, r blood.RecipientClass, u delivery.Urgency) []string {
	allowed := c.Donors(comp, r)
	only := len(allowed) == 1
	if p.UnknownOPositiveFirst && comp == blood.RedCells && r == blood.RecipientClass(blood.UnknownGroup)+blood.RhdPositiveAllowed {
		slices.SortStableFunc(allowed, func(a, b blood.Group) int { return strings.Compare(string(a), string(b)) }) // O+ before O-
	}
	out := []string{}
	for _, g := range allowed[:min(len(allowed), p.Substitutes[u])] {
		out = append(out, string(g))
		if comp == blood.RedCells && g == "O-" && (p.ReserveOpen[u] == ReserveAll || p.ReserveOpen[u] == ReserveOnly && only) {
			out = append(out, keptGroup)
		}
	}
	return out
}

// kept are the units in reserve: at each centre those that live longest.
func (p Policy) kept(stock []blood.Unit) map[blood.UnitKey]bool {
	of := map[network.SiteID][]blood.Unit{}
	for _, u := range stock {
		if u.Component == blood.RedCells && u.Group == "O-" {
			of[u.Site] = append(of[u.Site], u)
		}
	}
	out := map[blood.UnitKey]bool{}
	for _, units := range of {
		slices.SortStableFunc(units, func(a, b blood.Unit) int {
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
