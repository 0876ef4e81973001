package tables

import (
	"fmt"
	"strings"
)

// Fault is one thing that is wrong with a file.
type Fault struct {
	File   string
	Line   int    // counted from 1; 0 in a file that is no table
	Column string // empty where it is not one column's
	Reason string
}

// Error is file:line: column: reason.
func (f Fault) Error() string {
	s := f.File
	if f.Line > 0 {
		s += fmt.Sprintf(":%d", f.Line)
	}
	if f.Column != "" {
		s += ": " + f.Column
	}
	return s + ": " + f.Reason
}

// Faults are all that were found.
type Faults []Fault

// Error is a line each.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, x := range f {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

// What is told is bounded.
const (
	maxFaults = 1000
	maxReason = 600 // bytes
)

// Add adds a fault, up to a bound.
func (f *Faults) Add(x Fault) {
	if len(x.Reason) > maxReason {
		x.Reason = strings.ToValidUTF8(x.Reason[:maxReason], "") + " …"
	}
	switch {
	case len(*f) < maxFaults:
		*f = append(*f, x)
	case len(*f) == maxFaults:
		*f = append(*f, Fault{x.File, x.Line, "", "there are more faults"})
	}
}

// Err is nil where there is no fault.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}
