package pgtest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// statements keeps what is asked of a database, once a test wants to know.
type statements struct {
	mu   sync.Mutex
	seen map[string]bool // nil: nobody wants to know
}

// Listen keeps what is asked of a pool's database from now on, for Plans.
func Listen(pool *pgxpool.Pool) {
	s := heard(pool)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = map[string]bool{}
}

func heard(pool *pgxpool.Pool) *statements { return pool.Config().ConnConfig.Tracer.(*statements) }

func (s *statements) note(sql string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen != nil {
		s.seen[sql] = true
	}
}

// TraceQueryStart and the others are called by pgx.
func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	s.note(q.SQL)
	return ctx
}

func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (s *statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, b pgx.TraceBatchStartData) context.Context {
	for _, q := range b.Batch.QueuedQueries {
		s.note(q.SQL)
	}
	return ctx
}
func (s *statements) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (s *statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// Plan is how Postgres would answer a statement whatever its parameters are.
type Plan struct {
	SQL  string
	Scan []Scan
}

// Scan is one reading of a table in a plan.
type Scan struct {
	Table string
	Index string // empty: all of the table is read, one row after the other
	Whole bool   // all of the index is read, and it is not of some rows only
}

// verbs are what statements begin with that read or change rows.
var verbs = []string{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}

// Plans returns the plans of all statements since Listen that read or change rows, made with some
// settings of Postgres.
func Plans(t testing.TB, pool *pgxpool.Pool, settings ...string) []Plan {
	t.Helper()
	s := heard(pool)
	s.mu.Lock()
	list := slices.Sorted(maps.Keys(s.seen))
	s.mu.Unlock()
	conn, ctx := Owner(t, pool), context.Background()
	for _, set := range slices.Concat(asTheServer, settings) {
		if _, err := conn.Exec(ctx, `SET `+set); err != nil {
			t.Fatal(err)
		}
	}
	partial := partialIndexes(t, conn)
	var plans []Plan
	for i, sql := range list {
		if !slices.Contains(verbs, strings.TrimLeft(strings.Fields(sql)[0], "(")) {
			continue
		}
		name := fmt.Sprintf("plan_%d", i)
		d, err := conn.Prepare(ctx, name, sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		execute := name
		if n := len(d.ParamOIDs); n > 0 {
			execute += "(NULL" + strings.Repeat(", NULL", n-1) + ")"
		}
		var text string
		if err := conn.QueryRow(ctx, `EXPLAIN (FORMAT JSON) EXECUTE `+execute, pgx.QueryExecModeSimpleProtocol).Scan(&text); err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		var roots []struct{ Plan node }
		if err := json.Unmarshal([]byte(text), &roots); err != nil {
			t.Fatal(err)
		}
		p := Plan{SQL: sql}
		for _, r := range roots {
			r.Plan.scans(&p, partial, false)
		}
		plans = append(plans, p)
	}
	return plans
}

func partialIndexes(t testing.TB, conn *pgx.Conn) map[string]bool {
	t.Helper()
	rows, err := conn.Query(context.Background(), `SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL`)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	partial := map[string]bool{}
	for _, n := range names {
		partial[n] = true
	}
	return partial
}

// node is a part of a plan as EXPLAIN tells it.
type node struct {
	Type      string `json:"Node Type"`
	Relation  string `json:"Relation Name"`
	Index     string `json:"Index Name"`
	Condition string `json:"Index Cond"`
	Plans     []node
}

// scans adds what a part of a plan reads. few says that no more is taken of its rows than are wanted.
func (n node) scans(p *Plan, partial map[string]bool, few bool) {
	switch {
	case n.Type == "Limit":
		few = true
	case n.Type == "Seq Scan":
		p.Scan = append(p.Scan, Scan{Table: n.Relation})
	case n.Index != "":
		whole := n.Condition == "" && !partial[n.Index] && !few
		p.Scan = append(p.Scan, Scan{n.Relation, n.Index, whole})
	case !slices.Contains([]string{"Nested Loop", "Append", "Merge Append", "Subquery Scan", "LockRows", "Result", "ModifyTable"}, n.Type):
		few = false // a sort, a hash or a sum reads all before it gives the first
	}
	for _, x := range n.Plans {
		x.scans(p, partial, few)
	}
}
