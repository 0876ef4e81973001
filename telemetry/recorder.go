package telemetry

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// sampleStore keeps samples for good. Storing one again changes nothing.
type sampleStore interface {
	StoreSamples(ctx context.Context, samples []Sample) error
}

const (
	gatherFor     = 5 * time.Millisecond
	maxGathered   = 5000
	recorderQueue = 1024
)

// ErrStopped is returned for samples that arrive after the recorder has ended.
var ErrStopped = errors.New("the recorder has stopped")

// Recorder gathers samples from many callers into few transactions.
type Recorder struct {
	store sampleStore
	queue chan batch
	ended chan struct{}
}

type batch struct {
	samples []Sample
	done    chan error
}

// NewRecorder returns a recorder; Run must be started.
func NewRecorder(store sampleStore) *Recorder {
	return &Recorder{store: store, queue: make(chan batch, recorderQueue), ended: make(chan struct{})}
}

// Record returns nil once the samples are committed. A full queue makes callers
// wait, and so their devices.
func (r *Recorder) Record(ctx context.Context, samples []Sample) error {
	b := batch{samples: samples, done: make(chan error, 1)}
	select {
	case r.queue <- b:
	case <-r.ended:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-b.done:
		return err
	case <-r.ended:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run stores what is recorded until ctx ends. It is the only writer of samples.
func (r *Recorder) Run(ctx context.Context) error {
	defer close(r.ended)
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case first := <-r.queue:
			r.flush(ctx, r.gather(first))
		}
	}
}

// gather waits a little for company.
func (r *Recorder) gather(first batch) []batch {
	batches, n := []batch{first}, len(first.samples)
	timer := time.NewTimer(gatherFor)
	defer timer.Stop()
	for n < maxGathered {
		select {
		case b := <-r.queue:
			batches, n = append(batches, b), n+len(b.samples)
		case <-timer.C:
			return batches
		}
	}
	return batches
}

// flush commits all batches together and, should that fail, each on its own, so
// that one caller's fault does not fail the others.
func (r *Recorder) flush(ctx context.Context, batches []batch) {
	var all []Sample
	for _, b := range batches {
		all = append(all, b.samples...)
	}
	err := r.store.StoreSamples(ctx, all)
	for _, b := range batches {
		if err != nil && len(batches) > 1 {
			b.done <- wrapStore(r.store.StoreSamples(ctx, b.samples))
			continue
		}
		b.done <- wrapStore(err)
	}
}

func wrapStore(err error) error {
	if err != nil {
		return fmt.Errorf("store samples: %w", err)
	}
	return nil
}
