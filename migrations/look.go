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

// TableSize is how much one table holds.
type TableSize struct {
	Name  string // of a table or a partition
	Rows  int64  // as PostgreSQL reckons
	Bytes int64  // with its indexes
}

// Tables returns the tables of a database, the largest first.
func Tables(ctx context.Context, url string) ([]TableSize, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, `SELECT relname, GREATEST(n_live_tup, 0), pg_total_relation_size(relid)
		FROM pg_stat_user_tables
		ORDER BY 3 DESC, 1`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[TableSize])
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
