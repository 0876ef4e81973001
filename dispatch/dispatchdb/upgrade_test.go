package dispatchdb_test

import (
	"compress/gzip"
	"context"
	"io"
	"os"
	"testing"
	"time"

	"github.com/jackc/tern/v2/migrate"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/dispatchdb"
	"hemolift/migrations"
	"hemolift/migrations/pgtest"
)

// A record that a server of schema 10 left behind, killed in the middle of its work, is brought to
// the newest schema with all that was on it, and is read and added to.
func TestARecordOfSchemaTenIsBroughtUp(t *testing.T) {
	t.Parallel()
	pool, ctx := pgtest.New(t), context.Background()
	owner := pgtest.Owner(t, pool)
	does := func(q string) {
		t.Helper()
		if _, err := owner.Exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	does(`DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC`)
	m, err := migrate.NewMigrator(ctx, owner, "schema_version")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.LoadMigrations(os.DirFS("../../migrations")); err != nil {
		t.Fatal(err)
	}
	if err := m.MigrateTo(ctx, 10); err != nil {
		t.Fatal(err)
	}
	does(`TRUNCATE account, clock CASCADE`) // what the migrations wrote is in the file too
	does(`SET session_replication_role = replica; ` + unzipped(t, "testdata/schema10.sql.gz") + `SET session_replication_role = DEFAULT`)
	tables := []string{"request", "request_terms", "delivery", "delivery_unit", "custody_event", "mission", "command", "unit", "alarm", "account", "device"}
	before := map[string]int{}
	count := func(table string) (n int) {
		t.Helper()
		if err := owner.QueryRow(ctx, `SELECT count(*) FROM `+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, table := range tables {
		before[table] = count(table)
	}
	if err := migrations.Prepare(ctx, pool.Config().ConnString(), owner.Config().ConnString()); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if n := count(table); n != before[table] || n == 0 {
			t.Errorf("%s: %d rows of %d", table, n, before[table])
		}
	}
	pool.Reset()
	db := dispatchdb.New(pool)
	now := time.Date(2026, 11, 28, 22, 0, 0, 0, time.UTC)
	board, err := db.Boards.Board(ctx, "", now)
	if err != nil || len(board.Requests) != before["request"] || len(board.Deliveries) != before["delivery"] {
		t.Fatalf("%d requests, %d deliveries, %v", len(board.Requests), len(board.Deliveries), err)
	}
	for _, d := range board.Deliveries {
		if d.Delivery.Status == delivery.DClosed && (len(d.Custody) == 0 || len(d.Delivery.Units) == 0) {
			t.Errorf("%s has lost what it was", d.Delivery.ID)
		}
	}
	if _, _, err := db.World.World(ctx, now); err != nil {
		t.Error(err)
	}
	if n, err := db.Networks.Network(ctx); err != nil || len(n.Drones) != 12 || len(n.Sites) == 0 {
		t.Errorf("%+v, %v", n, err)
	}
	if err := db.Log.Append(ctx, delivery.Event{At: now, Kind: delivery.EvNote, Actor: "li.jing", Detail: map[string]string{"text": "up"}}); err != nil {
		t.Error(err)
	}
}

func unzipped(t *testing.T, file string) string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
