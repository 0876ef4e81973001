package telemetry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hemolift/telemetry/timing"
)

// sampleStore keeps samples for good. Storing one again changes nothing. ErrNever is of
// samples of which one can never be kept.
type sampleStore interface {
	StoreSamples(ctx context.Context, samples []Sample) error
}

const (
	gatherFor     = 5 * time.Millisecond
	maxGathered   = 5000
	recorderQueue = 1024
)

// ErrNever is a store's answer to what it can never keep: asking again is useless.
var ErrNever = errors.New("can never be stored")

// ErrStopped is returned for samples that arrive after the recorder has ended.
var ErrStopped = errors.New("the recorder has stopped")

// Recorder gathers samples from many callers into few transactions.
type Recorder struct {
	store sampleStore
	queue chan batch
	ended chan struct{}

	commits prometheus.Histogram
}

type batch struct {
	samples []Sample
	done    chan error
}

// NewRecorder returns a recorder; Run must be started.
func NewRecorder(store sampleStore) *Recorder {
	return &Recorder{
		store: store, queue: make(chan batch, recorderQueue), ended: make(chan struct{}),
		commits: timing.New("hemolift_commit_seconds", "How long it took to commit what was gathered of samples."),
	}
}

// Metrics are how long commits take, and how many messages wait for one.
func (r *Recorder) Metrics() []prometheus.Collector {
	return []prometheus.Collector{r.commits, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "hemolift_commit_waiting", Help: "Messages of devices that wait to be committed.",
	}, func() float64 { return float64(len(r.queue)) })}
}

// Begin takes samples. What it returns waits for their end: nil once they are committed, and Refusals
// when all are but those that can never be. A full queue makes callers wait, and so their devices.
func (r *Recorder) Begin(ctx context.Context, samples []Sample) (wait func(context.Context) error) {
	b := batch{samples: samples, done: make(chan error, 1)}
	select {
	case r.queue <- b:
	case <-r.ended:
		return func(context.Context) error { return ErrStopped }
	case <-ctx.Done():
		return func(context.Context) error { return ctx.Err() }
	}
	return func(ctx context.Context) error {
		select {
		case err := <-b.done:
			return err
		case <-r.ended:
			return ErrStopped
		case <-ctx.Done():
			return ctx.Err()
		}
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
	begun := time.Now()
	err := r.store.StoreSamples(ctx, all)
	r.commits.Observe(time.Since(begun).Seconds())
	for _, b := range batches {
		if err == nil {
			b.done <- nil
			continue
		}
		b.done <- r.apart(ctx, b.samples)
	}
}

// apart commits one caller's samples. If some can never be kept, it finds them by halves,
// so that they cost only themselves, and returns Refusals.
func (r *Recorder) apart(ctx context.Context, samples []Sample) error {
	err := r.store.StoreSamples(ctx, samples)
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, ErrNever):
		return fmt.Errorf("store samples: %w", err)
	case len(samples) == 1:
		return Refusals{{Err: err}}
	}
	var refused Refusals
	half := len(samples) / 2
	for from, part := range map[int][]Sample{0: samples[:half], half: samples[half:]} {
		var some Refusals
		if err := r.apart(ctx, part); err != nil && !errors.As(err, &some) {
			return err
		}
		for _, s := range some {
			refused = append(refused, RefusedError{Index: from + s.Index, Err: s.Err})
		}
	}
	slices.SortFunc(refused, func(a, b RefusedError) int { return a.Index - b.Index })
	return refused
}
