package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
)

// A segment is a file of the log, named by its timeline and number.

// Unfinished ends the name of a segment that is being written.
const Unfinished = ".partial"

var (
	segmentForm = regexp.MustCompile(`^[0-9A-F]{24}(\.partial)?$`)
	historyForm = regexp.MustCompile(`^[0-9A-F]{8}\.history$`)
)

// segments writes a stream of the log into files.
type segments struct {
	dir      string
	timeline int32
	file     *os.File
	at       pglogrepl.LSN // the next byte to write
	synced   pglogrepl.LSN // up to which all is on the disk
	written  pglogrepl.LSN // up to which the server has written
}

// segmentSize is initdb's own, in bytes; a cluster with another one is not archived.
const (
	segmentSize = 16 << 20
	segmentsOf  = (1 << 32) / segmentSize // the second part of a name counts to it
)

// OfLog reports whether a name is that of a file of the log: a segment, or a timeline's history.
func OfLog(name string) bool { return segmentForm.MatchString(name) || historyForm.MatchString(name) }

// Before reports whether a file of the log is a segment before those that each of some backups
// needs: after a restore to a time, a later backup may begin before an earlier one.
func Before(name string, all ...Note) bool {
	return len(all) > 0 && segmentForm.MatchString(name) && !slices.ContainsFunc(all, func(n Note) bool {
		from, err := pglogrepl.ParseLSN(n.From)
		return err != nil || numberOf(name) >= uint64(from)/segmentSize
	})
}

func segmentName(timeline int32, number uint64) string {
	return fmt.Sprintf("%08X%08X%08X", timeline, number/segmentsOf, number%segmentsOf)
}

// numberOf is the number of a segment, by its name.
func numberOf(name string) uint64 {
	high, _ := strconv.ParseUint(name[8:16], 16, 32) // as segmentForm has it
	low, _ := strconv.ParseUint(name[16:24], 16, 32)
	return high*segmentsOf + low
}

// take writes a message of the stream: log that follows on what there is, or a sign of life,
// which may ask for an answer at once.
func (w *segments) take(message []byte, answer *time.Time) error {
	if len(message) == 0 {
		return errors.New("an empty message")
	}
	switch message[0] {
	case pglogrepl.PrimaryKeepaliveMessageByteID:
		k, err := pglogrepl.ParsePrimaryKeepaliveMessage(message[1:])
		if err != nil {
			return err
		}
		w.written = k.ServerWALEnd
		if k.ReplyRequested {
			*answer = time.Now()
		}
		return nil
	case pglogrepl.XLogDataByteID:
		x, err := pglogrepl.ParseXLogData(message[1:])
		if err != nil {
			return err
		}
		if x.WALStart != w.at {
			return fmt.Errorf("log from %s where %s follows", x.WALStart, w.at)
		}
		w.written = max(x.ServerWALEnd, w.at+pglogrepl.LSN(len(x.WALData)))
		return w.write(x.WALData)
	}
	return fmt.Errorf("a message of kind %q", message[0])
}

func (w *segments) write(data []byte) error {
	for len(data) > 0 {
		if w.file == nil {
			path := filepath.Join(w.dir, segmentName(w.timeline, uint64(w.at)/segmentSize)+Unfinished)
			var err error // what is there of it is written again, byte for byte, and never missing meanwhile
			if w.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
				return err
			}
		}
		room := segmentSize - uint64(w.at)%segmentSize
		n, err := w.file.Write(data[:min(uint64(len(data)), room)])
		w.at += pglogrepl.LSN(n)
		if err != nil {
			return err
		}
		data = data[n:]
		if uint64(w.at)%segmentSize == 0 {
			if err := w.finish(); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish gives a segment that is full its name, once it is on the disk.
func (w *segments) finish() error {
	name := w.file.Name()
	if err := errors.Join(w.file.Sync(), w.file.Close()); err != nil {
		return err
	}
	w.file, w.synced = nil, w.at
	return errors.Join(os.Rename(name, strings.TrimSuffix(name, Unfinished)), syncDir(w.dir))
}

// sync has all that came on the disk; whole is set when the server had written no more.
func (w *segments) sync() (whole bool, err error) {
	if w.file != nil && w.synced < w.at {
		if err := w.file.Sync(); err != nil {
			return false, err
		}
		w.synced = w.at
	}
	return w.synced >= w.written, nil
}

func (w *segments) close() error {
	if w.file == nil {
		return nil
	}
	return errors.Join(w.file.Sync(), w.file.Close())
}

// usualSegments refuses a server whose segments have another size.
func usualSegments(ctx context.Context, conn *pgconn.PgConn) error {
	rows, err := conn.Exec(ctx, "SHOW wal_segment_size").ReadAll()
	if err != nil {
		return err
	}
	if len(rows) != 1 || len(rows[0].Rows) != 1 || string(rows[0].Rows[0][0]) != "16MB" {
		return errors.New("the server's log has segments of another size than 16 MB; archive it by the host's own tool")
	}
	return nil
}

const systemFile = "system"

// System is PostgreSQL's id of the cluster whose log an archive holds.
func System(archive string) (string, error) {
	id, err := os.ReadFile(filepath.Join(archive, systemFile))
	return string(id), err
}

// OfSystem keeps the archives of two clusters apart.
func OfSystem(dir, id string) error {
	name := filepath.Join(dir, systemFile)
	was, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.Join(os.WriteFile(name, []byte(id), 0o600), syncDir(dir))
	}
	if err == nil && string(was) != id {
		err = fmt.Errorf("%s is the archive of another record (system %s, and this is %s)", dir, was, id)
	}
	return err
}

// LogFiles are the names in an archive, in order.
type LogFiles []string

// Archived are the files of the log in an archive.
func Archived(dir string) (list LogFiles, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if OfLog(e.Name()) {
			list = append(list, e.Name())
		}
	}
	return list, err
}

// Newest is the last timeline of which there is something; 0: none.
func (l LogFiles) Newest() (timeline int64) {
	for _, name := range l {
		n, _ := strconv.ParseInt(name[:8], 16, 64) // as the forms have it
		timeline = max(timeline, n)
	}
	return timeline
}

// last is the number of a timeline's last whole segment.
func (l LogFiles) last(timeline int32) (number uint64, any bool) {
	for _, name := range slices.Backward(l) {
		if len(name) == 24 && strings.HasPrefix(name, fmt.Sprintf("%08X", timeline)) {
			return numberOf(name), true
		}
	}
	return 0, false
}
