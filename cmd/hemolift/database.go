package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"hemolift/dispatch/dispatchdb"
	"hemolift/migrations"
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
	owns, err := a.pool.Owns(ctx)
	if owns {
		a.log.Warn("the server's database role owns its tables, so a fault of the server could change the log; see " + ownerURL)
	}
	return err
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
