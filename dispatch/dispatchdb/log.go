package dispatchdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/visit"
)

// eventLock serialises the numbering of events.
const eventLock = 0x686c6f67

// logEvents numbers and stores the events; one that could not be told is refused, and what
// it tells of with it. Times are cut to what Postgres keeps.
func logEvents(ctx context.Context, tx pgx.Tx, events []delivery.Event) error {
	if len(events) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, eventLock); err != nil {
		return err
	}
	from := visit.Of(ctx)
	var b pgx.Batch
	for i := range events {
		e := &events[i]
		if e.Actor != "" && e.Actor != network.System.Login {
			e.Session, e.Address = cmp.Or(e.Session, from.Session), cmp.Or(e.Address, from.Address)
		}
		if err := e.Check(); err != nil {
			return fmt.Errorf("log event: %w", err)
		}
		if e.Detail == nil {
			e.Detail = map[string]string{}
		}
		const q = `INSERT INTO event_log (at, kind, actor, site_id, subject, detail, session, address)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			RETURNING seq`
		b.Queue(q, e.At, e.Kind, e.Actor, e.Site, e.Subject, e.Detail, e.Session, e.Address).
			QueryRow(func(row pgx.Row) error { return row.Scan(&e.Seq) })
	}
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return fmt.Errorf("log event: %w", err)
	}
	return nil
}

// Log is the append-only log.
type Log struct{ db }

// Append appends events that change nothing else.
func (s *Log) Append(ctx context.Context, events ...delivery.Event) error {
	_, err := s.inTx(ctx, func(pgx.Tx) ([]delivery.Event, error) { return events, nil })
	return err
}

// Configured keeps what the program is started with, when it is another version than at the
// start before.
func (s *Log) Configured(ctx context.Context, what, version string, now time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		var was string
		const q = `SELECT detail->>'version' FROM event_log WHERE subject = $1 AND kind = $2 ORDER BY seq DESC LIMIT 1`
		if err := tx.QueryRow(ctx, q, what, delivery.EvConfig).Scan(&was); err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return nil, err
		}
		if was == version {
			return nil, nil
		}
		return []delivery.Event{{At: now, Kind: delivery.EvConfig, Actor: network.System.Login, Subject: what, Detail: map[string]string{
			"version": version, "was_version": was,
		}}}, nil
	})
	return err
}

// EventsSince returns up to limit events after a sequence.
func (s *Log) EventsSince(ctx context.Context, seq uint64, limit int) ([]delivery.Event, error) {
	const q = `SELECT ` + eventColumns + `
		FROM event_log
		WHERE seq > $1
		ORDER BY seq
		LIMIT $2`
	rows, err := s.pool.Query(ctx, q, seq, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanEvent)
}

// EventsOf is EventsSince of the events that one hospital may see.
func (s *Log) EventsOf(ctx context.Context, site network.SiteID, seq uint64, limit int) ([]delivery.Event, error) {
	const q = `SELECT ` + eventColumns + `
		FROM event_log
		WHERE site_id = $1 AND seq > $2
		ORDER BY seq
		LIMIT $3`
	rows, err := s.pool.Query(ctx, q, site, seq, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanEvent)
}

// Find searches the log.
func (s *Log) Find(ctx context.Context, q delivery.EventQuery) (found []delivery.Event, err error) {
	var a asked
	a.when(q.Actor != "", `actor = ?`, q.Actor)
	a.begins(`subject`, q.Subject)
	a.when(q.Kind != "", `kind = ?`, string(q.Kind))
	a.when(!q.From.IsZero(), `at >= ?`, q.From)
	a.when(!q.To.IsZero(), `at < ?`, q.To)
	a.when(q.Before != 0, `seq < ?`, q.Before)
	text := `SELECT ` + eventColumns + ` FROM event_log` + a.where() + ` ORDER BY seq DESC LIMIT ` + a.arg(q.Limit)
	err = s.search(ctx, func(tx pgx.Tx) error {
		found, err = collect(ctx, tx, scanEvent, text, a.args...)
		return err
	})
	return found, err
}

// Notes returns up to limit of what shifts left to one another, the newest first.
func (s *Log) Notes(ctx context.Context, limit int) ([]delivery.Event, error) {
	const q = `SELECT ` + eventColumns + `
		FROM event_log
		WHERE kind = 'note'
		ORDER BY seq DESC
		LIMIT $1`
	rows, err := s.pool.Query(ctx, q, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanEvent)
}

// LastEvent returns the newest sequence, 0 without any.
func (s *Log) LastEvent(ctx context.Context) (seq uint64, err error) {
	err = s.pool.QueryRow(ctx, `SELECT COALESCE(max(seq), 0) FROM event_log`).Scan(&seq)
	return seq, err
}

// eventColumns are a row of the log. The details of one that another program wrote otherwise
// than we do are texts all the same: it must not hide the rows behind it.
const eventColumns = `seq, at, kind, actor, site_id, subject,
	(SELECT COALESCE(jsonb_object_agg(key, COALESCE(value #>> '{}', '')), '{}')
		FROM jsonb_each(CASE jsonb_typeof(detail) WHEN 'object' THEN detail ELSE jsonb_build_object('unreadable', detail) END)),
	session, address`

// scanEvent reads a row; a time without end is no time, as the reader sees.
func scanEvent(row pgx.CollectableRow) (e delivery.Event, err error) {
	var at pgtype.Timestamptz
	err = row.Scan(&e.Seq, &at, &e.Kind, &e.Actor, &e.Site, &e.Subject, &e.Detail, &e.Session, &e.Address)
	e.At = at.Time
	return e, err
}
