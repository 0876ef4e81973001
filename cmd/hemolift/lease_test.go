package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A second server on a record is refused in a line, and the first goes on.
func TestOneServerOnARecord(t *testing.T) {
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	b, err := os.ReadFile(filepath.Join(p.data, "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	socket := strings.Split(string(b), "\n")[4] // as Postgres writes it
	second := exec.Command(binary, "serve", "-addr", freePort(t), "-mqtt-addr", freePort(t), "-data", dataDir(t))
	second.Env = append(os.Environ(), fmt.Sprintf("DATABASE_URL=host=%s user=hemolift dbname=hemolift", socket))
	out, err := second.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "another server decides on this record") || strings.Count(string(out), "\n") != 1 {
		t.Errorf("the second: %v\n%s", err, out)
	}
	if err := ops(p).call(t.Context(), "GET", "/board", nil, nil); err != nil {
		t.Errorf("the first: %v", err)
	}
}
