package localpg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options say where the server lives.
type Options struct {
	Dir    string        // of the server's own: made if absent, never a directory with other things in it
	NoSync bool          // give up durability, for tests
	Within time.Duration // it must answer so soon; zero: in half a minute
	Trial  bool          // the files are of elsewhere: what they would have the server run is not
}

// Server is a running private Postgres.
type Server struct {
	dir, data string
	socket    string
	lock      *os.File
	cmd       *exec.Cmd
	exited    chan struct{} // closed when the process has ended
}

const (
	startTimeout = 30 * time.Second
	stopTimeout  = 10 * time.Second
	dataDir      = "data"
	lockFile     = "lock"
	owner        = "hemolift"
	database     = "hemolift"
)

// Role is the role of the program, which owns nothing; see migrations.Grant.
const Role = "hemolift_server"

// ErrInUse means that another program runs on the directory.
var ErrInUse = errors.New("another hemolift is running on this data directory")

// Start makes the cluster at the first call and starts its server. A server left
// by a killed program is stopped first.
func Start(ctx context.Context, o Options) (*Server, error) {
	id, err := runAs()
	if err != nil {
		return nil, err
	}
	s := &Server{dir: o.Dir, data: filepath.Join(o.Dir, dataDir), exited: make(chan struct{})}
	if err := s.prepare(id); err != nil {
		return nil, err
	}
	if err := s.launch(ctx, id, o); err != nil {
		s.release()
		return nil, fmt.Errorf("start Postgres: %w", err)
	}
	return s, nil
}

// prepare makes and locks the directory and a fresh socket directory.
func (s *Server) prepare(id *identity) error {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(s.dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return fmt.Errorf("%s: %w", s.dir, ErrInUse)
	}
	s.lock = lock
	note := filepath.Join(s.dir, "socket")
	if old, err := os.ReadFile(note); err == nil && strings.HasPrefix(filepath.Base(string(old)), "hlpg") {
		defer os.RemoveAll(string(old)) // left by a killed program; its server is stopped by then
	}
	// A socket's path may have 107 bytes at most, so never below a long data directory.
	if s.socket, err = os.MkdirTemp("", "hlpg"); err != nil {
		return err
	}
	return errors.Join(os.WriteFile(note, []byte(s.socket), 0o600), id.own(s.socket), id.canReach(s.dir))
}

// npmDir is where a fetched package is kept, for a server in a directory.
func npmDir(dir string) string {
	if os.Getuid() == 0 {
		return "/var/cache/hemolift/postgres" // below /root the server's user could not reach it
	}
	if cache, err := os.UserCacheDir(); err == nil {
		return filepath.Join(cache, "hemolift", "postgres")
	}
	return filepath.Join(dir, "npm")
}

func (s *Server) launch(ctx context.Context, id *identity, o Options) error {
	bin, err := findBinaries(ctx, npmDir(s.dir))
	if err != nil {
		return err
	}
	if err := stopOrphan(ctx, s.data); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(s.data, "PG_VERSION")); err != nil {
		if err := initCluster(ctx, id, bin, s.data, o.NoSync); err != nil {
			return err
		}
	}
	deadline := time.Now().Add(startTimeout)
	for {
		err := s.run(ctx, id, bin, o)
		if err == nil || !errors.Is(err, errStillLocked) || time.Now().After(deadline) {
			return err
		}
		if err := pause(ctx, 250*time.Millisecond); err != nil {
			return err
		}
	}
}

// initCluster runs initdb into a directory beside data and moves it there when
// complete, so that a kill in between leaves nothing half-made.
func initCluster(ctx context.Context, id *identity, bin, data string, noSync bool) error {
	tmp := data + ".new"
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	if err := os.Mkdir(tmp, 0o700); err != nil {
		return err
	}
	if err := id.own(tmp); err != nil {
		return err
	}
	args := []string{"-D", tmp, "-U", owner, "-A", "trust", "-E", "UTF8", "--locale=C", "--data-checksums"}
	if noSync {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), args...)
	cmd.Dir, cmd.SysProcAttr, cmd.Env = "/", id.attr(), cleanEnv()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, lastLine(out))
	}
	return os.Rename(tmp, data)
}

var errStillLocked = errors.New("the previous server is still ending")

// run starts the server process and waits until it answers.
func (s *Server) run(ctx context.Context, id *identity, bin string, o Options) error {
	log, err := os.Create(filepath.Join(s.dir, "postgres.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(bin, "postgres"), s.arguments(o)...)
	cmd.Dir, cmd.SysProcAttr, cmd.Env = "/", id.attr(), cleanEnv()
	cmd.Stdout, cmd.Stderr = log, log
	s.exited = make(chan struct{}) // of this try
	if err := startPinned(cmd, s.exited); err != nil {
		return err
	}
	s.cmd = cmd
	within := cmp.Or(o.Within, startTimeout)
	deadline := time.Now().Add(within)
	for {
		if conn, err := pgx.Connect(ctx, s.url(owner, "postgres")); err == nil {
			_, err = conn.Exec(ctx, "SELECT 1")
			conn.Close(ctx)
			if err == nil {
				return s.ensureDatabase(ctx)
			}
		}
		select {
		case <-s.exited:
			s.cmd = nil
			out, _ := os.ReadFile(log.Name())
			if strings.Contains(string(out), `"postmaster.pid" already exists`) ||
				strings.Contains(string(out), "pre-existing shared memory block") {
				return errStillLocked
			}
			return fmt.Errorf("it ended: %s", reason(out))
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			_ = s.end() // what matters is that it did not answer
			out, _ := os.ReadFile(log.Name())
			return fmt.Errorf("no answer within %v; it says: %s", within, reason(out))
		}
	}
}

// arguments are how the server is started.
func (s *Server) arguments(o Options) []string {
	args := []string{
		"-D",
		s.data,
		"-c",
		"listen_addresses=",
		"-c",
		"unix_socket_directories=" + s.socket,
		"-c",
		"unix_socket_permissions=0700",
		"-c",
		"max_connections=60",
		"-c",
		"shared_buffers=64MB",
		"-c",
		"max_slot_wal_keep_size=2GB", // for an archive whose disk is away
		"-c",
		"timezone=UTC",
		"-c",
		"log_timezone=UTC",
		"-c",
		"fsync=" + onOff(!o.NoSync),
		"-c",
		"full_page_writes=" + onOff(!o.NoSync),
	}
	if o.Trial {
		for _, none := range []string{
			"archive_mode=off", "archive_command=", "shared_preload_libraries=", "session_preload_libraries=", "local_preload_libraries=",
			"restore_command=false", "archive_cleanup_command=", "recovery_end_command=", "ssl=off",
		} {
			args = append(args, "-c", none)
		}
	}
	return args
}

// startPinned starts the process from a thread that lives as long as it does:
// the death signal of Linux is sent when the parent's thread ends.
func startPinned(cmd *exec.Cmd, exited chan<- struct{}) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended stands in its log
			close(exited)
		}
	}()
	return <-started
}

// ensureDatabase makes the database and the role of the server that is to own nothing.
func (s *Server) ensureDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.url(owner, "postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, x := range []struct{ have, name, create string }{
		{`SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, database, "CREATE DATABASE " + database},
		{`SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, Role, "CREATE ROLE " + Role + " LOGIN"},
	} {
		var have bool
		if err := conn.QueryRow(ctx, x.have, x.name).Scan(&have); err != nil {
			return err
		}
		if have {
			continue
		}
		if _, err := conn.Exec(ctx, x.create); err != nil {
			return err
		}
	}
	return nil
}

// URL is the connection string of the database for the server's role, which owns nothing.
func (s *Server) URL() string { return s.url(Role, database) }

// OwnerURL is the connection string of the database for its owner.
func (s *Server) OwnerURL() string { return s.url(owner, database) }

func (s *Server) url(role, db string) string {
	return fmt.Sprintf("host=%s user=%s dbname=%s", s.socket, role, db)
}

// ErrEnded means that the server ended by itself, or was killed.
var ErrEnded = errors.New("the private Postgres has ended; start hemolift again, and see postgres.log in its data directory")

// Run waits until ctx ends, or returns ErrEnded when the server does.
func (s *Server) Run(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.exited:
		return ErrEnded
	}
}

// PID is the server's process id.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Stop ends the server: fast, then at once, then by force.
func (s *Server) Stop() error {
	defer s.release()
	return s.end()
}

func (s *Server) end() error {
	if s.cmd == nil {
		return nil
	}
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		select {
		case <-s.exited:
			return nil
		case <-time.After(stopTimeout):
		}
	}
	return errors.New("postgres does not end")
}

func (s *Server) release() {
	os.RemoveAll(s.socket)
	s.lock.Close()
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// cleanEnv keeps PG* variables of the caller away from the server.
func cleanEnv() []string {
	env := []string{"LC_ALL=C", "TZ=UTC"}
	for _, name := range []string{"PATH", "TMPDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// reason is why a server ended, by its log: the last thing that it calls fatal, without its time.
func reason(log []byte) string {
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	for _, line := range slices.Backward(lines) {
		for _, fatal := range []string{"FATAL:  ", "PANIC:  "} {
			if _, why, found := strings.Cut(line, fatal); found {
				return why
			}
		}
	}
	return lines[len(lines)-1]
}

func lastLine(b []byte) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return lines[len(lines)-1]
}
