package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// manifestName is where PostgreSQL's own manifest stands in the archive.
const manifestName = "backup_manifest"

const mostOfManifest = 256 << 20 // bytes; some 200 of each file of the cluster

// archive has a server send its files as one tar, which is written with PostgreSQL's manifest as
// the last entry, and returns the positions of the log between which it was made.
func archive(ctx context.Context, conn *pgconn.PgConn, w io.Writer) (from, to string, err error) {
	begun, err := pglogrepl.StartBaseBackup(ctx, conn, pglogrepl.BaseBackupOptions{
		Label: "hemolift", Fast: true, WAL: true, NoWait: true, Manifest: true, ManifestChecksums: "SHA256",
	})
	if err != nil {
		return "", "", fmt.Errorf("base backup: %w", err)
	}
	if len(begun.Tablespaces) > 1 {
		return "", "", errors.New("base backup: the cluster has tablespaces of its own, which are not copied; use the host's own tool")
	}
	var manifest bytes.Buffer
	files := &unended{w: w}
	if err := receive(ctx, conn, files, &manifest); err != nil {
		return "", "", fmt.Errorf("base backup: %w", err)
	}
	ended, err := pglogrepl.FinishBaseBackup(ctx, conn)
	if err != nil { // a page whose checksum is wrong is said here
		return "", "", fmt.Errorf("base backup: %w", err)
	}
	if err := files.end(); err != nil {
		return "", "", fmt.Errorf("base backup: %w", err)
	}
	t := tar.NewWriter(w)
	err = t.WriteHeader(&tar.Header{Name: manifestName, Mode: 0o600, Size: int64(manifest.Len()), Typeflag: tar.TypeReg})
	if err == nil {
		_, err = t.Write(manifest.Bytes())
	}
	return begun.LSN.String(), ended.LSN.String(), errors.Join(err, t.Close())
}

// receive takes the copy that a server of version 15 or newer sends (PostgreSQL, Frontend/Backend
// Protocol, Streaming Replication Protocol, BASE_BACKUP): its messages begin with a letter.
func receive(ctx context.Context, conn *pgconn.PgConn, files io.Writer, manifest *bytes.Buffer) error {
	var into io.Writer
	for {
		msg, err := conn.ReceiveMessage(ctx)
		if err != nil {
			return err
		}
		switch m := msg.(type) {
		case *pgproto3.CopyOutResponse, *pgproto3.NoticeResponse:
			continue
		case *pgproto3.CopyDone:
			return nil
		case *pgproto3.ErrorResponse:
			return pgconn.ErrorResponseToPgError(m)
		case *pgproto3.CopyData:
			if len(m.Data) == 0 {
				return errors.New("an empty message")
			}
			switch kind, data := m.Data[0], m.Data[1:]; kind {
			case 'n':
				if into != nil {
					return errors.New("a second archive, of a tablespace")
				}
				into = files
			case 'm':
				into = manifest
			case 'd':
				if into == nil || manifest.Len()+len(data) > mostOfManifest {
					return errors.New("data of no archive")
				}
				if _, err := into.Write(data); err != nil {
					return err
				}
			case 'p': // how far it has come
			default:
				return fmt.Errorf("a message of kind %q", kind)
			}
		default:
			return fmt.Errorf("a message %T", msg)
		}
	}
}

// unended writes a tar without the two blocks of zeros that end it, so that more can follow.
type unended struct {
	w    io.Writer
	held []byte // the last bytes: they may be the end
}

const terminator = 2 * 512 // bytes

func (u *unended) Write(p []byte) (int, error) {
	u.held = append(u.held, p...)
	n := max(0, len(u.held)-terminator)
	if _, err := u.w.Write(u.held[:n]); err != nil {
		return 0, err
	}
	u.held = append(u.held[:0], u.held[n:]...)
	return len(p), nil
}

// end refuses a tar that does not end as one.
func (u *unended) end() error {
	if len(u.held) != terminator || len(bytes.Trim(u.held, "\x00")) > 0 {
		return errors.New("the archive does not end as a tar does")
	}
	return nil
}
