package dispatchdb

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// What one connection of the server may take, so that nothing waits for ever. A statement is planned
// once: what is planned for each of its parameters anew costs more the more is on record, and may be
// another plan on the day when it matters. A test of package web looks at all these plans.
var connectionSettings = map[string]string{
	"application_name":                    "hemolift",
	"synchronous_commit":                  "on",
	"plan_cache_mode":                     "force_generic_plan",
	"jit":                                 "off", // it takes longer than any of these statements
	"max_parallel_workers_per_gather":     "0",
	"statement_timeout":                   "60s",
	"lock_timeout":                        "20s",
	"idle_in_transaction_session_timeout": "60s",
}

const mostConnections = 16

// Connect opens the server's pool of connections.
func Connect(ctx context.Context, url string) (*Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	p := &Pool{}
	cfg.MaxConns = mostConnections
	cfg.ConnConfig.Tracer = &p.watch
	for name, value := range connectionSettings {
		cfg.ConnConfig.RuntimeParams[name] = value
	}
	if p.Pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	return p, nil
}

// Pool is the server's connections. It notices when the database has no room.
type Pool struct {
	*pgxpool.Pool
	watch watch
}

// Owns reports whether the server's role owns what it writes, and so could change what is
// only ever to be added to.
func (p *Pool) Owns(ctx context.Context) (owns bool, err error) {
	const q = `SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'event_log'::regclass`
	err = p.QueryRow(ctx, q).Scan(&owns)
	return owns, err
}

// noRoomFor is how long the database counts as full after it last said so.
const noRoomFor = 30 * time.Second

// ErrNoRoom means that the database could not write for want of room.
var ErrNoRoom = errors.New("the database has no room on its disk")

// Ready says why the database cannot be used now.
func (p *Pool) Ready(ctx context.Context) error {
	if since := p.watch.full.Load(); since != 0 && time.Since(time.UnixMilli(since)) < noRoomFor {
		return ErrNoRoom
	}
	return p.Ping(ctx)
}

// watch sees how every statement ends. It traces for pgx.
type watch struct {
	full atomic.Int64 // when a statement last ended for want of room, ms since the Unix epoch; 0 = never
}

const (
	diskFull = "53100"
	ioError  = "58030"
)

func (w *watch) ended(err error) {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == diskFull || pg.Code == ioError) {
		w.full.Store(time.Now().UnixMilli())
	}
}

func (w *watch) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

func (w *watch) TraceQueryEnd(_ context.Context, _ *pgx.Conn, d pgx.TraceQueryEndData) {
	w.ended(d.Err)
}

func (w *watch) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (w *watch) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (w *watch) TraceBatchEnd(_ context.Context, _ *pgx.Conn, d pgx.TraceBatchEndData) {
	w.ended(d.Err)
}

func (w *watch) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceCopyFromStartData) context.Context {
	return ctx
}

func (w *watch) TraceCopyFromEnd(_ context.Context, _ *pgx.Conn, d pgx.TraceCopyFromEndData) {
	w.ended(d.Err)
}
