package localpg

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"hemolift/migrations"
)

func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(context.Background(), Options{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hltest") // t.TempDir is 0700 to the root of its tree
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestDataSurvivesKillOfServer(t *testing.T) {
	ctx, dir := context.Background(), tempDir(t)
	s := start(t, dir)
	if err := migrations.Apply(ctx, s.OwnerURL()); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, s.OwnerURL())
	if err != nil {
		t.Fatal(err)
	}
	var checksums string
	if err := conn.QueryRow(ctx, `SHOW data_checksums`).Scan(&checksums); err != nil || checksums != "on" {
		t.Errorf("checksums are %q, %v", checksums, err)
	}
	if _, err := conn.Exec(ctx, `INSERT INTO site VALUES ('AAA', 'hospital', 'z', 'e', 1, 2, 3)`); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(ctx, Options{Dir: dir}); !errors.Is(err, ErrInUse) {
		t.Errorf("second start: got %v, want ErrInUse", err)
	}
	if err := syscall.Kill(s.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-s.exited
	s.release()

	s = start(t, dir)
	defer s.Stop()
	if err := migrations.Apply(ctx, s.OwnerURL()); err != nil {
		t.Errorf("migrations again: %v", err)
	}
	conn, err = pgx.Connect(ctx, s.OwnerURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var n int
	if err := conn.QueryRow(ctx, `SELECT count(*) FROM site`).Scan(&n); err != nil || n != 1 {
		t.Errorf("got %d sites, %v; want 1", n, err)
	}
}

func TestOrphanIsStopped(t *testing.T) {
	dir := tempDir(t)
	s := start(t, dir)
	pid := s.PID()
	s.lock.Close() // as if our process had died without the death signal
	next := start(t, dir)
	defer next.Stop()
	if alive(pid) {
		t.Errorf("server %d still runs", pid)
	}
}

func TestUnreachableDirectoryIsSaidInOneLine(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root drops to another user")
	}
	dir := tempDir(t)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(
		context.Background(),
		Options{Dir: filepath.Join(dir, "pg")},
	); err == nil ||
		!strings.Contains(err.Error(), "cannot be entered") {
		t.Errorf("got %v", err)
	}
}
