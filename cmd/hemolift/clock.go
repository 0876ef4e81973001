package main

import (
	"context"
	"time"
)

// clock is the one server clock. It runs rate seconds in a second, so that a
// demonstration may run faster than the wall.
type clock struct {
	base time.Time // server time at wall
	wall time.Time
	rate float64
}

// wallClock is the clock of a real server.
func wallClock() clock { return clock{base: time.Now(), wall: time.Now(), rate: 1} }

// clockFrom goes on from a time.
func clockFrom(base time.Time, rate float64) clock {
	return clock{base: base, wall: time.Now(), rate: rate}
}

// now is cut to the millisecond, in which devices reckon.
func (c clock) now() time.Time {
	return c.base.Add(time.Duration(float64(time.Since(c.wall)) * c.rate)).UTC().Truncate(time.Millisecond)
}

const noteEvery = time.Second

// note keeps where the clock stands, so that a restart goes on from there.
func (c clock) note(ctx context.Context, keep func(context.Context, time.Time) error) error {
	tick := time.NewTicker(noteEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
			if err := keep(ctx, c.now()); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}
