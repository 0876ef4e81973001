package backup_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/migrations/backup"
)

// archives has a server's log archived until it is stopped.
func archives(t *testing.T, url, dir string) (stop func()) {
	t.Helper()
	a := &backup.Archiver{URL: url, Dir: dir, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = a.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(stop)
	writes(t, url).archived() // what is written from here on is in the archive
	return stop
}

// written is a connection to a record, whose log is looked after.
type written struct {
	*pgx.Conn
	t *testing.T
}

func writes(t *testing.T, url string) written {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return written{conn, t}
}

func (w written) exec(q string, args ...any) {
	w.t.Helper()
	if _, err := w.Exec(w.t.Context(), q, args...); err != nil {
		w.t.Fatal(err)
	}
}

// account adds one, and returns a time after it by the server's clock.
func (w written) account(login string) (after time.Time) {
	w.t.Helper()
	w.exec(`INSERT INTO account (login, name_zh, name_en, role, password_hash) VALUES ($1, 'x', 'x', 'admin', '!')`, login)
	if err := w.QueryRow(w.t.Context(), `SELECT clock_timestamp() + interval '1 ms'`).Scan(&after); err != nil {
		w.t.Fatal(err)
	}
	return after
}

// archived waits until all that was written is on the archive's disk.
func (w written) archived() {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		var all bool
		err := w.QueryRow(w.t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_replication WHERE flush_lsn >= pg_current_wal_flush_lsn())`).Scan(&all)
		switch {
		case err != nil:
			w.t.Fatal(err)
		case all:
			return
		case time.Now().After(deadline):
			w.t.Fatal("the archive does not catch up")
		}
		<-time.After(50 * time.Millisecond)
	}
}

// What came after a backup is restored from the archive: all of it, over ends of segments and a
// pause of the archive, or up to a time.
func TestARecordIsRestoredToATime(t *testing.T) {
	t.Parallel()
	url, dir, archive := record(t, 1), room(t), folder(t)
	stop := archives(t, url, archive)
	w := writes(t, url)
	w.account("before")
	h, err := backup.Take(t.Context(), url, dir, nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	path := h.Path
	w.account("first")
	w.exec(`SELECT pg_switch_wal()`)
	then := w.account("second")
	<-time.After(10 * time.Millisecond) // what comes is of a later time
	w.account("third")
	w.archived()
	stop()
	w.account("unwatched")
	w.exec(`SELECT pg_switch_wal()`)
	archives(t, url, archive)
	w.account("last")
	w.archived()
	const alone = 3 // the program's own, one of the record, and one before
	for name, c := range map[string]struct {
		archive string
		until   time.Time
		want    int64
	}{
		"the backup alone": {"", time.Time{}, alone},
		"to its end":       {archive, time.Time{}, alone + 5},
		"to a time":        {archive, then, alone + 2},
	} {
		into := filepath.Join(room(t), "postgres")
		f, err := restores(t, backup.Wanted{Path: path, Archive: c.archive, Until: c.until}, into)
		if err != nil || f.Accounts != c.want {
			t.Errorf("%s: %d accounts, want %d; %v", name, f.Accounts, c.want, err)
		}
		conf, err := os.ReadFile(filepath.Join(into, "data", "postgresql.auto.conf"))
		if err != nil || strings.Contains(string(conf), "restore_command") {
			t.Errorf("%s: it is set up for a recovery still: %s, %v", name, conf, err)
		}
	}
	_, err = restores(t, backup.Wanted{Path: path, Archive: archive, Until: time.Now().Add(time.Hour)}, filepath.Join(room(t), "postgres"))
	if err == nil {
		t.Error("a time after the end of the log is reached")
	}
	_, err = restores(t, backup.Wanted{Path: path, Archive: archive, Until: then.Add(-time.Hour)}, filepath.Join(room(t), "postgres"))
	if err == nil || !strings.Contains(err.Error(), "after the time asked for") {
		t.Errorf("a time before the backup: %v", err)
	}
}

// A record that was restored goes on being archived beside the old log, and is restored again.
func TestARestoredRecordIsArchivedAndRestored(t *testing.T) {
	t.Parallel()
	url, dir, archive := record(t, 1), room(t), folder(t)
	stop := archives(t, url, archive)
	w := writes(t, url)
	h, err := backup.Take(t.Context(), url, dir, nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	path := h.Path
	w.account("first")
	w.archived()
	stop()
	into := filepath.Join(room(t), "postgres")
	if _, err := restores(t, backup.Wanted{Path: path, Archive: archive}, into); err != nil {
		t.Fatal(err)
	}
	again := runs(t, into)
	archives(t, again, archive)
	v := writes(t, again)
	v.account("second")
	v.exec(`SELECT pg_switch_wal()`)
	v.account("third")
	v.archived()
	f, err := restores(t, backup.Wanted{Path: path, Archive: archive}, filepath.Join(room(t), "postgres"))
	if err != nil || f.Accounts != 5 {
		t.Errorf("%d accounts, want 5; %v", f.Accounts, err)
	}
}

// A record that was restored only to be looked at, and then served with the archive of the real one,
// keeps the real one from going on there: that is told, and not found at the next restore.
func TestAnArchiveOfAnotherBranch(t *testing.T) {
	t.Parallel()
	url, archive := record(t, 1), folder(t)
	stop := archives(t, url, archive)
	w := writes(t, url)
	h, err := backup.Take(t.Context(), url, room(t), nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	w.account("first")
	w.archived()
	stop()
	drill := filepath.Join(room(t), "postgres")
	if _, err := restores(t, backup.Wanted{Path: h.Path, Archive: archive}, drill); err != nil {
		t.Fatal(err)
	}
	again := runs(t, drill)
	stop = archives(t, again, archive)
	writes(t, again).archived()
	stop()
	a := &backup.Archiver{URL: url, Dir: archive}
	if err := a.Check(t.Context()); !errors.Is(err, backup.ErrBranch) {
		t.Errorf("the real one goes on there: %v", err)
	}
	a = &backup.Archiver{URL: again, Dir: archive}
	if err := a.Check(t.Context()); err != nil {
		t.Errorf("the restored one does not: %v", err)
	}
	a = &backup.Archiver{URL: record(t, 1), Dir: archive}
	if err := a.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "another record") {
		t.Errorf("another record does: %v", err)
	}
}

// folder is an empty directory.
func folder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(room(t), "archive")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// An archive that lacks a part, or is another record's, is refused.
func TestAnArchiveThatDoesNotFit(t *testing.T) {
	t.Parallel()
	url, archive := record(t, 1), folder(t)
	stop := archives(t, url, archive)
	w := writes(t, url)
	h, err := backup.Take(t.Context(), url, room(t), nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	path := h.Path
	for range 4 {
		w.account("p" + time.Now().Format("150405.000000"))
		w.exec(`SELECT pg_switch_wal()`)
	}
	w.archived()
	list, err := filepath.Glob(filepath.Join(archive, "????????????????????????"))
	if err != nil || len(list) < 4 {
		t.Fatal(list, err)
	}
	dir := filepath.Dir(path)
	if _, err := backup.Trim(archive, dir); err != nil {
		t.Error(err)
	}
	if _, err := restores(t, backup.Wanted{Path: path, Archive: archive}, filepath.Join(room(t), "postgres")); err != nil {
		t.Errorf("after what it does not need was removed: %v", err)
	}
	newer, err := backup.Take(t.Context(), url, dir, nil, time.Now().Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Keep(dir, 1, newer); err != nil {
		t.Fatal(err)
	}
	if n, err := backup.Trim(archive, dir); err != nil || n < 3 {
		t.Errorf("what no backup needs: %d removed, %v", n, err)
	}
	w.account("afterwards")
	w.archived()
	if _, err := restores(t, backup.Wanted{Path: newer.Path, Archive: archive}, filepath.Join(room(t), "postgres")); err != nil {
		t.Error(err)
	}
	path = newer.Path
	for range 4 {
		w.account("q" + time.Now().Format("150405.000000"))
		w.exec(`SELECT pg_switch_wal()`)
	}
	w.archived()
	if list, err = filepath.Glob(filepath.Join(archive, "????????????????????????")); err != nil || len(list) < 4 {
		t.Fatal(list, err)
	}
	if err := os.Remove(list[len(list)-2]); err != nil {
		t.Fatal(err)
	}
	into := func() string { return filepath.Join(room(t), "postgres") }
	if _, err := restores(t, backup.Wanted{Path: path, Archive: archive}, into()); err == nil || !strings.Contains(err.Error(), "gap") {
		t.Errorf("with a gap: %v", err)
	}
	if err := os.WriteFile(filepath.Join(archive, "system"), []byte("7"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := restores(t, backup.Wanted{Path: path, Archive: archive}, into()); err == nil || !strings.Contains(err.Error(), "another record") {
		t.Errorf("another's: %v", err)
	}
	stop()
	if err := backup.Forget(t.Context(), url); err != nil {
		t.Error(err)
	}
	var slots int
	if err := w.QueryRow(t.Context(), `SELECT count(*) FROM pg_replication_slots`).Scan(&slots); err != nil || slots != 0 {
		t.Errorf("%d slots are left, %v", slots, err)
	}
	if _, err := restores(t, backup.Wanted{Path: path, Archive: room(t)}, into()); err == nil || !strings.Contains(err.Error(), "no archive") {
		t.Errorf("none: %v", err)
	}
}
