// Package tally counts what is told only once in a while: whoever makes a fault as fast as
// it can must not fill the disk with what is told of it.
package tally

import (
	"sync"
	"time"
)

// every is how often one kind is told.
const every = time.Minute

// kept bounds how many kinds are remembered.
const kept = 10_000

// Tally counts by kinds. It is safe for concurrent use.
type Tally struct {
	mu   sync.Mutex
	each map[string]count
}

type count struct {
	told  time.Time
	since int // since it was told
}

// New counts nothing yet.
func New() *Tally { return &Tally{each: map[string]count{}} }

// Add counts one of a kind. It returns how many there were since the last time that it was
// told when it is time to tell again, and else 0.
func (t *Tally) Add(kind string, now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, known := t.each[kind]
	if !known && len(t.each) >= kept {
		t.forget(now)
	}
	c.since++
	told := 0
	if c.told.IsZero() || now.Sub(c.told) >= every {
		told, c = c.since, count{told: now}
	}
	t.each[kind] = c
	return told
}

// forget makes room: what was told long ago goes, and if that is too little, everything.
func (t *Tally) forget(now time.Time) {
	for kind, c := range t.each {
		if now.Sub(c.told) >= every {
			delete(t.each, kind)
		}
	}
	if len(t.each) >= kept {
		clear(t.each)
	}
}
