package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// clock is the one server clock. It begins with the machine's and then runs by the
// machine's monotonic one, rate seconds in a second, so that a demonstration may run faster
// than the wall and no step of the machine's clock moves the record's time.
type clock struct {
	rate    float64
	machine func() time.Time // the machine's clock, which may step
	mark    atomic.Pointer[mark]
}

// mark is a server time, when it was so by the monotonic clock, and by how much the server's
// is to gain, or lose, over the second from then on.
type mark struct {
	server, monotonic time.Time
	gain              time.Duration
}

// after is the server time some monotonic time after the mark. It never goes back, since
// what is lost is less than what passes.
func (m *mark) after(passed time.Duration, rate float64) time.Time {
	gained := float64(m.gain) * min(1, passed.Seconds()/noteEvery.Seconds())
	return m.server.Add(time.Duration(float64(passed)*rate + gained))
}

// newClock begins at a time; machine is time.Now but in tests.
func newClock(at time.Time, rate float64, machine func() time.Time) *clock {
	c := &clock{rate: rate, machine: machine}
	c.mark.Store(&mark{server: at, monotonic: time.Now()})
	return c
}

// now is cut to the millisecond, in which devices reckon.
func (c *clock) now() time.Time { return c.exact().UTC().Truncate(time.Millisecond) }

func (c *clock) exact() time.Time {
	m := c.mark.Load()
	return m.after(time.Since(m.monotonic), c.rate)
}

const noteEvery = time.Second

// How the server's clock follows the machine's: slowly while they hardly differ, at once
// when the machine's is ahead by what a sleep explains, and else not before a restart, at
// which a person looks at it: a clock that was set wrong must not let every unit expire.
const (
	slewWithin = 5 * time.Second
	slewBy     = 5 * time.Millisecond // a second
	jumpWithin = time.Hour
)

// follow follows the machine's clock for a second. off is by how much that is ahead, beyond
// slewWithin, and followed whether the server's clock was moved on by that.
func (c *clock) follow() (off time.Duration, followed bool) {
	last, at := c.mark.Load(), time.Now()
	now := last.after(at.Sub(last.monotonic), c.rate)
	off = c.machine().Round(0).Sub(now)
	switch {
	case off.Abs() <= slewWithin:
		c.mark.Store(&mark{now, at, min(max(off, -slewBy), slewBy)})
		return 0, false
	case off > 0 && off <= jumpWithin:
		c.mark.Store(&mark{now.Add(off), at, 0})
		return off, true
	}
	c.mark.Store(&mark{now, at, 0})
	return off, false
}

// watch follows the machine's clock until ctx ends, and tells when it is off and when it is
// not any more. What could not be told is told a second later.
func (c *clock) watch(ctx context.Context, log *slog.Logger, tell func(ctx context.Context, off time.Duration, followed bool) error) error {
	tick := time.NewTicker(noteEvery)
	defer tick.Stop()
	told, wasOff := false, false
	for {
		off, followed := c.follow()
		if isOff := off != 0 && !followed; !told || followed || isOff != wasOff {
			err := tell(ctx, off, followed)
			told, wasOff = err == nil, isOff
			if off != 0 || err != nil && ctx.Err() == nil {
				log.ErrorContext(ctx, "the machine's clock stepped", "by", off, "followed", followed, "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// note keeps where the clock stands, so that a start knows it. A database that cannot keep
// it ends nothing by that: the lease tells whether it is gone.
func (c *clock) note(ctx context.Context, log *slog.Logger, keep func(context.Context, time.Time) error) error {
	tick := time.NewTicker(noteEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
			if err := keep(ctx, c.now()); err != nil && ctx.Err() == nil {
				log.WarnContext(ctx, "server time not noted", "err", err)
			}
		}
	}
}

// startClock is the machine's for a server, which must not lie behind the record; a
// demonstration goes on from where it stood.
func (a *app) startClock(ctx context.Context) error {
	machine := a.machine
	if machine == nil {
		machine = time.Now
	}
	noted, event, err := a.db.Clock.Last(ctx)
	if err != nil {
		return fmt.Errorf("clock: %w", err)
	}
	now := machine().Round(0)
	if a.demo {
		a.clock = newClock(goOn(now, noted, event, a.rate), a.rate, machine)
		return nil
	}
	if last := later(noted, event); last.Sub(now) > slewWithin && !a.clockBehind {
		const refusal = "this machine's clock says %s, but the record was last written at %s: set the clock, or give -clock-behind to go on by it"
		return fmt.Errorf(refusal, now.UTC().Format(time.RFC3339), last.UTC().Format(time.RFC3339))
	}
	a.clock = newClock(now, a.rate, machine)
	return nil
}

// goOn is where a demonstration's clock goes on: past all that it wrote, which is what was
// noted and what a kill kept from being noted. A single record far ahead is not the clock.
func goOn(machine, noted, event time.Time, rate float64) time.Time {
	if noted.IsZero() {
		return later(machine, event)
	}
	lost := time.Duration(2 * rate * float64(noteEvery))
	if event.Sub(noted) <= lost {
		noted = later(noted, event)
	}
	return noted.Add(lost)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
