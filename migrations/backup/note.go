package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Note is what a backup says of itself.
type Note struct {
	Format    int       `json:"format"`
	MadeAt    time.Time `json:"made_at"`
	Server    string    `json:"server"` // PostgreSQL's version
	System    string    `json:"system"` // PostgreSQL's id of the cluster
	From      string    `json:"from"`   // position in the write-ahead log, where it begins
	To        string    `json:"to"`     // and from which on it is consistent
	Encrypted bool      `json:"encrypted"`
	Unpacked  int64     `json:"unpacked"` // bytes that it takes when it is restored
	File      string    `json:"file"`
	Size      int64     `json:"size"`
	SHA256    string    `json:"sha256"`
}

// NoteName is the file of a backup's note.
const NoteName = "backup.json"

const (
	format  = 1
	form    = "20060102T150405Z"
	partial = ".partial-"
)

var (
	named  = regexp.MustCompile(`^\d{8}T\d{6}Z$`)
	inside = regexp.MustCompile(`^base\.tar\.zst(\.age)?$`)
)

// ErrDamaged means that a backup is not as it was made.
var ErrDamaged = errors.New("the backup is damaged")

// Named reports whether a name is that of a backup.
func Named(name string) bool { return named.MatchString(name) }

// Held is a backup in a directory.
type Held struct {
	Path string
	Note
}

// Notes are those of some backups.
func Notes(list []Held) (notes []Note) {
	for _, h := range list {
		notes = append(notes, h.Note)
	}
	return notes
}

// List returns the backups in a directory, the oldest first: what has the name of one, and a note
// and a file that fit each other. Whether the file is what was written Check tells.
func List(dir string) ([]Held, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var list []Held
	for _, e := range entries {
		if !e.IsDir() || !named.MatchString(e.Name()) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		n, err := readNote(path)
		if err != nil {
			continue
		}
		if st, err := os.Stat(filepath.Join(path, n.File)); err == nil && st.Size() == n.Size {
			list = append(list, Held{path, n})
		}
	}
	slices.SortFunc(list, func(a, b Held) int { return a.MadeAt.Compare(b.MadeAt) })
	return list, nil
}

// Reject takes its name from a backup that cannot be restored, so that it counts for nothing.
func Reject(path string) (rejected string, err error) {
	rejected = filepath.Join(filepath.Dir(path), "failed-"+filepath.Base(path))
	return rejected, os.Rename(path, rejected)
}

// Check reads a backup whole and compares it with what it says of itself. The error wraps
// ErrDamaged.
func Check(ctx context.Context, path string) (Note, error) {
	n, err := readNote(path)
	if err != nil {
		return n, err
	}
	f, err := os.Open(filepath.Join(path, n.File))
	if err != nil {
		return n, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer f.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, ending{ctx, f})
	switch {
	case err != nil:
		return n, fmt.Errorf("%w: %w", ErrDamaged, err)
	case size != n.Size:
		return n, fmt.Errorf("%w: %s has %d bytes, and had %d", ErrDamaged, n.File, size, n.Size)
	case hex.EncodeToString(sum.Sum(nil)) != n.SHA256:
		return n, fmt.Errorf("%w: %s is not what was written (SHA-256)", ErrDamaged, n.File)
	}
	return n, nil
}

// ending reads until a context ends.
type ending struct {
	ctx context.Context
	io.Reader
}

func (e ending) Read(p []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	return e.Reader.Read(p)
}

const mostOfNote = 64 << 10 // bytes

func readNote(path string) (n Note, err error) {
	f, err := os.Open(filepath.Join(path, NoteName))
	if err != nil {
		return n, fmt.Errorf("%s is no backup: %w", path, err)
	}
	defer f.Close()
	if n, err = ReadNote(f); err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return n, err
}

// ReadNote reads a note that this program understands.
func ReadNote(r io.Reader) (n Note, err error) {
	if err := json.UnmarshalRead(io.LimitReader(r, mostOfNote), &n); err != nil {
		return n, fmt.Errorf("%w: %s: %w", ErrDamaged, NoteName, err)
	}
	switch {
	case n.Format != format:
		return n, fmt.Errorf("it has format %d, and this program reads %d", n.Format, format)
	case !inside.MatchString(n.File):
		return n, fmt.Errorf("%w: %s names the file %q", ErrDamaged, NoteName, n.File)
	}
	return n, nil
}

func writeNote(dir string, n Note) error {
	f, err := os.OpenFile(filepath.Join(dir, NoteName), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = json.MarshalWrite(f, n, jsontext.WithIndent("  "))
	return errors.Join(err, f.Sync(), f.Close())
}

// syncDir puts the names in a directory on the disk.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
