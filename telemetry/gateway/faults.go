package gateway

import (
	"sync"
	"time"
)

// toldEvery is how often a device's faulty messages are logged: a device that sends
// nothing else must not fill the disk.
const toldEvery = time.Minute

// faults counts what went wrong, between two lines in the log: of a device, or of one text
// of the broker. It holds as many as there are of both.
type faults struct {
	mu   sync.Mutex
	each map[string]fault
}

type fault struct {
	told  time.Time
	since int // refused since it was told
}

func newFaults() *faults { return &faults{each: map[string]fault{}} }

// count notes a fault of a kind. It returns how many there were since the last line when
// it is time for another one, and else 0.
func (f *faults) count(kind string, now time.Time) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.each[kind]
	x.since++
	told := 0
	if x.told.IsZero() || now.Sub(x.told) >= toldEvery {
		told, x = x.since, fault{told: now}
	}
	f.each[kind] = x
	return told
}
