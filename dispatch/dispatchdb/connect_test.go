package dispatchdb_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hemolift/dispatch/dispatchdb"
	"hemolift/migrations/pgtest"
)

// A database that says that it has no room is not ready, however it was asked.
func TestADatabaseWithoutRoomIsNotReady(t *testing.T) {
	ctx, url := context.Background(), pgtest.New(t).Config().ConnString()
	const full = `DO $$ BEGIN RAISE 'no room' USING ERRCODE = '53100'; END $$`
	for name, ask := range map[string]func(p *dispatchdb.Pool) error{
		"a statement": func(p *dispatchdb.Pool) error {
			_, err := p.Exec(ctx, full)
			return err
		},
		"a batch": func(p *dispatchdb.Pool) error {
			var b pgx.Batch
			b.Queue(`SELECT 1`)
			b.Queue(full)
			return p.SendBatch(ctx, &b).Close()
		},
		"a copy": func(p *dispatchdb.Pool) error {
			return pgx.BeginFunc(ctx, p, func(tx pgx.Tx) error {
				if _, err := tx.Exec(ctx, `CREATE TEMP TABLE taken (x int) ON COMMIT DROP`); err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, `CREATE FUNCTION pg_temp.no_room() RETURNS trigger LANGUAGE plpgsql
					AS $f$ BEGIN RAISE 'no room' USING ERRCODE = '53100'; END $f$`); err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, `CREATE TRIGGER no_room BEFORE INSERT ON taken FOR EACH ROW EXECUTE FUNCTION pg_temp.no_room()`); err != nil {
					return err
				}
				_, err := tx.CopyFrom(ctx, pgx.Identifier{"taken"}, []string{"x"}, pgx.CopyFromRows([][]any{{1}}))
				return err
			})
		},
	} {
		p, err := dispatchdb.Connect(ctx, url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		if err := p.Ready(ctx); err != nil {
			t.Errorf("%s: before: %v", name, err)
		}
		if _, err := p.Exec(ctx, `SELECT 1/0`); err == nil || p.Ready(ctx) != nil {
			t.Errorf("%s: another error makes it unready", name)
		}
		var pg *pgconn.PgError
		if err := ask(p); !errors.As(err, &pg) || pg.Code != "53100" {
			t.Fatalf("%s: %v", name, err)
		}
		if err := p.Ready(ctx); !errors.Is(err, dispatchdb.ErrNoRoom) {
			t.Errorf("%s: afterwards: %v", name, err)
		}
	}
}

// The server's connections give up on what takes too long.
func TestConnectionsWaitForNothingForEver(t *testing.T) {
	p, err := dispatchdb.Connect(t.Context(), pgtest.New(t).Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	for _, setting := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		var value string
		if err := p.QueryRow(t.Context(), `SELECT current_setting($1)`, setting).Scan(&value); err != nil || value == "0" {
			t.Errorf("%s is %q, %v", setting, value, err)
		}
	}
	if owns, err := p.Owns(t.Context()); err != nil || owns {
		t.Errorf("the server's role owns the log: %v, %v", owns, err)
	}
}
