package dispatchdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
)

// Store implements dispatch's store, and the reading side for web.
type Store struct{ pool *pgxpool.Pool }

// New returns a store on a migrated database.
func New(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// inTx runs f in one transaction and logs its events at the end. f may run again.
func (s *Store) inTx(ctx context.Context, f func(pgx.Tx) ([]delivery.Event, error)) (events []delivery.Event, err error) {
	for try := 0; ; try++ {
		err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			if events, err = f(tx); err != nil {
				return err
			}
			return logEvents(ctx, tx, events)
		})
		var pg *pgconn.PgError
		if try < maxRetries && errors.As(err, &pg) && (pg.Code == deadlock || pg.Code == serialization) {
			continue // nothing of it was written; the other transaction has gone ahead
		}
		return events, meaning(err)
	}
}

const (
	maxRetries    = 3
	deadlock      = "40P01"
	serialization = "40001"
)

// meaning turns constraint violations into what they mean.
func meaning(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		if errors.Is(err, pgx.ErrNoRows) {
			return refusal.ErrNotFound
		}
		return err
	}
	switch {
	case pg.ConstraintName == "delivery_second_person":
		return refusal.ErrSamePerson
	case pg.ConstraintName == "delivery_seal_once":
		return refusal.Field{Field: "seal", Reason: "was used before"}
	case pg.Code == "23505" || pg.Code == "23P01":
		return fmt.Errorf("%w (%s)", refusal.ErrTaken, pg.ConstraintName)
	}
	return err
}

// eventLock serialises the numbering of events.
const eventLock = 0x686c6f67

// logEvents numbers and stores the events. Times are cut to what Postgres keeps.
func logEvents(ctx context.Context, tx pgx.Tx, events []delivery.Event) error {
	if len(events) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, eventLock); err != nil {
		return err
	}
	for i := range events {
		e := &events[i]
		if e.Detail == nil {
			e.Detail = map[string]string{}
		}
		const q = `INSERT INTO event_log (at, kind, actor, site_id, subject, detail)
			VALUES ($1, $2, $3, $4, $5, $6)
			RETURNING seq`
		if err := tx.QueryRow(ctx, q, e.At, e.Kind, e.Actor, e.Site, e.Subject, e.Detail).Scan(&e.Seq); err != nil {
			return fmt.Errorf("log event: %w", err)
		}
	}
	return nil
}

// Log appends events that change nothing else.
func (s *Store) Log(ctx context.Context, events ...delivery.Event) ([]delivery.Event, error) {
	return s.inTx(ctx, func(pgx.Tx) ([]delivery.Event, error) { return events, nil })
}

// EventsSince returns up to limit events after a sequence.
func (s *Store) EventsSince(ctx context.Context, seq uint64, limit int) ([]delivery.Event, error) {
	const q = `SELECT seq, at, kind, actor, site_id, subject, detail
		FROM event_log
		WHERE seq > $1
		ORDER BY seq
		LIMIT $2`
	rows, err := s.pool.Query(ctx, q, seq, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[delivery.Event])
}

// LastEvent returns the newest sequence, 0 without any.
func (s *Store) LastEvent(ctx context.Context) (seq uint64, err error) {
	err = s.pool.QueryRow(ctx, `SELECT COALESCE(max(seq), 0) FROM event_log`).Scan(&seq)
	return seq, err
}

// Clock returns where server time stood: the latest of what was noted and what was
// stored, or false on a fresh database.
func (s *Store) Clock(ctx context.Context) (time.Time, bool, error) {
	var at *time.Time
	const q = `SELECT greatest((SELECT at FROM clock), (SELECT max(at) FROM event_log),
		(SELECT max(received_at) FROM status_sample), (SELECT max(received_at) FROM position_sample))`
	if err := s.pool.QueryRow(ctx, q).Scan(&at); err != nil || at == nil {
		return time.Time{}, false, err
	}
	return *at, true, nil
}

// NoteClock keeps where server time stands.
func (s *Store) NoteClock(ctx context.Context, at time.Time) error {
	const q = `INSERT INTO clock (at) VALUES ($1)
		ON CONFLICT (one) DO UPDATE SET at = greatest(clock.at, excluded.at)`
	_, err := s.pool.Exec(ctx, q, at)
	return err
}
