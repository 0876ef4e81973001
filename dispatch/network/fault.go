package network

import (
	"fmt"

	"hemolift/telemetry/tables"
)

// place is where something stands in a network's files.
type place struct {
	file string
	line int // 0 in a file that is no table
}

func (l *loader) fault(at place, column, reason string) {
	l.faults.Add(tables.Fault{File: at.file, Line: at.line, Column: column, Reason: reason})
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
