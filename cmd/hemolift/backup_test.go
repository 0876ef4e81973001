package main

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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

// A server is backed up while it works, with a key; then it is killed with its Postgres, and its
// disk dies. What it had acknowledged before the backup is there after the restore, and it
// goes on.
func TestABackupSurvivesTheDisk(t *testing.T) {
	data, to, keys := dataDir(t), dataDir(t), t.TempDir()
	args := []string{"-speed", "10", "-requests-per-hour", "30"}
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
	before := w.known()
	if said, err := hemolift(t, "backup", "-data", data, "-to", to, "-encrypt-to", public, "-identity", private); err != nil || !strings.Contains(said, "restored on trial") {
		t.Fatalf("%s%v", said, err)
	}
	p.kill(true)
	cancel()
	wg.Wait()
	if err := os.RemoveAll(filepath.Join(data, "postgres")); err != nil {
		t.Fatal(err)
	}
	if said, err := hemolift(t, "restore", "-data", data, "-from", to); err == nil || !strings.Contains(said, "-identity") && !strings.Contains(said, "identity") {
		t.Errorf("without a key: %s%v", said, err)
	}
	if said, err := hemolift(t, "restore", "-data", data, "-from", to, "-identity", private); err != nil {
		t.Fatalf("%s%v", said, err)
	}
	if said, err := hemolift(t, "restore", "-data", data, "-from", to, "-identity", private); err == nil || !strings.Contains(said, "record already") {
		t.Errorf("over a record: %s%v", said, err)
	}
	p = startDemo(t, data, args...)
	before.check(t, p, apiClient{p.url, first})
	t.Logf("%d requests, %d deliveries, %d samples acknowledged before and found", len(before.requests), len(before.steps), len(before.samples))
}

// Whatever moment it is killed at, a backup that says it is whole is whole.
func TestABackupThatIsKilledIsNone(t *testing.T) {
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
		for _, path := range list[whole-1:] {
			if _, err := backup.Check(path); err != nil {
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

// What cannot work is said in one line.
func TestBackupsSayWhatIsWrong(t *testing.T) {
	empty := dataDir(t)
	file := filepath.Join(empty, "file")
	if err := os.WriteFile(file, []byte("no key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for says, args := range map[string][]string{
		"-to is missing":       {"backup", "-data", empty},
		"-keep is negative":    {"backup", "-data", empty, "-to", empty, "-keep", "-1"},
		"no server has run on": {"backup", "-data", empty, "-to", empty},
		"unknown recipient":    {"backup", "-data", empty, "-to", empty, "-encrypt-to", file},
		"-from is missing":     {"restore", "-data", empty},
		"is no backup":         {"restore", "-data", empty, "-from", empty},
		"no such file":         {"restore", "-data", empty, "-from", filepath.Join(empty, "nothing")},
	} {
		said, err := hemolift(t, args...)
		if err == nil || !strings.Contains(said, says) || strings.Count(strings.TrimSpace(said), "\n") > 0 {
			t.Errorf("%v: %q, %v; want %q in one line", args, said, err, says)
		}
	}
}
