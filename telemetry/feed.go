package telemetry

import (
	"slices"
	"sync"
)

// feedLength is how many events a feed remembers; a reader that is farther behind
// reads the record instead.
const feedLength = 4096

// Sequenced is an event with its place in the record; places rise without order
// being lost, though numbers may be skipped.
type Sequenced interface{ Sequence() uint64 }

// Feed hands the newest events to any number of readers, losing none: a reader
// asks for what came after a sequence. It is safe for concurrent use.
type Feed[E Sequenced] struct {
	mu     sync.Mutex
	events []E // ascending
	from   uint64
	more   chan struct{}
}

// NewFeed starts after a sequence: what the record held before is not in it.
func NewFeed[E Sequenced](after uint64) *Feed[E] {
	return &Feed[E]{from: after, more: make(chan struct{})}
}

// Publish appends events, which must be in the record already, in ascending order.
func (f *Feed[E]) Publish(events ...E) {
	if len(events) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, events...)
	if drop := len(f.events) - feedLength; drop > 0 {
		f.from = f.events[drop-1].Sequence()
		f.events = slices.Delete(f.events, 0, drop)
	}
	close(f.more)
	f.more = make(chan struct{})
}

// Since returns the events after a sequence, and a channel that closes when there
// are more. ok is false when some have left the feed and the record must be read.
func (f *Feed[E]) Since(seq uint64) (events []E, more <-chan struct{}, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, _ := slices.BinarySearchFunc(f.events, seq+1, func(e E, s uint64) int { return int(int64(e.Sequence()) - int64(s)) })
	return slices.Clone(f.events[i:]), f.more, seq >= f.from
}

// Last returns the newest sequence.
func (f *Feed[E]) Last() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.events); n > 0 {
		return f.events[n-1].Sequence()
	}
	return f.from
}
