// Package stated bounds the times that a device, a person or a file states. Such a time is
// evidence: it is kept beside the server's own, by which the record is ordered. One beyond
// the bounds is refused on entry, since it could be stored and then neither be encoded (JSON
// ends with the year 9999) nor compared with anything.
package stated

import (
	"errors"
	"time"
)

// ErrBounds is returned for a time that no record of ours can hold.
var ErrBounds = errors.New("is not within the years 2000 to 2099")

// The bounds: the first time that may be stated, and the first that may not.
var (
	first = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	after = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Check refuses a time beyond the bounds with ErrBounds.
func Check(at time.Time) error {
	if at.Before(first) || !at.Before(after) {
		return ErrBounds
	}
	return nil
}

// Bound is the nearest time that may be stated.
func Bound(at time.Time) time.Time {
	switch {
	case at.Before(first):
		return first
	case !at.Before(after):
		return after.Add(-time.Second)
	}
	return at
}
