package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/web/api"
)

// binary is the program as built for the tests of this package.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "hlbin")
	if err == nil {
		binary = filepath.Join(dir, "hemolift")
		var out []byte
		if out, err = exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build for tests:", err)
		os.Exit(1)
	}
	code := m.Run()
	endSharedChromium()
	os.RemoveAll(dir)
	os.Exit(code)
}

// process is a running demo.
type process struct {
	t         testing.TB
	cmd       *exec.Cmd
	data, url string
	addr      string // of the program itself; url passes what compares its answers
	mqtt      string
	password  string
	link      string // by which the first account's password is chosen
	exited    chan error
	seen      func() map[string]int // operations whose answers were compared with web/api.yaml
}

// dataDir is one that the user which Postgres runs as can reach.
func dataDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hldata")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

const readyWithin = 60 * time.Second

// startDemo starts the binary's demo and waits until it is ready.
func startDemo(t testing.TB, data string, args ...string) *process {
	t.Helper()
	return startDemoBy(t, []string{binary}, data, args...)
}

// startServe starts the binary's server, which nobody has an account of but the first.
func startServe(t testing.TB, data string, args ...string) *process {
	t.Helper()
	return start(t, []string{binary}, data, append([]string{"serve", "-mqtt-addr", "127.0.0.1:0"}, args...))
}

// startDemoBy starts the demo by a command that is given the demo's arguments.
func startDemoBy(t testing.TB, command []string, data string, args ...string) *process {
	t.Helper()
	return start(t, command, data, append([]string{"demo", "-lang", "en"}, args...))
}

func start(t testing.TB, command []string, data string, args []string) *process {
	t.Helper()
	p := &process{t: t, data: data, exited: make(chan error, 1)}
	if args = append(args, "-data", data); !slices.Contains(args, "-addr") {
		args = append(args, "-addr", "127.0.0.1:0")
	}
	p.cmd = exec.Command(command[0], append(command[1:len(command):len(command)], args...)...)
	p.cmd.Env = append(os.Environ(), "DATABASE_URL=")
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 64)
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
		_, _ = io.Copy(io.Discard, out)
		p.exited <- p.cmd.Wait()
	}()
	t.Cleanup(p.stop)
	p.awaitReady(lines)
	return p
}

func (p *process) awaitReady(lines <-chan string) {
	p.t.Helper()
	deadline := time.After(readyWithin)
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	for {
		select {
		case line := <-lines:
			if _, pw, ok := strings.Cut(line, "password for all: "); ok {
				p.password = strings.TrimSuffix(pw, ")")
			}
			if url, ok := strings.CutPrefix(line, "Hemolift demo is running  "); ok {
				p.addr = strings.TrimPrefix(url, "http://")
				p.url, p.seen = checked(p.t, url)
			}
			if addr, ok := strings.CutPrefix(line, "MQTT "); ok {
				p.mqtt = addr
			}
			if _, link, ok := strings.Cut(line, "/invitation#"); ok {
				p.link = "/invitation#" + link
			}
			if _, err := fmt.Sscanf(line, "hemolift serves http://%s devices on %s", &p.addr, &p.mqtt); err == nil {
				p.addr = strings.TrimSuffix(p.addr, ",")
				p.url, p.seen = checked(p.t, "http://"+p.addr)
			}
		case err := <-p.exited:
			p.exited <- err
			p.t.Fatalf("it ended: %v", err)
		case <-poll.C:
			if p.mqtt == "" { // printed last
				continue
			}
			if res, err := http.Get(p.url + "/readyz"); err == nil {
				res.Body.Close()
				if res.StatusCode == http.StatusOK {
					return
				}
			}
		case <-deadline:
			p.t.Fatal("the demo is not ready in time")
		}
	}
}

// stop ends the demo as Ctrl-C does, within ten seconds.
func (p *process) stop() {
	select {
	case err := <-p.exited:
		p.exited <- err
		return
	default:
	}
	begun := time.Now()
	_ = p.cmd.Process.Signal(os.Interrupt)
	select {
	case err := <-p.exited:
		p.exited <- err
		if err != nil {
			p.t.Errorf("the demo ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		p.t.Error("the demo did not stop")
	}
	if d := time.Since(begun); d > 10*time.Second {
		p.t.Errorf("stopping took %v", d)
	}
}

// kill ends the demo with SIGKILL, and its Postgres too if asked.
func (p *process) kill(postgres bool) {
	p.t.Helper()
	if postgres {
		pid := p.postgres()
		defer func() { _ = syscall.Kill(pid, syscall.SIGKILL) }()
	}
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	p.exited <- <-p.exited
}

// postgres is the process id of the demo's own server.
func (p *process) postgres() (pid int) {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(p.data, "postgres", "data", "postmaster.pid"))
	if err == nil {
		_, err = fmt.Sscan(string(b), &pid)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return pid
}

// sql changes the record behind the server's back, as its owner.
func (p *process) sql(q string, args ...any) {
	p.t.Helper()
	db := p.record()
	defer db.Close(context.Background())
	if _, err := db.Exec(context.Background(), q, args...); err != nil {
		p.t.Fatal(err)
	}
}

// record connects to the process's private Postgres, as its owner.
func (p *process) record() *pgx.Conn {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(p.data, "postgres", "data", "postmaster.pid"))
	if err != nil {
		p.t.Fatal(err)
	}
	socket := strings.Split(string(b), "\n")[4] // as Postgres writes it
	db, err := pgx.Connect(context.Background(), fmt.Sprintf("host=%s user=hemolift dbname=hemolift", socket))
	if err != nil {
		p.t.Fatal(err)
	}
	return db
}

// client signs a person in with a token.
func (p *process) client(login string) apiClient {
	p.t.Helper()
	var tok api.Token
	if err := (apiClient{url: p.url}).call(
		context.Background(),
		"POST",
		"/tokens",
		api.Credentials{Login: login, Password: p.password},
		&tok,
	); err != nil {
		p.t.Fatalf("token for %s: %v", login, err)
	}
	return apiClient{p.url, tok.Token}
}

// eventually polls until ok, which must hold in time.
func eventually(t testing.TB, within time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(within)
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	for !ok() {
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}
