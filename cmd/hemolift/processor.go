package main

import (
	"syscall"
	"time"
)

// processorTime is what the process has used of all its processors, in seconds.
func processorTime() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return float64(time.Now().UnixNano()) / 1e9
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// processorLimit reports true once that many more seconds are used.
func processorLimit(seconds float64) func() bool {
	end := processorTime() + seconds
	return func() bool { return processorTime() >= end }
}
