package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrHasRecord means that a directory holds a record already.
var ErrHasRecord = errors.New("there is a record already")

// Adopt gives a directory that has no record yet the files of a cluster: fill writes them below
// a directory of its own, which is put in its place when all are there.
func Adopt(ctx context.Context, dir string, fill func(data string) error) error {
	id, err := runAs()
	if err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	if _, err := os.Stat(data); err == nil {
		return fmt.Errorf("%s: %w", data, ErrHasRecord)
	}
	s := &Server{dir: dir}
	if err := s.prepare(id); err != nil {
		return err
	}
	defer s.release()
	tmp := data + ".new"
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	defer os.RemoveAll(tmp) // nothing, once it has its name
	if err := os.Mkdir(tmp, 0o700); err != nil {
		return err
	}
	if err := fill(tmp); err != nil {
		return err
	}
	if err := id.ownAll(ctx, tmp); err != nil {
		return err
	}
	return os.Rename(tmp, data)
}

// Discard removes a cluster that was adopted and is not to be kept.
func Discard(dir string) error { return os.RemoveAll(filepath.Join(dir, "data")) }

func (id *identity) ownAll(ctx context.Context, dir string) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, ctx.Err(), id.own(path))
	})
}

// Running is the connection string, for its owner, of the server that another program runs on a
// directory.
func Running(dir string) (string, error) {
	socket, err := os.ReadFile(filepath.Join(dir, "socket"))
	if err != nil {
		return "", fmt.Errorf("no server has run on %s: %w", dir, err)
	}
	return (&Server{socket: string(socket)}).url(owner, database), nil
}
