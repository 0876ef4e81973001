package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"hemolift/migrations/localpg"
)

// A second server on a record is refused in a line, and the first goes on.
func TestOneServerOnARecord(t *testing.T) {
	t.Parallel()
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

// startServer runs a server on a database of another's, until it is ready; what it says comes
// with its end.
func startServer(t *testing.T, url string, more ...string) (mqttAddr string, ended <-chan string) {
	t.Helper()
	addr, mqttAddr := freePort(t), freePort(t)
	cmd := exec.Command(binary, append([]string{"serve", "-addr", addr, "-mqtt-addr", mqttAddr, "-data", dataDir(t)}, more...)...)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+url)
	var said bytes.Buffer
	out, err := cmd.StdoutPipe()
	cmd.Stderr = &said
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan string, 1)
	go func() {
		_, _ = io.Copy(io.Discard, out)
		err := cmd.Wait()
		over <- fmt.Sprintf("%v: %s", err, said.String())
	}()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	eventually(t, readyWithin, "a server on another's Postgres", func() bool {
		res, err := http.Get("http://" + addr + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	return mqttAddr, over
}

// A server whose Postgres goes away does not go on deciding on what may be another's by
// then: it ends, with a line that says why, and begins again on the same record.
func TestAServerEndsWithThePostgresOfAnother(t *testing.T) {
	dir := filepath.Join(dataDir(t), "elsewhere")
	pg, err := localpg.Start(t.Context(), localpg.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DATABASE_OWNER_URL", pg.OwnerURL())
	_, ended := startServer(t, pg.URL())
	b, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(b), &pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case said := <-ended:
		if !strings.HasPrefix(said, "exit status 1") || !strings.Contains(said, "the right to decide on the record is lost") {
			t.Errorf("it ended with %s", said)
		}
		if strings.Contains(said, "owns its tables") {
			t.Errorf("it owned what it wrote: %s", said)
		}
	case <-time.After(time.Minute):
		t.Fatal("it goes on without its record")
	}
	_ = pg.Stop() // it lets go of its directory
	again, err := localpg.Start(t.Context(), localpg.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Stop() })
	t.Setenv("DATABASE_OWNER_URL", "") // it runs as the owner too
	startServer(t, again.OwnerURL())
}
