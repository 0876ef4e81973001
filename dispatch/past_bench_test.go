package dispatch_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/desktest"
	"hemolift/dispatch/dispatchdb/past"
	"hemolift/migrations/pgtest"
	"hemolift/telemetry/telemetrydb"
)

// BenchmarkTenYears does what a busy minute asks for on an empty record and on one of ten years, in
// turn, and logs the medians and 99th percentiles with what the years cost. HEMOLIFT_PAST_OVER=n makes it
// an nth of them.
//
//	go test -v -run '^$' -bench TenYears -benchtime 1x -timeout 60m ./dispatch
func BenchmarkTenYears(b *testing.B) {
	size := past.TenYears
	if n, err := strconv.Atoi(cmp.Or(os.Getenv("HEMOLIFT_PAST_OVER"), "1")); err == nil && n > 0 {
		size = size.Over(n)
	}
	empty, old := busy(b, nil), busy(b, &size)
	const rounds = 200
	for range b.N {
		told := ""
		for _, act := range acts {
			var fresh, aged []time.Duration
			for i := range rounds {
				pair := []func(){
					func() { fresh = append(fresh, took(b, empty, act.do, i)) },
					func() { aged = append(aged, took(b, old, act.do, i)) },
				}
				if i%2 == 1 {
					slices.Reverse(pair)
				}
				pair[0]()
				pair[1]()
			}
			slices.Sort(fresh)
			slices.Sort(aged)
			at := func(list []time.Duration, percent int) time.Duration { return list[(len(list)-1)*percent/100] }
			p50, p99 := float64(at(aged, 50))/float64(at(fresh, 50)), float64(at(aged, 99))/float64(at(fresh, 99))
			told += fmt.Sprintf("\n%-14s p50 %8v and %8v: %.2f times; p99 %8v and %8v: %.2f times", act.name, at(fresh, 50).Round(time.Microsecond),
				at(aged, 50).Round(time.Microsecond), p50, at(fresh, 99).Round(time.Microsecond), at(aged, 99).Round(time.Microsecond), p99)
			b.ReportMetric(p50, act.name+"-p50-ratio")
			b.ReportMetric(p99, act.name+"-p99-ratio")
		}
		b.Log(told)
	}
}

// busy is a desk with requests that wait, a delivery in the air, and years behind it, which end where a
// board begins: what it shows of its day is no past.
func busy(b *testing.B, size *past.Size) *desktest.Desk {
	b.Helper()
	d := desktest.New(b)
	if size != nil {
		owner, begins := pgtest.Owner(b, d.Pool), time.Now()
		if err := past.Fill(b.Context(), owner, desktest.T0.Add(-26*time.Hour), *size, true); err != nil {
			b.Fatal(err)
		}
		if _, err := owner.Exec(b.Context(), `VACUUM ANALYZE`); err != nil {
			b.Fatal(err)
		}
		var bytes string
		if err := owner.QueryRow(b.Context(), `SELECT pg_size_pretty(pg_database_size(current_database()))`).Scan(&bytes); err != nil {
			b.Fatal(err)
		}
		b.Logf("%d requests, %d deliveries, %d events and %d samples: %s, made in %v",
			size.Requests, size.Deliveries, size.Events, size.Samples, bytes, time.Since(begins).Round(time.Second))
	}
	d.Stocks("A+", blood.RedCells, 20)
	d.TakesOff(d.Loads(d.Accepts(d.Submits(desktest.Order(1), "busy-first")), "BUSY"))
	for i := range 8 {
		d.Submits(desktest.Order(1), fmt.Sprintf("busy-%05d", i))
	}
	if err := d.PlanOnce(b.Context(), d.Now()); err != nil {
		b.Fatal(err)
	}
	if err := d.FeedOnce(b.Context()); err != nil {
		b.Fatal(err)
	}
	return d
}

// took is how long an act takes.
func took(b *testing.B, d *desktest.Desk, do func(context.Context, *desktest.Desk, int) error, i int) time.Duration {
	b.Helper()
	begins := time.Now()
	if err := do(b.Context(), d, i); err != nil {
		b.Fatal(err)
	}
	return time.Since(begins)
}

// acts are what is asked of a server in a busy minute. The one that adds to the record comes last.
var acts = []struct {
	name string
	do   func(context.Context, *desktest.Desk, int) error
}{
	{"board", func(ctx context.Context, d *desktest.Desk, _ int) error {
		_, err := d.DB.Boards.Board(ctx, "", d.Now())
		return err
	}},
	{"hospital-board", func(ctx context.Context, d *desktest.Desk, _ int) error {
		_, err := d.DB.Boards.Board(ctx, desktest.Ward.Site, d.Now())
		return err
	}},
	{"fly-once", func(ctx context.Context, d *desktest.Desk, _ int) error { return d.FlyOnce(ctx, d.Now()) }},
	{"plan-once", func(ctx context.Context, d *desktest.Desk, _ int) error { return d.PlanOnce(ctx, d.Now()) }},
	{"event-page", func(ctx context.Context, d *desktest.Desk, _ int) error {
		_, err := d.DB.Log.Find(ctx, delivery.EventQuery{Limit: 20}) // as many there are on an empty record too
		return err
	}},
	{"audit", func(ctx context.Context, d *desktest.Desk, _ int) error {
		list, _, err := d.DB.Boards.Requests(ctx, delivery.RequestQuery{Limit: 1})
		if err == nil {
			_, err = d.DB.Log.Find(ctx, delivery.EventQuery{Subject: string(list[0].ID), Limit: 20})
		}
		return err
	}},
	{"feed", func(ctx context.Context, d *desktest.Desk, _ int) error {
		_, err := d.DB.Log.EventsSince(ctx, d.Feed.Last()-5, 500)
		return err
	}},
	{"request-page", func(ctx context.Context, d *desktest.Desk, _ int) error {
		_, _, err := d.DB.Boards.Requests(ctx, delivery.RequestQuery{Hospital: desktest.Ward.Site, Limit: 8})
		return err
	}},
	{"unit-history", func(ctx context.Context, d *desktest.Desk, _ int) error {
		units, err := d.DB.Stock.OnShelf(ctx, blood.ShelfKey{Site: "SYBC"})
		if err == nil {
			_, _, err = d.DB.Stock.Unit(ctx, units[0].Key)
		}
		return err
	}},
	{"start", func(ctx context.Context, d *desktest.Desk, _ int) error {
		d.Restarts()
		_, err := telemetrydb.New(d.Pool).Newest(ctx)
		return err
	}},
	{"request", func(ctx context.Context, d *desktest.Desk, i int) error {
		_, err := d.Submit(ctx, desktest.Ward, desktest.Order(1), fmt.Sprintf("bench-%05d", i), []byte(strconv.Itoa(i)))
		return err
	}},
	{"proposal", func(ctx context.Context, d *desktest.Desk, i int) error {
		r, err := d.Submit(ctx, desktest.Ward, desktest.Order(1), fmt.Sprintf("propose-%05d", i), []byte(strconv.Itoa(i)))
		if err == nil {
			err = d.PlanOnce(ctx, d.Now())
		}
		if err == nil {
			_, err = d.Cancel(ctx, desktest.Ward, r.ID, "measured")
		}
		return err
	}},
}
