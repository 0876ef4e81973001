package dispatch

import (
	"cmp"
	"slices"
	"sync"

	"hemolift/dispatch/delivery"
)

// feedLength is how many events a feed remembers; a reader that is farther behind
// reads the record instead.
const feedLength = 4096

// Feed hands the newest events of the log to any number of readers, losing none: a reader
// asks for what came after a sequence. It is safe for concurrent use.
type Feed struct {
	mu     sync.Mutex
	events []delivery.Event // ascending
	from   uint64
	more   chan struct{}
}

// NewFeed starts after a sequence: what the log held before is not in it.
func NewFeed(after uint64) *Feed { return &Feed{from: after, more: make(chan struct{})} }

// Publish appends events, which must be in the log already, in ascending order.
func (f *Feed) Publish(events ...delivery.Event) {
	if len(events) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, events...)
	if drop := len(f.events) - feedLength; drop > 0 {
		f.from = f.events[drop-1].Seq
		f.events = slices.Delete(f.events, 0, drop)
	}
	close(f.more)
	f.more = make(chan struct{})
}

// Since returns the events after a sequence, and a channel that closes when there
// are more. ok is false when some have left the feed and the log must be read.
func (f *Feed) Since(seq uint64) (events []delivery.Event, more <-chan struct{}, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, _ := slices.BinarySearchFunc(f.events, seq+1, func(e delivery.Event, s uint64) int { return cmp.Compare(e.Seq, s) })
	return slices.Clone(f.events[i:]), f.more, seq >= f.from
}

// Last returns the newest sequence.
func (f *Feed) Last() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.events); n > 0 {
		return f.events[n-1].Seq
	}
	return f.from
}
