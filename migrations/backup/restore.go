package backup

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/go-json-experiment/json"
	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/zstd"

	"hemolift/migrations/localpg"
)

// Found is what a restored record holds.
type Found struct {
	Schema                                          int32
	Accounts, Requests, Deliveries, Custody, Events int64
	Temperatures, Positions                         int64
	LastEvent                                       string // when, RFC 3339 in UTC; empty: there is none
}

// ErrEncrypted means that a backup is encrypted, and for somebody else.
var ErrEncrypted = errors.New("the backup is encrypted: name the identity that it was encrypted to")

// Wanted is what is to be restored.
type Wanted struct {
	Path    string         // of a backup
	As      []age.Identity // that open it, where it is encrypted
	Archive string         // what came after the backup is taken from there; empty: nothing
	Until   time.Time      // with an archive: the state of then; zero: of its end
	Trial   bool           // the record is thrown away: it is left as it was
}

// Restore brings a record into a directory for a private server that has none yet, starts that
// once, and returns what it found; nothing is left where it fails. Who was signed in, invited or
// told outside the page by then is so no more: some of that may have been ended since.
func (w Wanted) Restore(ctx context.Context, dir string) (n Note, f Found, err error) {
	if n, err = Check(ctx, w.Path); err != nil {
		return n, f, err
	}
	switch {
	case n.Encrypted && len(w.As) == 0:
		return n, f, ErrEncrypted
	case !w.Until.IsZero() && w.Until.Before(n.MadeAt):
		return n, f, fmt.Errorf("the backup is of %s, after the time asked for", n.MadeAt.Format(time.RFC3339))
	}
	err = localpg.Adoption{
		Options: localpg.Options{Dir: dir, Within: recoversWithin, Trial: true},
		Fill: func(data string) error {
			if err := roomFor(data, n.Unpacked); err != nil {
				return err
			}
			err := unpack(ctx, filepath.Join(w.Path, n.File), data, n.Encrypted, w.As)
			if err == nil && w.Archive != "" {
				err = w.goOn(n, data)
			}
			return err
		},
		Look:   func(url string) error { return w.look(ctx, url, &f) },
		Settle: w.recovered,
	}.Adopt(ctx)
	return n, f, err
}

// ErrNoRoom means that a disk is too full to restore on.
var ErrNoRoom = errors.New("there is no room")

// spare is what must be free beside what is restored, in bytes.
const spare = 256 << 20

// roomFor refuses to fill a disk.
func roomFor(dir string, bytes int64) error {
	free, err := localpg.FreeAt(dir)
	if err == nil && free < uint64(bytes)+spare {
		err = fmt.Errorf("%w: %s has %d MB free, and %d MB are needed", ErrNoRoom, dir, free>>20, (bytes+spare)>>20)
	}
	return err
}

// unpack writes an archive's files below a directory, and compares them with PostgreSQL's
// manifest.
func unpack(ctx context.Context, path, dir string, encrypted bool, as []age.Identity) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var opened io.Reader = bufio.NewReaderSize(ending{ctx, f}, 1<<20)
	if encrypted {
		if opened, err = age.Decrypt(opened, as...); err != nil {
			return fmt.Errorf("%w (%w)", ErrEncrypted, err)
		}
	}
	z, err := zstd.NewReader(opened)
	if err != nil {
		return err
	}
	defer z.Close()
	sums, manifest := map[string]string{}, []byte(nil)
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return compare(manifest, sums)
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if h.Name == manifestName {
			if manifest, err = io.ReadAll(io.LimitReader(t, mostOfManifest)); err != nil {
				return fmt.Errorf("%w: %w", ErrDamaged, err)
			}
			continue
		}
		if err := write(dir, h, t, sums); err != nil {
			return err
		}
	}
}

// write makes an entry's file or directory, and notes its sum.
func write(dir string, h *tar.Header, from io.Reader, sums map[string]string) error {
	name := strings.TrimSuffix(h.Name, "/")
	if !filepath.IsLocal(name) {
		return fmt.Errorf("%w: it holds the name %q", ErrDamaged, h.Name)
	}
	path := filepath.Join(dir, name)
	switch h.Typeflag {
	case tar.TypeDir:
		return os.MkdirAll(path, 0o700)
	case tar.TypeReg:
	default:
		return fmt.Errorf("%w: %s is neither a file nor a directory", ErrDamaged, h.Name)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(f, sum), from); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
	}
	sums[name] = hex.EncodeToString(sum.Sum(nil))
	return errors.Join(f.Sync(), f.Close())
}

// compare holds what was unpacked against the manifest: what is written ahead is not in it, and
// is checked when the server reads it.
func compare(manifest []byte, sums map[string]string) error {
	var m struct {
		Files []struct {
			Path     string `json:"Path"`
			Encoded  string `json:"Encoded-Path"` // a name that is no UTF-8, in hex
			Checksum string `json:"Checksum"`
		} `json:"Files"`
	}
	if err := json.Unmarshal(manifest, &m); err != nil || len(m.Files) == 0 {
		return fmt.Errorf("%w: its manifest cannot be read (%w)", ErrDamaged, err)
	}
	for _, f := range m.Files {
		if f.Encoded != "" {
			name, err := hex.DecodeString(f.Encoded)
			if err != nil {
				return fmt.Errorf("%w: its manifest names %q", ErrDamaged, f.Encoded)
			}
			f.Path = string(name)
		}
		switch sum, there := sums[f.Path]; {
		case !there:
			return fmt.Errorf("%w: %s is missing", ErrDamaged, f.Path)
		case sum != f.Checksum:
			return fmt.Errorf("%w: %s is not what it was (SHA-256)", ErrDamaged, f.Path)
		}
	}
	return nil
}

// look reads all tables of a restored record, and ends what it must not bring back.
func (w Wanted) look(ctx context.Context, url string, f *Found) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	const q = `SELECT (SELECT version FROM schema_version), (SELECT count(*) FROM account), (SELECT count(*) FROM request),
		(SELECT count(*) FROM delivery), (SELECT count(*) FROM custody_event), (SELECT count(*) FROM event_log),
		(SELECT count(*) FROM temperature_sample), (SELECT count(*) FROM position_sample),
		(SELECT COALESCE(to_char(max(at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '') FROM event_log)`
	err = conn.QueryRow(ctx, q).Scan(
		&f.Schema, &f.Accounts, &f.Requests, &f.Deliveries, &f.Custody, &f.Events, &f.Temperatures, &f.Positions, &f.LastEvent)
	if err == nil {
		err = f.addCompact(ctx, conn)
	}
	if err != nil || w.Trial {
		return err
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		// By the record's time, which does not go on while nobody serves.
		const e = `INSERT INTO event_log (at, kind, actor, site_id, subject, detail)
			VALUES (COALESCE((SELECT max(at) FROM event_log), now()), 'config', 'system', '', 'record', $1)`
		detail := map[string]string{
			"what": "restored", "restored_at": time.Now().UTC().Format(time.RFC3339), "backup": filepath.Base(w.Path), "archive": w.Archive,
		}
		if !w.Until.IsZero() {
			detail["until"] = w.Until.UTC().Format(time.RFC3339)
		}
		if _, err := tx.Exec(ctx, e, detail); err != nil {
			return err
		}
		return forget(ctx, tx)
	})
}

// addCompact counts the samples of long ago too, each of which was read and had its sum, as far as the
// record's version has any.
func (f *Found) addCompact(ctx context.Context, conn *pgx.Conn) error {
	var there bool
	if err := conn.QueryRow(ctx, `SELECT to_regclass('compact_hour') IS NOT NULL`).Scan(&there); err != nil || !there {
		return err
	}
	var temperatures, positions, damaged int64
	err := conn.QueryRow(ctx, `SELECT COALESCE(sum(kept) FILTER (WHERE kind = 'temperature_sample'), 0),
			COALESCE(sum(kept) FILTER (WHERE kind = 'position_sample'), 0),
			count(*) FILTER (WHERE sha256 <> sha256(samples))
		FROM compact_hour`).Scan(&temperatures, &positions, &damaged)
	if err == nil && damaged > 0 {
		err = fmt.Errorf("%w: compact samples of %d hours are not what they were (SHA-256)", ErrDamaged, damaged)
	}
	f.Temperatures, f.Positions = f.Temperatures+temperatures, f.Positions+positions
	return err
}

// forget ends all sessions, invitations and ways of being told, as far as the record's version has
// them.
func forget(ctx context.Context, tx pgx.Tx) error {
	for _, x := range []struct{ table, q string }{
		{"session", `DELETE FROM session`},
		{"notice_device", `DELETE FROM notice_device`},
		{"invitation", `UPDATE invitation SET ended_at = greatest(made_at, now()) WHERE ended_at IS NULL`},
	} {
		var there bool
		if err := tx.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, x.table).Scan(&there); err != nil {
			return err
		}
		if !there {
			continue
		}
		if _, err := tx.Exec(ctx, x.q); err != nil {
			return fmt.Errorf("%s: %w", x.table, err)
		}
	}
	return nil
}
