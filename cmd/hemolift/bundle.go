package main

import (
	"archive/zip"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/dispatchdb"
	"hemolift/migrations"
)

// bundle writes what somebody who helps needs to know into a zip file: what the doctor found,
// the program, its settings, how much is on record, and with which versions it was worked. Nothing
// of a patient, a person or a secret is in it. A file that is there is not overwritten.
func bundle(ctx context.Context, file string, findings string, fl *flag.FlagSet, url string) (err error) {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("-bundle: %w", err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			_ = os.Remove(file) // half of one helps nobody
		}
	}()
	z := zip.NewWriter(f)
	for _, part := range []struct{ name, text string }{
		{"doctor.txt", findings},
		{"program.txt", programText()},
		{"settings.txt", settingsText(fl)},
		{"record.txt", recordText(ctx, url)},
	} {
		w, err := z.Create("hemolift/" + part.name)
		if err == nil {
			_, err = io.WriteString(w, part.text)
		}
		if err != nil {
			return fmt.Errorf("-bundle: %w", err)
		}
	}
	return z.Close()
}

func programText() string {
	text := fmt.Sprintf("%s\n%s %s/%s, %d processors\n", built(), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			text += d.Path + " " + d.Version + "\n"
		}
	}
	return text
}

// settingsText is every flag as it is, and whether a database is named, whose address may hold a
// password, and somebody for notices.
func settingsText(fl *flag.FlagSet) string {
	var b strings.Builder
	fl.VisitAll(func(x *flag.Flag) {
		value := x.Value.String()
		if x.Name == "notify" && value != "" {
			value = "(given)"
		}
		fmt.Fprintf(&b, "-%s %q\n", x.Name, value)
	})
	for _, name := range []string{serverURL, ownerURL} {
		fmt.Fprintf(&b, "%s set: %v\n", name, os.Getenv(name) != "")
	}
	return b.String()
}

// maxVersions bounds how many changes of versions are told.
const maxVersions = 100

// recordText is how much is on record, table by table, and the versions that it was worked with.
func recordText(ctx context.Context, url string) string {
	if url == "" {
		return "no record is within reach\n"
	}
	tables, err := migrations.Tables(ctx, url)
	if err != nil {
		return fmt.Sprintf("the tables: %v\n", err)
	}
	var b strings.Builder
	for _, t := range tables {
		fmt.Fprintf(&b, "%-40s %12d rows %14d bytes\n", t.Name, t.Rows, t.Bytes)
	}
	pool, err := dispatchdb.Connect(ctx, url)
	if err != nil {
		return b.String() + err.Error()
	}
	defer pool.Close()
	events, err := dispatchdb.New(pool.Pool).Log.Find(ctx, delivery.EventQuery{Kind: delivery.EvConfig, Limit: maxVersions})
	if err != nil {
		return b.String() + err.Error()
	}
	for _, e := range events {
		at, was := e.At.UTC().Format(time.RFC3339), cmp.Or(e.Detail["was_version"], "-")
		fmt.Fprintf(&b, "%s %s: %s, before %s\n", at, e.Subject, e.Detail["version"], was)
	}
	return b.String()
}
