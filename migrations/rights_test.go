package migrations_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hemolift/migrations"
	"hemolift/migrations/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// tables are those of the schema, without partitions.
func tables(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `SELECT relname FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'schema_version'
		ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(list) < 30 {
		t.Fatalf("%d tables, %v", len(list), err)
	}
	return list
}

// Each table of the schema can be read and added to by the server's role, and none emptied;
// what tells of the past can neither be changed nor deleted.
func TestWhatTheServersRoleMayDo(t *testing.T) {
	pool := pgtest.New(t)
	past := []string{
		"calibration", "compact_day", "compact_hour", "custody_event", "document", "document_decision", "document_effect", "event_log", "flight_log", "flown_leg", "logger_file", "logger_reading", "position_sample", "profile_version", "push_key", "request_terms", "signature",
		"status_sample", "temperature_sample", "unit_passage", "zone_touch",
	}
	for _, table := range tables(t, pool) {
		for _, right := range []string{"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"} {
			var has bool
			q := `SELECT has_table_privilege(current_user, $1, $2)`
			if right == "UPDATE" {
				q = `SELECT has_any_column_privilege(current_user, $1, $2)`
			}
			if err := pool.QueryRow(t.Context(), q, table, right).Scan(&has); err != nil {
				t.Fatal(err)
			}
			want := right == "SELECT" || right == "INSERT" ||
				right == "UPDATE" && !slices.Contains(past, table) ||
				right == "DELETE" && slices.Contains([]string{"session", "passkey", "pad_slot", "notice_device", "notice_webhook"}, table)
			if has != want {
				t.Errorf("%s on %s: has %v", right, table, has)
			}
		}
	}
}

// What a server that was taken over would try is refused.
func TestWhatTheServersRoleIsRefused(t *testing.T) {
	pool, ctx := pgtest.New(t), context.Background()
	for _, q := range []string{
		`ALTER TABLE event_log DISABLE TRIGGER event_log_append_only`,
		`SET session_replication_role = replica`,
		`DROP TABLE event_log`,
		`ALTER TABLE event_log RENAME TO forgotten`,
		`CREATE TABLE mine (x int)`,
		`CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`,
		`CREATE OR REPLACE FUNCTION make_day(kind text, day date) RETURNS void LANGUAGE sql AS $$ SELECT 1 $$`,
		`UPDATE unit SET blood_group = 'O-'`,
		`UPDATE delivery SET recipient = 'AB+'`,
		`UPDATE account SET login = 'admin'`,
		`DELETE FROM account`,
		`DELETE FROM invitation`,
		`UPDATE identity SET login = 'admin'`,
		`DELETE FROM identity`,
		`SELECT make_day('account', '2026-11-22')`,
		`SELECT make_day('position_sample; DROP TABLE event_log', '2026-11-22')`,
		`SELECT make_day('position_sample', '1999-12-31')`,
		`SELECT make_day('position_sample', '2100-01-01')`,
		`SELECT pg_read_file('/etc/passwd')`,
		`COPY account TO PROGRAM 'cat'`,
		`CREATE ROLE other SUPERUSER`,
		`SET ROLE hemolift`,
	} {
		if _, err := pool.Exec(ctx, q); err == nil {
			t.Errorf("%s: done", q)
		}
	}
	if _, err := pool.Exec(ctx, `SELECT make_day('position_sample', '2026-11-22')`); err != nil {
		t.Errorf("a day's partition: %v", err)
	}
	if _, err := pool.Exec(ctx, `SELECT make_day('position_sample', '2026-11-22')`); err != nil {
		t.Errorf("a day's partition again: %v", err)
	}
	var bounds string
	if err := pool.QueryRow(ctx, `SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'position_sample_20261122'`).Scan(&bounds); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("FROM ('%s') TO ('%s')", "2026-11-22 00:00:00+00", "2026-11-23 00:00:00+00"); !strings.Contains(bounds, want) {
		t.Errorf("the day is %s, want %s", bounds, want)
	}
}

// An owner that is the server too, and two databases, are refused before anything is done.
func TestTwoRolesOfOneDatabase(t *testing.T) {
	url := pgtest.New(t).Config().ConnString()
	for _, owner := range []string{url, url + " user=other dbname=elsewhere", "host=/nowhere user"} {
		if err := migrations.Prepare(t.Context(), url, owner); err == nil {
			t.Errorf("%s: prepared", owner)
		}
	}
}

// A database whose tables are in a schema of its own works as well.
func TestTablesInASchemaOfTheirOwn(t *testing.T) {
	pool, ctx := pgtest.New(t), t.Context()
	owner := pgtest.Owner(t, pool)
	for _, q := range []string{`DROP SCHEMA public CASCADE`, `CREATE SCHEMA blood`, `CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA blood`} {
		if _, err := owner.Exec(ctx, q); err != nil {
			t.Skipf("%s: %v", q, err)
		}
	}
	const path = " options='-c search_path=blood'"
	url := pool.Config().ConnString() + path
	if err := migrations.Prepare(ctx, url, owner.Config().ConnString()+path); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `SELECT make_day('position_sample', '2026-11-22')`); err != nil {
		t.Errorf("a day's partition: %v", err)
	}
	if _, err := conn.Exec(ctx, `INSERT INTO event_log (at, kind) VALUES (now(), 'x')`); err != nil {
		t.Errorf("an event: %v", err)
	}
}
