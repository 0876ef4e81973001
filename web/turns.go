package web

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"hemolift/telemetry/attempts"
)

// What one account may ask for, and one address that is not signed in: so many requests a
// second and at once after a pause, a large body and long work counting as several; so many
// worked on at the same time, and so many that wait for it.
const (
	asksASecond, asksAtOnce = 50, 500
	bytesOfAsk              = 4 << 10               // of a body
	workOfAsk               = 10 * time.Millisecond // of work
	mostOfOne               = asksAtOnce / 2        // what the largest body counts, and the longest work
	mostDebt                = 5 * asksASecond       // that work may leave
	slowMost                = time.Second           // for which one over its share waits before it is refused
	workedOn, waiting       = 6, 64

	feedsOfAccount = 200 // live connections

	bytesOfGuest = 24 * bytesOfAsk // what a guest's question counts: two a second, twenty at once

	turnsKept = 20_000 // accounts and addresses that are remembered
	turnsFor  = time.Minute
)

// turns keeps one account from the others' time. Its windows are wall time.
type turns struct {
	times float64 // the usual

	mu   sync.Mutex
	each map[string]*turn
}

// turn is what one account or address has left.
type turn struct {
	asks    *rate.Limiter
	work    *semaphore.Weighted
	present int // worked on, or waiting for it
	feeds   int
	last    time.Time
}

func newTurns(times float64) *turns { return &turns{times: times, each: map[string]*turn{}} }

// comes counts a request of somebody who is not signed in, of an address: no work is done for
// it but what the sign-in bounds itself.
func (t *turns) comes(ctx context.Context, address string) error {
	x, delay, err := t.enter("@"+address, 0, false, time.Now()) // no login has that character
	if err != nil {
		return err
	}
	t.leave(x, false)
	if delay > slowMost {
		return attempts.WaitError{For: delay}
	}
	return slow(ctx, delay)
}

// take waits for a request's turn; leave ends it. An attempts.WaitError refuses it for now,
// another error is ctx's. A live feed is counted by itself, for as long as it stands.
func (t *turns) take(ctx context.Context, key string, bytes int64, feed bool) (leave func(), err error) {
	x, delay, err := t.enter(key, bytes, feed, time.Now())
	if err != nil {
		return nil, err
	}
	if err := slow(ctx, min(delay, slowMost)); err != nil {
		t.leave(x, feed)
		return nil, err
	}
	switch {
	case delay > slowMost:
		t.leave(x, feed)
		return nil, attempts.WaitError{For: delay - slowMost}
	case feed:
		return func() { t.leave(x, feed) }, nil
	}
	if err := x.work.Acquire(ctx, 1); err != nil {
		t.leave(x, feed)
		return nil, err
	}
	begun := time.Now()
	return func() {
		x.work.Release(1)
		now := time.Now()
		x.charge(int(now.Sub(begun)/workOfAsk), now)
		t.leave(x, feed)
	}, nil
}

// charge counts work that was done: what comes next waits for it, but not for longer than
// the debt that one may have, since a slow disk makes all work long.
func (x *turn) charge(asks int, now time.Time) {
	if n := min(asks, mostOfOne, int(x.asks.TokensAt(now))+mostDebt); n > 0 {
		x.asks.ReserveN(now, n)
	}
}

// slow waits, for as long as ctx lets it.
func slow(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enter counts a request and says for how long it is early; one that is too early is not
// counted, but present while it waits.
func (t *turns) enter(key string, bytes int64, feed bool, now time.Time) (*turn, time.Duration, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.of(key, now)
	if feed && x.feeds >= feedsOfAccount || !feed && x.present >= workedOn+waiting {
		return nil, 0, attempts.WaitError{For: time.Second}
	}
	cost := mostOfOne // of a body whose length is not said
	if bytes >= 0 {
		cost = min(1+int(bytes/bytesOfAsk), mostOfOne)
	}
	r := x.asks.ReserveN(now, cost)
	delay := r.DelayFrom(now)
	if delay > slowMost {
		r.CancelAt(now)
	}
	if feed {
		x.feeds++
	} else {
		x.present++
	}
	return x, delay, nil
}

func (t *turns) leave(x *turn, feed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if feed {
		x.feeds--
	} else {
		x.present--
	}
}

// of returns the turn of a key. The lock is held.
func (t *turns) of(key string, now time.Time) *turn {
	x := t.each[key]
	if x == nil {
		if len(t.each) >= turnsKept {
			t.forget(now)
		}
		x = &turn{
			asks: rate.NewLimiter(rate.Limit(asksASecond*t.times), int(asksAtOnce*t.times)),
			work: semaphore.NewWeighted(workedOn),
		}
		t.each[key] = x
	}
	x.last = now
	return x
}

// forget makes room: those that asked for nothing lately go, and if that is too little, half
// of the rest; not those who are present.
func (t *turns) forget(now time.Time) {
	for key, x := range t.each {
		if x.present+x.feeds == 0 && (now.Sub(x.last) >= turnsFor || len(t.each) > turnsKept/2) {
			delete(t.each, key)
		}
	}
}
