package dispatch

import (
	"errors"
	"fmt"
)

// Conditions that callers tell apart.
var (
	ErrNotFound  = errors.New("not found")
	ErrForbidden = errors.New("this account may not do that")
	// ErrTaken means that a unit, drone, box or pad slot was taken meanwhile.
	ErrTaken = errors.New("taken by another delivery meanwhile")
	// ErrKeyReused means that an idempotency key came back with another body.
	ErrKeyReused = errors.New("this idempotency key was used for another request")
	// ErrSamePerson means that the second person is the first.
	ErrSamePerson = errors.New("the second-person check needs another person")
	// ErrReleased means that a drone may have been let go, and may be gone.
	ErrReleased error = StateError{"the drone", "released for take-off", "stood down"}
)

// FieldError is a value that cannot be accepted.
type FieldError struct{ Field, Reason string }

func (e FieldError) Error() string { return e.Field + " " + e.Reason }

// ScanError is a scan that does not fit the step.
type ScanError struct{ Step, Got, Want string }

func (e ScanError) Error() string {
	return fmt.Sprintf("%s: scanned %q, expected %s", e.Step, e.Got, e.Want)
}

// StateError is a step that does not follow from the present state.
type StateError struct {
	What, State, Action string
}

func (e StateError) Error() string {
	return fmt.Sprintf("%s is %s, so it cannot be %s", e.What, e.State, e.Action)
}
