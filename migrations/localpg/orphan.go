package localpg

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopOrphan ends a server that a killed program left on the data directory. The
// caller holds the directory's lock, so no living program uses it.
func stopOrphan(ctx context.Context, data string) error {
	pid, ok := orphanPID(data)
	if !ok {
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGINT); err != nil && err != syscall.ESRCH {
		return fmt.Errorf("stop the server left by a killed program (pid %d): %w", pid, err)
	}
	deadline := time.Now().Add(startTimeout)
	for alive(pid) {
		if time.Now().After(deadline) {
			return fmt.Errorf("the server left by a killed program (pid %d) does not end", pid)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// orphanPID reads postmaster.pid and makes sure that the process is a Postgres on
// this directory and not another one that was given the number since.
func orphanPID(data string) (int, bool) {
	b, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0, false
	}
	lines := strings.Split(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || len(lines) < 2 || !alive(pid) || !sameDir(lines[1], data) {
		return 0, false
	}
	cmdline, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err == nil && !strings.Contains(string(cmdline), "postgres") {
		return 0, false
	}
	return pid, true
}

func sameDir(a, b string) bool {
	sa, err1 := os.Stat(a)
	sb, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(sa, sb)
}
