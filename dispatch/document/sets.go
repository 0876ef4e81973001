package document

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
)

// Set is what counts together from a time on.
type Set struct {
	From     time.Time // zero: since ever
	Policy   propose.Policy
	Profiles network.Profiles
}

// Sets are what counted one after the other, in the order of time; there is one at least, since ever.
type Sets []Set

// SetsOf are what the versions on record make of what counts without any. What the program was
// started with when it began to keep versions counted before, too. Versions that cannot be read any more are
// passed over, unless they are in force: then they are the error.
func SetsOf(base Set, all []Version) (Sets, error) {
	took := slices.DeleteFunc(slices.Clone(all), func(v Version) bool { return v.TookAt.IsZero() })
	slices.SortStableFunc(took, inOrder)
	base.From = time.Time{}
	sets, first := Sets{base}, map[Kind]bool{}
	for _, v := range took {
		last, _ := lastOf(all, v.Kind)
		until := nextOf(took, v)
		for _, at := range v.changes(until) {
			part, err := v.Read(at)
			switch {
			case err != nil && v.ID == last.ID && at.Equal(v.TookAt):
				return nil, fmt.Errorf("the %s in force (version %d): %w", v.Kind, v.ID, err)
			case err != nil:
				continue
			}
			if !first[v.Kind] && v.Origin != ByPerson {
				sets[0] = part.in(sets[0]).keeping(base.Profiles)
			}
			first[v.Kind] = true
			sets = sets.with(at, part)
		}
	}
	slices.SortStableFunc(sets, func(a, b Set) int { return a.From.Compare(b.From) })
	return sets, nil
}

// nextOf is when a version of the same kind took effect after this one; zero: none has.
func nextOf(took []Version, v Version) (at time.Time) {
	for i := len(took) - 1; i >= 0 && took[i].ID != v.ID; i-- {
		if took[i].Kind == v.Kind {
			at = took[i].TookAt
		}
	}
	return at
}

// changes are when what a version says begins and changes, before another one follows.
func (v Version) changes(until time.Time) []time.Time {
	times := []time.Time{v.TookAt}
	for _, day := range v.dates(v.TookAt) {
		if until.IsZero() || day.Before(until) {
			times = append(times, day)
		}
	}
	return times
}

// dates are those after a time from which profiles of a version count, in their order.
func (v Version) dates(after time.Time) (days []time.Time) {
	if v.Kind != Profiles || v.Origin == Shipped {
		return nil
	}
	for _, row := range v.rows() {
		if day, err := time.Parse(time.DateOnly, row.Cells["valid_from"]); err == nil && day.After(after) {
			days = append(days, day)
		}
	}
	slices.SortFunc(days, time.Time.Compare)
	return slices.CompactFunc(days, time.Time.Equal)
}

// with adds a part that counts from a time on.
func (s Sets) with(at time.Time, p Part) Sets {
	next := p.in(s.At(at))
	next.From = at
	for i := range s {
		if s[i].From.After(at) {
			s[i] = p.in(s[i])
		}
	}
	return append(s, next)
}

// in is a set with a part of it replaced.
func (p Part) in(s Set) Set {
	if p.Policy != nil {
		s.Policy = *p.Policy
	}
	if p.Profiles != nil {
		s.Profiles = p.Profiles
	}
	return s
}

// keeping is a set with profiles that it lacks.
func (s Set) keeping(others network.Profiles) Set {
	kept := maps.Clone(others)
	maps.Copy(kept, s.Profiles)
	s.Profiles = kept
	return s
}

// From is what counts at a time and after it.
func (s Sets) From(at time.Time) Sets {
	now := s.At(at)
	later := slices.DeleteFunc(slices.Clone(s), func(x Set) bool { return !x.From.After(at) })
	return append(Sets{now}, later...)
}

// At is what counts at a time.
func (s Sets) At(at time.Time) Set {
	now := s[0]
	for _, x := range s {
		if !x.From.After(at) && !x.From.Before(now.From) {
			now = x
		}
	}
	return now
}

// Ever are all profiles there are and were, each as it was last.
func (s Sets) Ever() network.Profiles {
	ever := network.Profiles{}
	for _, x := range s {
		maps.Copy(ever, x.Profiles)
	}
	return ever
}
