package dispatchdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// leaseKey names the lock of Postgres that whoever decides on a record holds. Any other
// number would do.
const leaseKey = 0x48454d4f4c494654

const (
	leaseAsked   = 250 * time.Millisecond // how often a taken lease is asked for again
	leaseWatched = time.Second            // how often a held one is looked after
	leaseAnswer  = 5 * time.Second        // within which the database must answer for it
)

// ErrDecided is returned when another server decides on the record.
var ErrDecided = errors.New("another server decides on this record; stop it first")

// Lease is the right to decide on a record, which one server has at a time: two that plan
// with the same drones would each be surprised by the other. It lives as long as its
// connection; Postgres is asked to give up on a silent one only after a holder that cannot
// reach it has noticed.
type Lease struct{ conn *pgx.Conn }

// TakeLease waits for some time for the lease of a database, and is refused with
// ErrDecided.
func TakeLease(ctx context.Context, url string, wait time.Duration) (*Lease, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("lease: %w", err)
	}
	// Three times leaseAnswer, in vain.
	cfg.RuntimeParams["tcp_keepalives_idle"], cfg.RuntimeParams["tcp_keepalives_interval"] = "6", "3"
	cfg.RuntimeParams["tcp_keepalives_count"], cfg.RuntimeParams["tcp_user_timeout"] = "3", "15000"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("lease: %w", err)
	}
	l := &Lease{conn}
	again := time.NewTicker(leaseAsked)
	defer again.Stop()
	for deadline := time.Now().Add(wait); ; {
		var got bool
		if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, int64(leaseKey)).Scan(&got); err != nil {
			l.Release()
			return nil, fmt.Errorf("lease: %w", err)
		}
		switch {
		case got:
			return l, nil
		case time.Now().After(deadline):
			l.Release()
			return nil, ErrDecided
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			l.Release()
			return nil, context.Cause(ctx)
		}
	}
}

// Hold looks after the lease until ctx ends. An error means that it is lost: whoever holds
// it must not decide any more.
func (l *Lease) Hold(ctx context.Context) error {
	tick := time.NewTicker(leaseWatched)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		within, cancel := context.WithTimeout(ctx, leaseAnswer)
		err := l.conn.Ping(within)
		cancel()
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("the right to decide on the record is lost: %v", err) //nolint:errorlint // a time-out here is no clean end
		}
	}
}

// Release gives the lease up.
func (l *Lease) Release() {
	ctx, cancel := context.WithTimeout(context.Background(), leaseAnswer)
	defer cancel()
	_ = l.conn.Close(ctx) // the lock goes with the connection
}
