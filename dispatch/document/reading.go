package document

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/tables"
)

// Part is what one version says: one of the two.
type Part struct {
	Policy   *propose.Policy
	Profiles network.Profiles
}

// Read reads a version as it counts at a time. The error is tables.Faults, or of a field.
func (v Version) Read(at time.Time) (Part, error) {
	if len(v.Text) > MaxText {
		return Part{}, refusal.OfField("text", fmt.Sprintf("is longer than %d kB", MaxText>>10))
	}
	switch v.Kind {
	case Policy:
		p, err := propose.ParsePolicy(strings.NewReader(v.Text))
		if err != nil {
			return Part{}, err
		}
		return Part{Policy: &p}, nil
	case Profiles:
		if v.Origin == Shipped {
			at = time.Time{} // all of them count since ever
		}
		p, err := coldchain.ParseProfiles("profiles", strings.NewReader(v.Text), at)
		if err != nil {
			return Part{}, err
		}
		return Part{Profiles: p}, nil
	}
	return Part{}, refusal.OfField("kind", fmt.Sprintf("%q is none of policy, profiles", v.Kind))
}

// Fits refuses a version that cannot be read, or with which a network cannot be planned, from a time on.
// The error is tables.Faults, or of a field.
func (v Version) Fits(n *network.Network, from time.Time) error {
	days := v.dates(from)
	if len(days) > MaxDates {
		return refusal.OfField("text", fmt.Sprintf("has more than %d later dates in valid_from", MaxDates))
	}
	for _, at := range append([]time.Time{from}, days...) {
		part, err := v.Read(at)
		if err == nil {
			err = part.Fits(n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Whole is from when all that a version says counts: a time, or the last date of its own.
func (v Version) Whole(from time.Time) time.Time {
	if days := v.dates(from); len(days) > 0 {
		return days[len(days)-1]
	}
	return from
}

// Fits refuses a policy of aircraft that a network does not have, and profiles that lack one by which
// a box design of it is judged. The error is tables.Faults.
func (p Part) Fits(n *network.Network) error {
	var faults tables.Faults
	if p.Policy != nil {
		if _, err := p.Policy.Limit(n); err != nil {
			faults.Add(tables.Fault{File: string(Policy), Column: "of", Reason: err.Error()})
		}
	}
	if p.Profiles != nil {
		for _, b := range n.BoxTypes {
			if profile, ok := p.Profiles[b.Profile]; !ok || !profile.HasRange() {
				faults.Add(tables.Fault{File: string(Profiles), Column: "profile_id", Reason: fmt.Sprintf(
					"%s is missing, not valid yet or without a range, and boxes of the design %s are judged by it", b.Profile, b.ID)})
			}
		}
	}
	return faults.Err()
}

// keyOf are the columns that name a line of each kind.
var keyOf = map[Kind][]string{Policy: {"rule", "of"}, Profiles: {"profile_id", "valid_from"}}

// Differences tells what a text has otherwise than the one before, line by line.
func Differences(k Kind, was, is string) []network.Difference {
	before, after := tables.Read(string(k), strings.NewReader(was)), tables.Read(string(k), strings.NewReader(is))
	name := func(row tables.Row) string {
		var cells []string
		for _, column := range keyOf[k] {
			if cell := row.Cells[column]; cell != "" {
				cells = append(cells, cell)
			}
		}
		return strings.Join(cells, " ")
	}
	left := map[string]tables.Row{}
	for _, row := range before.Rows {
		left[name(row)] = row
	}
	var list []network.Difference
	for _, row := range after.Rows {
		id := name(row)
		old, known := left[id]
		delete(left, id)
		if !known {
			list = append(list, network.Difference{File: string(k), ID: id, Is: whole(after.Header, row)})
			continue
		}
		for _, column := range columns(before.Header, after.Header) {
			if old.Cells[column] != row.Cells[column] {
				list = append(list, network.Difference{
					File: string(k), ID: id, Field: column, Was: old.Cells[column], Is: row.Cells[column],
				})
			}
		}
	}
	for _, row := range before.Rows {
		if _, gone := left[name(row)]; gone {
			list = append(list, network.Difference{File: string(k), ID: name(row), Was: whole(before.Header, row)})
		}
	}
	return list
}

// columns are those of the new header, and those that only the old one has.
func columns(was, is []string) []string {
	return slices.Concat(is, slices.DeleteFunc(slices.Clone(was), func(c string) bool { return slices.Contains(is, c) }))
}

func whole(header []string, row tables.Row) string {
	var cells []string
	for _, column := range header {
		if cell := row.Cells[column]; cell != "" {
			cells = append(cells, column+" "+cell)
		}
	}
	return strings.Join(cells, ", ")
}

func (v Version) rows() []tables.Row {
	return tables.Read(string(v.Kind), strings.NewReader(v.Text)).Rows
}
