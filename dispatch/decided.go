package dispatch

import (
	"sync"
	"time"

	"hemolift/dispatch/document"
	"hemolift/dispatch/network"
)

// decided is what the blood service decided for itself, as it is on record.
type decided struct {
	mu    sync.Mutex
	sets  document.Sets      // replaced, never changed
	ever  network.Profiles   // that there are and were; replaced, never changed
	due   []document.Version // approved, and count later; replaced, never changed
	stale bool               // more is on record than is known here
	fault string             // that was logged
}

// take replaces what is known by what is on record.
func (d *decided) take(sets document.Sets, due []document.Version) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sets, d.ever, d.due, d.stale = sets, sets.Ever(), due, false
}

// age says that more is on record than is known here.
func (d *decided) age() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stale = true
}

// isStale reports whether more is on record than is known here.
func (d *decided) isStale() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stale
}

// at is what counted at a time: for a box, when it was packed.
func (d *decided) at(at time.Time) document.Set {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sets.At(at)
}

// from is what counts at a time and after it.
func (d *decided) from(at time.Time) document.Sets {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sets.From(at)
}

// profiles are all that there are and were.
func (d *decided) profiles() network.Profiles {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ever
}

// dueBy are the versions whose time has come.
func (d *decided) dueBy(at time.Time) (due []document.Version) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, v := range d.due {
		if !v.Decision.From.After(at) {
			due = append(due, v)
		}
	}
	return due
}

// isNew reports whether a fault is another one than before; "" is none.
func (d *decided) isNew(fault string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.fault
	d.fault = fault
	return fault != "" && fault != was
}
