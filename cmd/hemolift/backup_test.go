package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"

	"hemolift/migrations/backup"
)

// hemolift runs the program to its end.
func hemolift(t *testing.T, args ...string) (said string, err error) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), "DATABASE_URL=", "DATABASE_OWNER_URL=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// known is what the witness has seen acknowledged until now.
func (w *witness) known() *witness {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := &witness{requests: slices.Clone(w.requests), samples: slices.Clone(w.samples), steps: map[string][]string{}}
	for id, steps := range w.steps {
		c.steps[id] = slices.Clone(steps)
	}
	return c
}

// archivedSince waits until all that the record held at a time is on the archive's disk.
func archivedSince(t *testing.T, p *process, at time.Time) {
	t.Helper()
	admin := p.client("admin")
	eventually(t, time.Minute, "the archive has what was acknowledged", func() bool {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+admin.token)
		asked := time.Now()
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		defer res.Body.Close()
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			var behind float64
			if _, err := fmt.Sscanf(s.Text(), "hemolift_archive_behind_seconds %g", &behind); err == nil {
				return asked.Add(-time.Duration(behind * float64(time.Second))).After(at)
			}
		}
		return false
	})
}

// A server is backed up while it works, with a key, and its log is archived; then it is killed with
// its Postgres, and its disk dies. What it had acknowledged a moment before is there after the
// restore, and it goes on.
func TestABackupSurvivesTheDisk(t *testing.T) {
	t.Parallel()
	data, to, keys := dataDir(t), dataDir(t), t.TempDir()
	args := []string{"-speed", "10", "-requests-per-hour", "30", "-archive", filepath.Join(to, "log")}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	public, private := filepath.Join(keys, "public"), filepath.Join(keys, "private")
	for name, text := range map[string]string{public: key.Recipient().String(), private: key.String()} {
		if err := os.WriteFile(name, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(to, "log"), 0o700); err != nil {
		t.Fatal(err)
	}
	p := startDemo(t, data, args...)
	first, second, secret := p.client("li.jing").token, p.client("wang.lei").token, witnessSecret(t, p)
	w := &witness{steps: map[string][]string{}}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { w.ask(ctx, apiClient{p.url, first}) })
	wg.Go(func() { w.serve(ctx, apiClient{p.url, first}, apiClient{p.url, second}) })
	wg.Go(func() { w.report(ctx, p.mqtt, secret, apiClient{p.url, first}) })
	eventually(t, 2*time.Minute, "work is under way", func() bool {
		k := w.known()
		return len(k.requests) > 2 && len(k.samples) > 20 && len(k.steps) > 0
	})
	before := len(w.known().samples)
	if said, err := hemolift(t, "backup", "-data", data, "-to", to, "-encrypt-to", public, "-identity", private); err != nil || !strings.Contains(said, "restored on trial") {
		t.Fatalf("%s%v", said, err)
	}
	eventually(t, 2*time.Minute, "work goes on", func() bool { return len(w.known().samples) > before+20 })
	known := w.known()
	archivedSince(t, p, time.Now())
	p.kill(true)
	cancel()
	wg.Wait()
	// A child of the Postgres that was killed may write for a moment yet.
	eventually(t, time.Minute, "the disk is empty", func() bool { return os.RemoveAll(filepath.Join(data, "postgres")) == nil })
	if said, err := hemolift(t, "restore", "-data", data, "-from", to); err == nil || !strings.Contains(said, "-identity") && !strings.Contains(said, "identity") {
		t.Errorf("without a key: %s%v", said, err)
	}
	log := filepath.Join(to, "log")
	if said, err := hemolift(t, "restore", "-data", data, "-from", to, "-identity", private, "-archive", log); err != nil {
		t.Fatalf("%s%v", said, err)
	}
	if said, err := hemolift(t, "restore", "-data", data, "-from", to, "-identity", private); err == nil || !strings.Contains(said, "record already") {
		t.Errorf("over a record: %s%v", said, err)
	}
	p = startDemo(t, data, args...)
	if err := (apiClient{p.url, first}).call(t.Context(), "GET", "/board", nil, nil); err == nil {
		t.Error("who was signed in before is so after the restore")
	}
	known.check(t, p, p.client("li.jing"))
	t.Logf("%d requests, %d deliveries, %d samples acknowledged before and found", len(known.requests), len(known.steps), len(known.samples))
}

// Whatever moment it is killed at, a backup that says it is whole is whole.
func TestABackupThatIsKilledIsNone(t *testing.T) {
	t.Parallel()
	data, to := dataDir(t), dataDir(t)
	startDemo(t, data, "-requests-per-hour", "30")
	begun := time.Now()
	if said, err := hemolift(t, "backup", "-data", data, "-to", to, "-untried"); err != nil {
		t.Fatalf("%s%v", said, err)
	}
	takes, whole, cut := time.Since(begun), 1, 0
	for range killRounds() + 1 {
		cmd := exec.Command(binary, "backup", "-data", data, "-to", to, "-untried")
		cmd.Env = append(os.Environ(), "DATABASE_URL=", "DATABASE_OWNER_URL=")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Duration(rand.Int64N(int64(takes))), func() { _ = cmd.Process.Kill() })
		if cmd.Wait() != nil {
			cut++
		}
		list, err := backup.List(to)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range list[whole-1:] {
			if _, err := backup.Check(t.Context(), h.Path); err != nil {
				t.Error(err)
			}
		}
		whole = len(list)
	}
	if said, err := hemolift(t, "restore", "-check", "-from", to); err != nil || !strings.Contains(said, "restored on trial") {
		t.Errorf("%s%v", said, err)
	}
	t.Logf("of backups that take %v, %d were cut and %d are whole", takes.Round(time.Millisecond), cut, whole)
}

// A backup that is interrupted ends as one that failed; without its server there is none, whatever
// the directory notes of it.
func TestABackupIsInterrupted(t *testing.T) {
	t.Parallel()
	data, to := dataDir(t), dataDir(t)
	p := startDemo(t, data, "-requests-per-hour", "0")
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	recipients := filepath.Join(t.TempDir(), "recipients")
	if err := syscall.Mkfifo(recipients, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "backup", "-data", data, "-to", to, "-encrypt-to", recipients)
	cmd.Env = append(os.Environ(), "DATABASE_URL=", "DATABASE_OWNER_URL=")
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(recipients, os.O_WRONLY, 0) // it has begun, and waits for whom to encrypt to
	if err != nil {
		t.Fatal(err)
	}
	_ = cmd.Process.Signal(os.Interrupt)
	_, err = fmt.Fprintln(pipe, key.Recipient())
	if err := errors.Join(err, pipe.Close()); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || strings.Count(said.String(), "\n") != 1 {
		t.Errorf("%v: %q", err, said.String())
	}
	p.stop()
	if said, err := hemolift(t, "backup", "-data", data, "-to", to); err == nil || !strings.Contains(said, "no server runs there") {
		t.Errorf("after the server has ended: %s%v", said, err)
	}
}

// What cannot work is said in one line.
func TestBackupsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	empty := dataDir(t)
	file := filepath.Join(empty, "file")
	if err := os.WriteFile(file, []byte("no key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for says, args := range map[string][]string{
		"-to is missing":       {"backup", "-data", empty},
		"-keep is negative":    {"backup", "-data", empty, "-to", empty, "-keep", "-1"},
		"unknown recipient":    {"backup", "-data", empty, "-to", empty, "-encrypt-to", file},
		"-from is missing":     {"restore", "-data", empty},
		"want a time as":       {"restore", "-data", empty, "-from", empty, "-until", "yesterday"},
		"goes with -archive":   {"restore", "-data", empty, "-from", empty, "-until", "2026-11-28T14:00:00Z"},
		"goes with -keep":      {"backup", "-data", empty, "-to", empty, "-archive", empty},
		"nothing/postgres: no": {"backup", "-data", filepath.Join(empty, "nothing"), "-to", empty},
		"make the directory":   {"serve", "-data", empty, "-archive", filepath.Join(empty, "log")},
		"would die with it":    {"serve", "-data", filepath.Dir(empty), "-archive", empty},
		"is no directory":      {"backup", "-data", empty, "-to", empty, "-trial-in", file},
		"is no backup":         {"restore", "-data", empty, "-from", empty},
		"no such file or":      {"restore", "-data", empty, "-from", filepath.Join(empty, "nothing")},
	} {
		said, err := hemolift(t, args...)
		if err == nil || !strings.Contains(said, says) || strings.Count(strings.TrimSpace(said), "\n") > 0 {
			t.Errorf("%v: %q, %v; want %q in one line", args, said, err, says)
		}
	}
}
