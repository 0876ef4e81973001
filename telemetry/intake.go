package telemetry

import (
	"context"
	"fmt"
	"time"
)

// Intake is the one way in for samples, whatever door they came through.
type Intake struct {
	tracker  *Tracker
	recorder *Recorder
	handle   func(context.Context, []Event)
	now      func() time.Time
}

// NewIntake joins the parts. handle is given each change, in the order in which it
// was observed for one device; it must not call Accept.
func NewIntake(tracker *Tracker, recorder *Recorder, handle func(context.Context, []Event), now func() time.Time) *Intake {
	return &Intake{tracker: tracker, recorder: recorder, handle: handle, now: now}
}

// RefusedError says which sample of a batch was refused, and why.
type RefusedError struct {
	Index int
	Err   error
}

func (e *RefusedError) Error() string { return fmt.Sprintf("sample %d: %v", e.Index, e.Err) }
func (e *RefusedError) Unwrap() error { return e.Err }

// Accept returns nil once every sample is committed and folded; the device may be
// acknowledged then. A *RefusedError means that nothing of the batch was stored
// and sending it again is useless; any other error asks for redelivery.
func (in *Intake) Accept(ctx context.Context, samples []Sample) error {
	now := in.now()
	for i := range samples {
		samples[i].ReceivedAt = now
		if err := samples[i].Check(now); err != nil {
			return &RefusedError{Index: i, Err: err}
		}
	}
	if err := in.recorder.Record(ctx, samples); err != nil {
		return err
	}
	var events []Event
	for _, s := range samples {
		events = append(events, in.tracker.Observe(now, s)...)
	}
	if len(events) > 0 {
		in.handle(ctx, events)
	}
	return nil
}

// Run judges silence until ctx ends.
func (in *Intake) Run(ctx context.Context) error {
	tick := time.NewTicker(judgeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
			if events := in.tracker.Tick(in.now()); len(events) > 0 {
				in.handle(ctx, events)
			}
		}
	}
}

// judgeEvery is wall time; a server clock that runs faster is judged more coarsely.
const judgeEvery = 100 * time.Millisecond
