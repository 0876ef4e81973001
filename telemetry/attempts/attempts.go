// Package attempts bounds guesses of passwords and device secrets. An attempt is counted
// before it is made, by its account and address together and by its address: so many at
// once are no way around, and whoever guesses at an account from elsewhere keeps nobody
// out of it. There is no lock-out.
//
// A password costs a hash: after a few wrong ones each next attempt must wait for longer
// (Begin), few are worked on at once, and few may wait. A device's secret costs little and
// cannot be guessed: it is looked at each time, and the answer to a wrong one waits for
// longer (Wrong, Right).
//
// The windows are wall time, whatever clock the desk goes by.
package attempts

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	atOnce      = 2  // attempts that are worked on at the same time
	fromAddress = 16 // attempts of one address that are worked on or wait for it

	freeOfPair    = 3 // wrong attempts on an account from an address that cost no wait
	freeOfAddress = 30
	firstWait     = time.Second
	mostOfPair    = time.Minute
	mostOfAddress = 5 * time.Second
	mostOfAnswer  = 5 * time.Second

	forgotten = 15 * time.Minute // without an attempt
	maxKept   = 20_000           // accounts and addresses that are remembered
)

// WaitError refuses an attempt that comes too early; another one may be made later.
type WaitError struct{ For time.Duration }

func (e WaitError) Error() string { return fmt.Sprintf("too many attempts; wait %d s", e.Seconds()) }

// Seconds is the wait in whole seconds.
func (e WaitError) Seconds() int { return int((e.For + time.Second - 1) / time.Second) }

// Guard counts attempts. It is safe for concurrent use.
type Guard struct {
	now   func() time.Time
	slots chan struct{}

	mu   sync.Mutex
	kept map[key]*tally
}

// key is an address, or with an account the two together.
type key struct{ account, address string }

// tally is what is remembered of a key.
type tally struct {
	wrong    int // in a row, with those under way
	underWay int
	next     time.Time // before which no attempt is made
	last     time.Time
}

// New returns a guard by a clock.
func New(now func() time.Time) *Guard {
	return &Guard{now: now, slots: make(chan struct{}, atOnce), kept: map[key]*tally{}}
}

// Begin counts an attempt on an account from an address and waits for its turn. The caller
// makes it and says by done whether it was right. A WaitError refuses it; another error is
// ctx's.
func (g *Guard) Begin(ctx context.Context, account, address string) (done func(right bool), err error) {
	pair, from, err := g.count(account, address)
	if err != nil {
		return nil, err
	}
	select {
	case g.slots <- struct{}{}:
		return func(right bool) {
			<-g.slots
			g.end(pair, from, right)
		}, nil
	case <-ctx.Done():
		g.end(pair, from, false)
		return nil, ctx.Err()
	}
}

func (g *Guard) count(account, address string) (pair, from *tally, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	pair, from = g.of(key{account, address}, now), g.of(key{"", address}, now)
	switch {
	case pair.underWay > 0 || from.underWay >= fromAddress:
		return nil, nil, WaitError{firstWait}
	case now.Before(pair.next):
		return nil, nil, WaitError{pair.next.Sub(now)}
	case now.Before(from.next):
		return nil, nil, WaitError{from.next.Sub(now)}
	}
	pair.add(now, freeOfPair, mostOfPair)
	from.add(now, freeOfAddress, mostOfAddress)
	return pair, from, nil
}

// of returns a key's tally, a fresh one when it was not used for long.
func (g *Guard) of(k key, now time.Time) *tally {
	t := g.kept[k]
	if t != nil && now.Sub(t.last) < forgotten {
		return t
	}
	if t == nil && len(g.kept) >= maxKept {
		g.forget(now)
	}
	t = &tally{last: now}
	g.kept[k] = t
	return t
}

// forget makes room: what is long ago goes, and if that is too little, half of the rest.
func (g *Guard) forget(now time.Time) {
	for k, t := range g.kept {
		if now.Sub(t.last) >= forgotten {
			delete(g.kept, k)
		}
	}
	for k := range g.kept {
		if len(g.kept) <= maxKept/2 {
			return
		}
		delete(g.kept, k)
	}
}

// add counts an attempt that may turn out wrong.
func (t *tally) add(now time.Time, free int, most time.Duration) {
	t.wrong++
	t.underWay++
	t.last = now
	if over := t.wrong - free; over > 0 {
		t.next = now.Add(min(firstWait<<min(over-1, 10), most))
	}
}

func (g *Guard) end(pair, from *tally, right bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	pair.underWay--
	from.underWay--
	if right {
		pair.wrong, pair.next = 0, time.Time{}
		from.wrong--
	}
}

// Wrong counts an attempt that was made at once and was wrong, and returns for how long its
// answer is to wait: for secrets that are cheap to look at and cannot be guessed, of which
// the right one is to be let in whatever others try.
func (g *Guard) Wrong(account, address string) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	pair, from := g.of(key{account, address}, now), g.of(key{"", address}, now)
	pair.add(now, freeOfPair, mostOfAnswer)
	from.add(now, freeOfAddress, mostOfAnswer)
	pair.underWay--
	from.underWay--
	return max(pair.next.Sub(now), from.next.Sub(now), 0)
}

// Right forgets the wrong attempts on an account from an address.
func (g *Guard) Right(account, address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.kept, key{account, address})
}
