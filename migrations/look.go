package migrations

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Seen is a database as it is found, before anything is changed.
type Seen struct {
	Server    int    // PostgreSQL's major version
	Schema    int    // 0: there is none yet
	Size      string // of the database, as PostgreSQL says it
	Checksums bool   // of pages: damage of the disk is noticed
	System    string // PostgreSQL's id of the cluster; empty: it may not be read
}

// LeastServer is the oldest version of PostgreSQL that will do.
const LeastServer = 15

// Look looks at a database.
func Look(ctx context.Context, url string) (s Seen, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return s, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	const q = `SELECT current_setting('server_version_num')::int / 10000, pg_size_pretty(pg_database_size(current_database())),
		current_setting('data_checksums') = 'on'`
	if err := conn.QueryRow(ctx, q).Scan(&s.Server, &s.Size, &s.Checksums); err != nil {
		return s, err
	}
	_ = conn.QueryRow(ctx, `SELECT system_identifier::text FROM pg_control_system()`).Scan(&s.System) // not everybody may
	err = conn.QueryRow(ctx, `SELECT version FROM schema_version`).Scan(&s.Schema)
	const noSuchTable = "42P01"
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) && pg.Code == noSuchTable {
		err = nil
	}
	return s, err
}
