package network

import (
	"fmt"
	"strings"
)

// place is where something stands in a network's files.
type place struct {
	file string
	line int // 0 in a file that is no table
}

// Fault is one thing that is wrong with a network's files.
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

// maxFaults bounds what is told of one network.
const maxFaults = 1000

func (l *loader) fault(at place, column, reason string) {
	switch {
	case len(l.faults) < maxFaults:
		l.faults = append(l.faults, Fault{at.file, at.line, column, reason})
	case len(l.faults) == maxFaults:
		l.faults = append(l.faults, Fault{at.file, at.line, "", "there are more faults"})
	}
}

// unique refuses an id that was there before.
func (l *loader) unique(at place, column, kind, id string) {
	if id == "" {
		return
	}
	if before, twice := l.once[kind+" "+id]; twice {
		l.fault(at, column, fmt.Sprintf("%s %s appears twice, first in %s:%d", kind, id, before.file, before.line))
		return
	}
	l.once[kind+" "+id] = at
}
