package telemetry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/samber/lo"
	"golang.org/x/sync/errgroup"
)

// Intake is the one way in for samples, whatever door they came through.
type Intake struct {
	tracker  *Tracker
	recorder *Recorder
	now      func() time.Time

	order  sync.Mutex // held while observing and queueing, so that both have one order
	events chan []Event
}

// eventQueue bounds what waits to be handled; a full queue makes devices wait.
const eventQueue = 1024

// NewIntake joins the parts; Run must be started.
func NewIntake(tracker *Tracker, recorder *Recorder, now func() time.Time) *Intake {
	return &Intake{tracker: tracker, recorder: recorder, now: now, events: make(chan []Event, eventQueue)}
}

// RefusedError says which sample of a batch was refused, and why.
type RefusedError struct {
	Index int
	Err   error
}

func (e *RefusedError) Error() string { return fmt.Sprintf("sample %d: %v", e.Index, e.Err) }
func (e *RefusedError) Unwrap() error { return e.Err }

// Refusals are the samples of a batch that were refused; the others are stored. Sending them
// again is useless.
type Refusals []RefusedError

// Error names the first, and how many there are.
func (r Refusals) Error() string {
	if len(r) == 1 {
		return r[0].Error()
	}
	return fmt.Sprintf("%v, and %d more", r[0].Error(), len(r)-1)
}

// Accept returns nil once every sample is committed and folded; the device may be
// acknowledged then. Refusals name those that cannot be, when the others are; any other
// error asks for redelivery.
func (in *Intake) Accept(ctx context.Context, batch []Sample) error { return in.Begin(ctx, batch)(ctx) }

// Begin sends a batch on its way to the record, and returns what waits for its end, as Accept
// does. Of a device's batches the earlier one is to be waited for first.
func (in *Intake) Begin(ctx context.Context, batch []Sample) (wait func(context.Context) error) {
	now := in.now()
	var refused Refusals
	samples, index := make([]Sample, 0, len(batch)), make([]int, 0, len(batch))
	for i, s := range batch {
		s.ReceivedAt = now
		if err := s.Check(now); err != nil {
			refused = append(refused, RefusedError{Index: i, Err: err})
			continue
		}
		samples, index = append(samples, s), append(index, i)
	}
	if len(samples) == 0 {
		return func(context.Context) error { return given(refused) }
	}
	recorded := in.recorder.Begin(ctx, samples)
	return func(ctx context.Context) error {
		var never Refusals
		if err := recorded(ctx); err != nil && !errors.As(err, &never) {
			return err
		}
		if err := in.see(ctx, without(samples, never), now); err != nil {
			return err
		}
		for _, r := range never {
			refused = append(refused, RefusedError{Index: index[r.Index], Err: r.Err})
		}
		return given(refused)
	}
}

// given is no error without refusals.
func given(r Refusals) error {
	if len(r) == 0 {
		return nil
	}
	return r
}

// without are the samples that were not refused.
func without(samples []Sample, refused Refusals) []Sample {
	if len(refused) == 0 {
		return samples
	}
	return lo.Reject(samples, func(_ Sample, i int) bool {
		return slices.ContainsFunc(refused, func(r RefusedError) bool { return r.Index == i })
	})
}

// see folds samples that are stored.
func (in *Intake) see(ctx context.Context, samples []Sample, now time.Time) error {
	return in.observe(ctx, func() []Event {
		var events []Event
		for _, s := range samples {
			events = append(events, in.tracker.Observe(now, s)...)
		}
		return events
	})
}

// Overran notes that a device sends more than its quota, and was cut.
func (in *Intake) Overran(id DeviceID) { in.tracker.Overran(id, in.now()) }

// observe queues what see returns, in the order of observation.
func (in *Intake) observe(ctx context.Context, see func() []Event) error {
	in.order.Lock()
	defer in.order.Unlock()
	events := see()
	if len(events) == 0 {
		return nil
	}
	select {
	case in.events <- events:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-in.recorder.ended: // what was observed is stored, and found again at the next start
		return nil
	}
}

// Run judges silence and hands changes on until ctx ends: handle is given every change,
// one after the other, in the order in which they were observed.
func (in *Intake) Run(ctx context.Context, handle func(context.Context, []Event)) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		tick := time.NewTicker(judgeEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-tick.C:
				if err := in.observe(ctx, func() []Event { return in.tracker.Tick(in.now()) }); err != nil {
					return err
				}
			}
		}
	})
	g.Go(func() error {
		for {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case events := <-in.events:
				handle(ctx, events)
			}
		}
	})
	return g.Wait()
}

// judgeEvery is wall time; a server clock that runs faster is judged more coarsely.
const judgeEvery = 100 * time.Millisecond
