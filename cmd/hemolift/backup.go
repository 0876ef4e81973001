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
	"syscall"
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
	trialIn := fl.String("trial-in", "", "directory for the trial, with room for a second record; empty: the usual one for temporary files")
	untried := fl.Bool("untried", false, "do not restore it on trial: it needs the room of a second record for a moment")
	if err := parse(fl, args); err != nil {
		return err
	}
	switch {
	case *to == "":
		return errors.New("backup: -to is missing: the directory to write into")
	case *keep < 0:
		return errors.New("backup: -keep is negative")
	case *archive != "" && *keep == 0:
		return errors.New("backup: -archive goes with -keep")
	}
	for _, dir := range []string{*archive, *trialIn} {
		if err := isDirectory(dir); err != nil {
			return fmt.Errorf("backup: %w", err)
		}
	}
	recipientsOf, as, err := ageFiles(*recipients, *identities)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	url, err := replicating(*data)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	h, err := backup.Take(ctx, url, *to, recipientsOf, time.Now())
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	fmt.Fprintf(out, "%s: %d bytes, SHA-256 %s\n", h.Path, h.Size, h.SHA256)
	if why := untriedFor(*untried, h.Note, as); why != "" {
		fmt.Fprintf(out, "not restored on trial: %s\n", why)
	} else if err := tryOut(ctx, backup.Wanted{Path: h.Path, As: as}, *trialIn, out); err != nil {
		if ctx.Err() != nil || errors.Is(err, backup.ErrNoRoom) || errors.As(err, new(*os.PathError)) {
			return fmt.Errorf("backup: %s is kept, and was not restored on trial: %w", h.Path, err)
		}
		rejected, err2 := backup.Reject(h.Path)
		return errors.Join(fmt.Errorf("backup: what was written cannot be restored, and is %s now: %w", rejected, err), err2)
	}
	if *keep == 0 {
		return nil
	}
	removed, err := backup.Keep(*to, *keep, h)
	for _, r := range removed {
		fmt.Fprintf(out, "removed %s\n", r)
	}
	if err != nil || *archive == "" {
		return err
	}
	n, err := backup.Trim(*archive, *to)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	fmt.Fprintf(out, "removed %d segments from %s\n", n, *archive)
	return nil
}

// isDirectory refuses a name of no directory; an empty one names none.
func isDirectory(name string) error {
	if name == "" {
		return nil
	}
	st, err := os.Stat(name)
	if err == nil && !st.IsDir() {
		err = fmt.Errorf("%s is no directory", name)
	}
	return err
}

// untriedFor is why a backup is not restored on trial; empty: it is.
func untriedFor(untried bool, n backup.Note, as []age.Identity) string {
	switch {
	case untried:
		return "-untried"
	case os.Getenv(serverURL) != "" || os.Getenv(ownerURL) != "":
		return "it is of a database of yours: try its restore by the host's tools (base.tar.zst is a base backup as pg_basebackup makes it)"
	case n.Encrypted && len(as) == 0:
		return "it is encrypted, and no -identity is named"
	}
	return ""
}

// tryOut restores a backup into a directory that is thrown away.
func tryOut(ctx context.Context, w backup.Wanted, in string, out io.Writer) error {
	removeTrials(in)
	dir, err := os.MkdirTemp(in, trialDir)
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	w.Trial = true
	_, f, err := w.Restore(ctx, filepath.Join(dir, "postgres"))
	if err == nil {
		fmt.Fprintf(out, "restored on trial: %s\n", foundText(f))
	}
	return err
}

const trialDir = "hltrial"

// removeTrials removes what trials that were killed left; those that nobody holds, and that are
// ours.
func removeTrials(in string) {
	if in == "" {
		in = os.TempDir()
	}
	list, _ := filepath.Glob(filepath.Join(in, trialDir+"*"))
	for _, dir := range list {
		st, err := os.Lstat(dir)
		if err != nil || !st.IsDir() || st.Sys().(*syscall.Stat_t).Uid != uint32(os.Getuid()) {
			continue
		}
		if free, err := localpg.Free(filepath.Join(dir, "postgres")); err == nil && free {
			_ = os.RemoveAll(dir) // the next one tries again
		}
	}
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
	trialIn := fl.String("trial-in", "", "directory for the trial; empty: the usual one for temporary files")
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
		if w.Until, err = time.Parse(time.RFC3339Nano, *until); err != nil {
			return fmt.Errorf("restore: -until %q: want a time as 2026-11-28T14:00:00Z or 2026-11-28T22:00:00+08:00", *until)
		}
		if w.Archive == "" {
			return errors.New("restore: -until goes with -archive: the log from which that time is restored")
		}
	}
	if err := isDirectory(w.Archive); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if w.Path, err = newestOf(*from, w.Until); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if *check {
		if err := tryOut(ctx, w, *trialIn, out); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
		return nil
	}
	n, f, err := w.Restore(ctx, filepath.Join(*data, "postgres"))
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	fmt.Fprintf(out, "restored into %s the state %s: %s\n", *data, stateText(n, w), foundText(f))
	fmt.Fprintln(out, "everybody signs in anew, and invitations have ended; accounts, passwords and devices' secrets are as they were then")
	return nil
}

// stateText is of when a restored record is.
func stateText(n backup.Note, w backup.Wanted) string {
	made := n.MadeAt.Format(time.RFC3339)
	switch {
	case w.Archive == "":
		return "of the backup of " + made + "; what came after it is not in it, for no -archive was named"
	case w.Until.IsZero():
		return "at the end of the archived log, after the backup of " + made
	}
	return "of " + w.Until.UTC().Format(time.RFC3339) + ", by the archived log after the backup of " + made
}

// newestOf is a backup itself, or the newest one in a directory of backups that was made by a
// time; zero: by now. One that states a time to come was made by a clock that was ahead.
func newestOf(path string, until time.Time) (string, error) {
	list, err := backup.List(path)
	if err != nil || len(list) == 0 {
		return strings.TrimSuffix(path, "/"), err
	}
	if until.IsZero() {
		until = time.Now().Add(time.Minute)
	}
	for _, h := range slices.Backward(list) {
		if !h.MadeAt.After(until) {
			return h.Path, nil
		}
	}
	const none = "%s holds no backup that was made by %s; the oldest is %s"
	return "", fmt.Errorf(none, path, until.UTC().Format(time.RFC3339), filepath.Base(list[0].Path))
}
