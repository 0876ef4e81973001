// Package refusal holds what callers are told when something cannot be done: a value of
// a field, a scan, a step that does not follow, and conditions with a name. Every room
// of dispatch refuses with these; web/problem.go gives each its HTTP status.
package refusal

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
	// ErrUnconfirmed means that a person must show again that it is them.
	ErrUnconfirmed = errors.New("confirm it with your password")
	// ErrChanged means that a person saw an earlier version of what they change.
	ErrChanged = errors.New("somebody changed it meanwhile: look at it again")
	// ErrKeyReused means that an idempotency key came back with another body.
	ErrKeyReused = errors.New("this idempotency key was used for another request")
	// ErrSamePerson means that the second person is the first.
	ErrSamePerson = errors.New("the second-person check needs another person")
	// ErrUnavailable means that the record cannot be written now: nothing was taken, and it
	// may be asked for again.
	ErrUnavailable = errors.New("the record cannot be written now; try again soon")
	// ErrReleased means that a drone may have been released for take-off, and may be gone.
	ErrReleased = OfState("the drone", "released for take-off", "stood down")
)

// Field is a value that cannot be accepted.
type Field struct{ Field, Reason string }

// OfField refuses a field; the reason is the rest of the sentence, as in "is empty".
func OfField(field, reason string) error { return Field{field, reason} }

func (e Field) Error() string { return e.Field + " " + e.Reason }

// Scan is a scan that does not fit the step.
type Scan struct{ Step, Got, Want string }

// OfScan refuses a scan and says what was expected.
func OfScan(step, got, want string) error { return Scan{step, got, want} }

func (e Scan) Error() string {
	return fmt.Sprintf("%s: scanned %q, expected %s", e.Step, e.Got, e.Want)
}

// State is a step that does not follow from the present state.
type State struct {
	What, State, Action string
}

// OfState refuses an action, a participle, since what is in that state.
func OfState(what, state, action string) error { return State{what, state, action} }

func (e State) Error() string {
	return fmt.Sprintf("%s is %s, so it cannot be %s", e.What, e.State, e.Action)
}

// InElement prefixes the field of a refusal with the element of a list that it is in.
func InElement(i int, err error) error {
	var f Field
	if errors.As(err, &f) {
		return Field{fmt.Sprintf("[%d].%s", i, f.Field), f.Reason}
	}
	return err
}
