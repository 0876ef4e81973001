package web

import "time"

// some returns a pointer to what is set and nil to what is not.
func some[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// given is what a field holds, or nothing when it was left out.
func given[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func someTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
