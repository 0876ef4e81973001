package dispatchdb

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
)

// DB is the record in Postgres, one repository a field.
type DB struct {
	Books     *Books
	World     *World
	Boards    *Boards
	Log       *Log
	Requests  *Requests
	Stock     *Stock
	Alarms    *Alarms
	Commands  *Commands
	Zones     *Zones
	Closures  *Closures
	Cold      *Cold
	Legs      *Legs
	Handovers *Handovers
	Guests    *Guests
	Notices   *Notices
	Networks  *Networks
	Documents *Documents
	Accounts  *Accounts
	Devices   *Devices
	Upkeep    *Upkeep
	Clock     *Clock
}

// New returns the repositories of a migrated database.
func New(pool *pgxpool.Pool) *DB {
	d := db{pool}
	return &DB{
		Books: &Books{
			d,
		},
		World:    &World{d},
		Boards:   &Boards{d},
		Log:      &Log{d},
		Requests: &Requests{d},
		Stock:    &Stock{d},
		Alarms:   &Alarms{d},
		Commands: &Commands{d},
		Zones:    &Zones{d},
		Closures: &Closures{
			d,
		},
		Cold:      &Cold{d},
		Legs:      &Legs{d},
		Handovers: &Handovers{d},
		Guests:    &Guests{d},
		Notices:   &Notices{d},
		Networks:  &Networks{d},
		Documents: &Documents{d},
		Accounts:  &Accounts{d},
		Devices:   &Devices{d},
		Upkeep:    &Upkeep{d},
		Clock:     &Clock{d},
	}
}

// db is what the repositories share.
type db struct{ pool *pgxpool.Pool }

// read runs f on one instant of the record.
func (s db) read(ctx context.Context, f func(pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, f)
}

// search is read for what people search the past for: how much there is of what they ask decides how
// it is best found, so its statements are planned for that.
func (s db) search(ctx context.Context, f func(pgx.Tx) error) error {
	return s.read(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL plan_cache_mode = force_custom_plan`); err != nil {
			return err
		}
		return f(tx)
	})
}

// inTx runs f in one transaction and logs its events at the end. f may run again.
func (s db) inTx(ctx context.Context, f func(pgx.Tx) ([]delivery.Event, error)) (events []delivery.Event, err error) {
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

// unavailable reports whether an error of Postgres is of the server, not of what it was
// asked: no room or memory (class 53), ended or starting (57P), a fault of the system (58), a
// lock that did not come, a copy that only reads, or others that were in the way at every try.
func unavailable(code string) bool {
	return strings.HasPrefix(code, "53") || strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "58") ||
		code == "55P03" || code == "25006" || code == deadlock || code == serialization
}

// meaning turns constraint violations into what they mean.
func meaning(err error) error {
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return refusal.ErrNotFound
	case errors.As(err, new(*pgconn.ConnectError)):
		return fmt.Errorf("%w: %w", refusal.ErrUnavailable, err)
	case !errors.As(err, &pg):
		return err
	}
	switch {
	case unavailable(pg.Code):
		return fmt.Errorf("%w: %w", refusal.ErrUnavailable, err)
	case pg.ConstraintName == "delivery_second_person":
		return refusal.ErrSamePerson
	case pg.ConstraintName == "delivery_seal_once":
		return refusal.Field{Field: "seal", Reason: "was used before"}
	case pg.Code == "23505" || pg.Code == "23P01":
		return fmt.Errorf("%w (%s)", refusal.ErrTaken, pg.ConstraintName)
	}
	return err
}
