package localpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrHasRecord means that a directory holds a record already.
var ErrHasRecord = errors.New("there is a record already")

// Adoption brings a cluster's files into a directory that has no record yet.
type Adoption struct {
	Options
	// Fill writes the files below a directory of its own.
	Fill func(data string) error
	// Look looks at the record, by its owner's connection string, while its server runs there.
	Look func(url string) error
	// Settle changes the files once that server has ended.
	Settle func(data string) error
}

// Adopt gives the directory the files when all of it went well; else nothing is left. The
// directory is held all the while.
func (a Adoption) Adopt(ctx context.Context) (err error) {
	id, err := runAs()
	if err != nil {
		return err
	}
	data := filepath.Join(a.Dir, dataDir)
	if _, err := os.Stat(data); err == nil {
		return fmt.Errorf("%s: %w", data, ErrHasRecord)
	}
	tmp := data + ".new"
	s := &Server{dir: a.Dir, data: tmp, exited: make(chan struct{})}
	if err := s.prepare(id); err != nil {
		return err
	}
	defer s.release()
	if err := errors.Join(stopOrphan(ctx, tmp), os.RemoveAll(tmp)); err != nil {
		return err
	}
	defer os.RemoveAll(tmp) // nothing, once it has its name
	if err := os.Mkdir(tmp, 0o700); err != nil {
		return err
	}
	if err := a.Fill(tmp); err != nil {
		return err
	}
	if err := id.ownAll(ctx, tmp); err != nil {
		return err
	}
	if err := s.launch(ctx, id, a.Options); err != nil {
		return err
	}
	if err := errors.Join(a.Look(s.OwnerURL()), s.end(), a.Settle(tmp)); err != nil {
		return err
	}
	return os.Rename(tmp, data)
}

func (id *identity) ownAll(ctx context.Context, dir string) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, ctx.Err(), id.own(path))
	})
}

// ErrNotRunning means that no server runs on a directory.
var ErrNotRunning = errors.New("no server runs there; start hemolift serve first")

// Running is the connection string, for its owner, of the server that another program runs on a
// directory. The socket is the one that PostgreSQL itself notes, in a directory that is its own.
func Running(dir string) (string, error) {
	if _, err := os.Stat(dir); err != nil {
		return "", err
	}
	free, err := Free(dir)
	if err == nil && free {
		err = ErrNotRunning
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", dir, err)
	}
	note, err := os.ReadFile(filepath.Join(dir, dataDir, "postmaster.pid"))
	if err != nil {
		return "", fmt.Errorf("%s: %w (%w)", dir, ErrNotRunning, err)
	}
	const socketLine = 4 // of postmaster.pid
	lines := strings.Split(string(bytes.TrimSpace(note)), "\n")
	if len(lines) <= socketLine {
		return "", fmt.Errorf("%s: %w", dir, ErrNotRunning)
	}
	socket := strings.TrimSpace(lines[socketLine])
	id, err := runAs()
	if err != nil {
		return "", err
	}
	st, err := os.Stat(socket)
	if err != nil {
		return "", fmt.Errorf("%s: %w (%w)", dir, ErrNotRunning, err)
	}
	if owner, known := st.Sys().(*syscall.Stat_t); !known || int(owner.Uid) != id.uid || st.Mode().Perm()&0o022 != 0 {
		return "", fmt.Errorf("%s: its socket's directory %s is another user's", dir, socket)
	}
	return (&Server{socket: socket}).url(owner, database), nil
}

// Free reports whether no program holds a directory.
func Free(dir string) (bool, error) {
	lock, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer lock.Close()
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
