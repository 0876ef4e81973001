package backup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

const (
	slot       = "hemolift_archive"
	syncEvery  = time.Second // what the archive's disk may lack
	retryAfter = 5 * time.Second
	noSuchSlot = "42704"
	walRemoved = "58P01"
)

// Archiver copies a server's write-ahead log into a directory while it is written, as
// pg_receivewal does: what was committed is on that disk within a second or so. A replication
// slot has the server keep what the archive lacks.
type Archiver struct {
	URL    string // of a role that may replicate
	Dir    string
	Logger *slog.Logger

	mu    sync.Mutex
	whole time.Time // when all that the server had written was last on the archive's disk
}

// Behind is for how long the archive has lacked what the server wrote.
func (a *Archiver) Behind() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return time.Since(a.whole)
}

func (a *Archiver) caughtUp(at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.whole = at
}

// ErrBranch means that an archive holds the log of a record that was restored from it, which the
// present one does not come from.
var ErrBranch = errors.New("the archive goes on with a record that was restored from it, and this is another: " +
	"name an empty directory, and make a backup now")

// Check refuses an archive that can never be this server's.
func (a *Archiver) Check(ctx context.Context) error {
	conn, err := connect(ctx, a.URL)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	system, err := pglogrepl.IdentifySystem(ctx, conn)
	if err != nil {
		return err
	}
	if err := usualSegments(ctx, conn); err != nil {
		return err
	}
	return a.fits(system)
}

// Forget has a server that is archived no more keep nothing for an archive.
func Forget(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	const q = `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND NOT active`
	_, err = conn.Exec(ctx, q, slot)
	return err
}

func (a *Archiver) fits(system pglogrepl.IdentifySystemResult) error {
	if err := OfSystem(a.Dir, system.SystemID); err != nil {
		return err
	}
	list, err := Archived(a.Dir)
	if err == nil && list.Newest() > int64(system.Timeline) {
		err = fmt.Errorf("%s: %w", a.Dir, ErrBranch)
	}
	return err
}

// Run archives until ctx ends; what fails is logged and tried again.
func (a *Archiver) Run(ctx context.Context) error {
	a.caughtUp(time.Now())
	for {
		err := a.once(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		a.Logger.ErrorContext(ctx, "archive of the log", "dir", a.Dir, "behind", a.Behind().Round(time.Second), "err", err)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(retryAfter):
		}
	}
}

// once archives until something fails.
func (a *Archiver) once(ctx context.Context) error {
	unlock, err := Lock(a.Dir)
	if err != nil {
		return err
	}
	defer unlock()
	conn, err := connect(ctx, a.URL)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	system, err := pglogrepl.IdentifySystem(ctx, conn)
	if err != nil {
		return err
	}
	if err := a.fits(system); err != nil {
		return err
	}
	if err := a.history(ctx, conn, system.Timeline); err != nil {
		return err
	}
	if err := usualSegments(ctx, conn); err != nil {
		return err
	}
	from, err := a.begin(ctx, conn, system)
	if err != nil {
		return err
	}
	w := &segments{dir: a.Dir, timeline: system.Timeline, at: from, synced: from}
	return errors.Join(a.receive(ctx, conn, w), w.close())
}

// begin starts the stream after the last whole segment of the archive, or where the slot stands.
func (a *Archiver) begin(
	ctx context.Context, conn *pgconn.PgConn, system pglogrepl.IdentifySystemResult,
) (from pglogrepl.LSN, err error) {
	stands, err := a.slot(ctx, conn, system.XLogPos)
	if err != nil {
		return 0, err
	}
	list, err := Archived(a.Dir)
	if err != nil {
		return 0, err
	}
	stands = stands / segmentSize * segmentSize
	from = stands
	if last, any := list.last(system.Timeline); any {
		from = pglogrepl.LSN((last + 1) * segmentSize)
	}
	start := func() error {
		return pglogrepl.StartReplication(ctx, conn, slot, from,
			pglogrepl.StartReplicationOptions{Mode: pglogrepl.PhysicalReplication, Timeline: system.Timeline})
	}
	err = start()
	if is(err, walRemoved) && stands > from {
		a.Logger.ErrorContext(ctx, "the archive of the log has a gap: make a new backup now", "from", from, "to", stands)
		from = stands
		err = start()
	}
	return from, err
}

// slot is where the archive's slot stands; it is made where there is none, or where the server
// has given it up.
func (a *Archiver) slot(ctx context.Context, conn *pgconn.PgConn, now pglogrepl.LSN) (pglogrepl.LSN, error) {
	const read = "READ_REPLICATION_SLOT " + slot
	rows, err := conn.Exec(ctx, read).ReadAll()
	if err != nil {
		return 0, err
	}
	if len(rows) == 1 && len(rows[0].Rows) == 1 && rows[0].Rows[0][1] != nil {
		return pglogrepl.ParseLSN(string(rows[0].Rows[0][1]))
	}
	drop := conn.Exec(ctx, "DROP_REPLICATION_SLOT "+slot)
	if _, err := drop.ReadAll(); err != nil && !is(err, noSuchSlot) {
		return 0, err
	}
	if _, err := conn.Exec(ctx, "CREATE_REPLICATION_SLOT "+slot+" PHYSICAL RESERVE_WAL").ReadAll(); err != nil {
		return 0, err
	}
	return now, nil
}

func is(err error, code string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == code
}

// history keeps how a timeline came from others: a restore across them needs it.
func (a *Archiver) history(ctx context.Context, conn *pgconn.PgConn, timeline int32) error {
	if timeline == 1 {
		return nil
	}
	h, err := pglogrepl.TimelineHistory(ctx, conn, timeline)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%08X.history", timeline)
	tmp := filepath.Join(a.Dir, partial+name)
	return errors.Join(os.WriteFile(tmp, h.Content, 0o600), os.Rename(tmp, filepath.Join(a.Dir, name)), syncDir(a.Dir))
}

// receive writes what comes, has it on the disk once a second, and says so to the server.
func (a *Archiver) receive(ctx context.Context, conn *pgconn.PgConn, w *segments) error {
	next := time.Now()
	for {
		if now := time.Now(); !now.Before(next) {
			whole, err := w.sync()
			if err != nil {
				return err
			}
			if whole {
				a.caughtUp(now)
			}
			if err := pglogrepl.SendStandbyStatusUpdate(ctx, conn, pglogrepl.StandbyStatusUpdate{WALWritePosition: w.synced}); err != nil {
				return err
			}
			next = now.Add(syncEvery)
		}
		until, cancel := context.WithDeadline(ctx, next)
		msg, err := conn.ReceiveMessage(until)
		cancel()
		switch {
		case pgconn.Timeout(err) && ctx.Err() == nil:
			continue
		case err != nil:
			return err
		}
		switch m := msg.(type) {
		case *pgproto3.ErrorResponse:
			return pgconn.ErrorResponseToPgError(m)
		case *pgproto3.CopyDone:
			return errors.New("the server has begun another timeline")
		case *pgproto3.CopyData:
			if err := w.take(m.Data, &next); err != nil {
				return err
			}
		}
	}
}
