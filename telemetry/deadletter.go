package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"hemolift/telemetry/tally"
)

// DeadLetter is what a device sent and what can never be stored: an element of a message,
// or a whole one. It was acknowledged, so that what is behind it is not kept waiting.
type DeadLetter struct {
	Device  DeviceID
	At      time.Time // of its arrival
	Topic   string    // the last part, as "temp"
	Place   *int      // in the message's array; nil = the message as a whole
	Reason  string
	Payload []byte // its beginning
}

// letterStore keeps the newest LettersKept letters of each device.
type letterStore interface {
	KeepLetters(ctx context.Context, letters []DeadLetter) error
}

// LettersKept is how many letters of a device are kept.
const LettersKept = 100

// What is kept of one device at once, and in a minute; a fault that repeats itself looks
// the same in each letter. Further bounds: of the queue to the record, and of one letter.
const (
	lettersAtOnce   = 20
	lettersAMinute  = 6
	letterQueue     = 256
	letterBytes     = 1024
	letterReason    = 500
	lettersGathered = 64
)

// DeadLetters takes letters without making anybody wait. What is too much is dropped: the
// counters and the log have it all the same.
type DeadLetters struct {
	store letterStore
	log   *slog.Logger
	queue chan DeadLetter
	fails *tally.Tally

	mu   sync.Mutex
	each map[DeviceID]*rate.Limiter // as many as there are devices
}

// NewDeadLetters returns an empty box; Run must be started.
func NewDeadLetters(store letterStore, log *slog.Logger) *DeadLetters {
	return &DeadLetters{
		store: store, log: log, queue: make(chan DeadLetter, letterQueue), fails: tally.New(), each: map[DeviceID]*rate.Limiter{},
	}
}

// Put takes a letter of a known device, or drops it where there are too many.
func (d *DeadLetters) Put(l DeadLetter) {
	if !d.limiter(l.Device).Allow() {
		return
	}
	l.Payload = l.Payload[:min(len(l.Payload), letterBytes)]
	l.Payload = append([]byte{}, l.Payload...) // the message's buffer is used again
	l.Reason = cut(strings.ToValidUTF8(strings.ReplaceAll(l.Reason, "\x00", "�"), "�"), letterReason)
	select {
	case d.queue <- l:
	default:
	}
}

func (d *DeadLetters) limiter(id DeviceID) *rate.Limiter {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.each[id]
	if l == nil {
		l = rate.NewLimiter(rate.Every(time.Minute/lettersAMinute), lettersAtOnce)
		d.each[id] = l
	}
	return l
}

// cut shortens a text at a character's end.
func cut(s string, bytes int) string {
	if len(s) <= bytes {
		return s
	}
	for bytes > 0 && !utf8.RuneStart(s[bytes]) {
		bytes--
	}
	return s[:bytes]
}

// Run writes letters down until ctx ends.
func (d *DeadLetters) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case first := <-d.queue:
			letters := []DeadLetter{first}
			for len(letters) < lettersGathered && len(d.queue) > 0 {
				letters = append(letters, <-d.queue)
			}
			if err := d.store.KeepLetters(ctx, letters); err != nil && ctx.Err() == nil {
				if n := d.fails.Add("", time.Now()); n > 0 {
					d.log.Error("dead letters not kept", "err", fmt.Errorf("%d: %w", len(letters), err), "count", n)
				}
			}
		}
	}
}
