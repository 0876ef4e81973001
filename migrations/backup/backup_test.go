package backup_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/jackc/pgx/v5"

	"hemolift/migrations"
	"hemolift/migrations/backup"
	"hemolift/migrations/localpg"
)

// room is a directory that the user which Postgres runs as can reach.
func room(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hlbackup")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// record is a running server with the schema and so many accounts beside the program's own.
func record(t *testing.T, accounts int) (url string) {
	t.Helper()
	url = runs(t, filepath.Join(room(t), "postgres"))
	if err := migrations.Apply(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	const q = `INSERT INTO account (login, name_zh, name_en, role, password_hash) SELECT 'p' || n, 'x', 'x', 'admin', '!' FROM generate_series(10, 9 + $1::int) n`
	if _, err := conn.Exec(t.Context(), q, accounts); err != nil {
		t.Fatal(err)
	}
	return url
}

// runs starts a server on a directory until the test ends.
func runs(t *testing.T, dir string) (url string) {
	t.Helper()
	s, err := localpg.Start(t.Context(), localpg.Options{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop() })
	return s.OwnerURL()
}

func restores(t *testing.T, w backup.Wanted, into string) (backup.Found, error) {
	t.Helper()
	_, f, err := w.Restore(t.Context(), into)
	return f, err
}

var at = time.Date(2026, 11, 28, 14, 0, 0, 0, time.UTC)

func TestWhatWasBackedUpIsRestored(t *testing.T) {
	t.Parallel()
	url, dir := record(t, 7), room(t)
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string][]age.Recipient{"plain": nil, "encrypted": {key.Recipient()}} {
		h, err := backup.Take(t.Context(), url, filepath.Join(dir, name), to, at)
		if err != nil {
			t.Fatal(err)
		}
		path, n := h.Path, h.Note
		if filepath.Base(path) != "20261128T140000Z" || n.Encrypted != (to != nil) || n.From == "" || n.To == "" {
			t.Errorf("%s: %s, %+v", name, path, n)
		}
		into := filepath.Join(room(t), "postgres")
		if n.Encrypted {
			if _, err := restores(t, backup.Wanted{Path: path}, into); !errors.Is(err, backup.ErrEncrypted) {
				t.Errorf("without a key: %v", err)
			}
			other, err := age.GenerateX25519Identity()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := restores(t, backup.Wanted{Path: path, As: []age.Identity{other}}, into); !errors.Is(err, backup.ErrEncrypted) {
				t.Errorf("with another's key: %v", err)
			}
		}
		found, err := restores(t, backup.Wanted{Path: path, As: []age.Identity{key}}, into)
		if err != nil || found.Accounts != 8 || found.Schema < 31 {
			t.Errorf("%s: found %+v, %v", name, found, err)
		}
		if _, err := restores(t, backup.Wanted{Path: path, As: []age.Identity{key}}, into); !errors.Is(err, localpg.ErrHasRecord) {
			t.Errorf("%s: over a record: %v", name, err)
		}
	}
}

// A backup that was changed, cut or is no backup is refused, and leaves nothing behind.
func TestADamagedBackupIsRefused(t *testing.T) {
	t.Parallel()
	h, err := backup.Take(t.Context(), record(t, 1), room(t), nil, at)
	if err != nil {
		t.Fatal(err)
	}
	path := h.Path
	file := filepath.Join(path, "base.tar.zst")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	note, err := os.ReadFile(filepath.Join(path, "backup.json"))
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	for name, c := range map[string]struct {
		file, note []byte
		says       string
	}{
		"a bit":             {flipped, note, "SHA-256"},
		"cut":               {whole[:len(whole)-1], note, "bytes"},
		"no file":           {nil, note, "no such file"},
		"no note":           {whole, nil, "no backup"},
		"half a note":       {whole, note[:len(note)/2], "damaged"},
		"a note of another": {whole, bytes.ReplaceAll(note, []byte("base.tar.zst"), []byte("../../etc/passwd")), "names the file"},
		"a later format":    {whole, bytes.Replace(note, []byte(`"format": 1`), []byte(`"format": 2`), 1), "format 2"},
	} {
		bad := room(t)
		for name, b := range map[string][]byte{"base.tar.zst": c.file, "backup.json": c.note} {
			if b != nil {
				if err := os.WriteFile(filepath.Join(bad, name), b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		into := filepath.Join(room(t), "postgres")
		_, err := restores(t, backup.Wanted{Path: bad}, into)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q in it", name, err, c.says)
		}
		if _, err := os.Stat(filepath.Join(into, "data")); err == nil {
			t.Errorf("%s: something is left", name)
		}
	}
}

// What an interrupted backup left is removed by the next one, and never listed; two at once are
// kept apart; the oldest are removed.
func TestBackupsInADirectory(t *testing.T) {
	t.Parallel()
	url, dir := record(t, 1), room(t)
	if err := os.MkdirAll(filepath.Join(dir, ".partial-1", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	var last backup.Held
	for i := range 3 {
		var err error
		if last, err = backup.Take(t.Context(), url, dir, nil, at.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, ".partial-1")); err == nil {
		t.Error("what was left is there still")
	}
	if _, err := backup.Take(t.Context(), url, dir, nil, at); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("a second one of that time: %v", err)
	}
	removed, err := backup.Keep(dir, 2, last)
	list, err2 := backup.List(dir)
	if err := errors.Join(err, err2); err != nil || len(removed) != 1 || len(list) != 2 || filepath.Base(list[0].Path) != "20261128T150000Z" {
		t.Errorf("kept %v, removed %v, %v", list, removed, err)
	}
	for _, h := range list {
		if _, err := backup.Check(t.Context(), h.Path); err != nil {
			t.Error(err)
		}
	}
	// What only looks like one counts for nothing, nor does another record's; the one that was just
	// made stays, though a clock was ahead once.
	if err := os.Mkdir(filepath.Join(dir, "20380101T000000Z"), 0o700); err != nil {
		t.Fatal(err)
	}
	other, err := backup.Take(t.Context(), record(t, 1), dir, nil, at.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	ahead, err := backup.Take(t.Context(), url, dir, nil, at.AddDate(10, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if removed, err := backup.Keep(dir, 1, last); err != nil || len(removed) != 2 || slices.Contains(removed, last.Path) || !slices.Contains(removed, ahead.Path) {
		t.Errorf("removed %v, %v", removed, err)
	}
	if list, err = backup.List(dir); err != nil || len(list) != 2 || list[0].Path != other.Path || list[1].Path != last.Path {
		t.Errorf("there are %v, %v", list, err)
	}
	if _, err := backup.Reject(other.Path); err != nil {
		t.Error(err)
	}
	if list, err = backup.List(dir); err != nil || len(list) != 1 {
		t.Errorf("a rejected one counts: %v, %v", list, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := backup.Take(ended, url, dir, nil, at); err == nil {
		t.Error("an interrupted one is whole")
	}
	if list, err := backup.List(dir); err != nil || len(list) != 1 {
		t.Errorf("afterwards there are %v, %v", list, err)
	}
}

// A role that may not replicate is told what may.
func TestARoleThatMayNotReplicate(t *testing.T) {
	t.Parallel()
	url := record(t, 1)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `CREATE ROLE nobody LOGIN`); err != nil {
		t.Fatal(err)
	}
	_, err = backup.Take(t.Context(), strings.Replace(url, "user=hemolift", "user=nobody", 1), room(t), nil, at)
	if !errors.Is(err, backup.ErrMayNot) {
		t.Errorf("got %v", err)
	}
}
