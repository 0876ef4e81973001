// Package pgtest gives each test a fresh, migrated database on a real Postgres:
// one private server a test binary, one database a test, copied from a template.
package pgtest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hemolift/migrations"
	"hemolift/migrations/localpg"
)

const template = "hl_template"

// asTheServer are settings that decide how a statement is planned.
var asTheServer = []string{`plan_cache_mode = force_generic_plan`, `jit = off`, `max_parallel_workers_per_gather = 0`}

var (
	once   sync.Once
	server *localpg.Server
	dir    string
	upErr  error
	number atomic.Int64
)

// Main runs a package's tests and stops the server afterwards.
func Main(m *testing.M) int {
	code := m.Run()
	if server != nil {
		if err := server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest:", err)
			code = 1
		}
		os.RemoveAll(dir)
	}
	return code
}

func up() {
	ctx := context.Background()
	if dir, upErr = os.MkdirTemp("", "hltest"); upErr != nil {
		return
	}
	if server, upErr = localpg.Start(ctx, localpg.Options{Dir: dir, NoSync: true}); upErr != nil {
		return
	}
	if upErr = exec(ctx, "CREATE DATABASE "+template); upErr == nil {
		upErr = migrations.Apply(ctx, ownerURL(template))
	}
	if upErr == nil {
		upErr = migrations.Grant(ctx, ownerURL(template), localpg.Role)
	}
}

func urlOf(db string) string { return server.URL() + " dbname=" + db }

func ownerURL(db string) string { return server.OwnerURL() + " dbname=" + db }

func exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, server.OwnerURL())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// New returns a pool on a database of the test's own, by the server's role.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	once.Do(up)
	if upErr != nil {
		t.Fatalf("pgtest: %v", upErr)
	}
	name := fmt.Sprintf("t%d", number.Add(1))
	ctx := context.Background()
	if err := exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	cfg, err := pgxpool.ParseConfig(urlOf(name))
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	cfg.MaxConns = 8
	cfg.ConnConfig.Tracer = &statements{}
	for _, set := range asTheServer { // its statements are planned as the server's are
		name, value, _ := strings.Cut(set, " = ")
		cfg.ConnConfig.RuntimeParams[name] = value
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		pool.Close()
		if err := exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return pool
}

// Owner returns a connection to a pool's database by its owner, for what the server's role
// may not do.
func Owner(t testing.TB, pool *pgxpool.Pool) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), ownerURL(pool.Config().ConnConfig.Database))
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}
