package attempts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// clock goes when a test says so.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) tick(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

func guard() (*Guard, *clock) {
	c := &clock{at: time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)}
	return New(c.now), c
}

// try makes one attempt, and says how long it must wait when it may not be made.
func try(t *testing.T, g *Guard, account, address string, right bool) time.Duration {
	t.Helper()
	done, err := g.Begin(context.Background(), account, address)
	var wait WaitError
	if errors.As(err, &wait) {
		return wait.For
	}
	if err != nil {
		t.Fatal(err)
	}
	done(right)
	return 0
}

func TestWrongAttemptsWaitLongerAndLonger(t *testing.T) {
	g, c := guard()
	var waits []time.Duration
	for range 14 {
		wait := try(t, g, "anna", "10.0.0.1", false)
		if wait > 0 {
			waits = append(waits, wait)
			c.tick(wait)
			if again := try(t, g, "anna", "10.0.0.1", false); again > 0 {
				t.Fatalf("waited %v, and %v more", wait, again)
			}
		}
	}
	want := []time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 60, 60}
	if len(waits) < len(want) {
		t.Fatalf("waits: %v", waits)
	}
	for i, w := range want {
		if waits[i] != w*time.Second {
			t.Errorf("wait %d is %v, want %v", i, waits[i], w*time.Second)
		}
	}
}

// Whoever guesses keeps nobody else out, nor the person from elsewhere.
func TestNobodyElseWaits(t *testing.T) {
	g, _ := guard()
	for range 10 {
		try(t, g, "anna", "10.0.0.1", false)
	}
	if try(t, g, "anna", "10.0.0.1", true) == 0 {
		t.Error("the guesser does not wait")
	}
	if wait := try(t, g, "anna", "10.0.0.2", true); wait > 0 {
		t.Errorf("anna waits elsewhere for %v", wait)
	}
	if wait := try(t, g, "bert", "10.0.0.1", true); wait > 0 {
		t.Errorf("a colleague at the same address waits for %v", wait)
	}
}

func TestARightAttemptIsAFreshStart(t *testing.T) {
	g, _ := guard()
	for range 7 {
		for _, right := range []bool{false, false, false, true} {
			if wait := try(t, g, "anna", "10.0.0.1", right); wait > 0 {
				t.Fatalf("waits for %v", wait)
			}
		}
	}
}

func TestAnAddressThatTriesManyAccountsIsSlowed(t *testing.T) {
	g, c := guard()
	tried := 0
	for i := range 200 {
		if try(t, g, fmt.Sprint("account", i), "10.0.0.1", false) == 0 {
			tried++
		}
	}
	if tried > 31 {
		t.Errorf("%d were tried at once", tried)
	}
	for i := range 10 {
		c.tick(5 * time.Second)
		if wait := try(t, g, fmt.Sprint("later", i), "10.0.0.1", false); wait > 0 {
			t.Errorf("after five seconds it waits for %v more", wait)
		}
	}
	c.tick(15 * time.Minute)
	if wait := try(t, g, "later", "10.0.0.1", false); wait > 0 {
		t.Errorf("it is remembered for ever: %v", wait)
	}
}

// Three hundred at once are one attempt.
func TestManyAtOnceAreCountedBeforeTheyAreMade(t *testing.T) {
	g, _ := guard()
	first, err := g.Begin(context.Background(), "anna", "10.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for range 300 {
		if try(t, g, "anna", "10.0.0.1", false) == 0 {
			made++
		}
	}
	first(false)
	if made != 0 {
		t.Errorf("%d more were made", made)
	}
	if wait := try(t, g, "anna", "10.0.0.1", true); wait > 0 {
		t.Errorf("then the right one waits for %v", wait)
	}
}

// Those who wait for their turn are few, and one that goes away makes room.
func TestTheQueueIsBoundedAndLeft(t *testing.T) {
	g, _ := guard()
	ctx, cancel := context.WithCancel(context.Background())
	var working []func(bool)
	for i := range 2 {
		done, err := g.Begin(ctx, fmt.Sprint("working", i), "10.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		working = append(working, done)
	}
	results := make(chan error, 100)
	for i := range 100 {
		go func() {
			done, err := g.Begin(ctx, fmt.Sprint("waits", i), "10.0.0.1")
			if err == nil {
				done(false)
			}
			results <- err
		}()
	}
	refused := 0
	for range 100 - 14 { // 16 of an address, two of which are worked on
		if err := <-results; !errors.As(err, new(WaitError)) {
			t.Fatalf("got %v", err)
		}
		refused++
	}
	other := make(chan error, 1)
	go func() {
		done, err := g.Begin(context.Background(), "anna", "10.0.0.2")
		if err == nil {
			done(true)
		}
		other <- err
	}()
	cancel()
	for range 14 {
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("one that went away: %v", err)
		}
	}
	for _, done := range working {
		done(false)
	}
	if err := <-other; err != nil {
		t.Errorf("another address: %v", err)
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	g, c := guard()
	for i := range 30_000 {
		if wait := try(t, g, "anna", fmt.Sprint("10.", i), false); wait > 0 {
			t.Fatalf("address %d waits for %v", i, wait)
		}
		c.tick(time.Millisecond)
	}
	if n := len(g.kept); n > 20_000 {
		t.Errorf("%d are remembered", n)
	}
}

// The answer to a wrong secret waits for longer and longer; that to the right one never does,
// and it forgets the others.
func TestWrongAnswersWait(t *testing.T) {
	g, _ := guard()
	var waits []time.Duration
	for range 8 {
		waits = append(waits, g.Wrong("BX-1", "10.0.0.1"))
	}
	s := time.Second
	if want := []time.Duration{0, 0, 0, s, 2 * s, 4 * s, 5 * s, 5 * s}; !slices.Equal(waits, want) {
		t.Errorf("waits %v, want %v", waits, want)
	}
	if wait := g.Wrong("BX-2", "10.0.0.1"); wait != 0 {
		t.Errorf("another device waits for %v", wait)
	}
	g.Right("BX-1", "10.0.0.1")
	if wait := g.Wrong("BX-1", "10.0.0.1"); wait != 0 {
		t.Errorf("after the right one: %v", wait)
	}
	for i := range freeOfAddress {
		g.Wrong(fmt.Sprint("BX-", i), "10.0.0.2")
	}
	if wait := g.Wrong("BX-99", "10.0.0.2"); wait != s {
		t.Errorf("an address that tries many devices waits for %v", wait)
	}
}
