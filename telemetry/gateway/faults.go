package gateway

import (
	"sync"
	"time"

	"hemolift/telemetry"
)

// toldEvery is how often a device's faulty messages are logged: a device that sends
// nothing else must not fill the disk.
const toldEvery = time.Minute

// faults counts what devices sent that was refused, between two lines in the log. It holds
// as many as there are devices.
type faults struct {
	mu   sync.Mutex
	each map[telemetry.DeviceID]fault
}

type fault struct {
	told  time.Time
	since int // refused since it was told
}

func newFaults() *faults { return &faults{each: map[telemetry.DeviceID]fault{}} }

// count notes a refused message. It returns how many there were since the last line when
// it is time for another one, and else 0.
func (f *faults) count(id telemetry.DeviceID, now time.Time) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.each[id]
	x.since++
	told := 0
	if x.told.IsZero() || now.Sub(x.told) >= toldEvery {
		told, x = x.since, fault{told: now}
	}
	f.each[id] = x
	return told
}
