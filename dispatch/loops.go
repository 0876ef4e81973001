package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/recovery"
)

// How often Run does its works, in wall time.
const (
	planEvery   = 2 * time.Second
	flyEvery    = 250 * time.Millisecond
	settleEvery = time.Second
)

// Run plans whenever something changed and at least every planEvery, moves missions
// on, and feeds what was logged to those who listen, until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.planLoop(ctx) })
	g.Go(func() error { return d.flyLoop(ctx) })
	g.Go(func() error { return d.feedLoop(ctx) })
	return g.Wait()
}

// planLoop is apart from flyLoop: however much there is to plan, drones in the air are
// looked after.
func (d *Dispatcher) planLoop(ctx context.Context) error {
	tick := time.NewTicker(planEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-d.wake:
		case <-tick.C:
		}
		if err := d.timed("plan", func() error { return d.PlanOnce(ctx, d.Now()) }); err != nil && ctx.Err() == nil {
			d.Logger.ErrorContext(ctx, "plan", "err", err)
		}
	}
}

func (d *Dispatcher) flyLoop(ctx context.Context) error {
	flyTick, settleTick := time.NewTicker(flyEvery), time.NewTicker(settleEvery)
	defer flyTick.Stop()
	defer settleTick.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-flyTick.C:
			err = d.timed("fly", func() error { return d.FlyOnce(ctx, d.Now()) })
		case <-settleTick.C:
			err = d.tellTracker(ctx, d.Now())
		}
		if err != nil && ctx.Err() == nil {
			d.Logger.ErrorContext(ctx, "dispatch", "err", err)
		}
	}
}

// Metrics are how long the rounds of planning and of looking after flights take.
func (d *Dispatcher) Metrics() prometheus.Collector { return d.rounds }

// timed is how long a round takes.
func (d *Dispatcher) timed(of string, round func() error) error {
	begun := time.Now()
	defer func() { d.rounds.WithLabelValues(of).Observe(time.Since(begun).Seconds()) }()
	return round()
}

// tellAtOnce bounds one reading of the log.
const tellAtOnce = 500

// feedLoop is the only one that fills the feed, and fills it from the log: events
// are numbered in the order of their commits, but the goroutines that wrote them
// come back in any order.
func (d *Dispatcher) feedLoop(ctx context.Context) error {
	again := time.NewTicker(settleEvery) // after a failed reading, and for what Restore logged
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-d.news:
		case <-again.C:
		}
		if err := d.FeedOnce(ctx); err != nil && ctx.Err() == nil {
			d.Logger.ErrorContext(ctx, "read the log", "err", err) // tried again soon
		}
	}
}

// FeedOnce tells those who listen of all that was logged since. Run calls it.
func (d *Dispatcher) FeedOnce(ctx context.Context) error {
	for {
		events, err := d.Log.EventsSince(ctx, d.Feed.Last(), tellAtOnce)
		if err != nil {
			return err
		}
		d.Feed.Publish(events...)
		if len(events) < tellAtOnce {
			return nil
		}
	}
}

// PlanOnce looks at the world and renews what is proposed: for open requests, for
// deliveries that fail, and for drones that could turn. Run calls it; a simulation may
// call it instead.
func (d *Dispatcher) PlanOnce(ctx context.Context, now time.Time) error {
	d.dropPastZones(now)
	d.takeDue(ctx, now)
	s, err := d.survey(ctx, now)
	if err != nil {
		return err
	}
	p, err := propose.For(s, d.layout.Load().rules, s.Requests)
	if err != nil {
		return err
	}
	for id, i := range p.Impossible {
		if i.Fault != nil {
			d.Logger.WarnContext(ctx, "proposal not confirmed", "request", id, "err", i.Fault)
		}
	}
	failing, untold := d.look(ctx, s) // alarms that cannot be written stop no planning
	untold = errors.Join(untold, d.foretell(ctx, s, p))
	next := advice{proposals: p.Proposals, impossible: p.Impossible}
	if next.recoveries, err = recovery.For(s, d.layout.Load().rules, failing, p.Proposals); err != nil {
		return fmt.Errorf("recoveries: %w", err)
	}
	if next.diversions, err = recovery.Diversions(s, d.layout.Load().rules, p); err != nil {
		return fmt.Errorf("diversions: %w", err)
	}
	if changes := d.renew(next, now); len(changes) > 0 {
		if err := d.Log.Append(ctx, changes...); err != nil {
			return err // they are changes still at the next look
		}
		d.announce()
	}
	d.hasLogged(next)
	return errors.Join(untold, d.acceptByPolicy(ctx, s, p))
}

func (d *Dispatcher) hasLogged(shown advice) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.logged = shown
}

// renew keeps what dispatchers see from now on, and returns what is another choice than the
// log has: it keeps what they saw.
func (d *Dispatcher) renew(next advice, now time.Time) []delivery.Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	recovery.KeepSince(d.advice.recoveries, next.recoveries)
	before := d.logged
	d.advice = next
	return slices.Concat(
		propose.Events(before.proposals, next.proposals, now),
		propose.ImpossibleEvents(before.impossible, next.impossible, now),
		recovery.Events(before.recoveries, next.recoveries, now),
		recovery.DiversionEvents(before.diversions, next.diversions, now),
	)
}
