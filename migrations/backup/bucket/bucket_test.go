package bucket_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/jackc/pgx/v5"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"hemolift/migrations"
	"hemolift/migrations/backup"
	"hemolift/migrations/backup/bucket"
	"hemolift/migrations/localpg"
)

// store is an S3 server. It refuses what is written after so many more times; negative: nothing.
type store struct {
	bucket.Account
	room atomic.Int64
}

func newStore(t *testing.T) *store {
	t.Helper()
	memory := s3mem.New()
	if err := memory.CreateBucket("blood"); err != nil {
		t.Fatal(err)
	}
	s := &store{}
	s.room.Store(-1)
	inside := gofakes3.New(memory, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && s.room.Load() >= 0 && s.room.Add(-1) < 0 {
			http.Error(w, `<Error><Code>QuotaExceeded</Code><Message>the bucket is full</Message></Error>`, http.StatusForbidden)
			return
		}
		inside.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.Account = bucket.Account{Endpoint: server.URL, Region: "us-east-1", Key: "key", Secret: "secret"}
	return s
}

func (s *store) at(t *testing.T, place string) *bucket.Bucket {
	t.Helper()
	b, err := bucket.Open(place, s.Account)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// room is a directory that the user which Postgres runs as can reach.
func room(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hlbucket")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func newKey(t *testing.T) *age.X25519Identity {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// told keeps what was said.
type told []string

func (l *told) says(what string) { *l = append(*l, what) }

// A record's backup and log are sent, encrypted, the house burns, and what was written before the
// last sending is there after they were fetched.
func TestWhatWasSentIsRestored(t *testing.T) {
	t.Parallel()
	house, key := room(t), newKey(t)
	to, log := filepath.Join(house, "backups"), filepath.Join(house, "log")
	pg, err := localpg.Start(t.Context(), localpg.Options{Dir: filepath.Join(house, "postgres"), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	defer func() {
		if !stopped {
			_ = pg.Stop()
		}
	}()
	url := pg.OwnerURL()
	if err := migrations.Apply(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(log, 0o700); err != nil {
		t.Fatal(err)
	}
	archiver := &backup.Archiver{URL: url, Dir: log, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- archiver.Run(ctx) }()
	defer cancel()
	at := time.Now().UTC().Truncate(time.Second)
	if _, err := backup.Take(t.Context(), url, to, []age.Recipient{key.Recipient()}, at); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	adds := func(login string) {
		t.Helper()
		const q = `INSERT INTO account (login, name_zh, name_en, role, password_hash) VALUES ($1, 'x', 'x', 'admin', '!')`
		if _, err := conn.Exec(t.Context(), q, login); err != nil {
			t.Fatal(err)
		}
		after := time.Now()
		for deadline := time.Now().Add(time.Minute); time.Now().Add(-archiver.Behind()).Before(after); {
			if time.Now().After(deadline) {
				t.Fatal("the archive is behind")
			}
		}
	}
	s := newStore(t)
	b := s.at(t, "s3://blood/hemolift")
	send := bucket.Send{Backups: to, Archive: log, To: []age.Recipient{key.Recipient()}}
	var said told
	adds("first")
	if err := send.Run(t.Context(), b, said.says); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `SELECT pg_switch_wal()`); err != nil { // the segment is finished
		t.Fatal(err)
	}
	adds("second")
	if err := send.Run(t.Context(), b, said.says); err != nil {
		t.Fatal(err)
	}
	adds("never-sent")
	cancel()
	<-ended
	_ = pg.Stop()
	stopped = true
	if err := os.RemoveAll(house); err != nil {
		t.Fatal(err)
	}

	elsewhere := room(t)
	fetch := bucket.Fetch{Backups: filepath.Join(elsewhere, "backups"), Archive: filepath.Join(elsewhere, "log"), As: []age.Identity{newKey(t)}}
	if err := fetch.Run(t.Context(), b, said.says); err == nil {
		t.Error("the log is opened by another's key")
	}
	if err := os.RemoveAll(fetch.Backups); err != nil {
		t.Fatal(err)
	}
	fetch.As = []age.Identity{key}
	if err := fetch.Run(t.Context(), b, said.says); err != nil {
		t.Fatal(err)
	}
	list, err := backup.List(fetch.Backups)
	if err != nil || len(list) != 1 {
		t.Fatalf("fetched %v, %v", list, err)
	}
	_, found, err := backup.Wanted{Path: list[0].Path, As: fetch.As, Archive: fetch.Archive}.Restore(t.Context(), filepath.Join(elsewhere, "postgres"))
	if err != nil || found.Accounts != 3 { // the program's own, the first, the second
		t.Errorf("found %+v, %v; said %q", found, err, said)
	}
}

// pretended writes a backup that is as its note says, but holds nothing.
func pretended(t *testing.T, dir, name, system string, size int) {
	t.Helper()
	pretendedFrom(t, dir, name, system, "0/5000000", size)
}

func pretendedFrom(t *testing.T, dir, name, system, from string, size int) {
	t.Helper()
	_, err := backup.Bring(t.Context(), dir, name, func(tmp string) error {
		body := make([]byte, size)
		_, _ = rand.Read(body)
		made, err := time.Parse("20060102T150405Z", name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		note, err := json.Marshal(backup.Note{
			Format: 1, MadeAt: made, System: system, From: from, To: from, File: "base.tar.zst.age", Encrypted: true,
			Size: int64(size), SHA256: hex.EncodeToString(sum[:]),
		})
		return errors.Join(err, os.WriteFile(filepath.Join(tmp, "base.tar.zst.age"), body, 0o600), os.WriteFile(filepath.Join(tmp, backup.NoteName), note, 0o600))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, b *bucket.Bucket) (list []string) {
	t.Helper()
	kept, err := b.Backups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kept {
		list = append(list, k.Name)
	}
	return list
}

// A store that fills up in the middle leaves no backup that claims to be whole; the next sending
// goes on, and sends nothing twice.
func TestAStoreThatFillsUp(t *testing.T) {
	t.Parallel()
	dir, s := room(t), newStore(t)
	b := s.at(t, "s3://blood")
	for _, name := range []string{"20261128T140000Z", "20261129T140000Z"} {
		pretended(t, dir, name, "7", 100_000)
	}
	send := bucket.Send{Backups: dir}
	for room, want := range [][]string{{}, {}, {"20261128T140000Z"}, {"20261128T140000Z"}, {"20261128T140000Z", "20261129T140000Z"}} {
		s := newStore(t)
		b := s.at(t, "s3://blood/a/b/")
		s.room.Store(int64(room))
		var said told
		err := send.Run(t.Context(), b, said.says)
		if (err == nil) != (room == 4) || err != nil && !strings.Contains(err.Error(), "full") {
			t.Errorf("with room for %d: %v", room, err)
		}
		if got := names(t, b); !slices.Equal(got, want) {
			t.Errorf("with room for %d there are %v, want %v", room, got, want)
		}
		s.room.Store(-1)
		if err := send.Run(t.Context(), b, said.says); err != nil || len(names(t, b)) != 2 || len(said) != 2 {
			t.Errorf("afterwards: %v, %v, %q", err, names(t, b), said)
		}
	}
	if err := send.Run(t.Context(), b, new(told).says); err != nil {
		t.Fatal(err)
	}
	s.room.Store(0) // nothing more is sent
	send.Keep = 1
	for range 2 { // what was removed is not sent again
		if err := send.Run(t.Context(), b, new(told).says); err != nil || !slices.Equal(names(t, b), []string{"20261129T140000Z"}) {
			t.Errorf("of two one is kept: %v, %v", names(t, b), err)
		}
	}
}

// A record that was restored to a time begins its next backup before an earlier one's beginning: what
// either needs stays, and what was removed is not sent again. The log of a branch that was left is
// refused.
func TestABranchKeepsItsLog(t *testing.T) {
	t.Parallel()
	dir, log, s := room(t), room(t), newStore(t)
	b := s.at(t, "s3://blood/x")
	pretendedFrom(t, dir, "20261128T140000Z", "7", "0/C8000000", 10) // segment 200
	pretendedFrom(t, dir, "20261129T140000Z", "7", "0/78000000", 10) // segment 120, after the restore
	if err := backup.OfSystem(log, "7"); err != nil {
		t.Fatal(err)
	}
	write := func(names ...string) {
		t.Helper()
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(log, name), []byte(name), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	write("000000010000000000000077", "0000000100000000000000C8", "00000002.history", "000000020000000000000077", "000000020000000000000078")
	send := bucket.Send{Backups: dir, Archive: log, Plain: true, Keep: 2}
	for range 2 {
		if err := send.Run(t.Context(), b, new(told).says); err != nil {
			t.Fatal(err)
		}
		s.room.Store(0) // and nothing is sent twice
	}
	s.room.Store(-1)
	into := bucket.Fetch{Backups: room(t), Archive: room(t)}
	for range 2 { // the second goes on where the first ended
		if err := into.Run(t.Context(), b, new(told).says); err != nil {
			t.Fatal(err)
		}
	}
	files, err := backup.Archived(into.Archive)
	if want := (backup.LogFiles{"0000000100000000000000C8", "00000002.history", "000000020000000000000078"}); err != nil || !slices.Equal(files, want) {
		t.Errorf("fetched %v, %v; want %v", files, err, want)
	}
	// The archive of the server that was left behind knows nothing of the branch.
	for _, name := range []string{"00000002.history", "000000020000000000000077", "000000020000000000000078"} {
		if err := os.Remove(filepath.Join(log, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := send.Run(t.Context(), b, new(told).says); err == nil || !strings.Contains(err.Error(), "later branch") {
		t.Errorf("the branch that was left is sent: %v", err)
	}
}

// More of the log than the store has is not replaced by less, and nothing is fetched under a server.
func TestAFetchTakesNothingAway(t *testing.T) {
	t.Parallel()
	dir, log, s := room(t), room(t), newStore(t)
	b := s.at(t, "s3://blood/x")
	pretended(t, dir, "20261128T140000Z", "7", 10)
	if err := backup.OfSystem(log, "7"); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(log, "0000000100000000000000C8"+backup.Unfinished)
	if err := os.WriteFile(name, []byte("an hour ago"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (bucket.Send{Backups: dir, Archive: log, Plain: true}).Run(t.Context(), b, new(told).says); err != nil {
		t.Fatal(err)
	}
	const now = "an hour ago, and all that came since"
	if err := os.WriteFile(name, []byte(now), 0o600); err != nil {
		t.Fatal(err)
	}
	fetch := bucket.Fetch{Backups: dir, Archive: log}
	if err := fetch.Run(t.Context(), b, new(told).says); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != now {
		t.Errorf("there is %q, %v", text, err)
	}
	unlock, err := backup.Lock(log)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if err := fetch.Run(t.Context(), b, new(told).says); !errors.Is(err, backup.ErrBusy) {
		t.Errorf("under a server: %v", err)
	}
}

// What was changed in the store is not taken for a backup, and nothing leaves the house as plain
// text unasked.
func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	dir, s := room(t), newStore(t)
	b := s.at(t, "s3://blood/x")
	pretended(t, dir, "20261128T140000Z", "7", 1000)
	if err := (bucket.Send{Backups: dir}).Run(t.Context(), b, new(told).says); err != nil {
		t.Fatal(err)
	}
	list, err := backup.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(list[0].Path, list[0].File)
	if err := os.WriteFile(file, bytes.Repeat([]byte{1}, 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (bucket.Send{Backups: dir}).Run(t.Context(), s.at(t, "s3://blood/y"), new(told).says); !errors.Is(err, backup.ErrDamaged) {
		t.Errorf("a damaged one is sent: %v", err)
	}
	other := room(t)
	pretended(t, other, "20261128T140000Z", "7", 1000)
	if err := (bucket.Send{Backups: other}).Run(t.Context(), b, new(told).says); err == nil || !strings.Contains(err.Error(), "another backup") {
		t.Errorf("one of the same second: %v", err)
	}
	log := room(t)
	if err := backup.OfSystem(log, "7"); err != nil {
		t.Fatal(err)
	}
	if err := (bucket.Send{Backups: other, Archive: log}).Run(t.Context(), b, new(told).says); !errors.Is(err, bucket.ErrPlain) {
		t.Errorf("the log as plain text: %v", err)
	}
	if err := (bucket.Fetch{Backups: room(t), Until: time.Date(2026, 11, 28, 13, 0, 0, 0, time.UTC)}).Run(t.Context(), b, new(told).says); err == nil {
		t.Error("one that was made later is fetched")
	}
	if err := (bucket.Send{Backups: room(t)}).Run(t.Context(), b, new(told).says); err == nil {
		t.Error("a directory without backups is sent")
	}
}

func TestAPlaceThatIsNone(t *testing.T) {
	good := bucket.Account{Endpoint: "https://s3.example.org", Key: "k", Secret: "s"}
	if _, err := bucket.Open("s3://blood/x", good); err != nil {
		t.Error(err)
	}
	for place, change := range map[string]func(*bucket.Account){
		"blood": nil, "https://blood": nil, "s3://": nil, "s3://u:p@blood": nil, "s3://blood?x=1": nil,
		"s3://a": func(a *bucket.Account) { a.Endpoint = "" },
		"s3://b": func(a *bucket.Account) { a.Endpoint = "http://s3.example.org" },
		"s3://c": func(a *bucket.Account) { a.Endpoint = "s3.example.org" },
		"s3://d": func(a *bucket.Account) { a.Secret = "" },
	} {
		a := good
		if change != nil {
			change(&a)
		}
		if _, err := bucket.Open(place, a); err == nil {
			t.Errorf("%s at %+v is taken", place, a)
		}
	}
}
