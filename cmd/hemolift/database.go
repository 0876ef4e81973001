package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"hemolift/dispatch/dispatchdb"
	"hemolift/migrations"
	"hemolift/migrations/backup"
	"hemolift/migrations/localpg"
)

// The environment that names the database: the server's role, and the owner of the tables,
// whom only migrations need.
const (
	serverURL = "DATABASE_URL"
	ownerURL  = "DATABASE_OWNER_URL"
)

// openDatabase takes the record for this server alone, brings its schema up to date as the
// owner, and connects as a role that owns nothing.
func (a *app) openDatabase(ctx context.Context) (err error) {
	url, owner := os.Getenv(serverURL), os.Getenv(ownerURL)
	switch {
	case url != "":
	case owner != "":
		return fmt.Errorf("%s is set without %s, the role that the server runs as", ownerURL, serverURL)
	default:
		if a.pg, err = localpg.Start(ctx, localpg.Options{Dir: filepath.Join(a.data, "postgres")}); err != nil {
			return err
		}
		url, owner = a.pg.URL(), a.pg.OwnerURL()
	}
	if a.lease, err = dispatchdb.TakeLease(ctx, url, leaseWithin); err != nil {
		return err
	}
	if err := migrations.Prepare(ctx, url, owner); err != nil {
		return err
	}
	if a.pool, err = dispatchdb.Connect(ctx, url); err != nil {
		return err
	}
	if a.archive != "" {
		a.archiver = &backup.Archiver{URL: cmp.Or(owner, url), Dir: a.archive, Logger: a.log}
		if err := a.archiver.Check(ctx); err != nil {
			return fmt.Errorf("-archive: %w", err)
		}
	} else if a.pg != nil {
		if err := backup.Forget(ctx, owner); err != nil {
			return fmt.Errorf("archive: %w", err)
		}
	}
	owns, err := a.pool.Owns(ctx)
	if owns {
		a.log.Warn("the server's database role owns its tables, so a fault of the server could change the log; see " + ownerURL)
	}
	return err
}

// newMetrics are those of the program itself, and how far the archive of its record's log is
// behind.
func (a *app) newMetrics() *prometheus.Registry {
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "hemolift_database_connections_in_use", Help: "Connections to the database that somebody works with, of 16.",
	}, func() float64 { return float64(a.pool.Stat().AcquiredConns()) }), prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "hemolift_database_waits_total", Help: "How often somebody had to wait for a connection to the database.",
	}, func() float64 { return float64(a.pool.Stat().EmptyAcquireCount()) }))
	if a.archiver != nil {
		metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "hemolift_archive_behind_seconds", Help: "For how long the archive of the log has lacked what the record holds.",
		}, func() float64 { return a.archiver.Behind().Seconds() }))
	}
	return metrics
}

// ready says why the server cannot serve now.
func (a *app) ready(ctx context.Context) error {
	if a.pg != nil {
		if err := a.pg.Room(); err != nil {
			return err
		}
	}
	return a.pool.Ready(ctx)
}

func migrate(ctx context.Context, args []string, out io.Writer) error {
	if err := parse(flag.NewFlagSet("migrate", flag.ContinueOnError), args); err != nil {
		return err
	}
	url := os.Getenv(serverURL)
	if url == "" {
		return errors.New("migrate: set DATABASE_URL; a private database is migrated when it starts")
	}
	if err := migrations.Prepare(ctx, url, os.Getenv(ownerURL)); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "the schema is up to date")
	return err
}
