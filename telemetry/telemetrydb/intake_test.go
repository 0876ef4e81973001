package telemetrydb

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"hemolift/migrations/pgtest"
	"hemolift/telemetry"
)

// line is the whole way in, on a real Postgres.
type line struct {
	*telemetry.Intake
	tracker *telemetry.Tracker
	store   *Store
	mu      sync.Mutex
	events  []telemetry.Event
}

func newLine(t *testing.T, now func() time.Time) *line {
	t.Helper()
	l := &line{store: New(pgtest.New(t)), tracker: telemetry.NewTracker(telemetry.DefaultLimits(), 45)}
	l.tracker.Know("HL-01")
	rec := telemetry.NewRecorder(l.store)
	l.Intake = telemetry.NewIntake(l.tracker, rec, now)
	handle := func(_ context.Context, e []telemetry.Event) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.events = append(l.events, e...)
	}
	ctx, cancel := context.WithCancel(context.Background())
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return rec.Run(ctx) })
	g.Go(func() error { return l.Run(ctx, handle) })
	t.Cleanup(func() {
		cancel()
		if err := g.Wait(); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return l
}

// await waits until so many events have been handed on.
func (l *line) await(t *testing.T, n int) {
	t.Helper()
	deadline, poll := time.After(10*time.Second), time.NewTicker(5*time.Millisecond)
	defer poll.Stop()
	for {
		l.mu.Lock()
		got := len(l.events)
		l.mu.Unlock()
		if got >= n {
			return
		}
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("got %d events, want %d", got, n)
		}
	}
}

func fix(seq int) telemetry.Sample {
	return telemetry.Sample{
		Device: "HL-01", Seq: uint64(seq), At: t0.Add(time.Duration(seq) * time.Millisecond),
		Reading: telemetry.Position{Point: orb.Point{123.4, 41.8}, AltM: 45, BatteryPct: 80, WindMPS: -1},
	}
}

func TestAcceptedMeansStored(t *testing.T) {
	ctx := context.Background()
	l := newLine(t, func() time.Time { return t0.Add(time.Second) })
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			if err := l.Accept(ctx, []telemetry.Sample{fix(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, err := l.store.Positions(ctx, "HL-01", t0, t0.Add(time.Second))
	if err != nil || len(got) != 200 {
		t.Errorf("got %d stored, %v; want 200", len(got), err)
	}
	if d, _ := l.tracker.Drone("HL-01"); !d.At.Equal(fix(199).At) {
		t.Errorf("the newest is of %v, want %v", d.At, fix(199).At)
	}
}

func TestOneBadSampleCostsOnlyItself(t *testing.T) {
	ctx := context.Background()
	l := newLine(t, func() time.Time { return t0.Add(time.Second) })
	bad := fix(2)
	bad.At = t0.Add(time.Hour)
	var refused telemetry.Refusals
	err := l.Accept(ctx, []telemetry.Sample{fix(1), bad, fix(3)})
	if !errors.As(err, &refused) || len(refused) != 1 || refused[0].Index != 1 || !errors.Is(refused[0].Err, telemetry.ErrFromFuture) {
		t.Errorf("got %v", err)
	}
	if got, err := l.store.Positions(ctx, "HL-01", t0, t0.Add(time.Second)); err != nil || len(got) != 2 {
		t.Errorf("%d of the two good samples were stored (%v)", len(got), err)
	}
	if err := l.Accept(ctx, []telemetry.Sample{bad}); !errors.As(err, &refused) {
		t.Errorf("nothing but a bad one: %v", err)
	}
}

func TestUnstoredIsNeitherAcknowledgedNorShown(t *testing.T) {
	ctx := context.Background()
	l := newLine(t, func() time.Time { return t0.Add(time.Second) })
	if _, err := pgtest.Owner(t, l.store.pool).Exec(ctx, `ALTER TABLE position_sample RENAME TO gone`); err != nil {
		t.Fatal(err)
	}
	if err := l.Accept(ctx, []telemetry.Sample{fix(1)}); err == nil {
		t.Error("acknowledged without a table to store it in")
	}
	if d, _ := l.tracker.Drone("HL-01"); d.Located {
		t.Error("shown though not stored")
	}
}

// TestChangesAreHandedOnInOrder lets the link be lost and come back again and again
// from two goroutines: lost and restored must alternate.
func TestChangesAreHandedOnInOrder(t *testing.T) {
	var mu sync.Mutex
	at := t0
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return at }
	l := newLine(t, now)
	for i := range 4 {
		s := fix(0)
		s.At, s.Seq = now(), uint64(i)
		if err := l.Accept(context.Background(), []telemetry.Sample{s}); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		at = at.Add(time.Minute)
		mu.Unlock()
		l.await(t, 2*(i+1))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, e := range l.events {
		want := telemetry.LinkRestored
		if i%2 == 1 {
			want = telemetry.LinkLost
		}
		if e.Kind != want {
			t.Fatalf("event %d: got %v, want %v (%s)", i, e.Kind, want, fmt.Sprint(l.events))
		}
	}
}

// What the record itself can never keep costs only itself too: the others of its batch, and
// batches beside it, are stored and acknowledged.
func TestWhatCanNeverBeStoredCostsOnlyItself(t *testing.T) {
	ctx := context.Background()
	l := newLine(t, func() time.Time { return t0.Add(time.Second) })
	batch := make([]telemetry.Sample, 9)
	for i := range batch {
		batch[i] = fix(i)
	}
	batch[2].Device, batch[7].Device = "HL\x00", "HL\xff" // which text in Postgres cannot hold
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := l.Accept(ctx, []telemetry.Sample{fix(100 + i)}); err != nil {
				t.Error(err)
			}
		})
	}
	var refused telemetry.Refusals
	err := l.Accept(ctx, batch)
	wg.Wait()
	if !errors.As(err, &refused) || len(refused) != 2 || refused[0].Index != 2 || refused[1].Index != 7 || !errors.Is(refused[1].Err, telemetry.ErrNever) {
		t.Errorf("got %v", err)
	}
	if got, err := l.store.Positions(ctx, "HL-01", t0, t0.Add(time.Second)); err != nil || len(got) != 27 {
		t.Errorf("%d of the 27 good samples were stored (%v)", len(got), err)
	}
}

// However a device parts what it kept, with what is bad among it and some sent twice, the
// same rows are stored.
func TestABatchPartedInAnyWayStoresTheSame(t *testing.T) {
	l := newLine(t, func() time.Time { return t0.Add(time.Second) })
	random := rand.New(rand.NewPCG(1, 2))
	const n = 20
	var want []string
	for way := range 30 {
		device := telemetry.DeviceID(fmt.Sprintf("HL-%02d", way))
		batch := make([]telemetry.Sample, n)
		for i := range batch {
			batch[i] = fix(i)
			if batch[i].Device = device; i%7 == 3 {
				batch[i].At = t0.Add(time.Hour) // ahead of the clock
			}
		}
		for from := 0; from < n; {
			to := n // the first way is the whole
			if way > 0 {
				to = min(n, from+1+random.IntN(6))
			}
			var refused telemetry.Refusals
			if err := l.Accept(t.Context(), batch[from:to]); err != nil && !errors.As(err, &refused) {
				t.Fatal(err)
			}
			if from = to; way > 0 && to < n && random.IntN(3) == 0 {
				from-- // an answer was lost
			}
		}
		stored, err := l.store.Positions(t.Context(), device, t0, t0.Add(2*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range stored {
			got = append(got, fmt.Sprint(s.Seq, s.At, s.Reading))
		}
		if want == nil {
			want = got
		}
		if len(got) != n-3 || !slices.Equal(got, want) {
			t.Errorf("way %d: %d rows\n%v\nwant\n%v", way, len(got), got, want)
		}
	}
}
