package dispatchdb_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hemolift/dispatch/dispatchdb"
	"hemolift/migrations/pgtest"
)

func TestOneServerDecidesAtATime(t *testing.T) {
	t.Parallel()
	pool, ctx := pgtest.New(t), context.Background()
	url := pool.Config().ConnString()
	first, err := dispatchdb.TakeLease(ctx, url, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dispatchdb.TakeLease(ctx, url, 0); !errors.Is(err, dispatchdb.ErrDecided) {
		t.Errorf("a second one: %v", err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := dispatchdb.TakeLease(gone, url, time.Hour); err == nil {
		t.Error("taken for one that is gone")
	}
	// Another one waits for it.
	taken := make(chan error, 1)
	go func() {
		second, err := dispatchdb.TakeLease(ctx, url, time.Minute)
		if err == nil {
			second.Release()
		}
		taken <- err
	}()
	first.Release()
	if err := <-taken; err != nil {
		t.Errorf("after the first gave it up: %v", err)
	}
	// Another record is another lease.
	third, err := dispatchdb.TakeLease(ctx, url, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer third.Release()
	other, err := dispatchdb.TakeLease(ctx, pgtest.New(t).Config().ConnString(), 0)
	if err != nil {
		t.Fatal(err)
	}
	other.Release()
}

func TestALostLeaseIsNoticed(t *testing.T) {
	t.Parallel()
	pool, ctx := pgtest.New(t), context.Background()
	l, err := dispatchdb.TakeLease(ctx, pool.Config().ConnString(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	held := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { held <- l.Hold(ctx) }()
	const q = `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE
		datname = current_database())`
	if _, err := pool.Exec(ctx, q); err != nil {
		t.Fatal(err)
	}
	if err := <-held; err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("held with %v", err)
	}
}

func TestALeaseIsHeldUntilTheEnd(t *testing.T) {
	t.Parallel()
	l, err := dispatchdb.TakeLease(context.Background(), pgtest.New(t).Config().ConnString(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	ctx, cancel := context.WithCancelCause(context.Background())
	end := errors.New("the end")
	cancel(end)
	if err := l.Hold(ctx); !errors.Is(err, end) {
		t.Errorf("got %v", err)
	}
}
