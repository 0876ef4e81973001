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
	"slices"
	"strings"
	"syscall"
	"time"

	"filippo.io/age"
	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/klauspost/compress/zstd"
)

// ErrMayNot means that the role of a database may not copy it.
var ErrMayNot = errors.New("the database's role may not replicate: give it REPLICATION and a line in pg_hba.conf, " +
	"or use the host's own tool, as pg_basebackup, pgBackRest or the provider's snapshots")

// ErrBusy means that another backup is written into the directory.
var ErrBusy = errors.New("another backup is being written there")

// Take copies the cluster of a running server, by a connection string of a role that may
// replicate, into a directory; for no recipient it is not encrypted.
func Take(ctx context.Context, url, dir string, to []age.Recipient, now time.Time) (h Held, err error) {
	conn, err := connect(ctx, url)
	if err != nil {
		return h, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	now = now.UTC().Truncate(time.Second)
	return into(dir, now.Format(form), func(tmp string) (Note, error) {
		system, err := pglogrepl.IdentifySystem(ctx, conn)
		if err != nil {
			return Note{}, err
		}
		n := Note{
			Format: format, System: system.SystemID, MadeAt: now, Server: conn.ParameterStatus("server_version"),
			Encrypted: len(to) > 0, File: "base.tar.zst",
		}
		if n.Encrypted {
			n.File += ".age"
		}
		if err := n.copy(ctx, conn, filepath.Join(tmp, n.File), to); err != nil {
			return n, err
		}
		return n, writeNote(tmp, n)
	})
}

// into has a backup written into a directory, under another name until all of it is on the disk.
func into(dir, name string, write func(tmp string) (Note, error)) (h Held, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return h, err
	}
	unlock, err := Lock(dir)
	if err != nil {
		return h, err
	}
	defer unlock()
	if err := removePartial(dir); err != nil {
		return h, err
	}
	h.Path = filepath.Join(dir, name)
	if _, err := os.Stat(h.Path); err == nil {
		return h, fmt.Errorf("%s is there already", h.Path)
	}
	tmp, err := os.MkdirTemp(dir, partial)
	if err != nil {
		return h, err
	}
	defer os.RemoveAll(tmp) // nothing, once it has its name
	if h.Note, err = write(tmp); err != nil {
		return h, err
	}
	if err := syncDir(tmp); err != nil {
		return h, err
	}
	if err := os.Rename(tmp, h.Path); err != nil {
		return h, err
	}
	return h, syncDir(dir)
}

// Bring has a backup that was kept elsewhere come into a directory; it gets its name when it is as
// its note says.
func Bring(ctx context.Context, dir, name string, write func(tmp string) error) (Held, error) {
	if !Named(name) {
		return Held{}, fmt.Errorf("%q is no name of a backup", name)
	}
	return into(dir, name, func(tmp string) (Note, error) {
		if err := write(tmp); err != nil {
			return Note{}, err
		}
		return Check(ctx, tmp)
	})
}

func connect(ctx context.Context, url string) (*pgconn.PgConn, error) {
	cfg, err := pgconn.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["replication"] = "true"
	conn, err := pgconn.ConnectConfig(ctx, cfg)
	var pg *pgconn.PgError
	noEntry := "no pg_hba.conf entry for replication"
	if errors.As(err, &pg) && (pg.Code == "42501" || pg.Code == "28000" && strings.Contains(pg.Message, noEntry)) {
		err = fmt.Errorf("%w (%s)", ErrMayNot, pg.Message)
	}
	return conn, err
}

// copy writes the cluster's archive into a file, and notes what it wrote.
func (n *Note) copy(ctx context.Context, conn *pgconn.PgConn, path string, to []age.Recipient) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	counted := &counter{w: io.MultiWriter(f, sum)}
	sealed := nopCloser{io.Writer(counted)}.closer()
	if len(to) > 0 {
		if sealed, err = age.Encrypt(counted, to...); err != nil {
			return err
		}
	}
	packed, err := zstd.NewWriter(sealed)
	if err != nil {
		return err
	}
	raw := &counter{w: packed}
	if n.From, n.To, err = archive(ctx, conn, raw); err != nil {
		return err
	}
	if err := errors.Join(packed.Close(), sealed.Close(), f.Sync()); err != nil {
		return err
	}
	n.Unpacked, n.Size, n.SHA256 = raw.n, counted.n, hex.EncodeToString(sum.Sum(nil))
	return nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error             { return nil }
func (c nopCloser) closer() io.WriteCloser { return c }

// Lock keeps apart who writes backups into one directory, or the log; ErrBusy when somebody does.
func Lock(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", dir, ErrBusy), f.Close())
	}
	return func() { _ = f.Close() }, nil
}

// removePartial removes what an interrupted backup left. The lock is held.
func removePartial(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), partial) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

// Keep removes the oldest backups of a record in a directory but so many. The one that is spared
// was just made: it stays, whatever times the others state.
func Keep(dir string, most int, spared Held) (removed []string, err error) {
	unlock, err := Lock(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	list, err := List(dir)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(h Held) bool { return h.System != spared.System || h.Path == spared.Path })
	for _, h := range list[:max(0, len(list)+1-most)] {
		// Not whole from the first moment on.
		gone := filepath.Join(dir, partial+filepath.Base(h.Path))
		if err := errors.Join(os.Rename(h.Path, gone), os.RemoveAll(gone)); err != nil {
			return removed, err
		}
		removed = append(removed, h.Path)
	}
	return removed, nil
}
