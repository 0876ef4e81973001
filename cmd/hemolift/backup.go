package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"hemolift/migrations/backup"
	"hemolift/migrations/localpg"
)

// backUp copies the record of a running server into a directory, and restores it beside, to see
// that it can be.
func backUp(ctx context.Context, args []string, out io.Writer) error {
	fl := flag.NewFlagSet("backup", flag.ContinueOnError)
	data := fl.String("data", defaultData(false), "data directory of the running server; with DATABASE_URL set that database is copied")
	to := fl.String("to", "", "directory that the backup is written into, on another disk")
	recipients := fl.String("encrypt-to", "", "file of age recipients (age1… a line): only their identities open the backup")
	keep := fl.Int("keep", 0, "remove the oldest backups in the directory but so many; 0 keeps all")
	archive := fl.String("archive", "", "with -keep: remove what the backups that are kept do not need from this archive (serve -archive)")
	identities := fl.String("identity", "", "file of the age identities, to restore an encrypted backup on trial")
	untried := fl.Bool("untried", false, "do not restore it on trial: it needs the room of a second record for a moment")
	if err := parse(fl, args); err != nil {
		return err
	}
	switch {
	case *to == "":
		return errors.New("backup: -to is missing: the directory to write into")
	case *keep < 0:
		return errors.New("backup: -keep is negative")
	}
	recipientsOf, as, err := ageFiles(*recipients, *identities)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	url, err := replicating(*data)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	path, n, err := backup.Take(ctx, url, *to, recipientsOf, time.Now())
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	fmt.Fprintf(out, "%s: %d bytes, SHA-256 %s\n", path, n.Size, n.SHA256)
	switch {
	case *untried:
		fmt.Fprintln(out, "not restored on trial")
	case n.Encrypted && len(as) == 0:
		fmt.Fprintln(out, "not restored on trial: it is encrypted, and no -identity is named")
	default:
		if err := tryOut(ctx, backup.Wanted{Path: path, As: as}, out); err != nil {
			return fmt.Errorf("backup: %s cannot be restored: %w", path, err)
		}
	}
	if *keep > 0 {
		removed, err := backup.Keep(*to, *keep)
		for _, r := range removed {
			fmt.Fprintf(out, "removed %s\n", r)
		}
		if err != nil || *archive == "" {
			return err
		}
		n, err := backup.Trim(*archive, *to)
		fmt.Fprintf(out, "removed %d segments from %s\n", n, *archive)
		return err
	}
	return nil
}

// tryOut restores a backup into a directory that is thrown away.
func tryOut(ctx context.Context, w backup.Wanted, out io.Writer) error {
	dir, err := os.MkdirTemp("", "hltrial")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	_, f, err := w.Restore(ctx, filepath.Join(dir, "postgres"))
	if err == nil {
		fmt.Fprintf(out, "restored on trial: %s\n", foundText(f))
	}
	return err
}

func foundText(f backup.Found) string {
	last := f.LastEvent
	if last == "" {
		last = "never"
	}
	return fmt.Sprintf(
		"schema %d, %d accounts, %d requests, %d deliveries, %d custody steps, %d events (the last %s), %d temperatures, %d positions",
		f.Schema, f.Accounts, f.Requests, f.Deliveries, f.Custody, f.Events, last, f.Temperatures, f.Positions)
}

// replicating is the connection string of who may copy the record.
func replicating(data string) (string, error) {
	if owner := os.Getenv(ownerURL); owner != "" {
		return owner, nil
	}
	if url := os.Getenv(serverURL); url != "" {
		return url, nil
	}
	return localpg.Running(filepath.Join(data, "postgres"))
}

// ageFiles reads files of age recipients and identities; an empty name is none.
func ageFiles(recipients, identities string) (to []age.Recipient, as []age.Identity, err error) {
	if recipients != "" {
		err = readFile(recipients, func(r io.Reader) error {
			to, err = age.ParseRecipients(r)
			return err
		})
	}
	if err == nil && identities != "" {
		err = readFile(identities, func(r io.Reader) error {
			as, err = age.ParseIdentities(r)
			return err
		})
	}
	return to, as, err
}

func readFile(name string, read func(io.Reader) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := read(f); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// restore brings a backup into a data directory that has no record yet.
func restore(ctx context.Context, args []string, out io.Writer) error {
	fl := flag.NewFlagSet("restore", flag.ContinueOnError)
	data := fl.String("data", defaultData(false), "data directory to restore into: it has no record yet")
	from := fl.String("from", "", "the backup, as DIR/20261128T140000Z; a directory of several: the newest of them")
	identities := fl.String("identity", "", "file of the age identities that open an encrypted backup")
	archive := fl.String("archive", "", "directory of the record's log (serve -archive): what came after the backup is restored too")
	until := fl.String("until", "", "with -archive: restore the state of this time, as 2026-11-28T14:00:00Z")
	check := fl.Bool("check", false, "restore it on trial, into a directory that is thrown away")
	if err := parse(fl, args); err != nil {
		return err
	}
	switch {
	case *from == "":
		return errors.New("restore: -from is missing: the backup")
	case os.Getenv(serverURL) != "":
		return errors.New("restore: DATABASE_URL is set; a record there is restored by its host's tools, a private one without it")
	}
	_, as, err := ageFiles("", *identities)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	w := backup.Wanted{As: as, Archive: *archive}
	if *until != "" {
		if w.Until, err = time.Parse(time.RFC3339Nano, *until); err != nil || w.Archive == "" {
			return errors.New("restore: -until wants a time as 2026-11-28T14:00:00Z, and -archive")
		}
	}
	if w.Path, err = newestOf(*from, w.Until); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if *check {
		if err := tryOut(ctx, w, out); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
		return nil
	}
	n, f, err := w.Restore(ctx, filepath.Join(*data, "postgres"))
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	fmt.Fprintf(out, "restored the backup of %s into %s: %s\n", n.MadeAt.Format(time.RFC3339), *data, foundText(f))
	return nil
}

// newestOf is a backup itself, or the newest one in a directory of backups that was made by a
// time; zero: at any.
func newestOf(path string, until time.Time) (string, error) {
	list, err := backup.List(path)
	if err != nil || len(list) == 0 {
		return strings.TrimSuffix(path, "/"), err
	}
	for _, b := range slices.Backward(list) {
		if made, err := backup.MadeAt(b); until.IsZero() || err == nil && !made.After(until) {
			return b, nil
		}
	}
	return "", fmt.Errorf("%s holds no backup that was made by %s", path, until.Format(time.RFC3339))
}
